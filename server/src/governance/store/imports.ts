// Imports of datasets that run, and the pieces of files that wait sealed. What an import left that did not end is swept by its age.

import type { TenantId, Tx } from '#core';
import { query, sql } from '#storage';

export interface ImportRow {
  readonly rowsVersion: number;
  readonly dataset: string;
  readonly phase: 'reading' | 'sealing';
  readonly rows: number;
  readonly bytes: number;
  readonly sealed: number;
  readonly startedAt: Date;
  readonly beatAt: Date;
  readonly startedBy: string;
}

export async function addImport(
  tx: Tx,
  tenant: TenantId,
  one: { readonly rowsVersion: number; readonly dataset: string; readonly at: Date; readonly by: string },
): Promise<void> {
  await sql`insert into governance_dataset_imports (tenant, rows_version, dataset, phase, row_count, byte_count, sealed_count, started_at, beat_at,
      started_by)
    values (${tenant}, ${one.rowsVersion}, ${one.dataset}, 'reading', 0, 0, 0, ${one.at}, ${one.at}, ${one.by})`.execute(query(tx));
}

/** False when somebody swept it: it stood still for too long, and what it wrote is gone. */
export async function beatImport(
  tx: Tx,
  tenant: TenantId,
  one: Pick<ImportRow, 'rowsVersion' | 'phase' | 'rows' | 'bytes' | 'sealed'> & { readonly at: Date },
): Promise<boolean> {
  const { rows } = await sql`update governance_dataset_imports set phase = ${one.phase}, row_count = ${one.rows}, byte_count = ${one.bytes},
      sealed_count = ${one.sealed}, beat_at = ${one.at}
    where tenant = ${tenant} and rows_version = ${one.rowsVersion} returning 1`.execute(query(tx));
  return rows.length > 0;
}

export async function listImports(tx: Tx, tenant: TenantId): Promise<readonly ImportRow[]> {
  const { rows } = await sql<Omit<ImportRow, 'bytes'> & { bytes: string }>`
    select rows_version as "rowsVersion", dataset, phase, row_count as rows, byte_count::text as bytes, sealed_count as sealed,
      started_at as "startedAt", beat_at as "beatAt", started_by as "startedBy"
    from governance_dataset_imports where tenant = ${tenant} order by started_at`.execute(query(tx));
  return rows.map((row) => ({ ...row, bytes: Number(row.bytes) }));
}

export async function addPiece(
  tx: Tx,
  tenant: TenantId,
  one: { readonly rowsVersion: number; readonly piece: number; readonly sealed: Uint8Array },
): Promise<void> {
  await sql`insert into governance_dataset_pieces (tenant, rows_version, piece, sealed)
    values (${tenant}, ${one.rowsVersion}, ${one.piece}, ${Buffer.from(one.sealed)})`.execute(query(tx));
}

export async function readPiece(tx: Tx, tenant: TenantId, rowsVersion: number, piece: number): Promise<Uint8Array | null> {
  const { rows } = await sql<{ sealed: Buffer }>`select sealed from governance_dataset_pieces
    where tenant = ${tenant} and rows_version = ${rowsVersion} and piece = ${piece}`.execute(query(tx));
  return rows[0]?.sealed ?? null;
}

/** The import and what waits of it; its rows too, unless they are the ones that are read now. */
export async function dropImport(tx: Tx, tenant: TenantId, rowsVersion: number): Promise<void> {
  await sql`delete from governance_dataset_pieces where tenant = ${tenant} and rows_version = ${rowsVersion}`.execute(query(tx));
  await sql`delete from governance_dataset_rows held using governance_dataset_imports import
    where import.tenant = ${tenant} and import.rows_version = ${rowsVersion} and held.tenant = ${tenant} and held.dataset = import.dataset
      and held.version = ${rowsVersion} and not exists (select 1 from governance_datasets one
        where one.tenant = ${tenant} and one.name = held.dataset and one.rows_version = held.version)`.execute(query(tx));
  await sql`delete from governance_dataset_imports where tenant = ${tenant} and rows_version = ${rowsVersion}`.execute(query(tx));
}

/** Those that stood still since: whoever ran them is gone. */
export async function stoppedImports(tx: Tx, tenant: TenantId, beforeAt: Date): Promise<readonly number[]> {
  const { rows } = await sql<{ version: number }>`select rows_version as version from governance_dataset_imports
    where tenant = ${tenant} and beat_at < ${beforeAt} for update skip locked`.execute(query(tx));
  return rows.map(({ version }) => version);
}

/** Those that run, each held still: a batch that is being sealed is waited for. */
export async function holdImports(tx: Tx, tenant: TenantId): Promise<readonly number[]> {
  const { rows } = await sql<{ version: number }>`select rows_version as version from governance_dataset_imports
    where tenant = ${tenant} order by rows_version for update`.execute(query(tx));
  return rows.map(({ version }) => version);
}

/** Rows the tenant keeps, and those that imports are writing; without the dataset that is replaced. */
export async function keptRows(tx: Tx, tenant: TenantId, but: { readonly dataset: string; readonly rowsVersion: number }): Promise<number> {
  const { rows } = await sql<{ count: string }>`select (
      coalesce((select sum(row_count) from governance_datasets where tenant = ${tenant} and name <> ${but.dataset}), 0) +
      coalesce((select sum(row_count) from governance_dataset_imports where tenant = ${tenant} and rows_version <> ${but.rowsVersion}), 0)
    )::text as count`.execute(query(tx));
  return Number(rows[0]?.count ?? 0);
}
