// Remembers the last signed checkpoint in a file outside the database, so that a database put back to an older state is noticed
// before anything is signed over it. INVARIANT: the file is replaced whole and flushed before a checkpoint leaves this process.

import { randomUUID } from 'node:crypto';
import { readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SallyportError } from '#core';
import { syncFolder, writeNewFile } from '#storage';
import type { LedgerSigner } from './signing/ledger-signer.ts';
import { parseCheckpoint } from './signing/note.ts';

export interface RememberedCheckpoint {
  readonly epoch: number;
  readonly size: number;
  readonly root: Buffer;
}

export interface CheckpointAnchor {
  /** The checkpoint saved last, or null when none was. Throws when what is there was not signed by this ledger. */
  load(): Promise<RememberedCheckpoint | null>;
  save(note: string): Promise<void>;
}

const OWNER_ONLY = 0o600;

function unusable(cause: unknown): SallyportError {
  return new SallyportError('AUDIT_ANCHOR_UNUSABLE', 'The file that remembers the last signed checkpoint can not be used.', {
    cause,
    retryable: true,
  });
}

async function replaceFile(path: string, text: string): Promise<void> {
  // A name of its own: another process of this machine may be saving at the same moment.
  const next = `${path}.${randomUUID()}`;
  try {
    await writeNewFile(next, text, OWNER_ONLY);
    await rename(next, path);
  } catch (cause) {
    await rm(next, { force: true });
    throw cause;
  }
  await syncFolder(dirname(path));
}

/** Epoch, size and root in a note that a key of this ledger signed. */
function readOwnNote(note: string, signer: LedgerSigner): RememberedCheckpoint | null {
  const opened = signer.open(note);
  const checkpoint = opened === null ? null : parseCheckpoint(opened.text);
  if (opened === null || checkpoint === null || checkpoint.origin !== opened.origin) return null;
  return { epoch: opened.epoch, size: checkpoint.size, root: checkpoint.root };
}

export function createFileAnchor(path: string, signer: LedgerSigner): CheckpointAnchor {
  return {
    async load() {
      let note: string;
      try {
        note = await readFile(path, 'utf8');
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
        throw unusable(cause);
      }
      const remembered = readOwnNote(note, signer);
      if (remembered === null) throw unusable(new Error('not a checkpoint of this ledger'));
      return remembered;
    },
    async save(note) {
      try {
        await replaceFile(path, note);
      } catch (cause) {
        throw unusable(cause);
      }
    },
  };
}
