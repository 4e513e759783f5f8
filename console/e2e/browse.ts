// Tests in a browser, which say why they did not run where there is none; in CI its absence is a failure.

import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { hasBrowser, type SignedIn } from './world.ts';

export const isHere = hasBrowser();

export function browse(name: string, work: () => Promise<void>): void {
  it(name, async (context) => {
    if (!isHere) context.skip('no Chromium on this machine');
    await work();
  });
}

/** The same with a page of somebody signed in, on which nothing may break the page's policy. */
export function browseOn(open: () => Promise<SignedIn>): (name: string, work: (page: Page) => Promise<void>) => void {
  return (name, work) =>
    browse(name, async () => {
      const { page, violations } = await open();
      await work(page);
      expect(violations).toEqual([]);
      await page.context().close();
    });
}
