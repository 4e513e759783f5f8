// Ends everything somebody has in a tenant, by one update a table. Tells nobody: whoever calls announces the person, once.

import type { KeyId, PersonId, SessionId, TenantId, Tx } from '#core';
import { query, sql } from '#storage';
import type { Tables } from './tables.ts';

/**
 * So that two changes of who owns the tenant follow one another, and none of them leaves it without an owner. Taken first; the tenant's
 * row, which every change takes last, is not it.
 */
export async function holdTenant(tx: Tx, tenant: TenantId): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`identity ${tenant}`}, 0))`.execute(query<Tables>(tx));
}

export interface EndedAccess {
  readonly sessions: readonly SessionId[];
  readonly keys: readonly KeyId[];
  readonly passkeys: number;
  readonly recoveryCodes: number;
  readonly emergencies: number;
}

/** Sessions, passkeys, recovery codes, emergency access that was asked for or runs, and the keys the person made or that are of a workload they registered. */
export async function endAccessOf(tx: Tx, tenant: TenantId, person: PersonId, at: Date): Promise<EndedAccess> {
  const on = query<Tables>(tx);
  const sessions = await sql<{ id: SessionId }>`update identity_sessions set ended_at = ${at}
    where tenant = ${tenant} and person = ${person} and ended_at is null returning id`.execute(on);
  const keys = await sql<{ id: KeyId }>`update identity_keys as k set revoked_at = ${at}
    where k.tenant = ${tenant} and k.revoked_at is null and (k.made_by = ${person} or exists (
      select from identity_workloads w where w.tenant = k.tenant and w.id = k.workload and w.owner = ${person})) returning id`.execute(on);
  const passkeys = await sql`update identity_passkeys set removed_at = ${at}
    where tenant = ${tenant} and person = ${person} and removed_at is null`.execute(on);
  const codes = await sql`delete from identity_recovery_codes where tenant = ${tenant} and person = ${person}`.execute(on);
  const emergencies = await sql`update identity_break_glass set state = 'ended', ended_by = 'installation', ended_at = ${at}
    where tenant = ${tenant} and person = ${person} and state in ('asked', 'open')`.execute(on);
  return {
    sessions: sessions.rows.map(({ id }) => id),
    keys: keys.rows.map(({ id }) => id),
    passkeys: Number(passkeys.numAffectedRows ?? 0n),
    recoveryCodes: Number(codes.numAffectedRows ?? 0n),
    emergencies: Number(emergencies.numAffectedRows ?? 0n),
  };
}
