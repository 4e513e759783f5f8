// Keeps checkpoints that a log had signed and the witness would not cosign: two signed histories of one log prove that it told two stories.

import { createHash } from 'node:crypto';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Checkpoint } from './signed-note.ts';

/** The first ones prove it; the disk stays free. */
const MAX_FILES = 100;

export interface Evidence {
  /** Name of the file; null when there are enough already or the disk does not take it. */
  keep(checkpoint: Checkpoint, note: string): Promise<string | null>;
}

export function createEvidence(witnessFolder: string): Evidence {
  const folder = join(witnessFolder, 'evidence');
  return {
    async keep(checkpoint, note) {
      const name = `${checkpoint.size}-${createHash('sha256').update(note).digest('hex').slice(0, 16)}.note`;
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        const there = await readdir(folder);
        if (there.includes(name)) return name;
        if (there.length >= MAX_FILES) return null;
        await writeFile(join(folder, name), note, { mode: 0o600, flag: 'wx' });
        return name;
      } catch {
        // The refusal stands without it.
        return null;
      }
    },
  };
}
