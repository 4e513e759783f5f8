// Whether a person or a group is there now.

import type { TenantId, Tx } from '#core';
import { query, sql } from '#storage';

export async function hasSubject(tx: Tx, tenant: TenantId, subject: string): Promise<boolean> {
  const { rows } = await sql<{ there: boolean }>`select
    exists (select 1 from identity_people where tenant = ${tenant} and id = ${subject} and removed_at is null)
    or exists (select 1 from identity_groups where tenant = ${tenant} and id = ${subject} and removed_at is null) as there`.execute(
    query(tx),
  );
  return rows[0]?.there === true;
}

/** What these people and groups are called, also those who left; a person without a name has none here either. */
export async function nameSubjects(tx: Tx, tenant: TenantId, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const { rows } = await sql<{ id: string; name: string | null }>`
    select id, name from identity_people where tenant = ${tenant} and id = any(${[...ids]})
    union all select id, name from identity_groups where tenant = ${tenant} and id = any(${[...ids]})`.execute(query(tx));
  return new Map(rows.flatMap(({ id, name }) => (name === null ? [] : [[id, name] as const])));
}

/** Everybody who is or was there and has a name. */
export async function namePeople(tx: Tx, tenant: TenantId): Promise<ReadonlyMap<string, string>> {
  const { rows } = await sql<{ id: string; name: string }>`select id, name from identity_people
    where tenant = ${tenant} and name is not null`.execute(query(tx));
  return new Map(rows.map(({ id, name }) => [id, name]));
}
