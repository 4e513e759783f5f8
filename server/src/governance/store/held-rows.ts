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
  /** Keyed hash of whose key it is under. */
  readonly subject: string | null;
  readonly sealed: Buffer;
}

export async function readHeldRows(tx: Tx, tenant: TenantId, refs: readonly string[]): Promise<readonly HeldRow[]> {
  const { rows } = await sql<HeldRow>`
    select ${GROUP} as ref, dataset, subject, sealed from governance_dataset_rows
    where tenant = ${tenant} and ${GROUP} = any(${[...refs]}::text[]) order by row_number`.execute(query(tx));
  return rows;
}

export async function dropHeldRows(tx: Tx, tenant: TenantId, refs: readonly string[]): Promise<number> {
  const { rows } = await sql`
    delete from governance_dataset_rows where tenant = ${tenant} and ${GROUP} = any(${[...refs]}::text[]) returning 1`.execute(query(tx));
  return rows.length;
}

/** Of these, those under whose key rows of a dataset still are. */
export async function keptMarks(tx: Tx, tenant: TenantId, marks: readonly string[]): Promise<readonly string[]> {
  const { rows } = await sql<{ subject: string }>`
    select distinct held.subject from governance_dataset_rows held join governance_datasets dataset
      on dataset.tenant = held.tenant and dataset.name = held.dataset
    where held.tenant = ${tenant} and held.subject = any(${[...marks]}::text[])`.execute(query(tx));
  return rows.map(({ subject }) => subject);
}

/** What the rows of one dataset are called among things that are held. */
export async function refsOfDataset(tx: Tx, tenant: TenantId, name: string): Promise<readonly string[]> {
  const { rows } = await sql<{ ref: string }>`
    select distinct ${GROUP} as ref from governance_dataset_rows where tenant = ${tenant} and dataset = ${name}`.execute(query(tx));
  return rows.map(({ ref }) => ref);
}
