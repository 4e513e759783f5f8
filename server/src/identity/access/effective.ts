// Turns rows into grants: what each role stands for, and what emergency access leaves out. Pure.
// INVARIANT: a role nobody knows any more gives nothing.

import { type Action, BUILT_IN_ROLES, type Grant, type GrantVia, isAction, ROLES, type Role } from '#core';
import type { EffectiveRow } from '../store/effective-rows.ts';

export const CUSTOM = 'custom:';

const BUILT_IN: ReadonlyMap<string, ReadonlySet<Action>> = new Map(ROLES.map((role) => [role, new Set(BUILT_IN_ROLES[role].actions)]));

/** What would outlive the half hour: emergency access never holds it. */
export const LASTING: ReadonlySet<Action> = new Set<Action>([
  'access.grant',
  'access.break_glass',
  'people.manage',
  'federation.manage',
  'keys.manage',
  'oauth_clients.manage',
  'workloads.manage',
  'delegation.manage',
  'conditions.manage',
]);

export const isRole = (role: string): role is Role => BUILT_IN.has(role);

/** The actions of a role; `custom` for those of a custom one. */
export function actionsOfRole(role: string, custom: readonly string[] | null): ReadonlySet<Action> {
  return BUILT_IN.get(role) ?? new Set(role.startsWith(CUSTOM) ? (custom ?? []).filter(isAction) : []);
}

export function toGrant(row: EffectiveRow): Grant {
  const whole = actionsOfRole(row.role, row.actions);
  const actions = row.via === 'break_glass' ? new Set([...whole].filter((action) => !LASTING.has(action))) : whole;
  return Object.freeze({
    id: row.id,
    role: row.role,
    actions,
    scope: row.scope,
    condition: row.condition,
    expiresAtMs: row.expires_at?.getTime() ?? null,
    via: row.group_id === null ? (row.via as GrantVia) : (`group:${row.group_id}` as const),
  });
}
