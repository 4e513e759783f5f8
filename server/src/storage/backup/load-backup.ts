// Puts the rows of a backup into an empty database of the same migrations, chunk by chunk, and reads them back.
// INVARIANT: each chunk and the note that it is in are one transaction, so a load that was killed goes on without doubling a row.

import type pg from 'pg';
import { storageFault } from '../errors.ts';
import { copyIn, copyOut } from './copy-rows.ts';
import type { BackupProgress } from './create-backup.ts';
import type { BackedTable } from './manifest.ts';
import { type OpenBackup, openChunk } from './read-backup.ts';
import { createRowDigest } from './row-digest.ts';
import { inTransaction } from './session.ts';
import { findTables, quoted, setSequences } from './tables.ts';

/** Where a load keeps which chunks are in. */
export interface LoadNotes {
  has(client: pg.Client, step: string): Promise<boolean>;
  /** In the transaction of the chunk. */
  add(client: pg.Client, step: string): Promise<void>;
}

type Report = (progress: BackupProgress) => void;

/** Tables of data that have rows. */
export async function tablesWithRows(client: pg.Client): Promise<readonly string[]> {
  const filled: string[] = [];
  for (const table of await findTables(client)) {
    const { rows } = await client.query<{ any: boolean }>(`select exists (select from ${quoted(table).name}) as any`);
    if (rows[0]?.any === true) filled.push(table.name);
  }
  return filled;
}

/** Every table and column of the backup must be here. What is here and not in the backup came later and stays empty. */
async function checkShape(client: pg.Client, backup: OpenBackup): Promise<void> {
  const here = new Map((await findTables(client)).map((table) => [table.name, new Set(table.columns)]));
  for (const { name, columns } of backup.manifest.tables) {
    const own = here.get(name);
    if (own === undefined || !columns.every((column) => own.has(column))) throw storageFault('STORAGE_BACKUP_OTHER_VERSION', name);
  }
}

/** Row security binds the owner too, and COPY does not go through it: lifted for the owner while nobody else is here. */
async function forceRowSecurity(client: pg.Client, tables: readonly BackedTable[], isForced: boolean): Promise<void> {
  for (const table of tables) {
    const { name } = quoted(table);
    const { rows } = await client.query<{ on: boolean }>('select relrowsecurity as on from pg_class where oid = $1::regclass', [name]);
    if (rows[0]?.on === true) await client.query(`alter table ${name} ${isForced ? '' : 'no '}force row level security`);
  }
}

export async function loadBackup(client: pg.Client, backup: OpenBackup, options: { notes: LoadNotes; onProgress: Report }): Promise<void> {
  const { manifest } = backup;
  const { notes, onProgress } = options;
  await checkShape(client, backup);
  await forceRowSecurity(client, manifest.tables, false);
  const total = manifest.chunks.reduce((sum, chunk) => sum + chunk.bytes, 0);
  let [done, rows] = [0, 0];
  for (const chunk of manifest.chunks) {
    const step = `chunk ${chunk.n}`;
    if (!(await notes.has(client, step))) {
      const data = await openChunk(backup, chunk);
      const { name, columns } = quoted(backup.tables.get(chunk.table) as BackedTable);
      await inTransaction(client, 'begin', async () => {
        const copied = await copyIn(client, `copy ${name} (${columns}) from stdin`, data);
        if (copied !== chunk.rows) throw storageFault('STORAGE_RESTORE_DIFFERS', `chunk ${chunk.n}`);
        await notes.add(client, step);
      });
    }
    done += chunk.bytes;
    rows += chunk.rows;
    onProgress({ phase: 'loading', table: chunk.table, tables: [chunk.n, manifest.chunks.length], rows, done, total });
  }
  await setSequences(client, manifest.sequences);
}

export async function closeLoad(client: pg.Client, backup: OpenBackup): Promise<void> {
  await forceRowSecurity(client, backup.manifest.tables, true);
}

/** The tables whose rows in this database are not those of the snapshot. */
export async function compareRows(client: pg.Client, backup: OpenBackup, onProgress: Report): Promise<readonly string[]> {
  const { tables } = backup.manifest;
  const different: string[] = [];
  const total = tables.reduce((sum, table) => sum + table.rows, 0);
  let done = 0;
  for (const [index, table] of tables.entries()) {
    const { name, columns } = quoted(table);
    const digest = createRowDigest();
    for await (const rows of copyOut(client, `copy ${name} (${columns}) to stdout`)) for (const row of rows) digest.add(row);
    if (digest.rows !== table.rows || digest.value() !== table.digest) different.push(table.name);
    done += table.rows;
    onProgress({ phase: 'comparing', table: table.name, tables: [index + 1, tables.length], rows: done, done, total });
  }
  return different;
}
