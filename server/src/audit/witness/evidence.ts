// Keeps checkpoints that a log had signed and the witness would not cosign: two signed histories of one log prove that it told two stories.

import { createHash } from 'node:crypto';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The first ones prove it; the disk stays free. Of each kind and log, so that one can not take the room of another. */
const MAX_FILES = 100;

/**
 * `fork`: another root for the size that was cosigned, which proves it. `unproven`: a larger tree without the proof that it continues; anybody
 * who has a checkpoint of the log can send it so.
 */
export type EvidenceKind = 'fork' | 'unproven';

export interface Suspicion {
  readonly kind: EvidenceKind;
  /** Name of the folder of the log's memory. */
  readonly log: string;
  /** Notes with the lines of the log alone: others could be changed at will to make many of one. */
  readonly refused: string;
  /** What was cosigned last, which the witness itself forgets when it goes on. */
  readonly cosigned: string | null;
}

export interface Evidence {
  /** Name of the file; null when there are enough already or the disk does not take it. */
  keep(suspicion: Suspicion): Promise<string | null>;
}

export function createEvidence(witnessFolder: string): Evidence {
  const folder = join(witnessFolder, 'evidence');
  return {
    async keep({ kind, log, refused, cosigned }) {
      const text = refused.slice(0, refused.indexOf('\n\n'));
      const begin = `${kind}-${log.slice(0, 16)}-`;
      const name = `${begin}${text.split('\n')[1]}-${createHash('sha256').update(text).digest('hex').slice(0, 16)}.note`;
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        const there = await readdir(folder);
        if (there.includes(name)) return name;
        if (there.filter((one) => one.startsWith(begin)).length >= MAX_FILES) return null;
        if (cosigned !== null) await writeFile(join(folder, `cosigned-before-${name}`), cosigned, { mode: 0o600 });
        await writeFile(join(folder, name), refused, { mode: 0o600, flag: 'wx' });
        return name;
      } catch {
        // The refusal stands without it.
        return null;
      }
    },
  };
}
