// Rows of credentials. It must never see a secret in clear.

import type { CredentialId, TenantId, Tx } from '#core';
import { notify, query } from '#storage';

export interface CredentialRow {
  readonly id: CredentialId;
  readonly name: string;
  readonly origin: string;
  readonly methods: readonly string[];
  readonly pathPrefix: string;
  readonly header: string;
  readonly prefix: string;
  readonly sealed: Buffer;
  readonly changedAt: Date;
}

interface Tables {
  vault_credentials: {
    tenant: string;
    id: string;
    name: string;
    origin: string;
    methods: readonly string[];
    path_prefix: string;
    header: string;
    prefix: string;
    sealed: Buffer;
    changed_at: Date;
  };
}

/** Tells every process to forget what it holds of a credential, once the change is committed. */
export const CREDENTIALS_CHANNEL = 'sallyport_credentials';

const COLUMNS = [
  'id',
  'name',
  'origin',
  'methods',
  'path_prefix as pathPrefix',
  'header',
  'prefix',
  'sealed',
  'changed_at as changedAt',
] as const;

export async function findCredential(tx: Tx, tenant: TenantId, by: { id: CredentialId } | { name: string }): Promise<CredentialRow | null> {
  const rows = query<Tables>(tx).selectFrom('vault_credentials').select(COLUMNS).where('tenant', '=', tenant);
  const row = await ('id' in by ? rows.where('id', '=', by.id) : rows.where('name', '=', by.name)).executeTakeFirst();
  return row === undefined ? null : { ...row, id: row.id as CredentialId };
}

export async function listCredentials(tx: Tx, tenant: TenantId): Promise<readonly CredentialRow[]> {
  const rows = await query<Tables>(tx)
    .selectFrom('vault_credentials')
    .select(COLUMNS)
    .where('tenant', '=', tenant)
    .orderBy('name')
    .execute();
  return rows.map((row) => ({ ...row, id: row.id as CredentialId }));
}

export async function saveCredential(tx: Tx, tenant: TenantId, row: CredentialRow): Promise<void> {
  const { id, name, origin, methods, pathPrefix, header, prefix, sealed, changedAt } = row;
  const columns = { origin, methods: [...methods], path_prefix: pathPrefix, header, prefix, sealed, changed_at: changedAt };
  await query<Tables>(tx)
    .insertInto('vault_credentials')
    .values({ tenant, id, name, ...columns })
    .onConflict((conflict) => conflict.columns(['tenant', 'id']).doUpdateSet(columns))
    .execute();
  await notify(tx, CREDENTIALS_CHANNEL, `${tenant} ${id}`);
}

/** True when there was one. */
export async function deleteCredential(tx: Tx, tenant: TenantId, id: CredentialId): Promise<boolean> {
  const deleted = await query<Tables>(tx)
    .deleteFrom('vault_credentials')
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .executeTakeFirst();
  await notify(tx, CREDENTIALS_CHANNEL, `${tenant} ${id}`);
  return deleted.numDeletedRows > 0n;
}
