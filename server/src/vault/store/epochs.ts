// Rows of epochs and of erasures that wait for one to end. Epochs are the installation's; their keys are in a file and never here.
// INVARIANT: while a transaction that adds or erases a subject key is open, the current epoch does not change.

import type { TenantId, Tx } from '#core';
import { query, sql } from '#storage';

export type EpochState = 'prepared' | 'current' | 'ending' | 'destroyed';

export interface EpochRow {
  readonly epoch: number;
  readonly keyId: string;
  readonly state: EpochState;
  readonly preparedAt: Date;
  readonly currentAt: Date | null;
  readonly destroyedAt: Date | null;
}

interface Tables {
  vault_epochs: {
    epoch: number;
    key_id: string;
    state: EpochState;
    prepared_at: Date;
    current_at: Date | null;
    destroyed_at: Date | null;
  };
  vault_erasures: { tenant: string; key: string; epoch: number; erased_at: Date };
}

/** Held shared by whoever adds or erases a key, whole by whoever changes what new keys are wrapped with. */
const WRITERS = sql`7255901491`;
/** Held by the one process that works on the key files. */
const TURN = sql`7255901492`;

/** To the end of the transaction. Says what a new key is wrapped with from here on; a statement of its own, so that it sees what was committed meanwhile. */
export async function joinEpoch(tx: Tx): Promise<void> {
  await sql`select pg_advisory_xact_lock_shared(${WRITERS})`.execute(query(tx));
}

/** Waits for every open transaction that adds or erases a key, and keeps new ones waiting to the end of this one. */
export async function shutOutWriters(tx: Tx): Promise<void> {
  await sql`select pg_advisory_xact_lock(${WRITERS})`.execute(query(tx));
}

/** False: another process has it. */
export async function takeTurn(tx: Tx): Promise<boolean> {
  const { rows } = await sql<{ taken: boolean }>`select pg_try_advisory_xact_lock(${TURN}) as taken`.execute(query(tx));
  return rows[0]?.taken === true;
}

/** 0 when the installation has none yet. */
export async function currentEpoch(tx: Tx): Promise<number> {
  const row = await query<Tables>(tx).selectFrom('vault_epochs').select('epoch').where('state', '=', 'current').executeTakeFirst();
  return row?.epoch ?? 0;
}

/** Newest first. */
export async function listEpochs(tx: Tx): Promise<readonly EpochRow[]> {
  return query<Tables>(tx)
    .selectFrom('vault_epochs')
    .select(['epoch', 'key_id as keyId', 'state', 'prepared_at as preparedAt', 'current_at as currentAt', 'destroyed_at as destroyedAt'])
    .orderBy('epoch', 'desc')
    .execute();
}

export async function addEpoch(tx: Tx, row: { epoch: number; keyId: string; state: EpochState; at: Date }): Promise<void> {
  await query<Tables>(tx)
    .insertInto('vault_epochs')
    .values({
      epoch: row.epoch,
      key_id: row.keyId,
      state: row.state,
      prepared_at: row.at,
      current_at: row.state === 'prepared' ? null : row.at,
      destroyed_at: null,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

export async function markEpoch(tx: Tx, epoch: number, state: EpochState, at: Date): Promise<void> {
  const moment = state === 'current' ? { current_at: at } : state === 'destroyed' ? { destroyed_at: at } : {};
  await query<Tables>(tx)
    .updateTable('vault_epochs')
    .set({ state, ...moment })
    .where('epoch', '=', epoch)
    .execute();
}

/** For a database that was put back: it speaks of epochs of another time. */
export async function forgetEpochs(tx: Tx): Promise<void> {
  await query<Tables>(tx).deleteFrom('vault_epochs').execute();
}

/** 0 when the tenant has none. */
export async function newestVersion(tx: Tx, tenant: TenantId): Promise<number> {
  const { rows } = await sql<{ version: number | null }>`
    select max(version) as version from vault_tenant_keys where tenant = ${tenant}`.execute(query(tx));
  return rows[0]?.version ?? 0;
}

export async function addErasures(
  tx: Tx,
  tenant: TenantId,
  { keys, epoch, erasedAt }: { keys: readonly string[]; epoch: number; erasedAt: Date },
): Promise<void> {
  await sql`insert into vault_erasures (tenant, key, epoch, erased_at)
    select ${tenant}, key, ${epoch}::integer, ${erasedAt} from unnest(${[...keys]}::text[]) key on conflict do nothing`.execute(query(tx));
}

/** Erasures that the destruction of an epoch has not made final yet. */
export async function countPending(tx: Tx, closed: number): Promise<{ readonly count: number; readonly oldestAt: Date | null }> {
  const { rows } = await sql<{ count: number; oldestAt: Date | null }>`
    select count(*)::integer as count, min(erased_at) as "oldestAt" from vault_erasures where epoch > ${closed}`.execute(query(tx));
  return rows[0] ?? { count: 0, oldestAt: null };
}

/** Whether any subject key is wrapped under an epoch before this one. */
export async function isWrappedBefore(tx: Tx, epoch: number): Promise<boolean> {
  const { rows } = await sql<{ is: boolean }>`select exists (select 1 from vault_subject_keys where epoch < ${epoch}) as is`.execute(
    query(tx),
  );
  return rows[0]?.is !== false;
}
