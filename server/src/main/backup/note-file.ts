// A file of lines that are only ever added, kept beside the keys. INVARIANT: a line is on the disk when adding it resolves; a line that a
// kill cut in the middle spoils no other.

import { constants, open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SallyportError } from '#core';
import { syncFolder } from '#storage';

const OWNER_ONLY = 0o600;
const NEWLINE = 0x0a;

const unusable = (path: string, cause: unknown): SallyportError => {
  const code = (cause as NodeJS.ErrnoException).code ?? 'unknown';
  return new SallyportError(
    'MAIN_FOLDER_UNUSABLE',
    `${path} can not be used (${code}); make it readable and writable by the server alone.`,
  );
};

/** `text`: one line or several, without the last line end. */
export async function appendLines(path: string, text: string): Promise<void> {
  try {
    const file = await open(path, constants.O_RDWR | constants.O_APPEND | constants.O_CREAT, OWNER_ONLY);
    try {
      const { size } = await file.stat();
      const last = Buffer.alloc(1, NEWLINE);
      if (size > 0) await file.read(last, 0, 1, size - 1);
      await file.appendFile(`${last[0] === NEWLINE ? '' : '\n'}${text}\n`);
      await file.sync();
      if (size === 0) await syncFolder(dirname(path));
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw unusable(path, cause);
  }
}

/** None for a file that was never written. */
export async function readLines(path: string): Promise<readonly string[]> {
  try {
    return (await readFile(path, 'utf8')).split('\n').filter((line) => line !== '');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw unusable(path, cause);
  }
}
