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
