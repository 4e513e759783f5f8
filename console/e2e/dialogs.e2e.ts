// Every dialog that a button of a screen opens: axe in light and dark, on a narrow page, and closed with Escape. Each button is pressed;
// nothing that would change the server is sent, so the screens stay as they are.

import type { Locator, Page, Request } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openPlayed, type Played } from './played.ts';
import { type Known, knownOf, pathOf, SCREENS } from './screens.ts';
import { axeFaults, COLOURS, hasBrowser, visit } from './world.ts';

const isHere = hasBrowser();
let world: Played;
let known: Known;

beforeAll(async () => {
  if (!isHere) return;
  world = await openPlayed();
  known = await knownOf(world);
});
afterAll(() => world?.close());

const WIDE = { width: 1280, height: 860 } as const;
const NARROW = { width: 320, height: 700 } as const;
/** A dialog whose code is there is drawn within the turn of the click. */
const OPENS_MS = 150;
/** Fewer would mean that the buttons were not found. */
const AT_LEAST = 30;

const CLOSES_MS = 2_000;
/** Every button of every screen is pressed. */
const ALL_MS = 300_000;

/** Asks, or says what a change would do without doing it. */
const isLook = (request: Request): boolean => request.method() === 'GET' || request.url().endsWith('/api/access/simulate');

const openDialog = (page: Page): Locator => page.getByRole('dialog').or(page.getByRole('alertdialog')).last();
const isThere = (page: Page, within: number): Promise<boolean> =>
  openDialog(page)
    .waitFor({ timeout: within })
    .then(
      () => true,
      () => false,
    );

/** Scripts asked for so far: the code of some dialogs is loaded when they are opened, and they come later than others. */
let scripts = 0;

async function hasOpened(page: Page, scriptsBefore: number): Promise<boolean> {
  return (await isThere(page, OPENS_MS)) || (scripts > scriptsBefore && (await isThere(page, CLOSES_MS)));
}

async function faultsOf(page: Page): Promise<readonly string[]> {
  const faults = [...(await axeFaults(page))];
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.locator('html[data-theme="dark"]').waitFor({ state: 'attached' });
  faults.push(...(await axeFaults(page, COLOURS)).map((fault) => `dark: ${fault}`));
  await page.emulateMedia({ colorScheme: 'light' });
  await page.locator('html[data-theme="light"]').waitFor({ state: 'attached' });
  await page.setViewportSize(NARROW);
  const box = await openDialog(page).boundingBox();
  if (box === null || box.x < 0 || box.x + box.width > NARROW.width) faults.push('wider than a narrow page');
  await page.setViewportSize(WIDE);
  return faults;
}

/** What is wrong with the dialog that is open now; it is closed afterwards. Null when none is. */
async function inspected(page: Page, seen: Set<string>, scriptsBefore: number): Promise<readonly string[] | null> {
  if (!(await hasOpened(page, scriptsBefore))) return null;
  const title = (await openDialog(page).getByRole('heading').first().textContent()) ?? '';
  const faults = seen.has(title) ? [] : [...(await faultsOf(page))];
  seen.add(title);

  await page.keyboard.press('Escape');
  const isClosed = await openDialog(page)
    .waitFor({ state: 'detached', timeout: CLOSES_MS })
    .then(
      () => true,
      () => false,
    );
  return (isClosed ? faults : [...faults, 'does not close with Escape']).map((fault) => `${title}: ${fault}`);
}

it(
  'has no faults in any dialog, and each closes with Escape',
  async (context) => {
    if (!isHere) context.skip('no Chromium on this machine');
    const { page } = await world.signedIn();
    await page.setViewportSize(WIDE);
    await page.route('**/api/**', (route) => (isLook(route.request()) ? route.continue() : route.abort()));
    page.on('request', (request) => {
      if (request.resourceType() === 'script') scripts += 1;
    });
    const seen = new Set<string>();
    const faults: string[] = [];
    for (const screen of SCREENS) {
      const path = pathOf(screen, known);
      await visit(world, page, path);
      const buttons = page.locator('main').getByRole('button', { disabled: false });
      const amount = await buttons.count();
      const pressed = new Map<string, number>();
      for (let nth = 0; nth < amount; nth += 1) {
        const button = buttons.nth(nth);
        if (!(await button.isVisible()) || (await button.getAttribute('aria-expanded')) !== null) continue;
        const name = (await button.textContent()) ?? '';
        pressed.set(name, (pressed.get(name) ?? 0) + 1);
        // The same button of another row opens the same dialog.
        if ((pressed.get(name) ?? 0) > 1) continue;
        const scriptsBefore = scripts;
        await button.click({ timeout: CLOSES_MS }).catch(() => undefined);
        faults.push(...((await inspected(page, seen, scriptsBefore)) ?? []).map((fault) => `${screen.name}: ${fault}`));
        if (page.url() !== `${world.test.controlUrl}${path}` || (await openDialog(page).count()) > 0) await visit(world, page, path);
      }
    }
    expect(faults).toEqual([]);
    expect(seen.size).toBeGreaterThanOrEqual(AT_LEAST);
  },
  ALL_MS,
);
