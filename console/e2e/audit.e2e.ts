// The Audit log in a real browser: asking, narrowing, exporting, looking at one event, its proof recomputed, and the banner that turns when
// the ledger is really broken.

import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { ask } from '../../testkit/ask.ts';
import { browseOn, isHere } from './browse.ts';
import { holdSealing } from './hold-sealing.ts';
import { axeFaults, openWorld, visit, type World } from './world.ts';

const SALLYPORT = join(import.meta.dirname, '../../bin/sallyport.js');
let world: World;

beforeAll(async () => {
  if (isHere) world = await openWorld();
});
afterAll(() => world?.close());

const browse = browseOn(() => world.signedIn());

/** Adds a program and waits until that is sealed; the number of its event. */
async function addProgram(name: string): Promise<number> {
  const newest = async (): Promise<number> => {
    const { body } = await world.test.owner('GET', '/api/events?type=identity.workload.created&limit=1');
    return (body.events as { seq: number }[])[0]?.seq ?? -1;
  };
  const before = await newest();
  const made = await world.test.owner('POST', '/api/workloads', { name, workflow: null, integrations: [], publicKey: null });
  expect(made.status).toBe(200);
  await expect.poll(newest, { timeout: 10_000 }).toBeGreaterThan(before);
  return newest();
}

const rows = (page: Page) => page.getByRole('table').first().locator('tbody tr');
const numbers = async (page: Page): Promise<number[]> => (await rows(page).locator('.go').allInnerTexts()).map(Number);
const facet = (page: Page, name: RegExp) => page.getByRole('region', { name: 'Narrow down' }).getByRole('link', { name });

describe('asking', () => {
  browse(
    'a facet narrows to exactly what it counts, stands as a token in the address, and goes away again, by keyboard alone',
    async (page) => {
      await visit(world, page, '/audit');
      const link = facet(page, /^Refused/);
      const count = Number(/\d+/.exec(await link.innerText())?.[0]);
      await link.focus();
      await page.keyboard.press('Enter');
      await page.waitForURL(/type=enforcement\.call\.refused/);
      await expect.poll(() => rows(page).count()).toBe(count);
      const token = page.getByRole('button', { name: 'Remove this filter: Type Refused' });
      await page.reload();
      await token.focus();
      await page.keyboard.press('Enter');
      await token.waitFor({ state: 'detached' });
      await expect.poll(() => rows(page).count()).toBeGreaterThan(count);
    },
  );

  browse('what is typed is looked for: words as text, an id by its form, a number as its event', async (page) => {
    await visit(world, page, '/audit');
    const search = page.getByLabel('Search', { exact: true });
    await search.fill('demo-shop type:enforcement.integration.changed');
    await page.keyboard.press('Enter');
    await page.waitForURL(/q=demo-shop/);
    await page.getByRole('button', { name: 'Remove this filter: Text “demo-shop”' }).waitFor();
    await expect.poll(async () => (await rows(page).allInnerTexts()).every((row) => row.includes('Integration changed'))).toBe(true);
    await search.fill('#2');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Event 2' }).waitFor();
  });

  browse('nothing found, and a question that can not be asked, are each said, with a way back', async (page) => {
    await visit(world, page, '/audit?q=nosuchword&since=1h');
    await page.getByRole('heading', { name: 'Nothing matches' }).waitFor();
    await page.getByRole('button', { name: 'Any time' }).click();
    await page.waitForURL((url) => !url.search.includes('since'));
    await page.getByRole('button', { name: 'Clear filters' }).last().click();
    await page.getByRole('table').waitFor();
    await visit(world, page, '/audit?decision=no%20such%20thing');
    await page.getByRole('heading', { name: 'This can not be asked' }).waitFor();
    await page.getByRole('button', { name: 'Clear filters' }).last().click();
    await page.getByRole('table').waitFor();
  });

  browse('newer events are announced and wait; what is on the page does not move, nor does an older page', async (page) => {
    await visit(world, page, '/audit');
    const before = await numbers(page);
    await world.test.owner('POST', '/api/workloads', { name: `made-${Date.now()}`, workflow: null, integrations: [], publicKey: null });
    const show = page.getByRole('button', { name: 'Show them' });
    await show.waitFor({ timeout: 30_000 });
    expect(await numbers(page)).toEqual(before);
    await page
      .getByRole('status')
      .filter({ hasText: /\d+ newer events?/ })
      .waitFor();
    await show.click();
    expect((await numbers(page))[0]).toBeGreaterThan(before[0] ?? 0);
    const last = (await numbers(page)).at(-1) ?? 0;
    await page.getByRole('link', { name: 'Show older' }).click();
    await page.waitForURL(/before=/);
    await expect.poll(async () => (await numbers(page))[0]).toBe(last - 1);
    await page.reload();
    await expect.poll(async () => (await numbers(page))[0]).toBe(last - 1);
  });

  browse('on a phone the filters wait behind one press', async () => {
    const { page } = await world.signedIn({ width: 360, height: 740 });
    await visit(world, page, '/audit');
    await page.getByText('Narrow down').click();
    await page.getByRole('link', { name: /^Refused/ }).click();
    await page.waitForURL(/type=enforcement\.call\.refused/);
    await page.context().close();
  });
});

describe('taking out', () => {
  browse('exactly the events of the question, in each form', async (page) => {
    await visit(world, page, '/audit?type=enforcement.call.refused');
    const count = await rows(page).count();
    await page.getByRole('button', { name: 'Export' }).click();
    expect(await axeFaults(page)).toEqual([]);
    const taken = async (name: string): Promise<Buffer> => {
      const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: `Download ${name}` }).click()]);
      return readFileSync(await download.path());
    };
    const lines = (bytes: Buffer): string[] => bytes.toString().trimEnd().split('\n');
    const csv = lines(await taken('CSV'));
    expect([csv.length, csv.slice(1).every((line) => line.includes('enforcement.call.refused'))]).toEqual([count + 1, true]);
    const ndjson = lines(await taken('NDJSON')).map((line) => JSON.parse(line) as object);
    expect(ndjson.filter((each) => JSON.stringify(each).includes('enforcement.call.refused'))).toHaveLength(count);
    expect((await taken('OCSF')).toString()).toContain('class_uid');
    expect((await taken('Provable pack')).subarray(0, 2).toString()).toBe('PK');
  });
});

describe('one event', () => {
  browse('says what happened, and its proof is recomputed in the browser', async (page) => {
    // The tree of the installation grows while we look: what counts is the answer that is drawn.
    const answer = page.waitForResponse((reply) => reply.url().endsWith('/api/events/3'));
    await visit(world, page, '/audit/3');
    const { proof } = (await (await answer).json()) as { proof: { path: string[]; head: { path: string[] } } };
    await page.getByText('Recomputed in your browser: matches').waitFor();
    await page.getByText('the signature is valid').waitFor();
    await page.getByText('Every step of the proof').first().click();
    const table = page.getByRole('table', { name: 'Every step of the proof' });
    expect(await table.locator('tbody tr').count()).toBe(proof.path.length + proof.head.path.length + 2);
    for (const hash of [...proof.path, ...proof.head.path]) {
      expect(await table.innerText()).toContain(Buffer.from(hash, 'base64').toString('hex'));
    }
    expect(await axeFaults(page)).toEqual([]);
  });

  browse('a proof with one wrong hash, or one wrong byte, is not believed, and the step is named', async (page) => {
    let bend: (event: { leaf: string; proof: { path: string[] } }) => void = () => undefined;
    await page.route('**/api/events/3', async (route) => {
      const event = await (await route.fetch()).json();
      bend(event);
      await route.fulfill({ json: event });
    });
    bend = ({ proof }) => proof.path.splice(1, 1, Buffer.alloc(32).toString('base64'));
    await visit(world, page, '/audit/3');
    await page.getByText('Recomputed in your browser: does not match').waitFor();
    await page.getByText('do not lead from this event to the root of your log').waitFor();
    expect(await axeFaults(page)).toEqual([]);
    bend = (event) => {
      event.leaf = event.leaf.replace('"v":1', '"v":2');
    };
    await page.reload();
    await page.getByText('The bytes of the event do not have the hash').waitFor();
  });
});

describe('what people changed', () => {
  browse('stands in a view of its own; a look at the details is itself in the log', async (page) => {
    const name = `program-${Date.now()}`;
    const seq = await addProgram(name);
    await visit(world, page, '/audit?privileged=yes');
    const row = rows(page).filter({ has: page.getByRole('link', { name: `Event ${seq}`, exact: true }) });
    expect(await row.innerText()).toContain('Program added');
    await row.getByRole('button', { name: /^Show what event \d+ changed/ }).click();
    await row.getByText(name).waitFor();
    await expect
      .poll(async () => JSON.stringify((await world.test.owner('GET', '/api/events?type=audit.event.opened&limit=1')).body), {
        timeout: 10_000,
      })
      .toContain(`"seq":${seq}`);
    await visit(world, page, `/audit/${seq}`);
    await page.getByRole('heading', { name: 'What was changed' }).waitFor();
    await page.getByText('There was nothing before.').waitFor();
  });

  browse('is withheld from who is no owner, and that is said', async () => {
    const made = await world.test.owner('POST', '/api/people', { name: 'Noor' });
    const { body } = await world.test.owner('GET', '/api/events?type=identity.workload.created&limit=1');
    const [event] = body.events as { seq: number }[];
    const page = await (await world.browser.newContext({ locale: 'en-GB' })).newPage();
    await page.goto(String(made.body.link).replace('//localhost:', '//127.0.0.1:'));
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('navigation', { name: 'Main' }).waitFor();
    await visit(world, page, `/audit/${event?.seq}`);
    await page.getByText('is shown to owners only').waitFor();
    await visit(world, page, '/audit?privileged=yes');
    await page.getByText('Owners only').first().waitFor();
    await page.context().close();
  });
});

describe('what was erased', () => {
  browse('is said plainly, and the proof of the event holds as before', async (page) => {
    const { body } = await world.test.owner('GET', '/api/events?type=identity.workload.created&limit=1');
    const [event] = body.events as { seq: number; by: string }[];
    const person = event?.by.replace(/^person:/, '');
    const erased = await world.test.owner('POST', '/api/erasures', { subject: `person:${person}`, confirm: `person:${person}` });
    expect(erased.status).toBe(200);
    await visit(world, page, `/audit/${event?.seq}`);
    await page.getByText('was erased, as somebody may demand').waitFor();
    await page.getByText('Recomputed in your browser: matches').waitFor();
    expect(await axeFaults(page)).toEqual([]);
  });
});

describe('the state of the log', () => {
  browse('is one line while it is in order, and verify now leaves its verdict in the list', async (page) => {
    await visit(world, page, '/');
    await page.getByRole('region', { name: 'Integrity of the audit log' }).getByText('The audit log is in order').waitFor();
    await page.getByRole('link', { name: 'Details', exact: true }).click();
    await page.getByRole('button', { name: 'Verify now' }).click();
    await page.getByRole('status').getByText('Verified', { exact: true }).waitFor({ timeout: 60_000 });
    await page.getByRole('table', { name: 'Last verdicts' }).getByText('Verified').first().waitFor({ timeout: 20_000 });
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download the receipt' }).click(),
    ]);
    // The receipt that this page made is what the verifier takes, however far the log has come since.
    await addProgram('after-the-receipt');
    const [pack] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download the pack' }).click()]);
    const verified = await promisify(execFile)(process.execPath, [
      SALLYPORT,
      'verify',
      await pack.path(),
      '--against',
      await download.path(),
      '--json',
    ]);
    expect(JSON.parse(verified.stdout)).toMatchObject({ ok: true });
  });

  browse('turns amber while events can not be sealed, and green again', async (page) => {
    await visit(world, page, '/');
    const held = await holdSealing(world.test.server.database.adminUrl);
    await world.test.owner('POST', '/api/workloads', { name: `held-${Date.now()}`, workflow: null, integrations: [], publicKey: null });
    const alert = page.getByRole('alert').filter({ hasText: 'The audit log is behind' });
    await alert.waitFor({ timeout: 60_000 });
    expect(await alert.innerText()).toContain('AUDIT_SEALING_LATE');
    expect(await axeFaults(page)).toEqual([]);
    await held.release();
    await page.getByText('The audit log is in order').waitFor({ timeout: 60_000 });
  });

  browse('turns red when a sealed event was changed in the database, and says since when and what to do', async (page) => {
    await ask(world.test.server.database.adminUrl, 'alter table audit_log disable trigger all');
    await ask(world.test.server.database.adminUrl, `update audit_log set leaf = replace(leaf, '"v":1', '"v":2') where seq = 2`);
    await visit(world, page, '/audit/integrity');
    await page.getByRole('button', { name: 'Verify now' }).click();
    await page.getByRole('status').getByText('Not verified', { exact: true }).waitFor({ timeout: 60_000 });
    await visit(world, page, '/');
    const alert = page.getByRole('alert').filter({ hasText: 'can not be relied on' });
    await alert.waitFor({ timeout: 30_000 });
    const words = await alert.innerText();
    expect(words).toContain('AUDIT_VERIFICATION_FAILED');
    await page.getByRole('link', { name: /Audit log.*can not be relied on/ }).waitFor();
    expect(words).toMatch(/Since \d/);
    expect(words).toContain('keep the pack and your last receipt');
    expect(await page.content()).not.toContain('All is in order');
    expect(await axeFaults(page)).toEqual([]);
    await visit(world, page, '/audit/2');
    await page.getByText('Recomputed in your browser: does not match').waitFor();
  });
});
