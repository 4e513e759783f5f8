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
});
