// What an agency's staff can be given at most: a built-in role without whatever decides about access, other people, or the installation.
// INVARIANT: no delegation, of whatever role, holds an action of `NEVER_DELEGATED`. Pure.

import { type Action, BUILT_IN_ROLES, type DelegationId, type Grant, type GrantId, ROLES, type Role, type Scope, type UnixMs } from '#core';
import { newConflicts } from '../access/grant-rules.ts';

/** Who holds one of these could give access to themselves or others, outlive the delegation, or reach beyond the client. */
export const NEVER_DELEGATED: ReadonlySet<Action> = new Set<Action>([
  'access.grant',
  'access.review',
  'access.break_glass',
  'people.manage',
  'federation.manage',
  'sessions.end',
  'delegation.manage',
  'conditions.manage',
  'alerts.acknowledge',
  'least.apply',
  'data.reveal',
  'customers.read',
  'datasets.raw',
  'tokens.open',
  'records.manage',
  'matrix.manage',
  'canaries.manage',
  'erasures.create',
  'ledger.rotate_key',
  'data_keys.view',
  'data_keys.manage',
  'backups.view',
  'backups.manage',
  'restore.view',
  'restore.confirm',
  'demo.manage',
  'tenants.view',
  'tenants.manage',
]);

/** The owner's is nobody else's; an agent is no person. */
export const DELEGABLE_ROLES: readonly Role[] = ROLES.filter((role) => role !== 'owner' && role !== 'agent');

export const isDelegable = (role: string): role is Role => (DELEGABLE_ROLES as readonly string[]).includes(role);

const ACTIONS_OF: ReadonlyMap<string, ReadonlySet<Action>> = new Map(
  DELEGABLE_ROLES.map((role) => [role, new Set(BUILT_IN_ROLES[role].actions.filter((action) => !NEVER_DELEGATED.has(action)))]),
);
const NOTHING: ReadonlySet<Action> = new Set();

/** Nothing for a role that can not be delegated, whatever a row says. */
export const delegatedActions = (role: string): ReadonlySet<Action> => ACTIONS_OF.get(role) ?? NOTHING;

/** Whether everything this role gives, the other one gave already. */
export const isWithin = (role: string, other: string): boolean =>
  [...delegatedActions(role)].every((action) => delegatedActions(other).has(action));

/** The same or less: what narrowed the access before still narrows it. */
export const isNarrower = (scope: Scope, than: Scope): boolean =>
  Object.entries(than).every(([member, value]) => value === undefined || scope[member as keyof Scope] === value);

/** A delegation as what the client's checks of access are made of. */
export function grantOf(delegation: {
  readonly id: DelegationId;
  readonly role: string;
  readonly scope: Scope;
  readonly expiresAtMs: UnixMs;
}): Grant {
  const { id, role, scope, expiresAtMs } = delegation;
  return {
    // Its own id under the prefix of grants, so that one refers to the other.
    id: id.replace('dlg_', 'grt_') as GrantId,
    role,
    actions: delegatedActions(role),
    scope,
    condition: null,
    expiresAtMs,
    via: `delegation:${id}`,
  };
}

type Held = Parameters<typeof grantOf>[0];

/** The earlier one stands: whoever holds two duties that conflict, by name or by groups, has what was given first. */
export function withoutConflicts<Delegation extends Held>(held: readonly Delegation[]): readonly Delegation[] {
  const kept: Delegation[] = [];
  for (const one of held.toSorted((left, right) => (left.id < right.id ? -1 : 1))) {
    if (!conflictsWith(kept, one)) kept.push(one);
  }
  return kept;
}

export function conflictsWith(held: readonly Held[], one: Held): boolean {
  const grants = held.map(grantOf);
  return newConflicts(grants, [...grants, grantOf(one)]).length > 0;
}
