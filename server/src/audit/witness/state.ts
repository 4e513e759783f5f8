// What the witness remembers of each log: the newest checkpoint it cosigned, as a file. The next one is a new file under the next number,
// linked into place: if anybody else, another process too, took that number first, the link fails and nothing is cosigned.
// INVARIANT: a checkpoint is flushed to disk before its cosignature leaves, and no file that counts is ever changed.

import { createHash, randomUUID } from 'node:crypto';
import { link, mkdir, open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { SallyportError } from '#core';
import { openCosignature } from './cosignature.ts';
import { type Checkpoint, parseCheckpoint, parseNote, type VerifierKey } from './signed-note.ts';

const OWNER_ONLY = 0o600;
const OWNER_FOLDER = 0o700;
const MAX_STATE_BYTES = 256 * 1024;
const NUMBERED = /^([1-9][0-9]{0,14})\.note$/;
const ORIGIN_HASH = /^[0-9a-f]{64}$/;

export interface Remembered {
  /** 0 while nothing was cosigned. */
  readonly number: number;
  readonly note: string | null;
  readonly checkpoint: Checkpoint | null;
}

export interface WitnessState {
  load(originHash: string): Promise<Remembered>;
  /** False when somebody else stored one since `last` was loaded. True only when it is on disk. */
  store(originHash: string, last: Remembered, note: string): Promise<boolean>;
}

export function originHash(origin: string): string {
  return createHash('sha256').update(origin).digest('hex');
}

function unusable(cause: unknown): SallyportError {
  return new SallyportError(
    'AUDIT_WITNESS_STATE_UNUSABLE',
    'The witness can not read or write what it remembers, so it cosigns nothing; check its folder and disk.',
    { cause },
  );
}

async function newestNumber(folder: string): Promise<number> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return Math.max(0, ...names.map((name) => Number(NUMBERED.exec(name)?.[1] ?? 0)));
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function writeDraft(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', OWNER_ONLY);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** What is in the file was cosigned by this very witness, or somebody put it there. */
function readOwn(text: string, own: VerifierKey, hash: string): Checkpoint {
  const note = parseNote(text);
  const checkpoint = note === null ? null : parseCheckpoint(note.text);
  if (note === null || checkpoint === null || openCosignature(note, own) === null)
    throw new Error('not a checkpoint this witness cosigned');
  if (originHash(checkpoint.origin) !== hash) throw new Error('a checkpoint of another log');
  return checkpoint;
}

export function openWitnessState(folder: string, own: VerifierKey): WitnessState {
  const logs = join(folder, 'logs');
  /** What this process has seen here: a folder that was put back to an older copy under it is not believed. */
  const reached = new Map<string, number>();
  const folderOf = (hash: string): string => {
    if (!ORIGIN_HASH.test(hash)) throw new Error('an origin hash is 64 hex digits');
    return join(logs, hash);
  };

  async function place(hash: string, last: Remembered, note: string): Promise<boolean> {
    const log = folderOf(hash);
    if ((await mkdir(log, { recursive: true, mode: OWNER_FOLDER })) !== undefined) {
      await syncFolder(logs);
      await syncFolder(folder);
    }
    if ((await newestNumber(log)) !== last.number) return false;
    const draft = join(log, `draft-${randomUUID()}`);
    const number = last.number + 1;
    const path = join(log, `${number}.note`);
    try {
      await writeDraft(draft, note);
      await link(draft, path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    } finally {
      await rm(draft, { force: true });
    }
    await syncFolder(log);
    // A number may be free again because somebody is far ahead and has tidied up. Then a larger one is there, and ours counts for nothing.
    if ((await newestNumber(log)) !== number) {
      await rm(path, { force: true });
      return false;
    }
    await rm(join(log, `${number - 2}.note`), { force: true });
    return true;
  }

  return {
    async load(hash) {
      try {
        const log = folderOf(hash);
        const number = await newestNumber(log);
        if (number < (reached.get(hash) ?? 0)) throw new Error('older than it was');
        reached.set(hash, number);
        if (number === 0) return { number, note: null, checkpoint: null };
        const path = join(log, `${number}.note`);
        if ((await stat(path)).size > MAX_STATE_BYTES) throw new Error('too large');
        const note = await readFile(path, 'utf8');
        return { number, note, checkpoint: readOwn(note, own, hash) };
      } catch (cause) {
        throw unusable(cause);
      }
    },
    async store(hash, last, note) {
      try {
        const isStored = await place(hash, last, note);
        if (isStored) reached.set(hash, Math.max(reached.get(hash) ?? 0, last.number + 1));
        return isStored;
      } catch (cause) {
        throw unusable(cause);
      }
    },
  };
}
