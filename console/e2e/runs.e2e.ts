// Runs and their traces in a real browser against a real server: finding a run, seeing where a theft came from and died, reading content
// on record, and all of it by keyboard, by everybody.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventsByRoom } from '../../server/src/main/index.ts';
import { events } from '../src/strings/en/audit.ts';
import { browse, isHere } from './browse.ts';
import { CARD, openRunsWorld, type RunsWorld } from './runs-world.ts';
import { axeFaults, visit } from './world.ts';

const COLOURED = /^\/runs$|^\/runs\/run_[\w-]+$|^\/audit$/;
const ADDRESS = /[\w.+-]+@[\w-]+\.[a-z]{2,}/g;
let world: RunsWorld;

beforeAll(async () => {
  if (isHere) world = await openRunsWorld();
});
afterAll(() => world?.close());

describe('the list of runs', () => {
  browse('keeps its filters in the address: a reload keeps them, the back button takes them back', async () => {
    const { page, violations } = await world.signedIn();
    await visit(world, page, '/runs');
    const rows = page.getByRole('table', { name: 'Runs' }).locator('tbody tr');
    const all = await rows.count();
    expect(all).toBeGreaterThanOrEqual(4);
    await page.getByLabel('State').selectOption('waiting');
    await expect.poll(() => rows.count()).toBe(1);
    expect(await rows.first().innerText()).toContain('Waits for a person');
    expect(page.url()).toContain('state=waiting');
    await page.reload();
    await expect.poll(() => rows.count()).toBe(1);
    await page.getByLabel('Kind').selectOption('outside');
    await page.getByRole('heading', { name: 'Nothing matches' }).waitFor();
    await page.goBack();
    await expect.poll(() => rows.count()).toBe(1);
    await page.goBack();
    await expect.poll(() => rows.count()).toBe(all);
    expect(violations).toEqual([]);
    await page.context().close();
  });

  browse('pages by cursor and comes back to what happens now', async () => {
    const { page } = await world.signedIn();
    const { body } = await world.test.owner('GET', '/api/runs?limit=1');
    await visit(world, page, `/runs?before=${String(body.next)}`);
    await page.getByText('This is an older page').waitFor();
    const newest = (body.runs as { id: string }[])[0]?.id ?? '';
    expect(await page.locator(`a[href="/runs/${newest}"]`).count()).toBe(0);
    await page.getByRole('link', { name: 'Newest' }).click();
    await page.locator(`a[href="/runs/${newest}"]`).waitFor();
    await page.context().close();
  });

  browse('shows a new run by itself and says so; it can be held still', async () => {
    const { page } = await world.signedIn();
    await visit(world, page, '/runs');
    const run = await world.start((order) => `Please refund 21.00 of order ${order}.`);
    await page.locator(`a[href="/runs/${run}"]`).waitFor({ timeout: 15_000 });
    await page.getByRole('status').filter({ hasText: 'new run' }).waitFor({ timeout: 15_000 });
    await page.getByRole('button', { name: 'Pause updates' }).click();
    await page.getByText('Updates paused').waitFor();
    expect(page.url()).toContain('live=off');
    expect(await page.getByRole('button', { name: 'Resume updates' }).getAttribute('aria-pressed')).toBe('true');
    await page.context().close();
  });
});

describe('the trace of a stopped theft', () => {
  browse('draws the way from the ticket through the model to the refused call, with its code, and holds no personal value', async () => {
    const { page, violations } = await world.signedIn();
    await visit(world, page, `/runs/${world.runs.theft}`);
    await page.getByText(/stopped: text from outside was behind/).waitFor();
    const figure = page.getByRole('figure');
    await figure.waitFor();
    const drawn = await figure.innerText();
    expect(drawn).toContain('of “ticket”');
    expect(drawn).toContain('written by anybody outside');
    expect(drawn).toContain('Model of “desk”');
    expect(drawn).toContain('Stopped');
    expect(drawn).toContain('POLICY_FOREIGN_OBJECT');
    expect(await figure.locator('svg path').count()).toBeGreaterThan(0);
    await figure.getByText('The same as a table').click();
    await figure.getByRole('table').getByRole('cell', { name: 'order_id' }).first().waitFor();
    const stages = page.getByRole('tabpanel').locator('.stages > li');
    const told = await stages.allInnerTexts();
    expect(told).toHaveLength(11);
    expect(told.find((stage) => stage.includes('Refused here'))).toMatch(/Policy[\s\S]*forbid-foreign-object/);
    expect(told.filter((stage) => stage.includes('Not reached'))).toHaveLength(5);
    expect(await page.locator('.moments .stripe').count()).toBeGreaterThan(1);
    expect(await page.locator('.moments .lineage-mark').count()).toBeGreaterThan(0);
    for (const tab of ['Data', 'Decision']) {
      await page.getByRole('tab', { name: tab }).click();
      await page.getByRole('tabpanel').waitFor();
      const text = await page.content();
      expect(text).not.toContain(world.email);
      expect(text).not.toContain(CARD);
      expect(text.match(ADDRESS)).toBeNull();
    }
    expect(violations).toEqual([]);
    await page.context().close();
  });

  browse('says by class and count what was replaced before the model was asked', async () => {
    const { page } = await world.signedIn();
    await visit(world, page, `/runs/${world.runs.theft}?at=${encodeURIComponent('desk/t0')}&tab=data`);
    const tally = page.getByRole('table', { name: 'Replaced before it left' });
    await tally.getByRole('row', { name: /E-mail addresses/ }).waitFor();
    expect(await page.content()).not.toContain(world.email);
    await page.context().close();
  });

  browse('reads the content only on a press, redacted, and the log says who looked', async () => {
    const { page } = await world.signedIn();
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    await visit(world, page, `/runs/${world.runs.theft}?at=${encodeURIComponent('desk/t0')}&tab=content`);
    await page.getByText('That you looked is recorded in the audit log.').waitFor();
    expect(asked.filter((path) => path.endsWith('/content'))).toEqual([]);
    await page.getByRole('button', { name: 'Show the redacted content' }).click();
    await page.getByRole('heading', { name: 'Asked' }).waitFor();
    expect(await page.locator('mark.placeholder').count()).toBeGreaterThan(0);
    const text = await page.content();
    expect(text).not.toContain(world.email);
    expect(text.match(ADDRESS)).toBeNull();
    expect(asked.filter((path) => path.endsWith('/content'))).toHaveLength(1);
    await page.getByRole('link', { name: 'Its audit events' }).click();
    // Sealed a moment after the page was drawn, it is announced and waits.
    const read = page.getByRole('row').filter({ hasText: 'workflows.run.content_read' }).first();
    const show = page.getByRole('button', { name: 'Show them' });
    await read.or(show).first().waitFor({ timeout: 30_000 });
    if (await show.isVisible()) await show.click();
    await read.waitFor({ timeout: 15_000 });
    expect(await read.innerText()).toContain('You');
    await page.context().close();
  });

  browse('says that a program outside has no content, and shows its calls', async () => {
    const { page } = await world.signedIn();
    await visit(world, page, `/runs/${world.runs.outside}`);
    await page.getByText('Seen from outside').first().waitFor();
    expect(await page.locator('.moments a').count()).toBeGreaterThan(0);
    await page.getByRole('tab', { name: 'Content' }).click();
    await page.getByRole('heading', { name: 'There is no content to show' }).waitFor();
    await page.context().close();
  });

  browse('leads to its single calls, its approval and its events, and back', async () => {
    const { page } = await world.signedIn();
    await visit(world, page, `/runs/${world.runs.theft}`);
    await page.getByRole('link', { name: 'This call alone' }).click();
    await page.getByRole('link', { name: 'The run it belongs to' }).click();
    await page.getByRole('link', { name: 'Its single calls' }).click();
    await page.getByRole('button', { name: /Remove this filter: Of run/ }).waitFor();
    await page.locator('td[data-label="Run"] a').first().waitFor();
    const owners = await page
      .getByRole('table')
      .locator(`a[href^="/runs/"]`)
      .evaluateAll((links) => links.map((link) => link.getAttribute('href')));
    expect(new Set(owners)).toEqual(new Set([`/runs/${world.runs.theft}`]));
    await visit(world, page, `/runs/${world.runs.waiting}`);
    await page.getByRole('link', { name: 'Decide in the Inbox' }).first().click();
    await page.waitForURL(/\/inbox\/apr_/);
    await page.context().close();
  });
});

describe('a run that is under way', () => {
  browse('fills in by itself, and its end is said', async () => {
    const { page } = await world.signedIn();
    const run = await world.start((order) => `The parcel never arrived. Please refund 62.00 of order ${order}.`);
    await world.until(run, 'waiting');
    await visit(world, page, `/runs/${run}`);
    await page.getByText('This run waits until a person decides.').waitFor();
    const before = await page.locator('.moments > li').count();
    const { body } = await world.test.owner('GET', `/api/runs/${run}`);
    await world.test.owner('POST', `/api/approvals/${String(body.waitingFor)}/deny`, { reason: 'not this time' });
    await expect.poll(() => page.locator('.moments > li').count(), { timeout: 30_000 }).toBeGreaterThan(before);
    await page.getByRole('status').filter({ hasText: 'The run ended: Done.' }).waitFor({ timeout: 30_000 });
    await page.context().close();
  });
});

describe('the audit log', () => {
  it('has words for every type of event', () => {
    expect(
      Object.values(eventsByRoom)
        .flat()
        .filter(({ type }) => events[type] === undefined),
    ).toEqual([]);
  });
});

describe('by keyboard alone', () => {
  browse('j and k walk the rows, Enter opens, numbers turn the tabs, and one switch turns single keys off', async () => {
    const { page } = await world.signedIn();
    await visit(world, page, '/runs?kind=workflow&live=off');
    const focused = (): Promise<string> => page.evaluate('document.activeElement?.getAttribute("href") ?? ""');
    const links = await page.locator('.table .go').evaluateAll((rows) => rows.map((row) => row.getAttribute('href')));
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    expect(await focused()).toBe(links[1]);
    await page.keyboard.press('k');
    expect(await focused()).toBe(links[0]);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Timeline' }).waitFor();
    await page.keyboard.press('k');
    const at = new URL(page.url()).searchParams.get('at');
    expect(at).not.toBeNull();
    await page.keyboard.press('2');
    expect(await page.getByRole('tab', { name: 'Data' }).getAttribute('aria-selected')).toBe('true');
    expect(new URL(page.url()).searchParams.get('at')).toBe(at);
    await page.keyboard.press('?');
    const sheet = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
    await sheet.getByRole('checkbox').press('Space');
    await page.keyboard.press('Escape');
    await sheet.waitFor({ state: 'detached' });
    await page.keyboard.press('1');
    expect(await page.getByRole('tab', { name: 'Data' }).getAttribute('aria-selected')).toBe('true');
    await page.keyboard.press('?');
    expect(await sheet.count()).toBe(0);
    await page.keyboard.press('Control+k');
    await page.getByRole('menuitem', { name: 'Keyboard shortcuts' }).waitFor();
    await page.context().close();
  });
});

describe('everybody can use it', () => {
  const paths = (): readonly string[] => [
    '/runs',
    '/runs?state=refused',
    ...Object.values(world.runs).map((run) => `/runs/${run}`),
    `/runs/${world.runs.theft}?tab=data`,
    `/runs/${world.runs.theft}?tab=content`,
    '/runs/run_nothing',
    '/audit',
    '/audit/3',
  ];

  browse('axe finds nothing in light, dark and high contrast', async () => {
    for (const look of [{ theme: 'light' }, { theme: 'dark' }, { theme: 'light', contrast: 'more' }] as const) {
      const { page, violations } = await world.signedIn(look);
      // Everything once; in the other looks what has colours of its own.
      const seen = look.theme === 'light' && !('contrast' in look) ? paths() : paths().filter((path) => COLOURED.test(path));
      for (const path of seen) {
        await visit(world, page, path);
        expect([look, path, await axeFaults(page)]).toEqual([look, path, []]);
      }
      await page.keyboard.press('?');
      await page.getByRole('dialog').waitFor();
      expect([look, 'shortcuts', await axeFaults(page)]).toEqual([look, 'shortcuts', []]);
      expect(violations).toEqual([]);
      await page.context().close();
    }
  });

  browse('at 320 pixels nothing scrolls sideways, and choosing a step brings its details into view', async () => {
    const { page } = await world.signedIn({ width: 320, height: 700 });
    for (const path of paths()) {
      await visit(world, page, path);
      expect([path, await page.evaluate('document.documentElement.scrollWidth')]).toEqual([path, 320]);
    }
    await visit(world, page, `/runs/${world.runs.theft}`);
    await page.locator('.moments a').first().click();
    expect(await page.getByRole('region', { name: 'Details' }).evaluate((element) => element === element.ownerDocument.activeElement)).toBe(
      true,
    );
    await page.context().close();
  });

  browse('a fault, a denial and an absence are each said in words, for the list, the trace and the content', async () => {
    const { page } = await world.signedIn();
    let status = 500;
    const answer = { code: 'CONTROL_FAULT', detail: 'Not for you.' };
    await page.route('**/api/runs?*', (route) => route.fulfill({ status, json: answer }));
    await page.route('**/api/runs', (route) => route.fulfill({ status, json: answer }));
    await page.goto(`${world.test.controlUrl}/runs`);
    await page.getByRole('heading', { name: 'This could not be loaded' }).waitFor({ timeout: 15_000 });
    status = 403;
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('heading', { name: 'You may not see this' }).waitFor({ timeout: 15_000 });
    await visit(world, page, '/runs/run_nothing');
    await page.getByRole('heading', { name: 'There is nothing here' }).waitFor();
    await page.route('**/content', (route) => route.fulfill({ status, json: answer }));
    await visit(world, page, `/runs/${world.runs.theft}?tab=content`);
    await page.getByRole('button', { name: 'Show the redacted content' }).click();
    await page.getByRole('heading', { name: 'You may not see this' }).waitFor();
    await page.context().close();
  });
});
