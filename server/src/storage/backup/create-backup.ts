// Makes a backup: one read-only snapshot of every table, in chunks that are compressed and sealed, and a manifest at the end.
// INVARIANT: everything is read in one snapshot; it takes no lock that a writer would wait for, and holds one chunk in memory.

import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type pg from 'pg';
import type { JsonObject, Tx } from '#core';
import { storageFault } from '../errors.ts';
import { closeTransaction, openTransaction } from '../transaction.ts';
import type { BackupKeys, OpenedBackup } from './cipher.ts';
import { copyOut } from './copy-rows.ts';
import { type BackupPlace, type BackupWriter, createWriter } from './files.ts';
import { type BackedTable, type ChunkEntry, FORMAT, type Manifest, partOf, placeOf, VERSION, writeManifest } from './manifest.ts';
import { createRowDigest } from './row-digest.ts';
import { inTransaction, withSession } from './session.ts';
import { BACKUP_ROLE, type FoundTable, findTables, quoted, readSequences, refuseHiddenRows } from './tables.ts';

const zip = promisify(gzip);
/** Rows of one chunk before they are compressed. One row that is larger makes a chunk of its own. */
const CHUNK_BYTES = 4 * 1024 * 1024;
/** Sealed bytes do not shrink and the rest shrinks well at once. */
const LEVEL = 3;

export interface BackupProgress {
  readonly phase: 'reading' | 'loading' | 'comparing' | 'verifying';
  readonly table: string;
  readonly tables: readonly [done: number, total: number];
  readonly rows: number;
  readonly done: number;
  readonly total: number;
}

export interface CreateBackupOptions {
  readonly adminUrl: string;
  readonly place: BackupPlace;
  readonly keys: BackupKeys;
  readonly createdAt: string;
  /** Tables whose chunks go into the file of keys. */
  readonly keyTables: readonly string[];
  /** Runs in the snapshot: what the ledger was. */
  readonly facts: (tx: Tx) => Promise<JsonObject>;
  readonly onProgress: (progress: BackupProgress) => void;
  /** Tests look behind the snapshot here. */
  readonly onSnapshot?: () => Promise<void>;
}

interface Making extends CreateBackupOptions {
  readonly client: pg.Client;
  readonly writer: BackupWriter;
  readonly ciphers: OpenedBackup;
  readonly chunks: ChunkEntry[];
}

async function putChunk(making: Making, table: BackedTable['part'], name: string, rows: readonly Buffer[]): Promise<void> {
  const n = making.chunks.length + 1;
  const cipher = table === 'keys' ? making.ciphers.keys : making.ciphers.data;
  const sealed = cipher.seal(await zip(Buffer.concat(rows), { level: LEVEL }), placeOf(making.place.id, { n, table: name }));
  making.chunks.push({ n, table: name, rows: rows.length, ...(await making.writer.put(table, n, sealed)) });
}

async function readTable(making: Making, table: FoundTable, onRows: (rows: number, bytes: number) => void): Promise<BackedTable> {
  const part = making.keyTables.includes(table.name) ? 'keys' : 'data';
  const { name, columns } = quoted(table);
  const digest = createRowDigest();
  let held: Buffer[] = [];
  let heldBytes = 0;
  let read = 0;
  for await (const rows of copyOut(making.client, `copy ${name} (${columns}) to stdout`)) {
    for (const row of rows) {
      digest.add(row);
      held.push(row);
      heldBytes += row.length;
      read += row.length;
      if (heldBytes < CHUNK_BYTES) continue;
      await putChunk(making, part, table.name, held);
      held = [];
      heldBytes = 0;
      onRows(digest.rows, read);
    }
  }
  if (held.length > 0) await putChunk(making, part, table.name, held);
  return { name: table.name, columns: table.columns, rows: digest.rows, digest: digest.value(), part };
}

async function readFacts(making: Making): Promise<JsonObject> {
  const tx = openTransaction(making.client);
  try {
    return await making.facts(tx);
  } finally {
    closeTransaction(tx);
  }
}

async function readSnapshot(making: Making): Promise<Manifest> {
  const { client, place } = making;
  const migrations = await client.query<{ id: string; sha256: string }>('select id, sha256 from storage_migrations order by id');
  // A restore makes the steps of a migration in an empty database; rows that were not filled yet would stay so for ever.
  const open = await client.query<{ id: string }>('select id from storage_migrations where not is_complete order by id limit 1');
  if (open.rows[0] !== undefined) throw storageFault('STORAGE_BACKUP_MIGRATING', open.rows[0].id);
  await client.query(`set local role ${BACKUP_ROLE}`);
  const found = await findTables(client);
  await refuseHiddenRows(client, found);
  await making.onSnapshot?.();
  const facts = await readFacts(making);
  const total = found.reduce((sum, table) => sum + table.bytes, 0);
  const tables: BackedTable[] = [];
  let [done, rows] = [0, 0];
  for (const table of found) {
    const report = (read: number, within: number): void =>
      making.onProgress({
        phase: 'reading',
        table: table.name,
        tables: [tables.length, found.length],
        rows: rows + read,
        done: done + within,
        total,
      });
    report(0, 0);
    const backed = await readTable(making, table, (read, bytes) => report(read, Math.min(bytes, table.bytes)));
    tables.push(backed);
    done += table.bytes;
    rows += backed.rows;
  }
  return {
    format: FORMAT,
    version: VERSION,
    id: place.id,
    createdAt: making.createdAt,
    keyId: making.keys.keyId,
    wrapped: { data: making.ciphers.data.wrapped, keys: making.ciphers.keys.wrapped },
    migrations: migrations.rows,
    tables,
    sequences: await readSequences(client),
    chunks: making.chunks,
    facts,
  };
}

export async function createBackup(options: CreateBackupOptions): Promise<Manifest> {
  const { place, keys } = options;
  const ciphers = { data: keys.create(partOf(place.id, 'data')), keys: keys.create(partOf(place.id, 'keys')) };
  const writer = await createWriter(place, keys.keyId);
  try {
    const manifest = await withSession(options.adminUrl, 'sallyport-backup', (client) =>
      inTransaction(client, 'begin transaction isolation level repeatable read, read only', () =>
        readSnapshot({ ...options, client, writer, ciphers, chunks: [] }),
      ),
    );
    await writer.finish(writeManifest(manifest, ciphers.data));
    return manifest;
  } catch (error) {
    await writer.discard();
    throw error;
  }
}
