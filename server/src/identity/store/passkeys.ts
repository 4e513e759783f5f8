// Rows of passkeys and recovery codes. What was removed stays as a row: signatures made with it stand in old decisions.

import type { PasskeyId, PersonId, TenantId, Tx } from '#core';
import { type Database, query, sql } from '#storage';

export interface PasskeyRow {
  readonly tenant: TenantId;
  readonly id: PasskeyId;
  readonly person: PersonId;
  /** Base64url, as the authenticator made it. */
  readonly credential: string;
  /** COSE. */
  readonly publicKey: Buffer;
  /** Host it was made for. */
  readonly rp: string;
  readonly seal: Buffer;
  readonly name: string;
  readonly transports: readonly string[];
  readonly counter: bigint;
  readonly isSynced: boolean;
  readonly createdAt: Date;
  readonly usedAt: Date | null;
  readonly removedAt: Date | null;
}

const COLUMNS = sql.raw(`tenant, id, person, credential, public_key as "publicKey", rp, seal, name, transports, counter,
  is_synced as "isSynced", created_at as "createdAt", used_at as "usedAt", removed_at as "removedAt"`);

/** False when a credential of that id is known already, of whomever. */
export async function insertPasskey(tx: Tx, row: Omit<PasskeyRow, 'usedAt' | 'removedAt'>): Promise<boolean> {
  const { rows } = await sql`
    insert into identity_passkeys (tenant, id, person, credential, public_key, rp, seal, name, transports, counter, is_synced, created_at)
    values (${row.tenant}, ${row.id}, ${row.person}, ${row.credential}, ${row.publicKey}, ${row.rp}, ${row.seal}, ${row.name},
      ${[...row.transports]}, ${row.counter}, ${row.isSynced}, ${row.createdAt})
    on conflict (credential) do nothing returning id`.execute(query(tx));
  return rows.length === 1;
}

/** Over all tenants: whoever signs in has not said yet where they belong. */
export async function findCredential(db: Database, credential: string): Promise<PasskeyRow | null> {
  const { rows } = await db.asSystem('authenticator', (tx) =>
    sql<PasskeyRow>`select ${COLUMNS} from identity_passkeys where credential = ${credential}`.execute(query(tx)),
  );
  return rows[0] ?? null;
}

/** A person's passkeys, oldest first; those that were removed only when they are asked for. */
export async function listPasskeys(
  tx: Tx,
  tenant: TenantId,
  person: PersonId,
  which: 'present' | 'all' = 'present',
): Promise<readonly PasskeyRow[]> {
  const { rows } = await sql<PasskeyRow>`select ${COLUMNS} from identity_passkeys
    where tenant = ${tenant} and person = ${person} and (${which === 'all'} or removed_at is null) order by created_at, id`.execute(
    query(tx),
  );
  return rows;
}

/** Held against a second use or a removal at the same moment. */
export async function holdPasskey(tx: Tx, tenant: TenantId, id: PasskeyId): Promise<PasskeyRow | null> {
  const { rows } = await sql<PasskeyRow>`select ${COLUMNS} from identity_passkeys
    where tenant = ${tenant} and id = ${id} and removed_at is null for update`.execute(query(tx));
  return rows[0] ?? null;
}

export async function usePasskey(
  tx: Tx,
  tenant: TenantId,
  id: PasskeyId,
  used: { readonly counter: bigint; readonly isSynced: boolean; readonly at: Date },
): Promise<void> {
  await sql`update identity_passkeys set counter = ${used.counter}, is_synced = ${used.isSynced}, used_at = ${used.at}
    where tenant = ${tenant} and id = ${id}`.execute(query(tx));
}

export async function renamePasskey(tx: Tx, tenant: TenantId, id: PasskeyId, name: string): Promise<void> {
  await sql`update identity_passkeys set name = ${name} where tenant = ${tenant} and id = ${id}`.execute(query(tx));
}

/** Takes passkeys of a person away, one or all; their ids. */
export async function removePasskeys(
  tx: Tx,
  tenant: TenantId,
  which: { readonly person: PersonId; readonly id?: PasskeyId },
  at: Date,
): Promise<readonly PasskeyRow[]> {
  const { rows } = await sql<PasskeyRow>`update identity_passkeys set removed_at = ${at}
    where tenant = ${tenant} and person = ${which.person} and removed_at is null and (${which.id ?? null}::text is null or id = ${which.id ?? null})
    returning ${COLUMNS}`.execute(query(tx));
  return rows;
}

/** New codes in place of all earlier ones. */
export async function replaceRecoveryCodes(
  tx: Tx,
  tenant: TenantId,
  person: PersonId,
  codes: { readonly hashes: readonly Buffer[]; readonly at: Date },
): Promise<void> {
  await sql`delete from identity_recovery_codes where tenant = ${tenant} and person = ${person}`.execute(query(tx));
  for (const hash of codes.hashes) {
    await sql`insert into identity_recovery_codes (tenant, person, hash, created_at)
      values (${tenant}, ${person}, ${hash}, ${codes.at})`.execute(query(tx));
  }
}

export async function countRecoveryCodes(tx: Tx, tenant: TenantId, person: PersonId): Promise<number> {
  const { rows } = await sql<{ count: string }>`select count(*)::text as count from identity_recovery_codes
    where tenant = ${tenant} and person = ${person} and used_at is null`.execute(query(tx));
  return Number(rows[0]?.count ?? 0);
}

/** Whose code it is, used or not; says nothing about whether it is still good. */
export async function findRecoveryCode(
  db: Database,
  hash: Buffer,
): Promise<{ readonly tenant: TenantId; readonly person: PersonId } | null> {
  const { rows } = await db.asSystem('authenticator', (tx) =>
    sql<{ tenant: TenantId; person: PersonId }>`select tenant, person from identity_recovery_codes where hash = ${hash}`.execute(query(tx)),
  );
  return rows[0] ?? null;
}

/** True for the one caller that uses it up. */
export async function useRecoveryCode(tx: Tx, tenant: TenantId, hash: Buffer, at: Date): Promise<boolean> {
  const { rows } = await sql`update identity_recovery_codes set used_at = ${at}
    where tenant = ${tenant} and hash = ${hash} and used_at is null returning hash`.execute(query(tx));
  return rows.length === 1;
}
