// The folder drop: each checkpoint becomes a new file, for a git folder, an object-lock bucket or a share somebody else keeps.
// INVARIANT: a file that is there is never opened for writing, changed or removed.

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder, writeNewFile } from '#storage';
import type { Anchor, SignedCheckpoint } from './anchor.ts';

const FILE_MODE = 0o644;
/** A crash may leave half a file under the first name; it stays, and the next name is used. */
const MAX_NAMES = 9;

export function dropName({ size, note }: Pick<SignedCheckpoint, 'size' | 'note'>, attempt = 1): string {
  const hash = createHash('sha256').update(note).digest('hex').slice(0, 8);
  return `${size}-${hash}${attempt === 1 ? '' : `-${attempt}`}.note`;
}

/** True when the note lies there whole, by us or by another process of this installation. */
async function drop(folder: string, checkpoint: SignedCheckpoint): Promise<boolean> {
  for (let attempt = 1; attempt <= MAX_NAMES; attempt += 1) {
    const path = join(folder, dropName(checkpoint, attempt));
    try {
      await writeNewFile(path, checkpoint.note, FILE_MODE);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      if ((await readFile(path, 'utf8')) !== checkpoint.note) continue;
    }
    await syncFolder(folder);
    return true;
  }
  return false;
}

export function createFolderAnchor(folder: string): Anchor {
  return {
    name: 'folder',
    kind: 'folder',
    isRequired: true,
    async push(checkpoint) {
      try {
        const isThere = await drop(folder, checkpoint);
        return isThere ? { kind: 'seen', cosignature: null } : { kind: 'fault', code: 'AUDIT_ANCHOR_FOLDER_UNUSABLE' };
      } catch {
        return { kind: 'fault', code: 'AUDIT_ANCHOR_FOLDER_UNUSABLE' };
      }
    },
  };
}
