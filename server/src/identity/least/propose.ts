// What could be taken away, from what was granted and what was used. Pure.
// INVARIANT: nothing is proposed about what was granted, or counted, for a shorter time than the window; and nothing that was used in it.

import { type Action, BUILT_IN_ROLES, isAction, isWhole, operationKey, ROLES } from '#core';
import { actionsOfRole, CUSTOM } from '../access/effective.ts';
import type { CustomRole, Draft, GrantedKey, GrantedRole, GrantedWorkload, ProposalEvidence, SettingsRow } from '../store/least.ts';
import type { UsageKind, UsageTotal } from '../store/usage.ts';

/** What an integration offers: names a workload that reaches it may use. */
export interface Offer {
  readonly operations: readonly string[];
  readonly models: readonly string[];
}

export interface LeastFacts {
  readonly nowMs: number;
  readonly settings: SettingsRow;
  readonly workloads: readonly GrantedWorkload[];
  readonly keys: readonly GrantedKey[];
  readonly roles: readonly GrantedRole[];
  readonly customRoles: readonly CustomRole[];
  readonly used: readonly UsageTotal[];
  /** By `workload`, then integration: what it may use there. Of the workflow's approved version where there is one. */
  readonly offers: ReadonlyMap<string, ReadonlyMap<string, Offer>>;
  /** Workloads whose reach is that of an approved version: their integrations are not proposed, the version names them. */
  readonly approved: ReadonlySet<string>;
}

export const DAY_MS = 24 * 60 * 60_000;
/** A key that ends within this time is told about. */
export const EXPIRING_MS = 14 * DAY_MS;

/** Totals by subject, kind and name. */
export interface UseIndex {
  total(subject: string, kind: UsageKind, name: string): UsageTotal | null;
  of(subject: string, kind: UsageKind): readonly UsageTotal[];
}

export function indexUse(used: readonly UsageTotal[]): UseIndex {
  const byName = new Map(used.map((row) => [`${row.subject} ${row.kind} ${row.name}`, row]));
  const byKind = Map.groupBy(used, (row) => `${row.subject} ${row.kind}`);
  return {
    total: (subject, kind, name) => byName.get(`${subject} ${kind} ${name}`) ?? null,
    of: (subject, kind) => byKind.get(`${subject} ${kind}`) ?? [],
  };
}

export function propose(facts: LeastFacts): readonly Draft[] {
  const use = indexUse(facts.used);
  return [
    ...facts.workloads.flatMap((workload) => workloadDrafts(facts, use, workload)),
    ...facts.keys.flatMap((key) => keyDrafts(facts, use, key)),
    ...facts.roles.flatMap((grant) => grantDrafts(facts, use, grant)),
  ];
}

/** Whether the whole window lies after this moment and after counting began. */
const isSettled = ({ nowMs, settings }: LeastFacts, sinceMs: number): boolean =>
  Math.max(sinceMs, settings.observedSinceMs) <= nowMs - settings.windowDays * DAY_MS;

function evidenceOf({ settings }: LeastFacts, grantedAtMs: number | null, totals: readonly (UsageTotal | null)[]): ProposalEvidence {
  const known = totals.filter((total) => total !== null);
  return {
    windowDays: settings.windowDays,
    observedSinceMs: settings.observedSinceMs,
    grantedAtMs,
    lastUsedAtMs: known.length === 0 ? null : Math.max(...known.map(({ lastAtMs }) => lastAtMs)),
    count: known.reduce((sum, { count }) => sum + count, 0),
  };
}

function workloadDrafts(facts: LeastFacts, use: UseIndex, workload: GrantedWorkload): readonly Draft[] {
  const { id } = workload;
  const isUsed = (kind: UsageKind, name: string): boolean => (use.total(id, kind, name)?.count ?? 0) > 0;
  const sinceOf = (integration: string): number => workload.reachedSince[integration] ?? workload.createdAt.getTime();
  const settled = workload.integrations.filter((name) => isSettled(facts, sinceOf(name)));
  const unused = facts.approved.has(id) ? [] : settled.filter((name) => !isUsed('integration', name));
  const keep = workload.integrations.filter((name) => !unused.includes(name));
  const whole = unused.map((name): Draft => {
    const evidence = evidenceOf(facts, sinceOf(name), [use.total(id, 'integration', name)]);
    return { kind: 'integration_unused', subject: id, target: name, remove: [name], keep, change: null, evidence };
  });
  const parts = settled
    .filter((name) => !unused.includes(name))
    .flatMap((name): Draft[] => {
      const offer = facts.offers.get(id)?.get(name) ?? { operations: [], models: [] };
      const keyed = offer.operations.map((operation) => operationKey(name, operation));
      return [
        ...unusedNames(facts, use, {
          workload,
          kind: 'operations_unused',
          used: 'operation',
          target: name,
          names: keyed,
          sinceMs: sinceOf(name),
        }),
        ...unusedNames(facts, use, {
          workload,
          kind: 'models_unused',
          used: 'model',
          target: name,
          names: offer.models,
          sinceMs: sinceOf(name),
        }),
      ];
    });
  return [...whole, ...parts, ...toolDrafts(facts, use, workload)];
}

interface Names {
  readonly workload: GrantedWorkload;
  readonly kind: 'operations_unused' | 'models_unused';
  readonly used: UsageKind;
  readonly target: string;
  readonly names: readonly string[];
  readonly sinceMs: number;
}

/** One proposal an integration, and none where nothing at all was used: that is for the integration as a whole. */
function unusedNames(facts: LeastFacts, use: UseIndex, { workload, kind, used, target, names, sinceMs }: Names): readonly Draft[] {
  const gone = new Set(kind === 'operations_unused' ? workload.removed.operations : workload.removed.models);
  const granted = names.filter((name) => !gone.has(name));
  const keep = granted.filter((name) => (use.total(workload.id, used, name)?.count ?? 0) > 0);
  const remove = granted.filter((name) => !keep.includes(name));
  if (keep.length === 0 || remove.length === 0) return [];
  const evidence = evidenceOf(
    facts,
    sinceMs,
    remove.map((name) => use.total(workload.id, used, name)),
  );
  return [{ kind, subject: workload.id, target, remove, keep, change: null, evidence }];
}

/** Tools that were offered to a model through the whole window and that no model ever called. */
function toolDrafts(facts: LeastFacts, use: UseIndex, workload: GrantedWorkload): readonly Draft[] {
  const gone = new Set(workload.removed.tools);
  const offered = use.of(workload.id, 'tool_offered').filter(({ name, count }) => count > 0 && !gone.has(name));
  const called = (name: string): number => use.total(workload.id, 'tool_called', name)?.count ?? 0;
  const keep = offered.filter(({ name }) => called(name) > 0).map(({ name }) => name);
  const remove = offered.filter(({ name }) => called(name) === 0).map(({ name }) => name);
  const sinceMs = workload.createdAt.getTime();
  // An agent that never called any tool at all was not at work; that says nothing about its tools.
  if (keep.length === 0 || remove.length === 0 || !isSettled(facts, sinceMs)) return [];
  const evidence = evidenceOf(
    facts,
    sinceMs,
    remove.map((name) => use.total(workload.id, 'tool_called', name)),
  );
  return [{ kind: 'tools_unused', subject: workload.id, target: 'tools', remove, keep, change: null, evidence }];
}

function keyDrafts(facts: LeastFacts, use: UseIndex, key: GrantedKey): readonly Draft[] {
  const workload = facts.workloads.find(({ id }) => id === key.workload);
  // The key of an approved workflow is its runtime's: it is renewed with every version.
  if (workload === undefined || facts.approved.has(workload.id) || workload.removed.keys?.includes(key.id) === true) return [];
  const total = use.total(key.workload, 'key', key.id);
  const evidence = evidenceOf(facts, key.createdAt.getTime(), [total]);
  const draft = { subject: key.workload, target: key.id, remove: [key.id], keep: [], change: null, evidence };
  if (isSettled(facts, key.createdAt.getTime()) && (total?.count ?? 0) === 0) return [{ ...draft, kind: 'key_unused' }];
  return key.expiresAt.getTime() <= facts.nowMs + EXPIRING_MS ? [{ ...draft, kind: 'key_expiring', remove: [] }] : [];
}

/** Unused: it would end. Used in part: the smallest role that has all that was used. */
function grantDrafts(facts: LeastFacts, use: UseIndex, grant: GrantedRole): readonly Draft[] {
  if (grant.via !== 'direct' || !isSettled(facts, grant.createdAt.getTime()) || isLastOwner(facts, grant)) return [];
  const actions = actionsOfRole(grant.role, grant.actions);
  const totals = usedActions(use, grant, actions);
  const used = new Set(totals.filter(({ count }) => count > 0).map(({ name }) => name));
  const evidence = evidenceOf(
    facts,
    grant.createdAt.getTime(),
    totals.filter(({ count }) => count === 0),
  );
  const remove = [...actions].filter((action) => !used.has(action)).sort();
  const draft = { subject: grant.subject, target: grant.id, remove, keep: [...used].sort(), evidence };
  const change = (to: string | null) => ({ grant: grant.id, from: grant.role, to });
  if (used.size === 0) return [{ ...draft, kind: 'grant_unused', change: change(null) }];
  const smaller = smallestRole(facts.customRoles, actions, used);
  return smaller === null ? [] : [{ ...draft, kind: 'grant_smaller', change: change(smaller) }];
}

export function usedActions(use: UseIndex, grant: Pick<GrantedRole, 'people'>, actions: ReadonlySet<Action>): readonly UsageTotal[] {
  const totals = grant.people.flatMap((person) => use.of(person, 'action')).filter(({ name }) => isAction(name) && actions.has(name));
  return [...Map.groupBy(totals, ({ name }) => name)].map(([, same]) => ({
    ...(same[0] as UsageTotal),
    count: same.reduce((sum, { count }) => sum + count, 0),
    lastAtMs: Math.max(...same.map(({ lastAtMs }) => lastAtMs)),
  }));
}

/** Everything, for good: what somebody always holds. */
export const isOwning = ({ role, scope, condition, expiresAt, via, subject }: GrantedRole): boolean =>
  role === 'owner' && isWhole(scope) && condition === null && expiresAt === null && via === 'direct' && subject.startsWith('per_');

/** Nobody else owns the tenant. */
function isLastOwner({ roles }: LeastFacts, grant: GrantedRole): boolean {
  return isOwning(grant) && roles.filter(isOwning).length === 1;
}

/** Has everything that was used, nothing the grant did not have, and less than it. */
export function smallestRole(custom: readonly CustomRole[], has: ReadonlySet<Action>, used: ReadonlySet<string>): string | null {
  const roles = [
    ...ROLES.filter((role) => role !== 'owner' && role !== 'agent').map((role) => ({
      name: role as string,
      actions: BUILT_IN_ROLES[role].actions,
    })),
    ...custom.map(({ name, actions }) => ({ name: `${CUSTOM}${name}`, actions: actions.filter(isAction) })),
  ];
  const fitting = roles.filter(({ actions }) => {
    const set = new Set<string>(actions);
    return actions.length < has.size && actions.every((action) => has.has(action)) && [...used].every((action) => set.has(action));
  });
  return fitting.toSorted((left, right) => left.actions.length - right.actions.length)[0]?.name ?? null;
}
