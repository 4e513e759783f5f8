// Highest numbers that were ever seen, in a small file beside the keys: a database that was put back can not lower them.

import { existsSync } from 'node:fs';
import { SallyportError } from '#core';
import { readPrivate, writePrivate } from './secret-file.ts';

export interface Heights {
  /** 0 for what was never seen. */
  highest(place: string): number;
  raise(place: string, height: number): void;
}

export function openHeights(path: string): Heights {
  let known = read(path);
  // Another process of this installation may have written meanwhile; the higher one counts.
  const merge = (): Map<string, number> => {
    const merged = new Map(known);
    for (const [place, seen] of read(path)) merged.set(place, Math.max(seen, merged.get(place) ?? 0));
    known = merged;
    return merged;
  };
  return {
    highest: (place) => merge().get(place) ?? 0,
    raise: (place, height) => {
      const merged = merge();
      merged.set(place, Math.max(height, merged.get(place) ?? 0));
      writePrivate(path, `${JSON.stringify(Object.fromEntries(merged))}\n`);
    },
  };
}

function read(path: string): ReadonlyMap<string, number> {
  if (!existsSync(path)) return new Map();
  const unusable = (cause: unknown) =>
    new SallyportError(
      'MAIN_SECRET_FILE_UNUSABLE',
      `The file ${path} can not be used; restore it, or remove it to start its memory anew.`,
      { cause },
    );
  try {
    const heights = Object.entries(JSON.parse(readPrivate(path)) as Record<string, unknown>);
    if (!heights.every((entry): entry is [string, number] => Number.isSafeInteger(entry[1]))) throw new Error('not a list of heights');
    return new Map(heights);
  } catch (cause) {
    throw unusable(cause);
  }
}
