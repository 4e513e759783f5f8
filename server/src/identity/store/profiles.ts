// Names and addresses of people, sealed; and the end of them. Nothing here reads what it holds.

import type { PersonId, TenantId, Tx } from '#core';
import { query, sql } from '#storage';
import type { Tables } from './tables.ts';

export interface ProfileRow {
  readonly person: PersonId;
  readonly sealed: Buffer;
}

export async function putProfile(tx: Tx, tenant: TenantId, row: ProfileRow, at: Date): Promise<void> {
  await sql`insert into identity_profiles (tenant, person, sealed, changed_at) values (${tenant}, ${row.person}, ${row.sealed}, ${at})
    on conflict (tenant, person) do update set sealed = excluded.sealed, changed_at = excluded.changed_at`.execute(query<Tables>(tx));
}

/** Of these people, or of everybody. */
export async function readProfiles(tx: Tx, tenant: TenantId, people?: readonly PersonId[]): Promise<readonly ProfileRow[]> {
  const only = people === undefined ? sql`true` : sql`person = any(${[...people]})`;
  const { rows } = await sql<ProfileRow>`select person, sealed from identity_profiles where tenant = ${tenant} and ${only}`.execute(
    query<Tables>(tx),
  );
  return rows;
}

/** What is kept of somebody's name, addresses and accounts goes; the person stays as an id that decided once. */
export async function forgetPersonalRows(tx: Tx, tenant: TenantId, person: PersonId): Promise<boolean> {
  const on = query<Tables>(tx);
  const gone = [
    await sql`delete from identity_profiles where tenant = ${tenant} and person = ${person}`.execute(on),
    await sql`delete from identity_accounts where tenant = ${tenant} and person = ${person}`.execute(on),
    await sql`delete from identity_scim_users where tenant = ${tenant} and person = ${person}`.execute(on),
    await sql`update identity_people set name = null where tenant = ${tenant} and id = ${person} and name is not null`.execute(on),
  ];
  return gone.some(({ numAffectedRows }) => (numAffectedRows ?? 0n) > 0n);
}
