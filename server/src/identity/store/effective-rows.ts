// Reads what holds for people now: their own grants and those of their groups, with what custom roles stand for.

import type { GrantCondition, GrantId, GroupId, PersonId, Scope, TenantId, Tx, UnixMs } from '#core';
import { query, sql } from '#storage';
import type { Tables } from './tables.ts';

export interface EffectiveRow {
  readonly tenant: TenantId;
  readonly person: PersonId;
  readonly id: GrantId;
  readonly role: string;
  readonly scope: Scope;
  readonly condition: GrantCondition | null;
  readonly expires_at: Date | null;
  /** After so many days without use it ends. */
  readonly expire_unused_days: number | null;
  readonly via: string;
  /** The group it came by. */
  readonly group_id: GroupId | null;
  /** Of a custom role; null for a built-in one, and for one that is no more. */
  readonly actions: readonly string[] | null;
}

/** Of people who were not removed; of one tenant, or of one person, where named. What ran out by `nowMs` is left out. */
export async function effectiveRows(
  tx: Tx,
  which: { readonly tenant?: TenantId; readonly person?: PersonId; readonly nowMs: UnixMs },
): Promise<readonly EffectiveRow[]> {
  const { tenant = null, person = null } = which;
  const now = new Date(which.nowMs);
  const { rows } = await sql<EffectiveRow>`
    select g.tenant, held.person, g.id, g.role, g.scope, g.condition, g.expires_at, g.expire_unused_days, g.via, held.group_id, r.actions
    from identity_grants g
    join (
      select tenant, id as person, id as subject, null::text as group_id from identity_people where removed_at is null
      union all
      select m.tenant, m.person, m.group_id, m.group_id from identity_group_members m
        join identity_people p on p.tenant = m.tenant and p.id = m.person and p.removed_at is null
        join identity_groups o on o.tenant = m.tenant and o.id = m.group_id and o.removed_at is null
    ) held on held.tenant = g.tenant and held.subject = g.subject
    left join identity_custom_roles r on r.tenant = g.tenant and g.role = 'custom:' || r.name
    where g.ended_at is null and (g.expires_at is null or g.expires_at > ${now})
      and (${tenant}::text is null or g.tenant = ${tenant})
      and (${person}::text is null or held.person = ${person})
    order by g.tenant, held.person, g.created_at, g.role, g.id`.execute(query<Tables>(tx));
  return rows;
}
