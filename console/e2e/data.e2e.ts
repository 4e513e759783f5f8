// The data map and datasets in a real browser: findings until somebody declares, a file imported and read as pseudonyms, rows in the clear for
// a reason and gone from the page when their time is over.

import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { foldersOf, loadConfig } from '../../server/src/main/index.ts';
import { selfScan } from '../../server/src/main/sweep/self-scan.ts';
import { browse, browseOn, isHere } from './browse.ts';
import { axeFaults, COLOURS, openWorld, signedIn, visit, type World } from './world.ts';

let world: World;
let browser: Browser;

beforeAll(async () => {
  if (!isHere) return;
  world = await openWorld();
  browser = world.browser;
  await world.test.owner('PUT', '/api/flows/destinations/demo-model', {
    vendor: 'Example Models',
    country: 'US',
    classes: ['phone_number'],
  });
}, 60_000);
afterAll(() => world?.close());

const onOwner = browseOn(() => signedIn(world.test, browser));
const CSV = 'customer_id,email,total\nc-1,robin.field@example.com,10.00\nc-2,kim@example.com,20.00\n';

describe('the data map', () => {
  onOwner('shows what nobody declared in the picture, the table and a list, until somebody declares it', async (page) => {
    await visit(world, page, '/data/map');
    await page.getByText('Nobody declared it: Email address to demo-model (US)').waitFor();
    await page.getByRole('img', { name: /recipients/ }).waitFor();
    expect(await page.getByRole('row', { name: /Email address.*demo-model.*US.*Nobody declared it/ }).count()).toBeGreaterThan(0);
    expect(await axeFaults(page)).toEqual([]);
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await axeFaults(page, COLOURS)).toEqual([]);
    await page.emulateMedia({ colorScheme: 'light' });

    const form = page.getByRole('form', { name: 'Declare a destination' });
    await page.getByLabel('Integration', { exact: true }).selectOption('demo-model');
    expect(await form.getByLabel('Who runs it').inputValue()).toBe('Example Models');
    await form.getByLabel('Transfer basis').selectOption('scc');
    await form.getByLabel('Purpose').fill('Answers to customers');
    await form.getByRole('button', { name: 'Declare' }).click();
    await page.getByText('Nobody declared it: Email address to demo-model (US)').waitFor({ state: 'detached' });
    await page
      .getByRole('row', { name: /Email address.*Standard clauses/ })
      .first()
      .waitFor();

    const home = page.getByRole('form', { name: 'Where you are' });
    await home.getByLabel('Country, two letters').fill('de');
    await home.getByRole('button', { name: 'Save' }).click();
    await page.getByText('You are in EEA.').waitFor();
  });
});

describe('where plain text exists', () => {
  onOwner('is a picture and the same as tables, with what went to the model and what is not sealed', async (page) => {
    await visit(world, page, '/data/encryption');
    await page.getByRole('img', { name: /places that hold data/ }).waitFor();
    const places = page.getByRole('table', { name: 'Places' });
    await places.getByRole('row', { name: /^Database.*Sealed.*every one that was looked at is sealed/ }).waitFor();
    await places.getByRole('row', { name: /^Model: demo-model.*In clear to its recipient.*as placeholder/ }).waitFor();
    const ways = page.getByRole('table', { name: 'Ways' });
    await ways.getByRole('row', { name: /^Server to Database.*this machine only.*no TLS/ }).waitFor();
    // The test's folders lie in one folder.
    await page.getByText(/The key file, in clear, and the data folder lie in one folder/).waitFor();
    await page.getByText('Names of staff as an administrator typed them').click();
    await page.getByText('identity_people.name').waitFor();
    expect(await axeFaults(page)).toEqual([]);
  });
});

describe('datasets', () => {
  onOwner('are imported from a file, shown as pseudonyms, and in the clear for a reason until the time is over', async (page) => {
    await page.clock.install();
    await visit(world, page, '/data/datasets');
    await page.getByText('No dataset yet').waitFor();
    await page.getByLabel('CSV or JSON lines').setInputFiles({ name: 'people.csv', mimeType: 'text/csv', buffer: Buffer.from(CSV) });
    await page.getByLabel('Name', { exact: true }).fill('people');
    await page.getByLabel('Source').fill('shop export');
    await page.getByRole('button', { name: 'Import' }).click();
    await page.getByRole('link', { name: 'people', exact: true }).click();
    await page
      .getByText(/^email_address_/)
      .first()
      .waitFor();
    expect(await page.content()).not.toContain('robin.field');
    expect(await axeFaults(page)).toEqual([]);

    const open = page.getByRole('button', { name: 'Open' });
    expect(await open.isDisabled()).toBe(true);
    await page.getByLabel('Why you need them in the clear').fill('case 7: wrong label');
    await page.getByLabel('For', { exact: true }).selectOption('5');
    await open.click();
    await page.getByText('robin.field@example.com').waitFor();
    await page.getByText('Open now').waitFor();
    await page.clock.fastForward(5 * 60_000 + 2_000);
    await page.getByText('Hidden again.').waitFor();
    expect(await page.content()).not.toContain('robin.field');
  });

  onOwner('show what tokens are for: the purpose a dataset declared, one that somebody declares, and its end', async (page) => {
    await visit(world, page, '/data/datasets');
    const section = page.getByRole('region', { name: 'Tokens', exact: true });
    await section.getByRole('button', { name: 'Declare a purpose' }).click();
    const form = page.getByRole('dialog');
    await form.getByLabel('Name', { exact: true }).fill('support');
    await form.getByLabel('Phone number', { exact: true }).check();
    await form.getByLabel('Privacy', { exact: true }).check();
    expect(await axeFaults(page)).toEqual([]);
    await form.getByRole('button', { name: 'Save' }).click();
    const row = section.getByRole('row', { name: /support.*Email address, Phone number/ });
    await row.waitFor();
    expect(await axeFaults(page)).toEqual([]);
    await row.getByRole('button', { name: 'End support' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'End', exact: true }).click();
    await section.getByText('Ended', { exact: true }).waitFor();
  });
});

describe('canaries', () => {
  onOwner('are planted with values that are shown once and can be copied, stand in the list, and show what was found', async (page) => {
    await visit(world, page, '/data/canaries');
    await page.getByText('Nothing is planted yet').waitFor();
    await page.getByRole('button', { name: 'Plant a canary', exact: true }).click();
    await page.getByLabel('Where you put it', { exact: true }).selectOption('other');
    await page.getByLabel('Name of the place', { exact: true }).fill('newsletter sheet');
    await page.getByRole('button', { name: 'Invent the values', exact: true }).click();
    await page.getByRole('button', { name: 'Copy e-mail address', exact: true }).waitFor();
    expect(await axeFaults(page)).toEqual([]);
    const email = (await page.getByText(/^[a-z.]+@example\.com$/).textContent()) ?? '';
    const name = (await page.locator('dd code').first().textContent()) ?? '';
    await page.getByRole('button', { name: 'Done', exact: true }).click();
    await page.getByRole('row', { name: /newsletter sheet.*Not seen yet.*Never.*None/ }).waitFor();
    expect(await page.content()).not.toContain(email);

    await world.test.owner('POST', '/api/canaries/check', { text: `a dump: ${email}`, note: true });
    await visit(world, page, '/data/canaries');
    await page.getByRole('row', { name: /E-mail address.*Somebody reported it.*1/ }).waitFor();
    expect(await page.content()).not.toContain(name);
    expect(await axeFaults(page)).toEqual([]);
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await axeFaults(page, COLOURS)).toEqual([]);
    await page.emulateMedia({ colorScheme: 'light' });
    await page.getByRole('button', { name: 'Close findings of newsletter sheet', exact: true }).click();
    const dialog = page.getByRole('alertdialog');
    await dialog.getByRole('textbox').fill('We tried it.');
    await dialog.getByRole('button', { name: 'Close findings', exact: true }).click();
    await page.getByRole('row', { name: /newsletter sheet.*Not seen yet/ }).waitFor();
  });

  browse(
    '[A1] and no credential is in a recording of what a browser sent and got on the screens of what calls and people use',
    async () => {
      const { folder } = world;
      const har = join(folder, 'session.har');
      const { page } = await signedIn(world.test, browser, { har });
      for (const path of ['/', '/connect', '/calls', '/workflows', '/data/map', '/data/canaries', '/audit', '/people'])
        await visit(world, page, path);
      await page.context().close();
      const flags = { '--data-dir': join(folder, 'data'), '--secrets-dir': join(folder, 'secrets') };
      const config = loadConfig({ flags, env: {}, file: null });
      const report = await selfScan(config, foldersOf(config, { isRoot: process.getuid?.() === 0, home: folder }), [har]);
      expect([report.found, report.unread]).toEqual([[], []]);
      expect(report.credentials).toBeGreaterThan(1);
      expect(report.searched.find(({ place }) => place === 'files you named')?.bytes ?? 0).toBeGreaterThan(100_000);
    },
  );
});
