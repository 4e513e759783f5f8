// Who may give what to whom: the rules of granting, and which actions one person may not hold together. Pure.
// INVARIANT: only an owner makes an owner; nobody but the owner ends up with two actions that conflict on the same thing.

import {
  type Action,
  CONFLICTS,
  type Conflict,
  canonicalJson,
  factsOf,
  type Grant,
  type GrantCondition,
  isOwner,
  isWhole,
  type Refusal,
  refuse,
  type Scope,
} from '#core';
import { identityCodes } from '../errors.ts';

type Given = Pick<Grant, 'role' | 'actions' | 'scope'>;

const PARTS = ['workspace', 'workflow', 'integration', 'dataClass'] as const satisfies readonly (keyof Scope)[];

/** Whether everything the narrower scope covers lies in the wider one. */
export function isWithinScope(narrow: Scope, wide: Scope): boolean {
  return PARTS.every((part) => wide[part] === undefined || wide[part] === narrow[part]);
}

/** Whether there could be a thing both cover. A workflow and an integration can meet in one call; two workflows can not. */
export function overlap(one: Scope, other: Scope): boolean {
  return PARTS.every((part) => one[part] === undefined || other[part] === undefined || one[part] === other[part]);
}

/** Pairs of actions that one person may not hold, on things both grants cover. None for an owner. */
export function conflictsAmong(grants: readonly Grant[]): readonly Conflict[] {
  if (isOwner({ grants })) return [];
  return CONFLICTS.filter(({ actions: [one, other] }) =>
    grants.some((left) => left.actions.has(one) && grants.some((right) => right.actions.has(other) && overlap(left.scope, right.scope))),
  );
}

/** A pair of conflicting actions, what both can be used on, and until when. */
interface Meeting {
  readonly conflict: Conflict;
  readonly on: Scope;
  readonly untilMs: number;
}

const endOf = ({ expiresAtMs }: Grant): number => expiresAtMs ?? Number.POSITIVE_INFINITY;

/** Where conflicting actions meet. Whoever owns may hold them, for as long as they own. */
function meetings(grants: readonly Grant[]): readonly Meeting[] {
  const ownsUntilMs = Math.max(0, ...grants.filter((grant) => isOwner({ grants: [grant] })).map(endOf));
  return CONFLICTS.flatMap((conflict) => {
    const [one, other] = conflict.actions.map((action) => grants.filter(({ actions }) => actions.has(action)));
    return (one ?? []).flatMap((left) =>
      (other ?? [])
        .filter((right) => overlap(left.scope, right.scope))
        .map((right) => ({ conflict, on: { ...left.scope, ...right.scope }, untilMs: Math.min(endOf(left), endOf(right)) }))
        .filter(({ untilMs }) => untilMs > ownsUntilMs),
    );
  });
}

/** What would newly conflict. What conflicted before is somebody's earlier decision: on those things, and until it ended. */
export function newConflicts(before: readonly Grant[], after: readonly Grant[]): readonly Conflict[] {
  const known = meetings(before);
  const isKnown = (met: Meeting): boolean =>
    known.some(({ conflict, on, untilMs }) => conflict === met.conflict && isWithinScope(met.on, on) && untilMs >= met.untilMs);
  const fresh = new Set(meetings(after).flatMap((met) => (isKnown(met) ? [] : [met.conflict])));
  return CONFLICTS.filter((conflict) => fresh.has(conflict));
}

/** Emergency access and grants under a condition give nothing that lasts. */
const canGive = ({ via, condition }: Grant): boolean => via !== 'break_glass' && condition === null;

/** Why this holder may not give, change or end such a grant; null when they may. */
export function refuseGiver(giver: readonly Grant[], given: Given): Refusal | null {
  if (isOwner({ grants: giver })) return null;
  if (given.role === 'owner') return coded('IDENTITY_GRANT_OWNER_ONLY');
  const own = giver.filter(canGive);
  const covers = (action: Action): boolean => own.some(({ actions, scope }) => actions.has(action) && isWithinScope(given.scope, scope));
  if (covers('access.grant')) return null;
  const missing = [...given.actions].filter((action) => !covers(action));
  return missing.length === 0 ? null : coded('IDENTITY_GRANT_NOT_HELD', { missing: missing.slice(0, 20) });
}

export function refuseConflict(conflicts: readonly Conflict[], person?: string): Refusal | null {
  const [first] = conflicts;
  if (first === undefined) return null;
  return coded('IDENTITY_GRANT_CONFLICT', {
    actions: [...first.actions],
    why: first.why,
    conflicts: conflicts.length,
    ...(person === undefined ? {} : { person }),
  });
}

function coded(code: keyof typeof identityCodes, evidence: Refusal['evidence'] = {}): Refusal {
  return refuse(code, identityCodes[code].sentence, evidence);
}

/** A grant with everything that can end it or hold it back. */
export interface Limited {
  readonly grant: Grant;
  readonly expireUnusedDays: number | null;
}

/** Whether the one lacks a limit that the other has. Another condition is no less of one only when it is the same. */
function isLooser(made: Limited, held: Limited): boolean {
  const lastsLonger = endOf(made.grant) > endOf(held.grant);
  const isFreer =
    held.grant.condition !== null && canonicalJson({ ...made.grant.condition }) !== canonicalJson({ ...held.grant.condition });
  const staysUnused = held.expireUnusedDays !== null && (made.expireUnusedDays ?? Number.POSITIVE_INFINITY) > held.expireUnusedDays;
  return lastsLonger || isFreer || staysUnused;
}

/**
 * Whether what somebody would hold by the new grant they hold already, but not for so long, only under a condition, or only while they use
 * it. A further role that one gives oneself is seen and told; what bounds the access one has is somebody else's decision.
 */
export function loosensOwn(held: readonly Limited[], made: Limited): boolean {
  return [...made.grant.actions].some((action) => {
    const same = held.filter(({ grant }) => grant.actions.has(action) && overlap(grant.scope, made.grant.scope));
    return same.some((one) => {
      const both = { ...one.grant.scope, ...made.grant.scope };
      return isLooser(made, one) && !same.some((other) => !isLooser(made, other) && isWithinScope(both, other.grant.scope));
    });
  });
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const MAX_REASON_CHARS = 500;

export interface GrantForm {
  readonly role: string;
  readonly scope: Scope;
  readonly condition: GrantCondition | null;
  readonly expiresAtMs: number | null;
  readonly reason: string | null;
}

/** Whether the grant is narrowed to a class of personal data of which nothing in the role is done. It would look like access and be none. */
export function isEmptyByClass({ actions, scope: { dataClass } }: Pick<Grant, 'actions' | 'scope'>): boolean {
  return dataClass !== undefined && ![...actions].some((action) => factsOf(action).byClass?.includes(dataClass) === true);
}

/** Which member of a grant is not of the accepted form; null when all are. */
export function formProblem({ role, scope, condition, expiresAtMs, reason }: GrantForm, now: number): string | null {
  if (PARTS.some((part) => scope[part] !== undefined && !NAME.test(scope[part]))) return 'scope';
  const hours = condition?.hours;
  const isHour = (hour: number): boolean => Number.isInteger(hour) && hour >= 0 && hour <= 24;
  if (hours !== undefined && (!isHour(hours.from) || !isHour(hours.to) || hours.from === hours.to)) return 'condition.hours';
  if (expiresAtMs !== null && (!Number.isSafeInteger(expiresAtMs) || expiresAtMs <= now)) return 'expiresAt';
  if (reason !== null && (reason.length > MAX_REASON_CHARS || /\p{Cc}/u.test(reason) || !reason.isWellFormed())) return 'reason';
  // An owner owns everything or is none: half an owner would be counted as one somewhere.
  if (role === 'owner' && (!isWhole(scope) || condition !== null)) return 'scope';
  return null;
}
