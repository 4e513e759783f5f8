// Writes docs/screenshots: every screen in both themes and at phone width, from a real server with the demo's calls.
// Run: npm run screenshots -w console

import { mkdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { hasBrowser, openWorld, refusedCall, SCREENS, visit, type World } from './e2e/world.ts';

const OUT = join(import.meta.dirname, '../docs/screenshots');
const MAX_BYTES = 200 * 1024;
const LOOKS = [
  { name: 'light', theme: 'light', width: 1280, height: 860 },
  { name: 'dark', theme: 'dark', width: 1280, height: 860 },
  { name: 'phone', theme: 'light', width: 390, height: 844 },
] as const;

async function shoot(world: World): Promise<void> {
  rmSync(OUT, { recursive: true, force: true });
  mkdirSync(OUT, { recursive: true });
  const screens = [...SCREENS, { name: 'call', path: await refusedCall(world), heading: '' }];
  for (const { name: look, theme, width, height } of LOOKS) {
    const { page } = await world.signedIn({ theme, width, height });
    for (const { name, path } of screens) {
      await visit(world, page, path);
      if (name === 'audit-log') {
        await page.getByRole('button', { name: 'Verify now' }).click();
        await page.getByText('Verified', { exact: true }).waitFor();
      }
      const file = join(OUT, `${name}-${look}.png`);
      await page.screenshot({ path: file });
      if (statSync(file).size > MAX_BYTES) throw new Error(`${name}-${look}.png is over ${MAX_BYTES} bytes`);
    }
    await page.context().close();
  }
}

if (hasBrowser()) {
  const world = await openWorld();
  try {
    await world.ask('12.00');
    await world.ask('48.50');
    await shoot(world);
  } finally {
    await world.close();
  }
}
