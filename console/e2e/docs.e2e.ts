// The documentation as a running installation serves it: every page in a browser, without a session, for everybody's eyes and hands.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../../testkit/test-server.ts';
import { axeFaults, CHROMIUM, COLOURS, hasBrowser } from './world.ts';

const isHere = hasBrowser();
const PAGES = [
  '/docs',
  '/docs/adr',
  ...readdirSync(join(import.meta.dirname, '../../docs'))
    .filter((name) => name.endsWith('.md') && name !== 'README.md')
    .map((name) => `/docs/${name.slice(0, -3)}`),
];
let test: TestServer;
let browser: Browser;

beforeAll(async () => {
  if (!isHere) return;
  test = await startTestServer({ allowPrivate: [] });
  browser = await chromium.launch({ executablePath: CHROMIUM as string, args: ['--no-sandbox', '--disable-gpu'] });
});
afterAll(async () => {
  await browser?.close();
  await test?.close();
});

async function open(options: BrowserContextOptions): Promise<{ page: Page; faults: string[] }> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.text().includes('Content Security Policy')) faults.push(message.text());
  });
  page.on('requestfailed', (request) => faults.push(request.url()));
  page.on('request', (request) => {
    if (!request.url().startsWith(test.controlUrl)) faults.push(`another origin: ${request.url()}`);
  });
  return { page, faults };
}

describe('a page opens with its heading, has nothing forbidden and nothing that axe finds in either theme, and fits 320 pixels', () => {
  let opened: Awaited<ReturnType<typeof open>>;
  beforeAll(async () => {
    if (isHere) opened = await open({ colorScheme: 'light' });
  });
  afterAll(() => opened?.page.context().close());

  it.each(PAGES)('%s', async (path) => {
    if (!isHere) return;
    const { page, faults } = opened;
    await page.emulateMedia({ colorScheme: 'light' });
    await page.setViewportSize({ width: 1280, height: 900 });
    await page.goto(`${test.controlUrl}${path}`);
    await page.locator('main h1').waitFor();
    expect(await page.locator('nav [aria-current="page"]').count()).toBe(path === '/docs' ? 0 : 1);
    expect(await axeFaults(page)).toEqual([]);
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await axeFaults(page, COLOURS)).toEqual([]);
    await page.setViewportSize({ width: 320, height: 700 });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320);
    expect(faults.splice(0)).toEqual([]);
  });
});

it('at 320 pixels the list of pages opens by keyboard', async () => {
  if (!isHere) return;
  const { page } = await open({ viewport: { width: 320, height: 700 } });
  await page.goto(`${test.controlUrl}/docs`);
  await page.locator('summary').focus();
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: 'Quick start' }).first().click();
  await page.getByRole('heading', { level: 1, name: 'Quick start' }).waitFor();
  await page.context().close();
});

it('an address that is no page leads to the console, which says so', async () => {
  if (!isHere) return;
  const { page } = await open({});
  await page.goto(`${test.controlUrl}/docs/nothing-here`);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.context().close();
});
