// Who may see what in a real browser against a real server: a stricter rule is tried by keyboard, then put in force and taken back; what is locked
// says so and offers nothing looser.

import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { startTestServer, type TestServer } from '../../testkit/test-server.ts';
import { browseOn, isHere } from './browse.ts';
import { axeFaults, launch, signedIn, visit } from './world.ts';

let test: TestServer;
let browser: Browser;
const go = (page: Page, path: string): Promise<void> => visit({ test }, page, path);
const onOwner = browseOn(() => signedIn(test, browser));
type Cell = Readonly<Record<string, unknown>>;

beforeAll(async () => {
  if (!isHere) return;
  test = await startTestServer({ allowPrivate: [] });
  browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  await test?.close();
});

const cellOf = async (name: string): Promise<Cell | undefined> =>
  ((await test.owner('GET', '/api/data/matrix')).body.cells as readonly Cell[]).find(
    (one) => one.class === name && one.destination === 'model',
  );

describe('who may see what', () => {
  onOwner('is a table whose cells are changed by keyboard: tried first, then in force, then taken back', async (page) => {
    await go(page, '/data/matrix');
    const table = page.getByRole('table', { name: 'Kinds of data and who may see them' });
    const cell = table.getByRole('button', { name: /^An e-mail address towards Models/ });
    await cell.focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'An e-mail address → Models' });
    await dialog.getByText('Now: Placeholder (the default).').waitFor();
    expect(await axeFaults(page)).toEqual([]);
    await dialog.getByRole('radio', { name: /^Refused/ }).press('Space');
    await dialog.getByRole('radio', { name: /^Try it first/ }).press('Space');
    await dialog.getByRole('button', { name: 'Save' }).press('Enter');
    await table.getByText('Trying: Refused (0)').waitFor();
    expect(await cellOf('email_address')).toMatchObject({ handling: 'tokenise', trial: 'refuse' });

    await cell.click();
    await dialog.getByRole('button', { name: 'Save' }).click();
    await table.getByRole('button', { name: 'An e-mail address towards Models: Refused. Change' }).waitFor();
    expect(await cellOf('email_address')).toMatchObject({ handling: 'refuse', trial: null });

    await table.getByRole('button', { name: /^An e-mail address towards Models/ }).click();
    await dialog.getByRole('radio', { name: /^In clear/ }).press('Space');
    await dialog.getByText('This shows more than today.').waitFor();
    await dialog.getByRole('button', { name: 'Take my rule back' }).click();
    await table.getByRole('button', { name: 'An e-mail address towards Models: Placeholder. Change' }).waitFor();
    expect(await cellOf('email_address')).toMatchObject({ handling: 'tokenise', from: 'default' });

    await table.getByRole('button', { name: /^A card number towards Models/ }).click();
    const locked = page.getByRole('dialog', { name: 'A card number → Models' });
    await locked.getByText('Locked: card numbers').waitFor();
    expect(await locked.getByRole('radio', { name: /^(In clear|Placeholder)/ }).count()).toBe(0);
    await page.keyboard.press('Escape');
  });

  onOwner('guesses are switched off for the whole tenant only after a question, and on again', async (page) => {
    await go(page, '/data/matrix');
    const toggle = page.getByRole('switch', { name: 'Guesses in calls to models', exact: true });
    await toggle.focus();
    await page.keyboard.press('Space');
    const asked = page.getByRole('alertdialog', { name: 'Switch guesses off?', exact: true });
    await asked.getByText('raises an alert').waitFor();
    expect(await toggle.getAttribute('aria-checked')).toBe('true');
    await asked.getByRole('button', { name: 'Switch off', exact: true }).press('Enter');
    await page.getByText('Guesses are off.', { exact: true }).waitFor();
    await expect.poll(() => toggle.getAttribute('aria-checked')).toBe('false');
    expect((await test.owner('GET', '/api/data/guesses')).body).toMatchObject({ isOn: false });
    await toggle.click();
    await page.getByRole('button', { name: 'Switch on', exact: true }).click();
    await expect.poll(() => toggle.getAttribute('aria-checked')).toBe('true');
  });

  onOwner('a pattern of one’s own is tried, held against its examples, changed and removed', async (page) => {
    await go(page, '/data/matrix');
    await page.getByRole('button', { name: 'Add a pattern', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Add a pattern', exact: true });
    await dialog.getByLabel('Name', { exact: true }).fill('member');
    await dialog.getByLabel('Pattern', { exact: true }).fill('MB-[0-9]{6}');
    await dialog.getByLabel('Try it on a text', { exact: true }).fill('I am 😀 MB-654321, my friend MB-111111');
    await dialog.getByRole('button', { name: 'Try', exact: true }).click();
    await dialog.getByText('It finds 2 values:', { exact: true }).waitFor();
    expect(await dialog.getByRole('status').locator('li').allTextContents()).toEqual(['MB-654321', 'MB-111111']);
    await dialog.getByLabel('Must find something in', { exact: true }).fill('MB-123456\nMX-123456');
    await dialog.getByLabel('Must find nothing in', { exact: true }).fill('MB-12');
    expect(await axeFaults(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Save', exact: true }).click();
    await dialog.getByText('The pattern finds nothing in example 2 of those it has to find.', { exact: true }).waitFor();
    await dialog.getByLabel('Must find something in', { exact: true }).fill('MB-123456');
    await dialog.getByRole('button', { name: 'Save', exact: true }).click();
    const table = page.getByRole('table', { name: 'Patterns of your own', exact: true });
    await table.getByText('MB-[0-9]{6}', { exact: true }).waitFor();
    const stored = { name: 'member', class: 'customer_number', pattern: 'MB-[0-9]{6}', matches: ['MB-123456'], differs: ['MB-12'] };
    expect((await test.owner('GET', '/api/data/patterns')).body.patterns).toEqual([stored]);
    await table.getByRole('button', { name: 'Change member', exact: true }).click();
    const change = page.getByRole('dialog', { name: 'Change member', exact: true });
    await change.getByLabel('Pattern', { exact: true }).fill('MB-[0-9]{6,8}');
    await change.getByRole('button', { name: 'Save', exact: true }).click();
    await table.getByText('MB-[0-9]{6,8}', { exact: true }).waitFor();
    await table.getByRole('button', { name: 'Remove member', exact: true }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Remove', exact: true }).click();
    await page.getByText('No patterns yet.').waitFor();
    expect((await test.owner('GET', '/api/data/patterns')).body.patterns).toEqual([]);
  });
});
