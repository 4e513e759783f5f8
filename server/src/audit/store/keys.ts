// The chain of signing keys and the beginnings of epochs, as the database has them. Whoever reads them checks the signatures.

import type { Tx } from '#core';
import { query, sql } from '#storage';
import type { KeyLink } from '../signing/ledger-signer.ts';
import { createGlobalTree } from './trees.ts';

interface KeyRow {
  sequence: number;
  verifier_key: string;
  statement: string | null;
  added_at: Date;
  ended_at: Date | null;
}

export async function readKeyChain(tx: Tx): Promise<readonly KeyLink[]> {
  const { rows } = await sql<KeyRow>`select key.sequence, key.verifier_key, key.statement, key.added_at, ended.ended_at
    from audit_key key left join audit_key_end ended using (sequence) order by key.sequence`.execute(query(tx));
  return rows.map((row) => ({
    sequence: row.sequence,
    verifierKey: row.verifier_key,
    statement: row.statement,
    addedAtMs: row.added_at.getTime(),
    endedAtMs: row.ended_at?.getTime() ?? null,
  }));
}

/** The ledger and its first key, once. A ledger that bears another name is left alone. */
export async function foundLedger(tx: Tx, key: { origin: string; verifierKey: string; atMs: number }): Promise<void> {
  await createGlobalTree(tx, key.origin);
  await sql`insert into audit_key (sequence, verifier_key, added_at)
    select 1, ${key.verifierKey}, ${new Date(key.atMs).toISOString()}::timestamptz from audit_global
    where origin in (${key.origin}, ${key.origin} || '.' || epoch) on conflict do nothing`.execute(query(tx));
}

export async function insertKey(tx: Tx, key: Pick<KeyLink, 'sequence' | 'verifierKey' | 'statement' | 'addedAtMs'>): Promise<void> {
  await sql`insert into audit_key (sequence, verifier_key, statement, added_at)
    values (${key.sequence}, ${key.verifierKey}, ${key.statement}, ${new Date(key.addedAtMs).toISOString()})`.execute(query(tx));
}

export async function endKey(tx: Tx, sequence: number, atMs: number): Promise<void> {
  await sql`insert into audit_key_end (sequence, ended_at) values (${sequence}, ${new Date(atMs).toISOString()}) on conflict do nothing`.execute(
    query(tx),
  );
}

export interface EpochRow {
  readonly epoch: number;
  readonly origin: string;
  readonly record: string;
}

/** Epochs after the first, oldest first. */
export async function readEpochs(tx: Tx): Promise<readonly EpochRow[]> {
  const { rows } = await sql<EpochRow>`select epoch, origin, record from audit_epoch order by epoch`.execute(query(tx));
  return rows;
}

export async function insertEpoch(tx: Tx, row: EpochRow & { readonly atMs: number }): Promise<void> {
  await sql`insert into audit_epoch (epoch, origin, record, started_at)
    values (${row.epoch}, ${row.origin}, ${row.record}, ${new Date(row.atMs).toISOString()})`.execute(query(tx));
}
