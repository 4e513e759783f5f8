// Rows of wrapped keys. It must never see a key in clear.

import type { TenantId, Tx } from '#core';
import { query, type RoomDatabase, sql } from '#storage';
import { endTokensOfKeys } from './tokens.ts';

export interface TenantKeyRow {
  readonly version: number;
  readonly kek: string;
  readonly wrapped: Buffer;
  /** False while the transaction that made the row is still open: such a key may yet be rolled back. */
  readonly isCommitted: boolean;
}

export interface SubjectKeyRow {
  readonly id: string;
  readonly subject: string;
  /** One more each time the tenant's values are sealed anew under new keys. */
  readonly generation: number;
  /** Version of the tenant key it was made under; what is sealed with it stays bound to that. */
  readonly tenantKey: number;
  /** Version of the tenant key that wraps it now. */
  readonly wrapKey: number;
  /** Epoch that wraps it with the tenant key; 0: none does. */
  readonly epoch: number;
  readonly wrapped: Buffer;
}

interface Tables {
  vault_tenant_keys: { tenant: string; version: number; kek: string; wrapped: Buffer; created_at: Date };
  vault_subject_keys: {
    tenant: string;
    id: string;
    subject: string;
    generation: number;
    tenant_key: number;
    wrap_key: number | null;
    epoch: number;
    wrapped: Buffer;
    created_at: Date;
  };
}

/** The newest key of the tenant, or the one of that version. */
export async function findTenantKey(tx: Tx, tenant: TenantId, version?: number): Promise<TenantKeyRow | null> {
  let wanted = query<Tables>(tx)
    .selectFrom('vault_tenant_keys')
    .select(['version', 'kek', 'wrapped'])
    .select(sql<boolean>`coalesce(xmin <> pg_current_xact_id_if_assigned()::xid, true)`.as('isCommitted'))
    .where('tenant', '=', tenant);
  if (version !== undefined) wanted = wanted.where('version', '=', version);
  return (await wanted.orderBy('version', 'desc').limit(1).executeTakeFirst()) ?? null;
}

/** Adds nothing when another transaction was first. */
export async function addTenantKey(
  tx: Tx,
  tenant: TenantId,
  row: { version: number; kek: string; wrapped: Buffer; createdAt: Date },
): Promise<void> {
  const { createdAt, ...columns } = row;
  await query<Tables>(tx)
    .insertInto('vault_tenant_keys')
    .values({ tenant, ...columns, created_at: createdAt })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

const wrapKey = sql<number>`coalesce(wrap_key, tenant_key)`.as('wrapKey');
const SUBJECT_KEY = ['id', 'subject', 'generation', 'tenant_key as tenantKey', wrapKey, 'epoch', 'wrapped'] as const;

export async function findSubjectKey(tx: Tx, tenant: TenantId, id: string): Promise<SubjectKeyRow | null> {
  const rows = query<Tables>(tx).selectFrom('vault_subject_keys').select(SUBJECT_KEY).where('tenant', '=', tenant);
  return (await rows.where('id', '=', id).executeTakeFirst()) ?? null;
}

/**
 * For whoever seals: the tenant's newest generation, and those keys of it that are of these subjects. From here to the end of the transaction
 * `waitForSealers` waits for it.
 */
export async function findNewestKeys(
  tx: Tx,
  tenant: TenantId,
  subjects: readonly string[],
): Promise<{ readonly generation: number; readonly rows: readonly SubjectKeyRow[] }> {
  const { rows } = await sql<Omit<SubjectKeyRow, 'id'> & { id: string | null }>`
    select newest as generation, id, subject, tenant_key as "tenantKey", wrap_key as "wrapKey", epoch, wrapped
    from vault_sealing_keys(${tenant}, ${[...subjects]}::text[])`.execute(query(tx));
  const [first] = rows;
  if (first === undefined) throw new Error('the generation is told without keys too');
  return { generation: first.generation, rows: rows.flatMap(({ id, ...row }) => (id === null ? [] : [{ ...row, id }])) };
}

/** Ids of every key of the subject, of whichever generation. */
export async function listKeyIds(tx: Tx, tenant: TenantId, subject: string): Promise<readonly string[]> {
  const rows = query<Tables>(tx).selectFrom('vault_subject_keys').select('id').where('tenant', '=', tenant);
  return (await rows.where('subject', '=', subject).execute()).map(({ id }) => id);
}

/** In no particular order; those that were erased are not among them. */
export async function findSubjectKeys(tx: Tx, tenant: TenantId, ids: readonly string[]): Promise<readonly SubjectKeyRow[]> {
  const rows = query<Tables>(tx).selectFrom('vault_subject_keys').select(SUBJECT_KEY).where('tenant', '=', tenant);
  return rows.where('id', 'in', [...ids]).execute();
}

/** Adds nothing for a subject that has a key of that generation. */
export async function addSubjectKeys(
  tx: Tx,
  tenant: TenantId,
  rows: readonly (SubjectKeyRow & { readonly createdAt: Date })[],
): Promise<void> {
  await query<Tables>(tx)
    .insertInto('vault_subject_keys')
    .values(
      rows.map(({ id, subject, generation, tenantKey, wrapKey: wrap_key, epoch, wrapped, createdAt }) => ({
        ...{ tenant, id, subject, generation, tenant_key: tenantKey, wrap_key, epoch, wrapped },
        created_at: createdAt,
      })),
    )
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Ids of the keys that are gone, of these subjects. */
export async function deleteSubjectKeys(tx: Tx, tenant: TenantId, subjects: readonly string[]): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string }>`
    delete from vault_subject_keys where tenant = ${tenant} and subject = any(${[...subjects]}::text[]) returning id`.execute(query(tx));
  return rows.map(({ id }) => id);
}

/** Those of these keys that are here; gives how many there were. Tokens under them end. */
export async function deleteKeysById(tx: Tx, tenant: TenantId, ids: readonly string[]): Promise<number> {
  await endTokensOfKeys(tx, tenant, ids, null);
  const { rows } =
    await sql`delete from vault_subject_keys where tenant = ${tenant} and id = any(${[...ids]}::text[]) returning id`.execute(query(tx));
  return rows.length;
}

export interface AnyTenantKey {
  readonly tenant: string;
  readonly version: number;
  readonly kek: string;
  readonly wrapped: Buffer;
}

/** One tenant key for each key file that wraps any, over all tenants. */
export async function findKeysOfEachFile(db: RoomDatabase): Promise<readonly AnyTenantKey[]> {
  return db.asSystem('installer', (tx) =>
    query<Tables>(tx)
      .selectFrom('vault_tenant_keys')
      .distinctOn('kek')
      .select(['tenant', 'version', 'kek', 'wrapped'])
      .orderBy('kek')
      .execute(),
  );
}
