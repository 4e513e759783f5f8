// Rows of datasets as a place that holds data of people: all rows of one person in one dataset are one thing.

import type { TenantId, Tx } from '#core';
import { query, sql } from '#storage';

/** `<dataset> <rows version> <whose>`: rows of nobody in particular each stand for themselves. */
const GROUP = sql`dataset || ' ' || version || ' ' || coalesce(subject, '#' || row_number)`;

export async function changedRows(tx: Tx, tenant: TenantId): Promise<readonly { readonly ref: string; readonly mark: string }[]> {
  const { rows } = await sql<{ ref: string; mark: string }>`
    select ${GROUP} as ref, count(*)::text as mark from governance_dataset_rows where tenant = ${tenant} group by 1`.execute(query(tx));
  return rows;
}

export interface HeldRow {
  readonly ref: string;
  readonly dataset: string;
  readonly sealed: Buffer;
}

export async function readHeldRows(tx: Tx, tenant: TenantId, refs: readonly string[]): Promise<readonly HeldRow[]> {
  const { rows } = await sql<HeldRow>`
    select ${GROUP} as ref, dataset, sealed from governance_dataset_rows
    where tenant = ${tenant} and ${GROUP} = any(${[...refs]}::text[]) order by row_number`.execute(query(tx));
  return rows;
}

export async function dropHeldRows(tx: Tx, tenant: TenantId, refs: readonly string[]): Promise<number> {
  const { rows } = await sql`
    delete from governance_dataset_rows where tenant = ${tenant} and ${GROUP} = any(${[...refs]}::text[]) returning 1`.execute(query(tx));
  return rows.length;
}
