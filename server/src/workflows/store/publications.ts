// The row part of a workflow's newest publication.

import type { TenantId, Tx } from '#core';
import { query, sql } from '#storage';

export interface PublicationRow {
  /** `null`: none runs since the last one was retired. */
  readonly hash: string | null;
  readonly sequence: number;
  readonly by: string | null;
  readonly atMs: number | null;
  readonly signature: Uint8Array | null;
}

/** Held until the commit when the next one is about to be written. */
export async function readPublication(
  tx: Tx,
  tenant: TenantId,
  name: string,
  lock: 'look' | 'hold' = 'look',
): Promise<PublicationRow | null> {
  const { rows } = await sql<{ hash: string | null; sequence: number; by: string | null; at: Date | null; signature: Buffer | null }>`
    select published_hash as hash, publication as sequence, publication_by as by, publication_at as at, publication_signature as signature
    from workflows where tenant = ${tenant} and name = ${name} ${lock === 'hold' ? sql`for update` : sql``}`.execute(query(tx));
  const row = rows[0];
  if (row === undefined) return null;
  const { hash, sequence, by, at, signature } = row;
  return { hash, sequence, by, atMs: at?.getTime() ?? null, signature };
}

export async function savePublication(
  tx: Tx,
  tenant: TenantId,
  name: string,
  saved: {
    readonly hash: string | null;
    readonly sequence: number;
    readonly by: string;
    readonly atMs: number;
    readonly signature: Uint8Array;
  },
): Promise<void> {
  await sql`
    update workflows set published_hash = ${saved.hash}, publication = ${saved.sequence}, publication_by = ${saved.by},
      publication_at = ${new Date(saved.atMs)}, publication_signature = ${Buffer.from(saved.signature)}
    where tenant = ${tenant} and name = ${name}`.execute(query(tx));
}
