// What a database that was put back must not go on honouring: sessions, sign-in links and recovery codes of before. And the tenants there are.

import type { DelegationId, KeyId, OAuthClientId, TenantId, Tx } from '#core';
import { type Database, query, sql } from '#storage';
import { toGrant } from '../access/effective.ts';
import { effectiveRows } from './effective-rows.ts';
import { endClientsUnder, endKeysUnder } from './made-under.ts';

export async function listTenants(db: Pick<Database, 'asSystem'>): Promise<readonly TenantId[]> {
  const { rows } = await db.asSystem('authenticator', (tx) =>
    sql<{ tenant: TenantId }>`select tenant from identity_tenants order by created_at, tenant`.execute(query(tx)),
  );
  return rows.map(({ tenant }) => tenant);
}

/** Ends every session, the command line's too, and voids every link of the tenant. Nobody may be serving from this database. */
export async function endAllAccess(tx: Tx, tenant: TenantId, atMs: number): Promise<{ readonly sessions: number; readonly links: number }> {
  const sessions = await sql`update identity_sessions set ended_at = ${new Date(atMs)}
    where tenant = ${tenant} and ended_at is null returning id`.execute(query(tx));
  const links = await sql`delete from identity_links where tenant = ${tenant} and used_at is null returning lookup`.execute(query(tx));
  // One that was used since would be good again.
  await sql`delete from identity_recovery_codes where tenant = ${tenant}`.execute(query(tx));
  // A token of provisioning that was replaced since would be good again.
  await sql`update identity_scim_tokens set expires_at = least(coalesce(expires_at, ${new Date(atMs)}), ${new Date(atMs)})
    where tenant = ${tenant}`.execute(query(tx));
  await sql`delete from identity_sso_states where tenant = ${tenant}`.execute(query(tx));
  // What people consented to since may have been ended since.
  await sql`update identity_token_families set ended_at = ${new Date(atMs)}, end_reason = 'restored'
    where tenant = ${tenant} and ended_at is null`.execute(query(tx));
  return { sessions: sessions.rows.length, links: links.rows.length };
}

export interface EndedDelegation {
  readonly id: DelegationId;
  readonly agency: string;
  readonly holder: string;
  readonly role: string;
  readonly expiresAt: Date;
  /** What its holders made and had in their hands. */
  readonly keys: readonly KeyId[];
  readonly clients: readonly OAuthClientId[];
}

/** One that was ended since would let its holders in again: each is offered anew, and what was made under it ends with it. */
export async function endDelegations(
  tx: Tx,
  tenant: TenantId,
  end: { readonly by: string; readonly atMs: number },
): Promise<readonly EndedDelegation[]> {
  const at = new Date(end.atMs);
  const { rows } = await sql<Omit<EndedDelegation, 'keys' | 'clients'>>`update identity_delegations
    set ended_at = ${at}, ended_by = ${end.by}, ended_side = 'client', changes = changes + 1
    where tenant = ${tenant} and ended_at is null
    returning id, agency, subject as holder, role, expires_at as "expiresAt"`.execute(query(tx));
  const ended: EndedDelegation[] = [];
  for (const row of rows) {
    const keys = await endKeysUnder(tx, tenant, row, at);
    ended.push({ ...row, keys, clients: await endClientsUnder(tx, tenant, row, at) });
  }
  return ended;
}

/** Who could confirm when the database was put back: people who were added later, or were given it later, do not count for that. */
export async function peopleBefore(tx: Tx, tenant: TenantId, atMs: number): Promise<readonly string[]> {
  const held = await effectiveRows(tx, { tenant, nowMs: atMs });
  const able = new Set(held.filter((row) => toGrant(row).actions.has('restore.confirm')).map(({ id }) => id as string));
  const { rows } = await sql<{ person: string; grant: string }>`select p.id as person, g.id as grant from identity_people p
    join identity_grants g on g.tenant = p.tenant and g.created_at <= ${new Date(atMs)} and g.ended_at is null and (g.subject = p.id
      or exists (select 1 from identity_group_members m where m.tenant = p.tenant and m.group_id = g.subject and m.person = p.id))
    where p.tenant = ${tenant} and p.removed_at is null and p.created_at <= ${new Date(atMs)} order by p.created_at`.execute(query(tx));
  return [...new Set(rows.filter(({ grant }) => able.has(grant)).map(({ person }) => person))];
}
