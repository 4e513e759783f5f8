// Checks a backup without a database: every chunk is opened, every row counted and digested, and compared with the manifest.
// An interrupted check goes on where it stood; what it noted is vouched for with the backup's own key.

import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isObject, parseOwnJson } from '#core';
import type { BackupKeys } from './cipher.ts';
import type { BackupProgress } from './create-backup.ts';
import type { BackupPlace } from './files.ts';
import { damaged } from './manifest.ts';
import { checkChunk, type OpenBackup, openBackup, openChunk } from './read-backup.ts';
import { createRowDigest, type RowDigest, type RowDigestState, rowsOf } from './row-digest.ts';

export interface VerifyReport {
  readonly id: string;
  readonly tables: number;
  readonly rows: number;
  readonly chunks: number;
  readonly bytes: number;
  /** Chunk at which an earlier check was taken up; 0 when it began anew. */
  readonly resumedAt: number;
}

/** Notes are written this often: a check that is killed repeats at most so many chunks. */
const NOTE_EVERY = 16;

interface Noted {
  readonly done: number;
  readonly tables: Readonly<Record<string, RowDigestState>>;
}

const noteFile = ({ folder, id }: BackupPlace): string => join(folder, id, 'verify.progress');

async function readNote(backup: OpenBackup): Promise<Noted | null> {
  const text = await readFile(noteFile(backup.place), 'utf8').catch(() => null);
  const [body = '', vouched = ''] = text?.split('\n') ?? [];
  if (text === null || backup.ciphers.data.vouch(`verify ${body}`) !== vouched) return null;
  const value = parseOwnJson(body);
  // Vouched for, so it is what this program wrote.
  return isObject(value) ? (value as unknown as Noted) : null;
}

async function writeNote(backup: OpenBackup, note: Noted): Promise<void> {
  const body = JSON.stringify(note);
  // A folder that can only be read is checked all the same; the check then begins anew after a kill.
  await writeFile(noteFile(backup.place), `${body}\n${backup.ciphers.data.vouch(`verify ${body}`)}\n`, { mode: 0o600 }).catch(
    () => undefined,
  );
}

export interface VerifyOptions {
  readonly place: BackupPlace;
  readonly keys: BackupKeys;
  readonly onProgress: (progress: BackupProgress) => void;
}

export async function verifyBackup({ place, keys, onProgress }: VerifyOptions): Promise<VerifyReport> {
  const backup = await openBackup(place, keys);
  const { chunks, tables } = backup.manifest;
  const noted = await readNote(backup);
  const digests = new Map<string, RowDigest>(tables.map(({ name }) => [name, createRowDigest(noted?.tables[name])]));
  const total = chunks.reduce((sum, chunk) => sum + chunk.bytes, 0);
  const resumedAt = noted?.done ?? 0;
  let done = chunks.slice(0, resumedAt).reduce((sum, chunk) => sum + chunk.bytes, 0);
  let rows = chunks.slice(0, resumedAt).reduce((sum, chunk) => sum + chunk.rows, 0);
  // What was opened before is not opened again; that it is still there, and still the same, is never taken from a note.
  for (const chunk of chunks.slice(0, resumedAt)) await checkChunk(backup, chunk);
  for (const chunk of chunks.slice(resumedAt)) {
    const digest = digests.get(chunk.table) as RowDigest;
    const before = digest.rows;
    for (const row of rowsOf(await openChunk(backup, chunk))) digest.add(row);
    if (digest.rows - before !== chunk.rows) throw damaged(`chunk ${chunk.n} holds another number of rows`);
    done += chunk.bytes;
    rows += chunk.rows;
    onProgress({ phase: 'verifying', table: chunk.table, tables: [chunk.n, chunks.length], rows, done, total });
    if (chunk.n % NOTE_EVERY === 0) {
      const states = [...digests].map(([name, { rows: count, value }]) => [name, { rows: count, digest: value() }]);
      await writeNote(backup, { done: chunk.n, tables: Object.fromEntries(states) });
    }
  }
  for (const table of tables)
    if (digests.get(table.name)?.value() !== table.digest) throw damaged(`the rows of ${table.name} are not those of the snapshot`);
  await rm(noteFile(place), { force: true });
  return { id: place.id, tables: tables.length, rows, chunks: chunks.length, bytes: total, resumedAt };
}
