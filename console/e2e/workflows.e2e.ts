// Workflows in a real browser: reading what a version may do, importing one, approving and publishing exactly that hash, running it, pausing.

import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { browse, isHere } from './browse.ts';
import { openWorkflowWorld, type WorkflowWorld } from './workflow-world.ts';
import { axeFaults, visit } from './world.ts';

const TEMPLATE = join(import.meta.dirname, '../../server/templates/support-reply');
const PAGE = '/workflows/support-reply';
let world: WorkflowWorld;
let folder = '';

beforeAll(async () => {
  if (isHere) world = await openWorkflowWorld();
  folder = mkdtempSync(join(tmpdir(), 'sallyport-bundle-'));
  cpSync(TEMPLATE, folder, { recursive: true });
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await world?.close();
});

function change(path: string, from: string, to: string): void {
  const text = readFileSync(join(folder, path), 'utf8');
  if (!text.includes(from)) throw new Error(`${path} holds no ${from}`);
  writeFileSync(join(folder, path), text.replace(from, to));
}

async function importFolder(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Import a version' }).first().click();
  await page.getByLabel('Choose a folder').setInputFiles(folder);
  await page.getByRole('button', { name: 'Import as a draft' }).click();
}

async function press(page: Page, button: string, confirm: string): Promise<void> {
  await page.getByRole('button', { name: button, exact: true }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: confirm, exact: true }).click();
}

const stateOf = async (hash: string) => (await world.test.owner('GET', `${'/api'}${PAGE}?hash=${hash}`)).body.state;

describe('reading', () => {
  browse('the list says who answers for it, what runs now, whether its signature holds and what starts it', async () => {
    const { page } = await world.signedIn();
    await visit(world, page, '/workflows');
    const card = page.getByRole('article', { name: /support-reply/ });
    const said = await card.innerText();
    for (const words of ['support team', world.hash.slice(0, 8), 'Signature valid', 'ticket.created of demo-shop'])
      expect(said).toContain(words);
    await card.getByRole('link', { name: 'support-reply' }).click();
    const may = page.getByRole('region', { name: 'What it may do', exact: true });
    await may.waitFor();
    const sentences = await may.innerText();
    expect(sentences.indexOf('Move money: demo-shop/refunds.create.')).toBeGreaterThanOrEqual(0);
    expect(sentences.indexOf('Move money')).toBeLessThan(sentences.indexOf('Read: '));
    for (const words of [
      'up to US$50.00 a time',
      'Above US$80.00 two people must approve',
      'in field customer_id',
      'at most 12 calls in 8 turns',
    ])
      expect(sentences).toContain(words);
    const steps = page.getByRole('region', { name: 'Steps' });
    expect(await steps.getByRole('listitem').filter({ hasText: 'plain_reply' }).last().innerText()).toContain('Has effects');
    const trail = page.getByRole('region', { name: 'Approval trail' });
    await trail.getByText('Published: it runs from here on').waitFor();
    await trail
      .getByRole('link', { name: /^Event/ })
      .first()
      .click();
    await page.getByRole('heading', { level: 1, name: /Event \d+/ }).waitFor();
    await page.context().close();
  });
});

describe('a new version', () => {
  browse('with mistakes is refused with the file, the line and the sentence, and nothing is stored', async () => {
    change('workflow.yaml', 'orders.list, ', '');
    writeFileSync(join(folder, 'stray.txt'), 'x');
    const { page } = await world.signedIn();
    await visit(world, page, '/workflows');
    await importFolder(page);
    const dialog = page.getByRole('dialog');
    await dialog.getByText('2 mistakes').first().waitFor();
    const rows = await dialog.getByRole('row').allInnerTexts();
    expect(rows.some((row) => /workflow\.yaml:\d+/.test(row) && row.includes('demo-shop/orders.list is not listed'))).toBe(true);
    expect(rows.some((row) => row.includes('stray.txt') && row.includes('no step uses this file'))).toBe(true);
    expect(await dialog.innerText()).toContain('WORKFLOWS_DEFINITION_INVALID');
    expect(await axeFaults(page)).toEqual([]);
    rmSync(join(folder, 'stray.txt'));
    cpSync(TEMPLATE, folder, { recursive: true });
    await page.context().close();
  });

  browse('of one changed prompt character goes from the folder over the difference to a run of exactly that hash', async () => {
    change('prompts/system.md', 'You are', 'You  are');
    mkdirSync(join(folder, '.git'), { recursive: true });
    writeFileSync(join(folder, '.git/config'), 'not part of it');
    const { page, violations } = await world.signedIn();
    await visit(world, page, '/workflows');
    await importFolder(page);
    await page.getByText('Imported as a draft.').waitFor();
    await page.waitForURL(/hash=[0-9a-f]{64}/);
    const hash = new URL(page.url()).searchParams.get('hash') ?? '';
    expect(hash).not.toBe(world.hash);
    await page.getByText('What it may do is the same').waitFor();
    const file = page.getByRole('region', { name: /prompts\/system\.md: 1 line added, 1 line removed/ });
    expect(await file.getByRole('listitem').filter({ hasText: 'Removed' }).innerText()).toContain('You are');
    expect(await file.getByRole('listitem').filter({ hasText: 'Added' }).innerText()).toContain('You  are');
    expect(await page.getByRole('region', { name: /^workflow\.yaml:/ }).count()).toBe(0);

    await page.getByRole('button', { name: 'Approve', exact: true }).click();
    expect(await page.getByRole('alertdialog').innerText()).toContain(hash);
    await page.getByRole('alertdialog').getByRole('button', { name: 'Cancel' }).click();
    expect(await stateOf(hash)).toBe('draft');
    await press(page, 'Approve', 'Approve and sign');
    await page.getByText('Signature valid').first().waitFor();
    await press(page, 'Publish', 'Publish');
    await page.getByText('Published. New runs use this version.').waitFor();
    await expect.poll(() => stateOf(hash)).toBe('published');
    expect(await stateOf(world.hash)).toBe('retired');

    const { ticket } = await world.refund('20.00');
    await page.getByRole('button', { name: 'Start a run' }).click();
    await page.getByRole('button', { name: 'Start the run' }).click();
    await page.getByText('Fill this in.').waitFor();
    await page.getByLabel('ticket').fill(ticket);
    await page.getByRole('button', { name: 'Start the run' }).click();
    await page.waitForURL(/\/runs\/run_/);
    const run = new URL(page.url()).pathname.split('/').at(-1) ?? '';
    await expect
      .poll(async () => (await world.test.owner('GET', `/api/runs/${run}`)).body, { timeout: 30_000 })
      .toMatchObject({ hash, state: 'done' });

    await visit(world, page, PAGE);
    const trail = page.getByRole('region', { name: 'Approval trail' });
    await expect.poll(() => trail.getByRole('listitem').count(), { timeout: 15_000 }).toBeGreaterThanOrEqual(6);
    // And back: the earlier version is still signed, and can be published again.
    await page
      .getByRole('region', { name: 'Versions' })
      .getByRole('link', { name: world.hash.slice(0, 8) })
      .click();
    await press(page, 'Publish again', 'Publish');
    await expect.poll(() => stateOf(world.hash)).toBe('published');
    expect(violations).toEqual([]);
    await page.context().close();
  });

  browse('that may do more says so first, and whoever imported it can not approve it while somebody else can', async () => {
    cpSync(TEMPLATE, folder, { recursive: true });
    change('workflow.yaml', 'maxCalls: 12', 'maxCalls: 30');
    change('prompts/system.md', 'You are', 'You\u202e are');
    const ana = await world.approver('Ana');
    const { page } = await world.signedIn();
    await visit(world, page, '/workflows');
    await importFolder(page);
    await page.waitForURL(/hash=/);
    const { pathname, search } = new URL(page.url());
    const changes = page.getByRole('region', { name: 'What changes in what it may do' });
    await changes.getByText('1 change lets it do more.').waitFor();
    expect(await changes.getByRole('row').nth(1).innerText()).toMatch(/May do more[\s\S]*desk agent\.maxCalls[\s\S]*12[\s\S]*30/);
    await page.getByText('You⟨U+202E⟩ are').waitFor();
    await page.getByText('one of them must approve it').waitFor();
    expect(await page.getByRole('button', { name: 'Approve', exact: true }).isDisabled()).toBe(true);

    await visit(world, ana.page, `${pathname}${search}`);
    await press(ana.page, 'Approve', 'Approve and sign');
    await ana.page.getByText('Approved and signed. Publish it to let it run.').waitFor();
    // What she may not do is shown, and says why.
    const publish = ana.page.getByRole('button', { name: 'Publish', exact: true });
    expect(await publish.getAttribute('aria-disabled')).toBe('true');
    await publish.focus();
    await ana.page.keyboard.press('Enter');
    await ana.page.getByRole('dialog').getByText('workflows.publish').waitFor();
    await ana.page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Publish', exact: true }).waitFor({ timeout: 15_000 });
    expect(await page.getByRole('region', { name: 'Versions' }).innerText()).toContain('by Ana');
    await world.removePerson(ana.id);
    await ana.page.context().close();
    await page.context().close();
  });
});

describe('pausing', () => {
  browse('asks first, stops new runs, and is seen; so is letting it run again', async () => {
    const { page } = await world.signedIn();
    await visit(world, page, '/workflows');
    const toggle = page.getByRole('switch', { name: 'support-reply: runs are let through' });
    expect(await toggle.getAttribute('aria-checked')).toBe('true');
    await toggle.click();
    await page.getByRole('alertdialog').getByLabel('Why (optional)').fill('counting the stock – bis Łucja fertig ist');
    await page.getByRole('alertdialog').getByRole('button', { name: 'Pause' }).click();
    await page.getByText('Paused.', { exact: true }).waitFor();
    // Why, and by which program, is kept with the event of the change.
    await expect
      .poll(async () => (await world.test.owner('GET', '/api/events?type=workflows.workflow.paused')).body.events, { timeout: 30_000 })
      .toHaveLength(1);
    const [paused] = (await world.test.owner('GET', '/api/events?type=workflows.workflow.paused')).body.events as { seq: number }[];
    expect((await world.test.owner('GET', `/api/events/${paused?.seq}`)).body.details).toMatchObject({
      before: { paused: false },
      after: { paused: true },
      reason: 'counting the stock – bis Łucja fertig ist',
      device: expect.stringContaining('Chrome'),
    });
    await expect.poll(() => toggle.getAttribute('aria-checked')).toBe('false');
    const refused = await world.test.owner('POST', '/api/workflows/support-reply/runs', { input: { ticket: 'T-1' } });
    expect(refused.body.code).toBe('WORKFLOWS_PAUSED');
    await visit(world, page, PAGE);
    await page.getByText('This workflow is paused').waitFor();
    await page.getByRole('switch').click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Let it run' }).click();
    await page.getByText('It runs again.').waitFor();
    await page.context().close();
  });
});

describe('everybody can use it', () => {
  browse('axe finds nothing in light, dark and high contrast, and nothing scrolls sideways at 320 pixels', async () => {
    const drafts = (await world.test.owner('GET', '/api/workflows')).body.workflows as { hash: string; state: string }[];
    const other = drafts.find(({ hash }) => hash !== world.hash)?.hash ?? world.hash;
    const looks = [{ theme: 'light' }, { theme: 'dark' }, { theme: 'dark', contrast: 'more' }, { theme: 'light', width: 320 }] as const;
    for (const look of looks) {
      const { page, violations } = await world.signedIn({ height: 800, ...look });
      for (const path of ['/workflows', PAGE, `${PAGE}?hash=${other}`, '/workflows/none']) {
        await visit(world, page, path);
        await page.evaluate('document.querySelectorAll("details").forEach((one) => { one.open = true; })');
        expect([look, path, await axeFaults(page)]).toEqual([look, path, []]);
        if ('width' in look) expect([path, await page.evaluate('document.documentElement.scrollWidth')]).toEqual([path, 320]);
      }
      expect(violations).toEqual([]);
      await page.context().close();
    }
  });
});
