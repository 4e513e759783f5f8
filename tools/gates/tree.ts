// The files of the repository as gates see them: what git tracks or would track, by path. Never a generated or ignored file.

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Tree {
  /** Paths with forward slashes, relative to the root, sorted. */
  readonly files: readonly string[];
  /** The text of one of `files`; throws for any other path. */
  read(path: string): string;
}

const MAX_LISTING_BYTES = 64 * 1024 * 1024;

export function openTree(root: string): Tree {
  const listing = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: MAX_LISTING_BYTES,
  });
  const files = [...new Set(listing.split('\0'))].filter((path) => path !== '' && existsSync(join(root, path))).sort();
  const texts = new Map<string, string>();
  return {
    files,
    read(path) {
      const known = texts.get(path);
      if (known !== undefined) return known;
      const text = readFileSync(join(root, path), 'utf8');
      texts.set(path, text);
      return text;
    },
  };
}

/** A tree of given texts, for tests. */
export function treeOf(texts: Readonly<Record<string, string>>): Tree {
  return {
    files: Object.keys(texts).sort(),
    read(path) {
      const text = texts[path];
      if (text === undefined) throw new Error(`${path} is not in this tree`);
      return text;
    },
  };
}

const SOURCE = /\.(ts|tsx|js|mjs|cjs)$/;
const GENERATED = /(^|\/)(vectors|generated|peers)\/|\.d\.ts$/;
/** Tests and what only tests import. */
const TEST = /\.(test|e2e)\.tsx?$|\/test\/[^\n]*\.tsx?$/;

export const isSource = (path: string): boolean => SOURCE.test(path) && !GENERATED.test(path);
export const isTest = (path: string): boolean => TEST.test(path);

/** Rooms that hold at least one file, by name, with their files. */
export function roomsOf(tree: Tree): ReadonlyMap<string, readonly string[]> {
  const rooms = new Map<string, string[]>();
  for (const path of tree.files) {
    const name = /^server\/src\/([^/]+)\//.exec(path)?.[1];
    if (name !== undefined) rooms.set(name, [...(rooms.get(name) ?? []), path]);
  }
  return rooms;
}

/** One-based line of the first place where `text` holds `needle`. */
export function lineOf(text: string, needle: string): number {
  const at = text.indexOf(needle);
  return at < 0 ? 1 : text.slice(0, at).split('\n').length;
}
