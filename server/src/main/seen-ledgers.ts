// The checkpoints this user was shown, in a private file of the user's state folder: what a server says later must continue them.

import { existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { isObject, type JsonObject, parseOwnJson, SallyportError } from '#core';
import { readPrivate, writePrivate } from './secret-file.ts';

interface Seen {
  readonly verifierKey: string;
  readonly epoch: number;
  readonly note: string;
  readonly seenAt: string;
}

function seenPath(): string {
  const state = process.env.XDG_STATE_HOME;
  return join(state !== undefined && state !== '' ? state : join(homedir(), '.local', 'state'), 'sallyport', 'seen-ledgers.json');
}

function read(path: string): JsonObject {
  if (!existsSync(path)) return {};
  let value: unknown = null;
  try {
    value = parseOwnJson(readPrivate(path));
  } catch (cause) {
    throw unusable(path, cause);
  }
  if (!isObject(value)) throw unusable(path, null);
  return value;
}

function unusable(path: string, cause: unknown): SallyportError {
  return new SallyportError(
    'MAIN_SECRET_FILE_UNUSABLE',
    `The file ${path}, which remembers the ledgers you have seen, can not be used; restore it, or remove it to begin anew.`,
    { cause },
  );
}

function toSeen(value: unknown): Seen | null {
  if (!isObject(value)) return null;
  const { verifierKey, epoch, note, seenAt } = value;
  const isWhole = typeof verifierKey === 'string' && typeof note === 'string' && typeof seenAt === 'string' && Number.isSafeInteger(epoch);
  return isWhole ? { verifierKey, epoch: epoch as number, note, seenAt } : null;
}

export const seenLedgers = {
  load: async (origin: string): Promise<Seen | null> => {
    const path = seenPath();
    const all = read(path);
    if (!Object.hasOwn(all, origin)) return null;
    const seen = toSeen(all[origin]);
    if (seen === null) throw unusable(path, null);
    return seen;
  },
  save: async (origin: string, seen: Seen): Promise<void> => {
    const path = seenPath();
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writePrivate(path, `${JSON.stringify({ ...read(path), [origin]: { ...seen } }, null, 2)}\n`);
  },
};
