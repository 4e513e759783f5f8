// What a reviewer is shown of one access: who holds it and by what, whether it is used, what it conflicts with, and what would be enough.

import { conflictsIn } from '#core';
import { actionsOfRole } from '../access/effective.ts';
import type { GrantedRole, GrantedWorkload } from '../store/least.ts';
import type { ItemRow, ReviewScope, ShownAccess } from '../store/reviews.ts';
import { indexUse, type LeastFacts, smallestRole, usedActions } from './propose.ts';

type NewItem = Pick<ItemRow, 'subject' | 'people' | 'kind' | 'target' | 'shown'>;

export function grantItem(facts: LeastFacts, grant: GrantedRole, scope: ReviewScope): readonly NewItem[] {
  if (scope.role !== undefined && grant.role !== scope.role) return [];
  if (scope.workspace !== undefined && grant.scope.workspace !== scope.workspace) return [];
  const actions = actionsOfRole(grant.role, grant.actions);
  const totals = usedActions(indexUse(facts.used), grant, actions);
  const used = new Set(totals.filter(({ count }) => count > 0).map(({ name }) => name));
  const held = new Set(
    facts.roles
      .filter(({ people }) => people.some((person) => grant.people.includes(person)))
      .flatMap(({ role, actions: custom }) => [...actionsOfRole(role, custom)]),
  );
  // The owner holds everything by design; what is told is what this grant brings together with others.
  const conflicts =
    grant.role === 'owner' ? [] : conflictsIn(held).filter(({ actions: pair }) => pair.some((action) => actions.has(action)));
  const shown: ShownAccess = {
    name: grant.role,
    subjectName: grant.subjectName,
    via: grant.subject.startsWith('grp_') ? `group:${grant.subject}` : grant.via,
    scope: grant.scope,
    grantedAtMs: grant.createdAt.getTime(),
    expiresAtMs: grant.expiresAt?.getTime() ?? null,
    usage: {
      windowDays: facts.settings.windowDays,
      lastUsedAtMs: totals.length === 0 ? null : Math.max(...totals.map(({ lastAtMs }) => lastAtMs)),
      count: totals.reduce((sum, { count }) => sum + count, 0),
      usedActions: [...used].sort(),
      unusedActions: [...actions].filter((action) => !used.has(action)).sort(),
    },
    conflicts: conflicts.map(({ actions: pair }) => pair),
    smallerRole: used.size === 0 ? null : smallestRole(facts.customRoles, actions, used),
  };
  return [{ subject: grant.subject, people: grant.people, kind: 'grant', target: grant.id, shown }];
}

export function workloadItems(
  facts: LeastFacts,
  workload: GrantedWorkload,
  scope: ReviewScope,
  workspaces: readonly string[],
): readonly NewItem[] {
  // What an approved workflow reaches is decided by whoever approves its version.
  if (scope.role !== undefined || facts.approved.has(workload.id)) return [];
  if (scope.workspace !== undefined && !workspaces.includes(scope.workspace)) return [];
  const use = indexUse(facts.used);
  return workload.integrations.map((integration): NewItem => {
    const total = use.total(workload.id, 'integration', integration);
    const shown: ShownAccess = {
      name: integration,
      subjectName: workload.name,
      via: null,
      scope: {},
      grantedAtMs: workload.reachedSince[integration] ?? workload.createdAt.getTime(),
      expiresAtMs: null,
      usage: {
        windowDays: facts.settings.windowDays,
        lastUsedAtMs: total?.lastAtMs ?? null,
        count: total?.count ?? 0,
        usedActions: [],
        unusedActions: [],
      },
      conflicts: [],
      smallerRole: null,
    };
    return { subject: workload.id, people: [], kind: 'workload_integration', target: integration, shown };
  });
}
