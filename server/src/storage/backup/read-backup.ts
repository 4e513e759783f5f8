// Reads a backup chunk by chunk, each one checked and opened. INVARIANT: rows are given out only after their chunk was found whole,
// in its place, and sealed for exactly it; a chunk that is missing, swapped or added is found.

import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { BackupKeys, OpenedBackup } from './cipher.ts';
import { type BackupPlace, readChunk, readManifestFile } from './files.ts';
import { type BackedTable, type ChunkEntry, damaged, type Manifest, openManifest, placeOf, readManifest } from './manifest.ts';

const unzip = promisify(gunzip);
/** A chunk is about 4 MiB; the largest single row of ours is a sealed value of 16 MiB, written in hex. */
const MAX_CHUNK_BYTES = 256 * 1024 * 1024;

export interface OpenBackup {
  readonly place: BackupPlace;
  readonly manifest: Manifest;
  readonly ciphers: OpenedBackup;
  /** Which table a chunk belongs to. */
  readonly tables: ReadonlyMap<string, BackedTable>;
}

/** Numbers in order, each table known, and together as many rows as the tables have. */
function checkChunks(manifest: Manifest): ReadonlyMap<string, BackedTable> {
  const tables = new Map(manifest.tables.map((table) => [table.name, table]));
  const rows = new Map<string, number>();
  manifest.chunks.forEach((chunk, index) => {
    if (chunk.n !== index + 1 || !tables.has(chunk.table)) throw damaged(`chunk ${index + 1} is not listed in its place`);
    rows.set(chunk.table, (rows.get(chunk.table) ?? 0) + chunk.rows);
  });
  for (const table of manifest.tables)
    if ((rows.get(table.name) ?? 0) !== table.rows) throw damaged(`the chunks of ${table.name} do not hold its rows`);
  return tables;
}

/** Read, not vouched for. */
export async function readManifestOf(place: BackupPlace): Promise<Manifest> {
  return readManifest(await readManifestFile(place)).manifest;
}

export async function openBackup(place: BackupPlace, keys: BackupKeys): Promise<OpenBackup> {
  const { manifest, ciphers } = openManifest(await readManifestFile(place), keys);
  if (manifest.id !== place.id) throw damaged('it lies under the name of another backup');
  return { place, manifest, ciphers, tables: checkChunks(manifest) };
}

const partFor = (backup: OpenBackup, chunk: ChunkEntry): BackedTable['part'] => (backup.tables.get(chunk.table) as BackedTable).part;

/** Throws unless the chunk still is, byte for byte, the one of the manifest. */
export async function checkChunk(backup: OpenBackup, chunk: ChunkEntry): Promise<void> {
  await readChunk(backup.place, partFor(backup, chunk), chunk);
}

/** The rows of one chunk, as COPY wrote them. */
export async function openChunk(backup: OpenBackup, chunk: ChunkEntry): Promise<Buffer> {
  const part = partFor(backup, chunk);
  const sealed = await readChunk(backup.place, part, chunk);
  const cipher = part === 'keys' ? backup.ciphers.keys : backup.ciphers.data;
  try {
    return await unzip(cipher.open(sealed, placeOf(backup.manifest.id, chunk)), { maxOutputLength: MAX_CHUNK_BYTES });
  } catch (cause) {
    throw damaged(`chunk ${chunk.n} does not open`, cause);
  }
}
