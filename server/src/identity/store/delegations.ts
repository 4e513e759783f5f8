// Rows of delegations. They are the client's: the agency's side changes one in a transaction of the client, and only one that names it.
// Every change that alters who may do what is sent with its commit.

import type { DelegationId, Scope, TenantId, Tx } from '#core';
import { type Database, query, sql } from '#storage';
import { announceDirectory } from './directory.ts';

export type EndedSide = 'client' | 'agency' | 'gone';

export interface DelegationRow {
  readonly tenant: TenantId;
  readonly id: DelegationId;
  readonly agency: TenantId;
  readonly subject: string;
  readonly role: string;
  readonly scope: Scope;
  readonly reason: string;
  readonly offered_by: string;
  readonly offered_at: Date;
  readonly expires_at: Date;
  readonly accepted_by: string | null;
  readonly accepted_at: Date | null;
  readonly ended_by: string | null;
  readonly ended_at: Date | null;
  readonly ended_side: EndedSide | null;
  readonly used_at: Date | null;
  readonly used_by: string | null;
  readonly changes: number;
  readonly told: number;
}

export type NewDelegation = Pick<
  DelegationRow,
  'tenant' | 'id' | 'agency' | 'subject' | 'role' | 'scope' | 'reason' | 'offered_by' | 'offered_at' | 'expires_at'
>;

const ROW = sql.raw(
  'tenant, id, agency, subject, role, scope, reason, offered_by, offered_at, expires_at, accepted_by, accepted_at, ended_by, ended_at, ' +
    'ended_side, used_at, used_by, changes, told',
);

export async function insertDelegation(tx: Tx, row: NewDelegation): Promise<void> {
  const { tenant, id, agency, subject, role, scope, reason, offered_by, offered_at, expires_at } = row;
  await sql`insert into identity_delegations
      (tenant, id, agency, subject, role, scope, reason, offered_by, offered_at, expires_at, changes, told)
    values (${tenant}, ${id}, ${agency}, ${subject}, ${role}, ${JSON.stringify(scope)}::jsonb, ${reason}, ${offered_by}, ${offered_at},
      ${expires_at}, 1, 0)`.execute(query(tx));
}

/** With its row held until the transaction ends. */
export async function holdDelegation(tx: Tx, tenant: TenantId, id: DelegationId): Promise<DelegationRow | null> {
  const { rows } = await sql<DelegationRow>`select ${ROW} from identity_delegations
    where tenant = ${tenant} and id = ${id} for update`.execute(query(tx));
  return rows[0] ?? null;
}

/** What waits and lives first, then what is over, newest first. */
export async function listDelegations(tx: Tx, tenant: TenantId, limit: number): Promise<readonly DelegationRow[]> {
  const { rows } = await sql<DelegationRow>`select ${ROW} from identity_delegations where tenant = ${tenant}
    order by ended_at is not null, offered_at desc, id desc limit ${limit}`.execute(query(tx));
  return rows;
}

export async function countOpenDelegations(tx: Tx, tenant: TenantId, at: Date): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*)::int as count from identity_delegations
    where tenant = ${tenant} and ended_at is null and expires_at > ${at}`.execute(query(tx));
  return rows[0]?.count ?? 0;
}

export async function acceptDelegation(tx: Tx, row: DelegationRow, by: string, at: Date): Promise<void> {
  await sql`update identity_delegations set accepted_by = ${by}, accepted_at = ${at}, changes = changes + 1
    where tenant = ${row.tenant} and id = ${row.id}`.execute(query(tx));
  await announceDirectory(tx, row.tenant);
}

export async function narrowDelegation(
  tx: Tx,
  row: DelegationRow,
  to: { readonly role: string; readonly scope: Scope; readonly expiresAt: Date },
): Promise<void> {
  await sql`update identity_delegations set role = ${to.role}, scope = ${JSON.stringify(to.scope)}::jsonb, expires_at = ${to.expiresAt},
    changes = changes + 1 where tenant = ${row.tenant} and id = ${row.id}`.execute(query(tx));
  await announceDirectory(tx, row.tenant);
}

export async function endDelegation(tx: Tx, row: DelegationRow, end: { by: string; side: EndedSide; at: Date }): Promise<void> {
  await sql`update identity_delegations set ended_by = ${end.by}, ended_side = ${end.side}, ended_at = ${end.at}, changes = changes + 1
    where tenant = ${row.tenant} and id = ${row.id} and ended_at is null`.execute(query(tx));
  await announceDirectory(tx, row.tenant, row.id);
}

/** When somebody acted by it last, and who. */
export async function noteUse(tx: Tx, tenant: TenantId, ids: readonly DelegationId[], use: { by: string; at: Date }): Promise<void> {
  await sql`update identity_delegations set used_at = ${use.at}, used_by = ${use.by}
    where tenant = ${tenant} and id = any(${[...ids]}) and (used_at is null or used_at < ${use.at})`.execute(query(tx));
}

/** True for the first one of its kind in this slot of time that this tenant's log notes. */
export async function firstUse(
  tx: Tx,
  tenant: TenantId,
  use: { readonly person: string; readonly client: TenantId; readonly kind: string; readonly slot: Date },
): Promise<boolean> {
  const { rows } = await sql`insert into identity_delegation_uses (tenant, person, client, kind, slot)
    values (${tenant}, ${use.person}, ${use.client}, ${use.kind}, ${use.slot}) on conflict do nothing returning person`.execute(query(tx));
  return rows.length > 0;
}

/** What clients gave this agency, live, waiting and over. Over all tenants: whoever asks has shown that they speak for the agency. */
export function heldBy(db: Pick<Database, 'asSystem'>, agency: TenantId, limit: number): Promise<readonly DelegationRow[]> {
  return db.asSystem('authenticator', async (tx) => {
    const { rows } = await sql<DelegationRow>`select ${ROW} from identity_delegations where agency = ${agency}
      order by ended_at is not null, offered_at desc, id desc limit ${limit}`.execute(query(tx));
    return rows;
  });
}

/** What is still open for one person or group of an agency. */
export function openFor(db: Pick<Database, 'asSystem'>, agency: TenantId, subject: string): Promise<readonly DelegationRow[]> {
  return db.asSystem('authenticator', async (tx) => {
    const { rows } = await sql<DelegationRow>`select ${ROW} from identity_delegations
      where agency = ${agency} and subject = ${subject} and ended_at is null`.execute(query(tx));
    return rows;
  });
}

/** Changes the agency's own log does not tell of yet. */
export function untold(db: Pick<Database, 'asSystem'>, limit: number): Promise<readonly DelegationRow[]> {
  return db.asSystem('authenticator', async (tx) => {
    const { rows } = await sql<DelegationRow>`select ${ROW} from identity_delegations where told < changes
      order by offered_at limit ${limit}`.execute(query(tx));
    return rows;
  });
}

export async function markTold(tx: Tx, row: DelegationRow): Promise<void> {
  await sql`update identity_delegations set told = greatest(told, ${row.changes})
    where tenant = ${row.tenant} and id = ${row.id}`.execute(query(tx));
}

/** Open ones of people who were removed since. */
export function orphaned(db: Pick<Database, 'asSystem'>, limit: number): Promise<readonly DelegationRow[]> {
  return db.asSystem('authenticator', async (tx) => {
    const { rows } = await sql<DelegationRow>`select ${ROW} from identity_delegations d where ended_at is null and exists (
        select from identity_people p where p.tenant = d.agency and p.id = d.subject and p.removed_at is not null)
      limit ${limit}`.execute(query(tx));
    return rows;
  });
}

/** What the agency's log noted long ago need not be remembered any more. */
export function forgetUses(db: Pick<Database, 'asSystem'>, before: Date): Promise<number> {
  return db.asSystem('authenticator', async (tx) => {
    const { rows } = await sql`delete from identity_delegation_uses where slot < ${before} returning tenant`.execute(query(tx));
    return rows.length;
  });
}

/** Whether access that is still open is narrowed to this workspace. */
export async function namedByGrants(tx: Tx, tenant: TenantId, workspace: string, at: Date): Promise<boolean> {
  const scope = JSON.stringify({ workspace });
  const { rows } = await sql<{ used: boolean }>`select
    exists (select 1 from identity_delegations where tenant = ${tenant} and ended_at is null and expires_at > ${at}
      and scope @> ${scope}::jsonb)
    or exists (select 1 from identity_grants where tenant = ${tenant} and ended_at is null and (expires_at is null or expires_at > ${at})
      and scope @> ${scope}::jsonb) as used`.execute(query(tx));
  return rows[0]?.used === true;
}

/** Whose people were let in, ever. */
export async function agenciesOf(tx: Tx, tenant: TenantId): Promise<readonly TenantId[]> {
  const { rows } = await sql<{ agency: TenantId }>`select distinct agency from identity_delegations
    where tenant = ${tenant} and accepted_at is not null order by agency`.execute(query(tx));
  return rows.map(({ agency }) => agency);
}
