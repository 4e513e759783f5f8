// Writes the lines of a pack to a new file and seals them: the end line signs the digest of every byte before it.
// INVARIANT: an existing file is never touched, and a pack that could not be finished is removed.

import { createHash } from 'node:crypto';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { SallyportError } from '#core';
import type { NoteSigner } from './note.ts';

const OWNER_ONLY = 0o600;

export interface PackLines {
  /** One line, without its newline. */
  line(text: string): void;
  /** Writes what has gathered; to be called between pages. */
  flush(): Promise<void>;
}

async function fill(file: FileHandle, signer: NoteSigner, body: (lines: PackLines) => Promise<void>): Promise<void> {
  const digest = createHash('sha256');
  let gathered: string[] = [];
  let count = 0;
  const flush = async (): Promise<void> => {
    const bytes = Buffer.from(gathered.join(''));
    gathered = [];
    digest.update(bytes);
    await file.writeFile(bytes);
  };
  await body({
    line(text) {
      gathered.push(text, '\n');
      count += 1;
    },
    flush,
  });
  await flush();
  const note = signer.sign(`${signer.name}/pack\n${digest.digest('base64')}\n`);
  await file.writeFile(`${JSON.stringify({ kind: 'end', lines: count, note })}\n`);
  await file.sync();
}

export async function writePack(path: string, signer: NoteSigner, body: (lines: PackLines) => Promise<void>): Promise<void> {
  let file: FileHandle;
  try {
    file = await open(path, 'wx', OWNER_ONLY);
  } catch (cause) {
    throw new SallyportError(
      'AUDIT_EXPORT_FAILED',
      'The audit export could not be written: the target must be a new file in a writable folder.',
      {
        cause,
      },
    );
  }
  try {
    await fill(file, signer, body);
  } catch (cause) {
    await rm(path, { force: true });
    if (cause instanceof SallyportError) throw cause;
    throw new SallyportError('AUDIT_EXPORT_FAILED', 'The audit export could not be finished and was removed.', { cause });
  } finally {
    await file.close();
  }
}
