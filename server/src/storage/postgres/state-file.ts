// What the supervisor remembers between starts: the port and the two passwords, in a file only its owner can read.
// INVARIANT: the file is written completely or not at all, mode 0600, before the data folder that depends on it exists.

import { chmod, open, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Random } from '#core';
import { randomPassword } from '../app-login.ts';
import { storageFault } from '../errors.ts';

export interface ServerState {
  readonly port: number;
  readonly adminPassword: string;
  readonly appPassword: string;
}

export const stateFile = (stateDir: string): string => join(stateDir, 'postgres.json');

export function freshState(random: Random): ServerState {
  return { port: 0, adminPassword: randomPassword(random), appPassword: randomPassword(random) };
}

function parse(text: string, path: string): ServerState {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's message would quote the file, which holds passwords.
    throw storageFault('STORAGE_STATE_FILE_UNUSABLE', `${path} is not JSON`);
  }
  const { port, adminPassword, appPassword } = (value ?? {}) as Partial<ServerState>;
  const isWhole = Number.isInteger(port) && typeof adminPassword === 'string' && typeof appPassword === 'string';
  if (!isWhole) throw storageFault('STORAGE_STATE_FILE_UNUSABLE', `${path} lacks a field`);
  return { port: port as number, adminPassword, appPassword };
}

/** The remembered state, or null when there is none yet. Permissions wider than 0600 are narrowed. */
export async function readState(stateDir: string): Promise<ServerState | null> {
  const path = stateFile(stateDir);
  try {
    const { mode } = await stat(path);
    if ((mode & 0o077) !== 0) await chmod(path, 0o600);
    return parse(await readFile(path, 'utf8'), path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return null;
    if (code === 'EACCES' || code === 'EPERM') throw storageFault('STORAGE_STATE_FILE_UNUSABLE', path, error);
    throw error;
  }
}

export async function writeState(stateDir: string, state: ServerState): Promise<void> {
  const path = stateFile(stateDir);
  const fresh = `${path}.new`;
  const file = await open(fresh, 'w', 0o600);
  try {
    await file.chmod(0o600);
    await file.writeFile(`${JSON.stringify(state, null, 2)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(fresh, path);
}
