// What was erased, in a file beside the keys and outside the database: a database that is put back to an older state forgets it again.
// INVARIANT: a line is on the disk before the erasure it tells of is committed; lines are only ever added, and name no person.

import { constants, type FileHandle, open, readFile } from 'node:fs/promises';
import { platform } from 'node:os';
import { dirname } from 'node:path';
import { createInOrder, findOwnRecord, parseId, type TenantId } from '#core';
import { syncFolder } from '#storage';
import { vaultFault } from './envelope.ts';

export interface Erasure {
  readonly tenant: TenantId;
  /** Id of the subject's key: random, so it says nothing about whose it was, and a key made later for the same person has another. */
  readonly key: string;
  readonly atMs: number;
}

export interface ErasureJournal {
  /** Resolves once the lines are on the disk. */
  append(erasures: readonly Erasure[]): Promise<void>;
}

const OWNER_ONLY = 0o600;
const isWindows = platform() === 'win32';
const NEWLINE = 0x0a;
const KEY_ID = /^[A-Za-z0-9_-]{8,64}$/;

function unusable(path: string, cause: unknown): Error {
  return vaultFault('VAULT_ERASURE_JOURNAL_UNUSABLE', path, (cause as NodeJS.ErrnoException).code);
}

/** A line that a kill cut in the middle is ended, so that the next one begins on its own. */
async function endsLine(file: FileHandle, size: number): Promise<boolean> {
  if (size === 0) return true;
  const last = Buffer.alloc(1);
  await file.read(last, 0, 1, size - 1);
  return last[0] === NEWLINE;
}

export function createErasureJournal(path: string): ErasureJournal {
  const { run } = createInOrder();
  const write = async (text: string): Promise<void> => {
    // Opened each time: erasures are rare, and a file that was moved away must not go on being written unseen.
    const file = await open(path, constants.O_RDWR | constants.O_APPEND | constants.O_CREAT, OWNER_ONLY);
    try {
      const { size, mode } = await file.stat();
      if (!isWindows && (mode & 0o077) !== 0) throw Object.assign(new Error('others may read it'), { code: 'EPERM' });
      await file.appendFile((await endsLine(file, size)) ? text : `\n${text}`);
      await file.sync();
      if (size === 0) await syncFolder(dirname(path));
    } finally {
      await file.close();
    }
  };
  return {
    append(erasures) {
      const text = erasures.map(({ tenant, key, atMs }) => `${JSON.stringify({ v: 1, tenant, key, at: new Date(atMs).toISOString() })}\n`);
      return run(() => write(text.join(''))).catch((cause: unknown) => {
        throw unusable(path, cause);
      });
    },
  };
}

function parseLine(line: string): Erasure | null {
  const record = findOwnRecord(line);
  if (record === null) return null;
  const { tenant, key, at } = record;
  const known = parseId('ten', tenant);
  const atMs = typeof at === 'string' ? Date.parse(at) : Number.NaN;
  if (known === null || typeof key !== 'string' || !KEY_ID.test(key) || Number.isNaN(atMs)) return null;
  return { tenant: known, key, atMs };
}

export interface ReadJournal {
  readonly erasures: readonly Erasure[];
  /** Lines that were cut by a kill before their erasure was acknowledged, or damaged: shown to whoever restores. */
  readonly unreadable: number;
}

/** What a journal says; an installation that never erased has none. */
export async function readErasureJournal(path: string): Promise<ReadJournal> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return { erasures: [], unreadable: 0 };
    throw unusable(path, cause);
  }
  const lines = text.split('\n').filter((line) => line !== '');
  const erasures = lines.map(parseLine);
  return { erasures: erasures.filter((erasure) => erasure !== null), unreadable: erasures.filter((erasure) => erasure === null).length };
}
