// Writes docs/screenshots: every screen in light, dark and at phone width, from a real server in which the demo was played.
// Run: npm run screenshots -w console

import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { openPlayed, type Played } from './e2e/played.ts';
import { type Known, knownOf, pathOf, SCREENS } from './e2e/screens.ts';
import { hasBrowser, visit } from './e2e/world.ts';
import { toPalettePng } from './palette-png.ts';

const OUT = join(import.meta.dirname, '../docs/screenshots');
const MAX_BYTES = 150 * 1024;
const LOOKS = [
  { name: 'light', theme: 'light', width: 1280, height: 860 },
  { name: 'dark', theme: 'dark', width: 1280, height: 860 },
  { name: 'phone', theme: 'light', width: 390, height: 844 },
] as const;

/** What makes a screen worth a picture, beyond opening it. */
const BEFORE: Readonly<Record<string, (page: Page) => Promise<void>>> = {
  integrity: async (page) => {
    await page.getByRole('button', { name: 'Verify now' }).click();
    await page.getByRole('status').getByText('Verified', { exact: true }).waitFor();
    await page.getByRole('table', { name: 'Last verdicts' }).waitFor();
  },
  // The change and the proof are what the page is for.
  'audit-event': async (page) => {
    await page.getByText('Recomputed in your browser: matches').waitFor();
    await page.getByRole('heading', { name: 'Proof' }).evaluate((heading) => heading.scrollIntoView());
  },
  'audit-privileged': async (page) => {
    const show = page.getByRole('button', { name: /^Show what event/ });
    for (const button of (await show.all()).reverse()) await button.click();
    await page
      .getByText(/^From:/)
      .first()
      .waitFor();
    await page.evaluate('scrollTo(0, 0)');
  },
};

async function shoot(world: Played, known: Known): Promise<void> {
  rmSync(OUT, { recursive: true, force: true });
  mkdirSync(OUT, { recursive: true });
  const screens = [...SCREENS.filter((row) => row.isOnlyChecked !== true), { name: 'docs', path: '/docs/' }];
  for (const { name: look, theme, width, height } of LOOKS) {
    const { page } = await world.signedIn({ theme, width, height });
    for (const row of screens) {
      await visit(world, page, pathOf(row, known));
      await BEFORE[row.name]?.(page);
      await page.evaluate('document.fonts.ready');
      const picture = toPalettePng(await page.screenshot());
      writeFileSync(join(OUT, `${row.name}-${look}.png`), picture);
      if (picture.length > MAX_BYTES) throw new Error(`${row.name}-${look}.png is over ${MAX_BYTES} bytes`);
    }
    await page.context().close();
  }
}

if (hasBrowser()) {
  const world = await openPlayed();
  try {
    await shoot(world, await knownOf(world));
  } finally {
    await world.close();
  }
}
