// A bundle: workflow.yaml and every file beside it. Its hash covers each path and each byte, in one order, so that nothing can be
// changed, added, removed, renamed or swapped without another hash.

import { type Digest, type Refusal, refuse } from '#core';

export interface Bundle {
  /** Path to the file's text. */
  readonly files: ReadonlyMap<string, string>;
}

export const WORKFLOW_FILE = 'workflow.yaml';
const MAX_FILES = 64;
const MAX_FILE_BYTES = 64 * 1024;
const MAX_BUNDLE_BYTES = 256 * 1024;
const PATH = /^[a-z0-9][a-z0-9._-]*(\/[a-z0-9][a-z0-9._-]*){0,4}$/i;
const MAX_PATH_CHARS = 200;
const encoder = new TextEncoder();

/** Bounded, with plain paths that no file system reads in two ways. */
export function openBundle(files: Readonly<Record<string, string>>): Bundle | Refusal {
  const entries = Object.entries(files);
  if (entries.length > MAX_FILES) return invalid(`there are more than ${MAX_FILES} files`);
  if (!Object.hasOwn(files, WORKFLOW_FILE)) return invalid(`there is no ${WORKFLOW_FILE}`);
  const folded = new Set(entries.map(([path]) => path.toLowerCase()));
  if (folded.size !== entries.length) return invalid('two paths differ in upper and lower case only');
  let total = 0;
  for (const [path, text] of entries) {
    if (!PATH.test(path) || path.length > MAX_PATH_CHARS || path.includes('..')) return invalid('a path is not plain');
    if (text.includes('\0') || !text.isWellFormed()) return invalid(`${path} is not text`);
    const bytes = encoder.encode(text).length;
    if (bytes > MAX_FILE_BYTES) return invalid(`${path} is larger than ${MAX_FILE_BYTES} bytes`);
    total += bytes;
  }
  if (total > MAX_BUNDLE_BYTES) return invalid(`the files are larger than ${MAX_BUNDLE_BYTES} bytes together`);
  return { files: new Map(entries.sort(([left], [right]) => (left < right ? -1 : 1))) };
}

/**
 * SHA-256 over the list of files: for each, in the order of paths by code unit, its path and the SHA-256 of its bytes.
 * INVARIANT: neither a path nor a hash can hold the separators, so two different bundles never write the same list.
 */
export function hashBundle(bundle: Bundle, digest: Digest): string {
  const paths = [...bundle.files.keys()].sort();
  const lines = paths.map((path) => `${digest.sha256(encoder.encode(bundle.files.get(path) as string))} ${path}\n`);
  return digest.sha256(`sallyport workflow bundle v1\n${paths.length}\n${lines.join('')}`);
}

function invalid(why: string): Refusal {
  return refuse('WORKFLOWS_BUNDLE_INVALID', `The bundle can not be used: ${why}.`);
}
