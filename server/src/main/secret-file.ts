// Small secret files that only the server's own user can read: checked at each start.

import { closeSync, constants, fstatSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { SallyportError } from '#core';

const OWNER_ONLY = 0o600;

/** Text of a file that nobody else may read. */
export function readPrivate(path: string): string {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (cause) {
    throw unusable(path, cause);
  }
  try {
    if (process.platform !== 'win32' && (fstatSync(file).mode & 0o077) !== 0) throw unusable(path, null);
    return readFileSync(file, 'utf8');
  } finally {
    closeSync(file);
  }
}

/** Replaces the file as a whole, so that no reader sees half of it. */
export function writePrivate(path: string, text: string): void {
  // Its own draft for each process: two that write at the same moment must not rename each other's half.
  const draft = `${path}.${process.pid}.new`;
  try {
    writeFileSync(draft, text, { mode: OWNER_ONLY });
    renameSync(draft, path);
  } catch (cause) {
    throw unusable(path, cause);
  }
}

function unusable(path: string, cause: unknown): SallyportError {
  return new SallyportError(
    'MAIN_SECRET_FILE_UNUSABLE',
    `The secret file ${path} can not be used: it must be a plain file of the server's user with mode 0600.`,
    {
      cause,
    },
  );
}
