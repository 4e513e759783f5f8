// Everybody can use every screen: axe in light, dark and high contrast; a page 320 pixels wide; the colours of a system that forces
// them; and the settings of the reader. Goes over the table of screens.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPlayed, type Played } from './played.ts';
import { type Known, knownOf, pathOf, SCREENS } from './screens.ts';
import { axeFaults, hasBrowser, type PageOptions, visit } from './world.ts';

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

const paths = (): readonly string[] => SCREENS.map((row) => pathOf(row, known));

const LOOKS: Readonly<Record<string, PageOptions>> = {
  light: { theme: 'light' },
  dark: { theme: 'dark' },
  'light, high contrast': { theme: 'light', contrast: 'more' },
  'dark, high contrast': { theme: 'dark', contrast: 'more' },
};

describe('axe finds nothing on any screen, and the policy of the page stops nothing', () => {
  for (const [name, options] of Object.entries(LOOKS)) {
    look(name, async () => {
      const { page, violations } = await world.signedIn(options);
      for (const path of paths()) {
        await visit(world, page, path);
        expect([name, path, await axeFaults(page)]).toEqual([name, path, []]);
      }
      await page.keyboard.press('Control+k');
      await page.getByRole('menuitem', { name: 'Inbox' }).waitFor();
      expect(await axeFaults(page)).toEqual([]);
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Settings' }).click();
      await page.getByRole('dialog').waitFor();
      expect(await axeFaults(page)).toEqual([]);
      expect(violations).toEqual([]);
      await page.context().close();
    });
  }
});

describe('a narrow page', () => {
  look('at 320 pixels nothing scrolls sideways, and every target is at least 24 pixels', async () => {
    const { page } = await world.signedIn({ width: 320, height: 700 });
    for (const path of paths()) {
      await visit(world, page, path);
      expect([path, await page.evaluate('document.documentElement.scrollWidth')]).toEqual([path, 320]);
      const small = await page.evaluate(
        `[...document.querySelectorAll('button, select, input:not([type=radio]), summary, .choice, nav a, a.button, .table .go')]
          .filter((element) => element.checkVisibility() && element.closest('.visually-hidden, [aria-hidden=true]') === null)
          .filter((element) => getComputedStyle(element).clipPath === 'none' && element.closest('label.visually-hidden, .choice span') === null)
          .filter((element) => { const box = element.getBoundingClientRect(); return box.height < 24 || box.width < 24; })
          .map((element) => element.outerHTML.slice(0, 120))`,
      );
      expect([path, small]).toEqual([path, []]);
    }
    await page.context().close();
  });
});

describe('colours that the system forces', () => {
  look('leave every button, badge, chart and the chosen line of the navigation with a visible edge or words', async () => {
    const { page } = await world.signedIn({ forcedColors: 'active', theme: 'dark' });
    for (const path of paths()) {
      await visit(world, page, path);
      const unseen = await page.evaluate(
        `(() => {
          const seen = (element) => {
            const style = getComputedStyle(element);
            return style.borderStyle !== 'none' || style.outlineStyle !== 'none' || element.textContent.trim() !== '';
          };
          return [...document.querySelectorAll('.button, .badge, .choice, [aria-current=page]')]
            .filter((element) => element.checkVisibility() && !seen(element) && element.getAttribute('aria-label') === null)
            .map((element) => element.outerHTML.slice(0, 120));
        })()`,
      );
      expect([path, unseen]).toEqual([path, []]);
    }
    await page.context().close();
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
