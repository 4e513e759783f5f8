// The manifest of a backup: what it holds, the digest of every chunk, and under which key. It is written last, and vouched for whole.
// INVARIANT: nothing of a backup is used before its manifest was found to be the one that was written.

import { timingSafeEqual } from 'node:crypto';
import { isObject, type JsonObject, parseOwnJson, type SallyportError } from '#core';
import { storageFault } from '../errors.ts';
import type { BackupKeys, OpenedBackup } from './cipher.ts';
import type { SequenceValue } from './tables.ts';

export const FORMAT = 'sallyport-backup';
export const VERSION = 1;

export interface BackedTable {
  readonly name: string;
  readonly columns: readonly string[];
  readonly rows: number;
  /** Of the rows as COPY writes them, in any order. */
  readonly digest: string;
  /** Which file its chunks lie in: keys apart from everything else. */
  readonly part: 'data' | 'keys';
}

export interface ChunkEntry {
  readonly n: number;
  readonly table: string;
  readonly rows: number;
  /** Place in the file of its part; a chunk of data has a file of its own. */
  readonly at: number;
  readonly bytes: number;
  readonly sha256: string;
}

export interface Manifest {
  readonly format: typeof FORMAT;
  readonly version: typeof VERSION;
  readonly id: string;
  readonly createdAt: string;
  /** Names the key file that opens it. */
  readonly keyId: string;
  readonly wrapped: { readonly data: string; readonly keys: string };
  readonly migrations: readonly { readonly id: string; readonly sha256: string }[];
  readonly tables: readonly BackedTable[];
  readonly sequences: readonly SequenceValue[];
  readonly chunks: readonly ChunkEntry[];
  /** What the ledger was at the snapshot, as its own room tells it. */
  readonly facts: JsonObject;
}

export const partOf = (id: string, part: 'data' | 'keys'): readonly string[] => ['backup', String(VERSION), id, part];
export const placeOf = (id: string, chunk: Pick<ChunkEntry, 'n' | 'table'>): readonly string[] => [
  'backup chunk',
  String(VERSION),
  id,
  chunk.table,
  String(chunk.n),
];

export function writeManifest(manifest: Manifest, cipher: OpenedBackup['data']): string {
  const text = JSON.stringify(manifest);
  return `${text}\n${cipher.vouch(text)}\n`;
}

export function damaged(detail: string, cause?: unknown): SallyportError {
  return storageFault('STORAGE_BACKUP_DAMAGED', detail, cause);
}

/** The part before the vouching, read without a key: enough for a list, never for a restore. */
export function readManifest(file: string): { readonly manifest: Manifest; readonly text: string; readonly vouched: string } {
  const [text = '', vouched = '', rest] = file.split('\n');
  if (rest !== '' || text === '') throw damaged('its manifest is cut');
  let value: unknown;
  try {
    value = parseOwnJson(text);
  } catch (cause) {
    throw damaged('its manifest is no record of ours', cause);
  }
  if (!isObject(value as never) || (value as JsonObject).format !== FORMAT) throw damaged('its manifest is no record of ours');
  if ((value as JsonObject).version !== VERSION)
    throw storageFault('STORAGE_BACKUP_OTHER_VERSION', `format ${(value as JsonObject).version}`);
  // Written by us and checked by `openManifest` before anything is done with it.
  return { manifest: value as unknown as Manifest, text, vouched };
}

/** The manifest and the ciphers of its parts, once it is known to be whole and ours. */
export function openManifest(file: string, keys: BackupKeys): { readonly manifest: Manifest; readonly ciphers: OpenedBackup } {
  const { manifest, text, vouched } = readManifest(file);
  if (manifest.keyId !== keys.keyId)
    throw storageFault('STORAGE_BACKUP_WRONG_KEY', `it was made with ${String(manifest.keyId).slice(0, 60)}`);
  let data: OpenedBackup['data'];
  try {
    data = keys.open(partOf(manifest.id, 'data'), manifest.wrapped.data);
  } catch (cause) {
    throw damaged('its wrapped key does not open', cause);
  }
  const expected = Buffer.from(data.vouch(text), 'hex');
  const given = Buffer.from(vouched, 'hex');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw damaged('its manifest was changed');
  return { manifest, ciphers: { data, keys: keys.open(partOf(manifest.id, 'keys'), manifest.wrapped.keys) } };
}
