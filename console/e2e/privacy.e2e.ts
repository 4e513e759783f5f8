// Privacy requests and retention in a real browser: a person is verified, gets a page to read, and is erased after their name was typed; a
// rule is set, what is due is asked for, a legal hold is placed.

import { readFileSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { browseOn, isHere } from './browse.ts';
import { axeFaults, COLOURS, openWorld, signedIn, visit, type World } from './world.ts';

let world: World;
let browser: Browser;

beforeAll(async () => {
  if (!isHere) return;
  world = await openWorld();
  browser = world.browser;
}, 60_000);
afterAll(() => world?.close());

const onOwner = browseOn(() => signedIn(world.test, browser));

describe('a privacy request', () => {
  onOwner('is written down, verified, answered with a copy, and erased once their name is typed', async (page) => {
    await visit(world, page, '/data/privacy');
    await page.getByText('Nobody asked for anything').waitFor();
    expect(await axeFaults(page)).toEqual([]);
    await page.getByLabel('Who asks').fill('somebody');
    await page.getByRole('button', { name: 'Write it down' }).click();
    await page.getByText('A person is named as customer:ID').waitFor();

    const begin = async (kind: string): Promise<void> => {
      await page.getByLabel('Who asks').fill('email:nobody.here@example.com');
      await page.getByLabel('What for').selectOption(kind);
      await page.getByRole('button', { name: 'Write it down' }).click();
      await page.getByRole('button', { name: 'They are who they say' }).click();
    };
    await begin('export');
    const [saved] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Make and download' }).click()]);
    expect(saved.suggestedFilename()).toMatch(/^dsr_.*\.html$/);
    expect(readFileSync(await saved.path(), 'utf8')).toContain('Nothing is held about you here.');
    await page.getByText('Done', { exact: true }).waitFor();
    await page.getByRole('link', { name: 'All privacy requests' }).click();

    await begin('erase');
    const erase = page.getByRole('button', { name: 'Erase', exact: true });
    expect(await erase.isDisabled()).toBe(true);
    await page.getByLabel('Type email:nobody.here@example.com to confirm').fill('email:nobody.here@example.com');
    expect(await axeFaults(page)).toEqual([]);
    await erase.press('Enter');
    await page.getByRole('button', { name: 'Erase for good' }).press('Enter');
    await page.getByText('Nobody any more: they were erased').waitFor();
    await page.getByRole('button', { name: 'Download the receipt' }).waitFor();
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await page.evaluate('document.documentElement.scrollWidth <= window.innerWidth')).toBe(true);
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await axeFaults(page, COLOURS)).toEqual([]);
  });
});

describe('retention', () => {
  onOwner('takes a rule, says what is due, and shows legal holds', async (page) => {
    await visit(world, page, '/data/retention');
    await page.getByText('There is no legal hold.').waitFor();
    await page.getByLabel('Place', { exact: true }).selectOption('runs');
    await page.getByLabel('Keep for, in days').fill('30');
    await page.getByRole('button', { name: 'Set', exact: true }).click();
    await page.getByRole('row', { name: /Run history 90 days 30 days/ }).waitFor();
    await page.getByRole('button', { name: 'What is due?' }).click();
    await page.getByText('Nothing is due.').waitFor();
    const form = page.getByRole('form', { name: 'Place a hold' });
    await form.getByLabel('Whom').fill('customer:c-1');
    await form.getByLabel('Why').fill('A claim');
    await form.getByRole('button', { name: 'Place a hold' }).click();
    await page.getByRole('row', { name: /A person A claim/ }).waitFor();
    expect(await axeFaults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Release' }).click();
    await page.getByText('Over', { exact: true }).waitFor();
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await page.evaluate('document.documentElement.scrollWidth <= window.innerWidth')).toBe(true);
  });
});

describe('a breach', () => {
  onOwner('is opened, computed, worked on by keyboard, drafted with what is missing marked, and closed', async (page) => {
    await visit(world, page, '/data/breaches');
    await page.getByText('No breach was opened').waitFor();
    expect(await axeFaults(page)).toEqual([]);
    const open = page.getByRole('form', { name: 'Open a breach' });
    await open.getByLabel('What happened').fill('A key was found in a public repository.');
    await open.getByRole('button', { name: 'Open the breach' }).press('Enter');
    await page.getByText(/^71 h \d+ min left$/).waitFor();
    for (const point of ['Contain it', 'Compute whom it is about', 'Assess the risk', 'Tell the authority'])
      await page.getByText(point, { exact: true }).first().waitFor();
    const scope = page.getByRole('form', { name: 'Whom it is about' });
    await scope.getByLabel('Only through this integration').fill('demo-shop');
    await scope.getByRole('button', { name: 'Compute', exact: true }).press('Enter');
    await page.getByText('Calls that carried data', { exact: true }).waitFor();

    const step = page.getByRole('form', { name: 'Record a step' });
    const record = async (kind: string, words: string): Promise<void> => {
      await step.getByLabel('Step', { exact: true }).selectOption(kind);
      await step.getByLabel('In words').fill(words);
      await step.getByRole('button', { name: 'Record it' }).press('Enter');
      await page.getByRole('listitem').filter({ hasText: words }).waitFor();
    };
    await record('contained', 'The key was revoked.');
    const draft = page.getByRole('region', { name: 'Draft for the authority' });
    await draft.getByText('Missing', { exact: true }).first().waitFor();
    await step.getByLabel('Step', { exact: true }).selectOption('risk');
    await step.getByLabel('Risk', { exact: true }).selectOption('unlikely');
    await record('risk', 'Nobody used it.');
    const notify = page.getByRole('form', { name: 'Tell, or say why not' });
    await notify.getByText('No, they need not be').click();
    await notify.getByLabel('In words').fill('A risk is unlikely.');
    await notify.getByRole('button', { name: 'Record it' }).press('Enter');
    await page.getByText('Told in time, or need not be').waitFor();
    expect(await axeFaults(page)).toEqual([]);
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await page.evaluate('document.documentElement.scrollWidth <= window.innerWidth')).toBe(true);
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await axeFaults(page, COLOURS)).toEqual([]);
    const close = page.getByRole('form', { name: 'Close the breach' });
    await close.getByLabel('In words').fill('Keys are in the vault now.');
    await close.getByRole('button', { name: 'Close it' }).press('Enter');
    await page.getByText(/^Closed by /).waitFor();
  });
});

describe('assessments', () => {
  onOwner(
    'appear by themselves when a decision is declared, are recorded and approved, and the notice says what is missing',
    async (page) => {
      await visit(world, page, '/data/assessments');
      const declare = page.getByRole('form', { name: 'Declare a decision' });
      await declare.getByLabel('Name', { exact: true }).fill('demo-shop.refunds.create');
      await declare.getByLabel('Decides').fill('whether a refund is paid');
      await declare.getByRole('button', { name: 'Declare it' }).press('Enter');
      await page.getByRole('button', { name: 'Notice: demo-shop.refunds.create' }).press('Enter');
      const notice = page.getByRole('dialog', { name: 'Before a machine decides about you' });
      await notice.getByText(/^To be completed before it is given: .*How it works/).waitFor();
      await notice.getByRole('button', { name: 'Close' }).press('Enter');
      const row = page.getByRole('row', { name: /Operation demo-shop\.refunds\.create/ });
      await row.getByText('Needed', { exact: true }).waitFor();
      expect(await axeFaults(page)).toEqual([]);
      await row.getByRole('button', { name: /^Assess: / }).press('Enter');
      const form = page.getByRole('form', { name: /^Assess Operation/ });
      for (const [label, words] of [
        ['What it is for', 'Fast refunds'],
        ['Why it is needed, and no less would do', 'Customers wait'],
        ['What could happen to people', 'A wrong no'],
        ['What is done about it', 'A person looks'],
      ] as const)
        await form.getByLabel(label).fill(words);
      await form.getByRole('button', { name: 'Record the assessment' }).press('Enter');
      await page.getByText('Waits for a yes').waitFor();
      await page.getByRole('button', { name: 'Approve it' }).press('Enter');
      await page.getByText('Current', { exact: true }).waitFor();
      await page.setViewportSize({ width: 390, height: 844 });
      expect(await page.evaluate('document.documentElement.scrollWidth <= window.innerWidth')).toBe(true);
      await page.getByRole('link', { name: 'All assessments' }).click();
      await page.getByRole('heading', { name: 'Decisions by machines' }).waitFor();
      expect(await page.evaluate('document.documentElement.scrollWidth <= window.innerWidth')).toBe(true);
      await page.emulateMedia({ colorScheme: 'dark' });
      expect(await axeFaults(page, COLOURS)).toEqual([]);
    },
  );
});
