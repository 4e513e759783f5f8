// Everybody can use every screen: axe in light, dark and high contrast; a page 320 pixels wide; the colours of a system that forces
// them; and the settings of the reader. Goes over the table of screens.

import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPlayed, type Played } from './played.ts';
import { type Known, knownOf, pathOf, SCREENS } from './screens.ts';
import { axeFaults, COLOURS, hasBrowser, type SignedIn, visit } from './world.ts';

const isHere = hasBrowser();
let world: Played;
let known: Known;

beforeAll(async () => {
  if (!isHere) return;
  world = await openPlayed();
  known = await knownOf(world);
});
afterAll(() => world?.close());

/** A test that says why it did not run where there is no browser; in CI the absence is a failure. */
function look(name: string, work: () => Promise<void>): void {
  it(name, async (context) => {
    if (!isHere) context.skip('no Chromium on this machine');
    await work();
  });
}

/** How a page is asked to look by the system; each but the first shows the same elements in other colours. */
const LOOKS = {
  light: { colorScheme: 'light', contrast: 'no-preference', forcedColors: 'none' },
  dark: { colorScheme: 'dark', contrast: 'no-preference', forcedColors: 'none' },
  'light, high contrast': { colorScheme: 'light', contrast: 'more', forcedColors: 'none' },
  'dark, high contrast': { colorScheme: 'dark', contrast: 'more', forcedColors: 'none' },
} as const;
const FORCED = { colorScheme: 'dark', contrast: 'no-preference', forcedColors: 'active' } as const;
const WIDE = { width: 1280, height: 860 } as const;
const NARROW = { width: 320, height: 700 } as const;

type Media = (typeof LOOKS)[keyof typeof LOOKS] | typeof FORCED;

/** Returns once the page wears it; it hears of the change a moment later. */
async function wear(page: Page, media: Media): Promise<void> {
  await page.emulateMedia(media);
  const contrast = media.contrast === 'more' ? 'more' : 'normal';
  await page.locator(`html[data-theme="${media.colorScheme}"][data-contrast="${contrast}"]`).waitFor({ state: 'attached' });
}

async function expectNoFaults(page: Page): Promise<void> {
  for (const [name, media] of Object.entries(LOOKS)) {
    await wear(page, media);
    expect([name, await axeFaults(page, name === 'light' ? undefined : COLOURS)]).toEqual([name, []]);
  }
}

/** Too small for a finger. */
const SMALL = `[...document.querySelectorAll('button, select, input:not([type=radio]), summary, .choice, nav a, a.button, .table .go')]
  .filter((element) => element.checkVisibility() && element.closest('.visually-hidden, [aria-hidden=true]') === null)
  .filter((element) => getComputedStyle(element).clipPath === 'none' && element.closest('label.visually-hidden, .choice span') === null)
  .filter((element) => { const box = element.getBoundingClientRect(); return box.height < 24 || box.width < 24; })
  .map((element) => element.outerHTML.slice(0, 120))`;

/** Buttons, badges, charts and the chosen line of the navigation without an edge or words. */
const UNSEEN = `(() => {
  const seen = (element) => {
    const style = getComputedStyle(element);
    return style.borderStyle !== 'none' || style.outlineStyle !== 'none' || element.textContent.trim() !== '';
  };
  return [...document.querySelectorAll('.button, .badge, .choice, [aria-current=page]')]
    .filter((element) => element.checkVisibility() && !seen(element) && element.getAttribute('aria-label') === null)
    .map((element) => element.outerHTML.slice(0, 120));
})()`;

describe('a screen has nothing that axe finds in any look, edges where colours are forced, and fits 320 pixels with targets of 24', () => {
  let signed: SignedIn;
  beforeAll(async () => {
    if (isHere) signed = await world.signedIn();
  });
  afterAll(() => signed?.page.context().close());

  for (const row of SCREENS) {
    look(row.name, async () => {
      const { page, violations } = signed;
      await page.emulateMedia(LOOKS.light);
      await page.setViewportSize(WIDE);
      await visit(world, page, pathOf(row, known));
      await expectNoFaults(page);
      await wear(page, FORCED);
      expect(await page.evaluate(UNSEEN)).toEqual([]);
      await wear(page, LOOKS.light);
      await page.setViewportSize(NARROW);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(NARROW.width);
      expect(await page.evaluate(SMALL)).toEqual([]);
      expect(violations.splice(0)).toEqual([]);
    });
  }

  look('the looks differ, so that each is judged by itself', async () => {
    const { page } = signed;
    await visit(world, page, '/');
    const seen = new Set<unknown>();
    for (const media of Object.values(LOOKS)) {
      await wear(page, media);
      seen.add(
        await page.evaluate(
          `[...document.querySelectorAll('body, h1, nav a, .badge')].map((one) => { const { color, backgroundColor, borderColor } = getComputedStyle(one); return [color, backgroundColor, borderColor]; }).join()`,
        ),
      );
    }
    expect(seen.size).toBe(Object.keys(LOOKS).length);
  });

  look('the menu of commands and the settings', async () => {
    const { page, violations } = signed;
    await page.setViewportSize(WIDE);
    await visit(world, page, '/');
    await page.keyboard.press('Control+k');
    await page.getByRole('menuitem', { name: 'Inbox' }).waitFor();
    await expectNoFaults(page);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Settings' }).click();
    await page.getByRole('dialog').waitFor();
    await expectNoFaults(page);
    expect(violations.splice(0)).toEqual([]);
  });
});

describe('the settings of a reader', () => {
  look('theme, contrast and density change at once, hold after a reload, and stay in this browser', async () => {
    const { page } = await world.signedIn({ theme: 'light' });
    const asked: string[] = [];
    await page.getByRole('button', { name: 'Settings' }).click();
    page.on('request', (request) => void (request.method() === 'GET' || asked.push(request.url())));
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Dark', { exact: true }).click();
    await dialog.getByText('High', { exact: true }).click();
    await dialog.getByText('Compact', { exact: true }).click();
    const chosen = () => page.evaluate('({ ...document.documentElement.dataset })');
    expect(await chosen()).toEqual({ theme: 'dark', contrast: 'more', density: 'compact' });
    await page.reload();
    await page.getByRole('navigation', { name: 'Main' }).waitFor();
    expect(await chosen()).toEqual({ theme: 'dark', contrast: 'more', density: 'compact' });
    expect(asked).toEqual([]);
    await page.context().close();
  });

  look('the typeface comes from our own origin', async () => {
    const { page } = await world.signedIn();
    await visit(world, page, '/');
    const fonts = await page.evaluate(
      `document.fonts.ready.then(() => [...document.fonts].filter((font) => font.status === 'loaded').map((font) => font.family.replaceAll('"', '')))`,
    );
    expect(fonts).toContain('Inter Variable');
    const urls = (await page.evaluate(
      `performance.getEntriesByType('resource').map((entry) => entry.name).filter((name) => name.endsWith('.woff2'))`,
    )) as string[];
    expect(urls.length).toBeGreaterThan(0);
    expect(urls.filter((url) => !url.startsWith(world.test.controlUrl))).toEqual([]);
    await page.context().close();
  });
});

describe('the charts of the overview', () => {
  look('can be read with the keyboard, and each as a table', async () => {
    const { page } = await world.signedIn();
    await visit(world, page, '/');
    const hours = page.getByRole('slider', { name: /Calls hour by hour/ });
    const last = await hours.getAttribute('aria-valuetext');
    expect(last).toMatch(/guarded, \d+ blocked, \d+ tokenised$/);
    await hours.focus();
    await page.keyboard.press('ArrowLeft');
    expect(await hours.getAttribute('aria-valuetext')).not.toBe(last);
    for (const title of ['Calls hour by hour', 'Why calls were blocked', 'Calls guarded']) {
      await page.getByRole('button', { name: `${title}: show as a table` }).click();
      await page.getByRole('table', { name: title }).waitFor();
      await page.getByRole('button', { name: `${title}: show as a chart` }).click();
    }
    await page.context().close();
  });
});
