// Reads files byte by byte for what must not be in them.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export function filesUnder(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Files that hold the text. */
export function countText(paths: readonly string[], text: string): number {
  return paths.filter((path) => readFileSync(path).includes(text)).length;
}

/** How many of the needles (all of one length, at least four bytes) stand anywhere in the files. */
export function countFound(paths: readonly string[], needles: readonly Buffer[]): number {
  const byStart = Map.groupBy(needles, (needle) => needle.readInt32LE(0));
  const found = new Set<Buffer>();
  for (const path of paths) {
    const bytes = readFileSync(path);
    for (let at = 0; at + 4 <= bytes.length; at += 1) {
      for (const needle of byStart.get(bytes.readInt32LE(at)) ?? []) {
        if (bytes.compare(needle, 0, needle.length, at, Math.min(bytes.length, at + needle.length)) === 0) found.add(needle);
      }
    }
  }
  return found.size;
}
