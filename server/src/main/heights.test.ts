// Highest numbers, kept in a file that several processes of one installation share.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openHeights } from './heights.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-heights-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the highest number of a place', () => {
  it('only rises, and is there after a restart', () => {
    const path = join(folder, 'heights.json');
    const heights = openHeights(path);
    expect(heights.highest('a')).toBe(0);
    heights.raise('a', 3);
    heights.raise('a', 2);
    heights.raise('b', 1);
    expect([openHeights(path).highest('a'), openHeights(path).highest('b')]).toEqual([3, 1]);
  });

  it('is known to another process at once, so that a database put back deceives neither', () => {
    const path = join(folder, 'heights.json');
    const [one, two] = [openHeights(path), openHeights(path)];
    one.raise('a', 7);
    expect(two.highest('a')).toBe(7);
  });

  it('is not forgotten by a process whose file was taken away', () => {
    const path = join(folder, 'heights.json');
    const heights = openHeights(path);
    heights.raise('a', 7);
    rmSync(path);
    expect(heights.highest('a')).toBe(7);
  });
});
