// Rows of generations of subject keys, and the lock that says who seals: which tenant's values are being sealed anew, and how far that is.
// INVARIANT: whoever seals holds the lock of its tenant from before it asks for the generation to the end of its transaction.

import type { TenantId, Tx } from '#core';
import { query, sql } from '#storage';

/** With the tenant: held shared by whoever seals for it (the function `vault_sealing_keys` takes it), whole for a moment by who waits until nobody seals under an older generation. */
const SEALERS = sql`17255901`;
/** With the tenant: the one process that seals its values anew. */
const TURN = sql`17255902`;

/** Waits a moment for every open transaction that seals for the tenant: those that wait behind it wait as long. Throws when it was not enough. */
export async function waitForSealers(tx: Tx, tenant: TenantId): Promise<void> {
  await sql`select set_config('lock_timeout', '200ms', true)`.execute(query(tx));
  await sql`select pg_advisory_xact_lock(${SEALERS}, hashtext(${tenant}))`.execute(query(tx));
}

/** False: another process seals this tenant's values anew. The transaction waits for locks of others no longer than a moment. */
export async function takeTurnFor(tx: Tx, tenant: TenantId): Promise<boolean> {
  const { rows } = await sql<{ taken: boolean }>`select pg_try_advisory_xact_lock(${TURN}, hashtext(${tenant})) as taken,
    set_config('lock_timeout', '200ms', true)`.execute(query(tx));
  return rows[0]?.taken === true;
}

export interface GenerationRow {
  readonly tenant: TenantId;
  readonly generation: number;
  readonly state: 'running' | 'done';
  readonly sealed: number;
  readonly erased: number;
  readonly startedAt: Date;
  readonly finishedAt: Date | null;
  readonly destroyed: number;
  readonly destroyedAt: Date | null;
}

const ROW = sql`tenant, generation, state, sealed::double precision as sealed, erased::double precision as erased, started_at as "startedAt",
  finished_at as "finishedAt", destroyed, destroyed_at as "destroyedAt"`;

/** The newest of the tenant; null when its values were never sealed anew. */
export async function newestGeneration(tx: Tx, tenant: TenantId): Promise<GenerationRow | null> {
  const { rows } = await sql<GenerationRow>`
    select ${ROW} from vault_reencryptions where tenant = ${tenant} order by generation desc limit 1`.execute(query(tx));
  return rows[0] ?? null;
}

/** Over all tenants: the newest of each. */
export async function listGenerations(tx: Tx): Promise<readonly GenerationRow[]> {
  const { rows } = await sql<GenerationRow>`
    select distinct on (tenant) ${ROW} from vault_reencryptions order by tenant, generation desc`.execute(query(tx));
  return rows;
}

/** Over all tenants: those that have keys. */
export async function tenantsWithKeys(tx: Tx): Promise<readonly TenantId[]> {
  const { rows } = await sql<{ tenant: TenantId }>`select distinct tenant from vault_tenant_keys order by tenant`.execute(query(tx));
  return rows.map(({ tenant }) => tenant);
}

/** One more, from which on everything is sealed; nothing while one is running. */
export async function beginGeneration(tx: Tx, tenant: TenantId, { by, at }: { readonly by: string; readonly at: Date }): Promise<void> {
  await sql`insert into vault_reencryptions (tenant, generation, state, asked_by, started_at)
    select ${tenant}, coalesce(max(generation), 1) + 1, 'running', ${by}, ${at} from vault_reencryptions where tenant = ${tenant}
    having not coalesce(bool_or(state = 'running'), false) on conflict do nothing`.execute(query(tx));
}

export async function countSealed(tx: Tx, tenant: TenantId, { generation, sealed }: { generation: number; sealed: number }): Promise<void> {
  await sql`update vault_reencryptions set sealed = sealed + ${sealed}
    where tenant = ${tenant} and generation = ${generation}`.execute(query(tx));
}

export async function finishGeneration(
  tx: Tx,
  tenant: TenantId,
  { generation, erased, at }: { readonly generation: number; readonly erased: number; readonly at: Date },
): Promise<void> {
  await sql`update vault_reencryptions set state = 'done', erased = ${erased}, finished_at = ${at}
    where tenant = ${tenant} and generation = ${generation}`.execute(query(tx));
}

export async function countDestroyed(
  tx: Tx,
  tenant: TenantId,
  { generation, destroyed, at }: { readonly generation: number; readonly destroyed: number; readonly at: Date },
): Promise<void> {
  await sql`update vault_reencryptions set destroyed = destroyed + ${destroyed}, destroyed_at = ${at}
    where tenant = ${tenant} and generation = ${generation}`.execute(query(tx));
}

/** Held to the end of the transaction, so that an erasure waits; those that are not given were erased. */
export async function holdKeys(tx: Tx, tenant: TenantId, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ id: string }>`
    select id from vault_subject_keys where tenant = ${tenant} and id = any(${[...ids]}::text[]) order by id for key share`.execute(
    query(tx),
  );
  return new Set(rows.map(({ id }) => id));
}

export interface FaultRow {
  readonly place: string;
  readonly ref: string;
  readonly generation: number;
  readonly code: string;
  readonly keys: readonly string[];
}

export async function addFault(tx: Tx, tenant: TenantId, fault: FaultRow): Promise<void> {
  await sql`insert into vault_reencryption_faults (tenant, place, ref, generation, code, keys)
    values (${tenant}, ${fault.place}, ${fault.ref}, ${fault.generation}, ${fault.code}, ${[...fault.keys]}::text[])
    on conflict (tenant, place, ref) do update set generation = excluded.generation, code = excluded.code, keys = excluded.keys`.execute(
    query(tx),
  );
}

/** Those of earlier generations: what is still so was found again. */
export async function dropOlderFaults(tx: Tx, tenant: TenantId, generation: number): Promise<void> {
  await sql`delete from vault_reencryption_faults where tenant = ${tenant} and generation < ${generation}`.execute(query(tx));
}

/** Ids of the keys that stand in them. */
export async function keysOfFaults(tx: Tx, tenant: TenantId): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string }>`
    select distinct unnest(keys) as id from vault_reencryption_faults where tenant = ${tenant}`.execute(query(tx));
  return rows.map(({ id }) => id);
}

/** Over all tenants: keys of generations before their tenant's newest. */
export async function countOlderKeys(tx: Tx): Promise<ReadonlyMap<TenantId, number>> {
  const { rows } = await sql<{ tenant: TenantId; keys: number }>`
    with newest as (select tenant, max(generation) as generation from vault_reencryptions group by tenant)
    select k.tenant, count(*)::integer as keys from vault_subject_keys k join newest n on n.tenant = k.tenant and k.generation < n.generation
    group by k.tenant`.execute(query(tx));
  return new Map(rows.map(({ tenant, keys }) => [tenant, keys]));
}

/** Keys of earlier generations, but these; gives the ids of those that are gone. */
export async function deleteOlderKeys(
  tx: Tx,
  tenant: TenantId,
  { generation, except }: { readonly generation: number; readonly except: readonly string[] },
): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string }>`
    delete from vault_subject_keys where tenant = ${tenant} and generation < ${generation} and id <> all(${[...except]}::text[])
    returning id`.execute(query(tx));
  return rows.map(({ id }) => id);
}

/** Over all tenants, for those who look: what could not be opened. */
export async function listFaults(
  tx: Tx,
  limit: number,
): Promise<{ readonly count: number; readonly rows: readonly (FaultRow & { readonly tenant: TenantId })[] }> {
  const { rows } = await sql<FaultRow & { tenant: TenantId; count: number }>`
    select tenant, place, ref, generation, code, keys, (count(*) over ())::integer as count from vault_reencryption_faults
    order by tenant, place, ref limit ${limit}`.execute(query(tx));
  return { count: rows[0]?.count ?? 0, rows: rows.map(({ count: _, ...row }) => row) };
}
