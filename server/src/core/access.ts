// What was granted to whom, on what, until when: the values every check of access is made of. Pure.
// INVARIANT: a scope narrows; what a grant does not clearly cover it does not give.

import type { Action } from './access-actions.ts';
import { ROLES } from './access-roles.ts';
import type { GrantId } from './ids.ts';
import type { PiiClass } from './labels.ts';
import type { UnixMs } from './ports.ts';

/** Every member that is there must be true of the thing acted on. Empty: the whole tenant. */
export interface Scope {
  readonly workspace?: string;
  readonly workflow?: string;
  readonly integration?: string;
  /** Only personal data of this class; gives nothing but actions that are done class by class (`byClass`). */
  readonly dataClass?: PiiClass;
}

/** What must hold at the moment of use, beside what the tenant asks of everybody. */
export interface GrantCondition {
  /** From the first hour up to, not including, the second, in UTC; over midnight when the second is not the larger one. */
  readonly hours?: { readonly from: number; readonly to: number };
  /** Only from the tenant's own networks. */
  readonly network?: 'inside';
  /** Only with a passkey used within the last five minutes. */
  readonly passkey?: 'fresh';
  /** Only from a device the company login vouches for. */
  readonly device?: 'managed';
}

export type GrantVia = 'direct' | `group:${string}` | 'break_glass' | `delegation:${string}`;

export interface Grant {
  readonly id: GrantId;
  /** A built-in role, or `custom:<name>`. */
  readonly role: string;
  readonly actions: ReadonlySet<Action>;
  readonly scope: Scope;
  readonly condition: GrantCondition | null;
  readonly expiresAtMs: UnixMs | null;
  readonly via: GrantVia;
}

/** What an action is done to. Nothing named means the tenant as a whole. */
export interface ActedOn {
  readonly workflow?: string;
  readonly integration?: string;
  /** The workspaces it belongs to. */
  readonly workspaces?: readonly string[];
  /** `any`: nothing is shown yet; which classes are is asked one by one before it is. */
  readonly dataClass?: PiiClass | 'any';
}

export const WHOLE_TENANT: ActedOn = {};

export const isWhole = (scope: Scope): boolean =>
  scope.workspace === undefined && scope.workflow === undefined && scope.integration === undefined && scope.dataClass === undefined;

export function covers(scope: Scope, on: ActedOn): boolean {
  if (scope.workspace !== undefined && on.workspaces?.includes(scope.workspace) !== true) return false;
  if (scope.workflow !== undefined && on.workflow !== scope.workflow) return false;
  if (scope.integration !== undefined && on.integration !== scope.integration) return false;
  return scope.dataClass === undefined || on.dataClass === 'any' || on.dataClass === scope.dataClass;
}

export const isLive = (grant: Pick<Grant, 'expiresAtMs'>, now: UnixMs): boolean => grant.expiresAtMs === null || grant.expiresAtMs > now;

interface Holder {
  readonly grants: readonly Grant[];
}

/** The one role that holds everything, over the whole tenant and without a condition. */
export function isOwner({ grants }: Holder): boolean {
  return grants.some(
    ({ role, scope, condition, via }) => role === 'owner' && isWhole(scope) && condition === null && !via.startsWith('delegation:'),
  );
}

/** Whether a grant covers the action on this thing; on the whole tenant when none is named. Conditions are the policy's to check. */
export function may({ grants }: Holder, action: Action, on: ActedOn = WHOLE_TENANT): boolean {
  return grants.some((grant) => grant.actions.has(action) && covers(grant.scope, on));
}

/** Whether there is anything at all on which a grant would cover the action. */
export function maySomewhere({ grants }: Holder, action: Action): boolean {
  return grants.some((grant) => grant.actions.has(action));
}

export function actionsOf({ grants }: Holder): ReadonlySet<Action> {
  return new Set(grants.flatMap((grant) => [...grant.actions]));
}

/** The roles, each once. */
export function rolesOf({ grants }: Holder): readonly string[] {
  return [...new Set(grants.map(({ role }) => role))];
}

/** The one to show where there is room for one: the first in the order of the built-in roles, then custom ones. */
export function mainRole(roles: readonly string[]): string | null {
  return ROLES.find((role) => roles.includes(role)) ?? roles[0] ?? null;
}
