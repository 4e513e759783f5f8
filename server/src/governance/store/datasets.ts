// Rows of datasets: values stand in them sealed only. A version is written beside the one that is read, and takes its place at once.

import { isDataClass, type TenantId, type Tx, type UnixMs } from '#core';
import { query, sql } from '#storage';
import type { Column } from '../datasets/columns.ts';

export interface DatasetRecord {
  readonly name: string;
  readonly version: number;
  /** What its rows stand under; drawn anew by each import, so that two at once never touch each other’s. */
  readonly rowsVersion: number;
  readonly hash: string;
  readonly format: string;
  readonly columns: readonly Column[];
  readonly subjectColumn: string | null;
  readonly rows: number;
  readonly bytes: number;
  readonly source: string;
  readonly licence: string;
  readonly purpose: string;
  readonly importedAtMs: UnixMs;
  readonly importedBy: string;
  /** Card numbers and their codes that were in the file and are not kept. */
  readonly cardsDropped: number;
  readonly codesDropped: number;
}

interface Row {
  name: string;
  version: number;
  rows_version: number;
  hash: string;
  format: string;
  columns: { name: string; dataClass: string | null; by: Column['by'] }[];
  subject_column: string | null;
  row_count: number;
  byte_count: string;
  source: string;
  licence: string;
  purpose: string;
  imported_at: Date;
  imported_by: string;
  cards_dropped: number;
  codes_dropped: number;
}

function recordOf(row: Row): DatasetRecord {
  return {
    name: row.name,
    version: row.version,
    rowsVersion: row.rows_version,
    hash: row.hash,
    format: row.format,
    columns: row.columns.map(({ name, dataClass, by }) => ({ name, by, dataClass: isDataClass(dataClass) ? dataClass : null })),
    subjectColumn: row.subject_column,
    rows: row.row_count,
    bytes: Number(row.byte_count),
    source: row.source,
    licence: row.licence,
    purpose: row.purpose,
    importedAtMs: row.imported_at.getTime(),
    importedBy: row.imported_by,
    cardsDropped: row.cards_dropped,
    codesDropped: row.codes_dropped,
  };
}

export async function listDatasets(tx: Tx, tenant: TenantId): Promise<readonly DatasetRecord[]> {
  const { rows } =
    await sql<Row>`select name, version, rows_version, hash, format, columns, subject_column, row_count, byte_count::text, source, licence,
    purpose, imported_at, imported_by, cards_dropped, codes_dropped from governance_datasets where tenant = ${tenant} order by name`.execute(
      query(tx),
    );
  return rows.map(recordOf);
}

/** Held against another import until the end of the transaction. */
export async function holdDataset(tx: Tx, tenant: TenantId, name: string): Promise<DatasetRecord | null> {
  const { rows } =
    await sql<Row>`select name, version, rows_version, hash, format, columns, subject_column, row_count, byte_count::text, source, licence,
    purpose, imported_at, imported_by, cards_dropped, codes_dropped from governance_datasets where tenant = ${tenant} and name = ${name} for update`.execute(
      query(tx),
    );
  return rows[0] === undefined ? null : recordOf(rows[0]);
}

/** The version becomes the one that is read; rows of others go. */
export async function putDataset(tx: Tx, tenant: TenantId, one: DatasetRecord): Promise<void> {
  const at = new Date(one.importedAtMs);
  await sql`insert into governance_datasets (tenant, name, version, rows_version, hash, format, columns, subject_column, row_count, byte_count, source,
      licence, purpose, imported_at, imported_by, cards_dropped, codes_dropped)
    values (${tenant}, ${one.name}, ${one.version}, ${one.rowsVersion}, ${one.hash}, ${one.format}, ${JSON.stringify(one.columns)}::jsonb, ${one.subjectColumn},
      ${one.rows}, ${one.bytes}, ${one.source}, ${one.licence}, ${one.purpose}, ${at}, ${one.importedBy}, ${one.cardsDropped}, ${one.codesDropped})
    on conflict (tenant, name) do update set version = excluded.version, rows_version = excluded.rows_version, hash = excluded.hash, format = excluded.format,
      columns = excluded.columns, subject_column = excluded.subject_column, row_count = excluded.row_count,
      byte_count = excluded.byte_count, source = excluded.source, licence = excluded.licence, purpose = excluded.purpose,
      imported_at = excluded.imported_at, imported_by = excluded.imported_by, cards_dropped = excluded.cards_dropped, codes_dropped = excluded.codes_dropped`.execute(
    query(tx),
  );
  await sql`insert into governance_dataset_versions (tenant, dataset, version, hash, row_count, byte_count, source, licence, purpose,
      imported_at, imported_by)
    values (${tenant}, ${one.name}, ${one.version}, ${one.hash}, ${one.rows}, ${one.bytes}, ${one.source}, ${one.licence}, ${one.purpose},
      ${at}, ${one.importedBy})`.execute(query(tx));
  await sql`delete from governance_dataset_rows where tenant = ${tenant} and dataset = ${one.name} and version <> ${one.rowsVersion}
    and version not in (select rows_version from governance_dataset_imports where tenant = ${tenant})`.execute(query(tx));
}

export interface SealedRow {
  readonly row: number;
  readonly subject: string | null;
  readonly sealed: Uint8Array;
}

export async function addRows(
  tx: Tx,
  tenant: TenantId,
  where: { readonly dataset: string; readonly version: number },
  rows: readonly SealedRow[],
): Promise<void> {
  await sql`insert into governance_dataset_rows (tenant, dataset, version, row_number, subject, sealed)
    select ${tenant}, ${where.dataset}, ${where.version}, row_number, subject, sealed
    from unnest(${rows.map(({ row }) => row)}::integer[], ${rows.map(({ subject }) => subject)}::text[],
      ${rows.map(({ sealed }) => Buffer.from(sealed))}::bytea[]) as given (row_number, subject, sealed)`.execute(query(tx));
}

export async function readRows(
  tx: Tx,
  tenant: TenantId,
  where: { readonly dataset: string; readonly version: number; readonly after: number; readonly limit: number },
): Promise<readonly SealedRow[]> {
  const { rows } = await sql<{ row_number: number; subject: string | null; sealed: Buffer }>`
    select row_number, subject, sealed from governance_dataset_rows
    where tenant = ${tenant} and dataset = ${where.dataset} and version = ${where.version} and row_number > ${where.after}
    order by row_number limit ${where.limit}`.execute(query(tx));
  return rows.map(({ row_number, subject, sealed }) => ({ row: row_number, subject, sealed }));
}

export async function dropDataset(tx: Tx, tenant: TenantId, name: string): Promise<boolean> {
  const { rows } = await sql`delete from governance_datasets where tenant = ${tenant} and name = ${name} returning name`.execute(query(tx));
  // Whoever imports it meanwhile finds that it was taken away.
  await sql`delete from governance_dataset_pieces piece using governance_dataset_imports import
    where import.tenant = ${tenant} and import.dataset = ${name} and piece.tenant = ${tenant}
      and piece.rows_version = import.rows_version`.execute(query(tx));
  await sql`delete from governance_dataset_imports where tenant = ${tenant} and dataset = ${name}`.execute(query(tx));
  await sql`delete from governance_dataset_rows where tenant = ${tenant} and dataset = ${name}`.execute(query(tx));
  await sql`delete from governance_dataset_versions where tenant = ${tenant} and dataset = ${name}`.execute(query(tx));
  await sql`delete from governance_dataset_grants where tenant = ${tenant} and dataset = ${name}`.execute(query(tx));
  await sql`update governance_dataset_raw set ended_at = least(expires_at, now()) where tenant = ${tenant} and dataset = ${name}
    and ended_at is null`.execute(query(tx));
  return rows.length > 0;
}

export interface VersionRecord {
  readonly version: number;
  readonly hash: string;
  readonly rows: number;
  readonly source: string;
  readonly licence: string;
  readonly purpose: string;
  readonly importedAtMs: UnixMs;
  readonly importedBy: string;
}

export async function listVersions(tx: Tx, tenant: TenantId, dataset: string): Promise<readonly VersionRecord[]> {
  const { rows } = await sql<Omit<Row, 'columns'>>`select version, hash, row_count, source, licence, purpose, imported_at, imported_by
    from governance_dataset_versions where tenant = ${tenant} and dataset = ${dataset} order by version desc limit 100`.execute(query(tx));
  return rows.map((row) => ({
    version: row.version,
    hash: row.hash,
    rows: row.row_count,
    source: row.source,
    licence: row.licence,
    purpose: row.purpose,
    importedAtMs: row.imported_at.getTime(),
    importedBy: row.imported_by,
  }));
}

export interface GrantRow {
  readonly id: string;
  readonly dataset: string;
  readonly subject: string;
  readonly columns: readonly string[] | null;
  /** Sealed: it may name values of people. */
  readonly filter: Uint8Array | null;
}

export async function addGrant(tx: Tx, tenant: TenantId, one: GrantRow, made: { readonly at: Date; readonly by: string }): Promise<void> {
  await sql`insert into governance_dataset_grants (tenant, id, dataset, subject, columns, filter, made_at, made_by)
    values (${tenant}, ${one.id}, ${one.dataset}, ${one.subject}, ${one.columns === null ? null : [...one.columns]}::text[],
      ${one.filter === null ? null : Buffer.from(one.filter)}, ${made.at}, ${made.by})`.execute(query(tx));
}

export async function dropGrant(tx: Tx, tenant: TenantId, dataset: string, id: string): Promise<boolean> {
  const { rows } = await sql`delete from governance_dataset_grants where tenant = ${tenant} and dataset = ${dataset} and id = ${id}
    returning id`.execute(query(tx));
  return rows.length > 0;
}

export async function listGrants(tx: Tx, tenant: TenantId, dataset: string): Promise<readonly GrantRow[]> {
  const { rows } = await sql<{ id: string; dataset: string; subject: string; columns: string[] | null; filter: Buffer | null }>`
    select id, dataset, subject, columns, filter from governance_dataset_grants where tenant = ${tenant} and dataset = ${dataset}
    order by made_at, id`.execute(query(tx));
  return rows;
}

export interface RawWindow {
  readonly id: string;
  readonly dataset: string;
  readonly person: string;
  readonly openedAtMs: UnixMs;
  readonly expiresAtMs: UnixMs;
  readonly endedAtMs: UnixMs | null;
}

export async function openRaw(
  tx: Tx,
  tenant: TenantId,
  one: {
    readonly id: string;
    readonly dataset: string;
    readonly person: string;
    readonly reason: Uint8Array;
    readonly at: Date;
    readonly until: Date;
  },
): Promise<void> {
  await sql`insert into governance_dataset_raw (tenant, id, dataset, person, reason, opened_at, expires_at)
    values (${tenant}, ${one.id}, ${one.dataset}, ${one.person}, ${Buffer.from(one.reason)}, ${one.at}, ${one.until})`.execute(query(tx));
}

export async function endRaw(tx: Tx, tenant: TenantId, dataset: string, person: string, at: Date): Promise<number> {
  const { rows } = await sql`update governance_dataset_raw set ended_at = ${at} where tenant = ${tenant} and dataset = ${dataset}
    and person = ${person} and ended_at is null and expires_at > ${at} returning id`.execute(query(tx));
  return rows.length;
}

export async function listRaw(tx: Tx, tenant: TenantId, dataset: string): Promise<readonly RawWindow[]> {
  const { rows } = await sql<{ id: string; dataset: string; person: string; opened_at: Date; expires_at: Date; ended_at: Date | null }>`
    select id, dataset, person, opened_at, expires_at, ended_at from governance_dataset_raw
    where tenant = ${tenant} and dataset = ${dataset} order by opened_at desc limit 100`.execute(query(tx));
  return rows.map(({ opened_at, expires_at, ended_at, ...row }) => ({
    ...row,
    openedAtMs: opened_at.getTime(),
    expiresAtMs: expires_at.getTime(),
    endedAtMs: ended_at?.getTime() ?? null,
  }));
}
