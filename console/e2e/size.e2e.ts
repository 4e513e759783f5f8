// How much JavaScript the first page loads, and that the build holds nothing the page's policy would stop.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';

const DIST = join(import.meta.dirname, '../dist');
const KIB = 1024;
const gzipped = (path: string): number => gzipSync(readFileSync(join(DIST, path))).length;

/** What a script loads at once: its static imports, and theirs. */
function closure(path: string, seen = new Set<string>()): Set<string> {
  if (seen.has(path)) return seen;
  seen.add(path);
  const text = readFileSync(join(DIST, path), 'utf8');
  for (const [, name] of text.matchAll(/(?:from|import)\s*["']\.\/([\w.-]+\.js)["']/g)) closure(`assets/${name}`, seen);
  return seen;
}

describe('the built console', () => {
  it('loads at most 300 KiB of compressed JavaScript first, and at most 60 KiB more for any screen', () => {
    const page = readFileSync(join(DIST, 'index.html'), 'utf8');
    const entry = /src="\/(assets\/[^"]+\.js)"/.exec(page)?.[1] ?? '';
    const base = closure(entry);
    const screens = readdirSync(join(DIST, 'assets')).filter((name) => name.endsWith('.js') && !base.has(`assets/${name}`));
    const sum = (paths: Iterable<string>): number => [...paths].reduce((total, path) => total + gzipped(path), 0);
    const home = screens.find((name) => name.startsWith('home-')) ?? '';
    const first = new Set([...base, ...closure(`assets/${home}`)]);
    console.log(`first load ${(sum(first) / KIB).toFixed(1)} KiB of compressed JavaScript`);
    expect(sum(first)).toBeLessThanOrEqual(300 * KIB);
    for (const name of screens) {
      const more = [...closure(`assets/${name}`)].filter((path) => !base.has(path));
      expect(sum(more), name).toBeLessThanOrEqual(60 * KIB);
    }
  });

  it('asks no other origin for a script, a style, a font or an image', () => {
    const texts = readdirSync(DIST, { recursive: true, encoding: 'utf8' }).filter((name) => /\.(html|css)$/.test(name));
    // A link of a text leads away and loads nothing.
    const loads = /(?:\bsrc\s*=\s*|<link\b[^>]*\bhref\s*=\s*|url\(\s*)["']?(?:https?:)?\/\//;
    expect(texts.filter((name) => loads.test(readFileSync(join(DIST, name), 'utf8')))).toEqual([]);
  });
});
