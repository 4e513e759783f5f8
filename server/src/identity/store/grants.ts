// Writes and reads the grants of one tenant. A grant is never changed: it is made, and it ends.

import type { GrantCondition, GrantId, PersonId, Scope, TenantId, Tx } from '#core';
import { query, sql } from '#storage';
import { announce } from './changes.ts';
import type { Tables } from './tables.ts';

export interface GrantRecord {
  readonly id: GrantId;
  /** A person or a group. */
  readonly subject: string;
  readonly role: string;
  readonly scope: Scope;
  readonly condition: GrantCondition | null;
  readonly expiresAt: Date | null;
  readonly reason: string | null;
  /** `direct`, `break_glass` or `delegation:<id>`. */
  readonly via: string;
  readonly grantedBy: string;
  readonly createdAt: Date;
  readonly endedAt: Date | null;
}

const COLUMNS = sql`id, subject, role, scope, condition, expires_at as "expiresAt", reason, via, granted_by as "grantedBy",
  created_at as "createdAt", ended_at as "endedAt"`;

/** Tells every process that what this person or the members of this group may do has changed. */
export async function announceSubject(tx: Tx, tenant: TenantId, subject: string): Promise<readonly PersonId[]> {
  const people = subject.startsWith('grp_') ? await membersOf(tx, tenant, subject) : [subject as PersonId];
  for (const person of people) await announce(tx, tenant, 'person', person);
  return people;
}

/** People in the group. */
export async function membersOf(tx: Tx, tenant: TenantId, group: string): Promise<readonly PersonId[]> {
  const { rows } = await sql<{ person: PersonId }>`select person from identity_group_members
    where tenant = ${tenant} and group_id = ${group} order by person`.execute(query<Tables>(tx));
  return rows.map(({ person }) => person);
}

export async function insertGrant(tx: Tx, tenant: TenantId, grant: Omit<GrantRecord, 'endedAt'>): Promise<void> {
  const condition = grant.condition === null ? null : JSON.stringify(grant.condition);
  await sql`insert into identity_grants (tenant, id, subject, role, scope, condition, expires_at, reason, via, granted_by, created_at)
    values (${tenant}, ${grant.id}, ${grant.subject}, ${grant.role}, ${JSON.stringify(grant.scope)}::jsonb, ${condition}::jsonb,
      ${grant.expiresAt}, ${grant.reason}, ${grant.via}, ${grant.grantedBy}, ${grant.createdAt})`.execute(query<Tables>(tx));
}

/** False when it had ended before. */
export async function closeGrant(
  tx: Tx,
  tenant: TenantId,
  id: GrantId,
  ended: { readonly by: string; readonly at: Date },
): Promise<boolean> {
  const { rows } = await sql`update identity_grants set ended_at = ${ended.at}, ended_by = ${ended.by}
    where tenant = ${tenant} and id = ${id} and ended_at is null returning id`.execute(query<Tables>(tx));
  return rows.length > 0;
}

export async function findGrant(tx: Tx, tenant: TenantId, id: GrantId): Promise<GrantRecord | null> {
  const { rows } = await sql<GrantRecord>`select ${COLUMNS} from identity_grants where tenant = ${tenant} and id = ${id}`.execute(
    query<Tables>(tx),
  );
  return rows[0] ?? null;
}

/** What did not end, with what ran out since `from`: whoever looks wants to know why somebody is out. */
export async function listGrants(
  tx: Tx,
  tenant: TenantId,
  which: { readonly subject?: string; readonly from: Date },
): Promise<readonly GrantRecord[]> {
  const { subject = null, from } = which;
  const { rows } = await sql<GrantRecord>`select ${COLUMNS} from identity_grants
    where tenant = ${tenant} and ended_at is null and (expires_at is null or expires_at > ${from})
      and (${subject}::text is null or subject = ${subject}) order by created_at, id`.execute(query<Tables>(tx));
  return rows;
}

/** Ends every grant of a subject; says which. */
export async function closeGrantsOf(
  tx: Tx,
  tenant: TenantId,
  subject: string,
  ended: { readonly by: string; readonly at: Date },
): Promise<readonly GrantId[]> {
  const { rows } = await sql<{ id: GrantId }>`update identity_grants set ended_at = ${ended.at}, ended_by = ${ended.by}
    where tenant = ${tenant} and subject = ${subject} and ended_at is null returning id`.execute(query<Tables>(tx));
  return rows.map(({ id }) => id);
}

/** Live grants of the subject, and of the whole tenant. */
export async function countGrants(
  tx: Tx,
  tenant: TenantId,
  subject: string,
): Promise<{ readonly subject: number; readonly tenant: number }> {
  const { rows } = await sql<{
    own: number;
    all: number;
  }>`select count(*) filter (where subject = ${subject})::int as own, count(*)::int as all
    from identity_grants where tenant = ${tenant} and ended_at is null`.execute(query<Tables>(tx));
  return { subject: rows[0]?.own ?? 0, tenant: rows[0]?.all ?? 0 };
}
