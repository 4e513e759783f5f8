// Small secret files that only the server's own user can read: made once, checked at each start.

import { randomBytes } from 'node:crypto';
import { closeSync, constants, fstatSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync, writeSync } from 'node:fs';
import { SallyportError } from '#core';

const OWNER_ONLY = 0o600;

/** The 32 bytes of the file, made on first use. */
export function loadOrCreateSecret(path: string): Uint8Array {
  try {
    const file = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, OWNER_ONLY);
    writeSync(file, `${randomBytes(32).toString('base64')}\n`);
    fsyncSync(file);
    closeSync(file);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw unusable(path, cause);
  }
  const bytes = Buffer.from(readPrivate(path).trim(), 'base64');
  if (bytes.byteLength !== 32) throw unusable(path, null);
  return bytes;
}

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
  const draft = `${path}.new`;
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
