// The index of the log by blocks: which block may hold an answer, and the blocks that are still to be made.
// INVARIANT: it is derived from the log. Without it, or with a part of it gone, the same answers are found, slower.

import type { TenantId, Tx } from '#core';
import { query, sql } from '#storage';
import type { BlockIndex } from '../query/query-block.ts';

export interface FoundBlock {
  readonly block: number;
  /** Null when nothing in it can be an answer. */
  readonly columns: Buffer | null;
}

export interface BlockQuery {
  readonly version: number;
  /** Newest first, below this block. */
  readonly below: number;
  readonly limit: number;
  readonly fromMs: number | null;
  readonly toMs: number | null;
  /** Only blocks that hold a type with this beginning, or one of these types. */
  readonly typePrefix: string | null;
  readonly types: readonly string[] | null;
  /** Bits that are all set in the filter of a block that holds an answer. */
  readonly bits: readonly number[];
}

const timeOf = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

export function blockStatement(tenant: TenantId, wanted: BlockQuery) {
  const [from, to] = [timeOf(wanted.fromMs), timeOf(wanted.toMs)];
  return sql<{ block: bigint; columns: Buffer | null }>`
    select found.block, case when (${from}::timestamptz is null or found.last_at >= ${from}) and (${to}::timestamptz is null or found.first_at < ${to})
      and (${wanted.typePrefix}::text is null or exists (select 1 from unnest(found.types) held where starts_with(held, ${wanted.typePrefix})))
      and (${wanted.types}::text[] is null or found.types && ${wanted.types}::text[])
      and not exists (select 1 from unnest(${[...wanted.bits]}::int[]) bit where get_bit(substring(found.filter from bit / 8 + 1 for 1), bit % 8) = 0)
      then found.columns end as columns
    from audit_search found where found.tenant = ${tenant} and found.version = ${wanted.version} and found.block < ${wanted.below}
    order by found.block desc limit ${wanted.limit}`;
}

export async function findBlocks(tx: Tx, tenant: TenantId, wanted: BlockQuery): Promise<readonly FoundBlock[]> {
  const { rows } = await blockStatement(tenant, wanted).execute(query(tx));
  return rows.map((row) => ({ block: Number(row.block), columns: row.columns }));
}

/** The tenants of which whole blocks are not indexed yet: how many blocks they have, and the first one that is missing. */
export async function listBehind(
  tx: Tx,
  { version, size, limit, except }: { version: number; size: number; limit: number; except: readonly TenantId[] },
): Promise<readonly { readonly tenant: TenantId; readonly next: number; readonly blocks: number }[]> {
  const { rows } = await sql<{ tenant: TenantId; next: bigint; blocks: bigint }>`
    select tree.tenant, tree.size / ${size} as blocks, coalesce(newest.block + 1, 0) as next from audit_tree tree
    left join lateral (select block from audit_search made where made.tenant = tree.tenant and made.version = ${version}
      order by block desc limit 1) newest on true
    where tree.size >= ${size} and tree.tenant <> all(${[...except]}::text[]) and tree.size / ${size} > coalesce(newest.block + 1, 0) limit ${limit}`.execute(
    query(tx),
  );
  return rows.map((row) => ({ tenant: row.tenant, next: Number(row.next), blocks: Number(row.blocks) }));
}

/** Another process may have made the same block: it is the same then. */
export async function insertBlock(
  tx: Tx,
  made: BlockIndex & { readonly tenant: TenantId; readonly version: number; readonly block: number },
): Promise<void> {
  await sql`insert into audit_search (tenant, version, block, first_at, last_at, types, filter, columns)
    values (${made.tenant}, ${made.version}, ${made.block}, ${timeOf(made.firstAtMs)}, ${timeOf(made.lastAtMs)}, ${[...made.types]}::text[],
      ${made.filter}, ${made.columns}) on conflict do nothing`.execute(query(tx));
}

export interface StoredBlock extends BlockIndex {
  readonly tenant: TenantId;
  readonly block: number;
}

/** The block that stands after another one, over all tenants; null after the last. */
export async function blockAfter(
  tx: Tx,
  version: number,
  after: { readonly tenant: TenantId; readonly block: number } | null,
): Promise<StoredBlock | null> {
  const { rows } = await sql<{
    tenant: TenantId;
    block: bigint;
    first_at: Date;
    last_at: Date;
    types: string[];
    filter: Buffer;
    columns: Buffer;
  }>`select tenant, block, first_at, last_at, types, filter, columns from audit_search
    where version = ${version} and (tenant, block) > (${after?.tenant ?? ''}, ${after?.block ?? -1}::bigint)
    order by tenant, block limit 1`.execute(query(tx));
  const [row] = rows;
  if (row === undefined) return null;
  const { tenant, block, types, filter, columns } = row;
  return { tenant, block: Number(block), types, filter, columns, firstAtMs: row.first_at.getTime(), lastAtMs: row.last_at.getTime() };
}

export async function dropBlock(tx: Tx, at: { tenant: TenantId; version: number; block: number }): Promise<void> {
  await sql`delete from audit_search where tenant = ${at.tenant} and version = ${at.version} and block = ${at.block}`.execute(query(tx));
}

/** Of versions before the one before this: no process of this installation reads them any more. */
export async function dropOldBlocks(tx: Tx, version: number): Promise<void> {
  await sql`delete from audit_search where version < ${version - 1}`.execute(query(tx));
}
