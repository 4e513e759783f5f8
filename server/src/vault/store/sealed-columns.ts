// Rows of sealed columns, of whichever room's table: its list says where they are. Reads which key a value is under, and puts another
// ciphertext in its place. INVARIANT: a value is replaced only while it is the one that was read.

import type { RowKey, SealedColumn, TenantId, Tx } from '#core';
import { query, sql } from '#storage';

/** How the id of its key stands in a sealed value. */
const keyIdOf = (column: string) => sql`rtrim(translate(encode(substring(t.${sql.ref(column)} from 2 for 16), 'base64'), '+/', '-_'), '=')`;

export interface SealedRow {
  readonly row: RowKey;
  /** Generation of its key; null when that was erased. */
  readonly generation: number | null;
  readonly keyId: string;
  /** Its first byte; null when it has none. */
  readonly first: number | null;
  /** Only of rows under a generation before the one asked for. */
  readonly sealed: Buffer | null;
}

/** The next rows after this key that hold something, in the order of their keys. */
export async function pageOfSealed(
  tx: Tx,
  tenant: TenantId,
  { column, after, before, limit }: { column: SealedColumn; after: RowKey | null; before: number; limit: number },
): Promise<readonly SealedRow[]> {
  const keys = column.key.map((name) => sql`t.${sql.ref(name)}`);
  const beyond = after === null ? sql`` : sql`and (${sql.join(keys)}) > (${sql.join(column.key.map((name) => sql`${after[name]}`))})`;
  const named = [...column.key, ...(column.beside ?? [])].map((name) => sql`${sql.lit(name)}, t.${sql.ref(name)}::text`);
  const { rows } = await sql<SealedRow>`
    select jsonb_build_object(${sql.join(named)}) as row, k.generation, ${keyIdOf(column.column)} as "keyId",
      case when octet_length(t.${sql.ref(column.column)}) > 0 then get_byte(t.${sql.ref(column.column)}, 0) end as first,
      case when k.generation < ${before} then t.${sql.ref(column.column)} end as sealed
    from ${sql.table(column.table)} t left join vault_subject_keys k on k.tenant = t.tenant and k.id = ${keyIdOf(column.column)}
    where t.tenant = ${tenant} and t.${sql.ref(column.column)} is not null ${beyond}
    order by ${sql.join(keys)} limit ${limit}`.execute(query(tx));
  return rows;
}

const isRow = (column: SealedColumn, tenant: TenantId, row: RowKey) =>
  sql.join([sql`tenant = ${tenant}`, ...column.key.map((name) => sql`${sql.ref(name)} = ${row[name]}`)], sql` and `);

/** Holds a row that is still as it was read, when nobody else does. Waits for nobody. */
export async function holdSealed(
  tx: Tx,
  tenant: TenantId,
  { column, row, sealed }: { column: SealedColumn; row: RowKey; sealed: Uint8Array },
): Promise<boolean> {
  const { rows } = await sql`select 1 from ${sql.table(column.table)} where ${isRow(column, tenant, row)}
    and ${sql.ref(column.column)} = ${Buffer.from(sealed)} for no key update skip locked`.execute(query(tx));
  return rows.length === 1;
}

/** False when another value is there by now. */
export async function replaceSealed(
  tx: Tx,
  tenant: TenantId,
  { column, row, before, after }: { column: SealedColumn; row: RowKey; before: Uint8Array; after: Uint8Array },
): Promise<boolean> {
  const done = await sql`update ${sql.table(column.table)} set ${sql.ref(column.column)} = ${Buffer.from(after)}
    where ${isRow(column, tenant, row)} and ${sql.ref(column.column)} = ${Buffer.from(before)}`.execute(query(tx));
  return done.numAffectedRows === 1n;
}

/** Whether any value that opens is of the first form: its first byte is lower. */
export async function hasFirstForm(tx: Tx, tenant: TenantId, column: SealedColumn): Promise<boolean> {
  const { rows } = await sql<{ has: boolean }>`
    select exists (select 1 from ${sql.table(column.table)} t join vault_subject_keys k on k.tenant = t.tenant and k.id = ${keyIdOf(column.column)}
      where t.tenant = ${tenant} and octet_length(t.${sql.ref(column.column)}) > 0 and get_byte(t.${sql.ref(column.column)}, 0) < 32) as has`.execute(
    query(tx),
  );
  return rows[0]?.has !== false;
}
