// Segments, usage, proposals and reviews as people see them: names, counts and times; no value of any call.

import type {
  AuthorizePorts,
  LeastPorts,
  ProposalView,
  ReviewDetails,
  ReviewItemView,
  ReviewView,
  SegmentView,
  StepSegmentView,
} from '#control';
import { type Action, formatTime, isRefusal, type PersonPrincipal, type Reach, type Refusal, refuse, type TenantId } from '#core';
import {
  actionsOfRole,
  DAY_MS,
  type ItemRow,
  indexUse,
  type LeastFacts,
  type ProposalRow,
  type ProposalState,
  type ReviewRow,
  type ReviewWithItems,
} from '#identity';
import { CUSTOMER_STEP, type Registry, segmentOf } from '#workflows';
import { systemClock } from '../world.ts';
import { sealFor } from './change-records.ts';
import { namesOf } from './people-ports.ts';
import type { Rooms } from './rooms.ts';

const MAY_REACH = new Set(['published', 'retired']);
const timeOf = (ms: number | null): string | null => (ms === null ? null : formatTime(ms));

/** Counts what people do with their access, as it is asked for. */
export function countingUse({ note }: Pick<Rooms['usage'], 'note'>, authorize: AuthorizePorts['authorize']): AuthorizePorts['authorize'] {
  return (person, action, on, takesAway) => {
    const refused = authorize(person, action, on, takesAway);
    if (refused === null) note(person.tenant, person.person, 'action', action);
    return refused;
  };
}

export function leastPorts(rooms: Rooms, registry: Pick<Registry, 'show'>): LeastPorts {
  const { proposals, reviews } = rooms.least;
  const by = (person: PersonPrincipal) => ({ tenant: person.tenant, actor: person.person, seal: sealFor(rooms, person) });
  const viewed = async (tenant: TenantId, rows: readonly ProposalRow[]) => {
    const [facts, nameOf] = [await proposals.facts(tenant), await namesOf(rooms, tenant)];
    const { observedSinceMs: _since, ...settings } = facts.settings;
    return {
      computedAt: formatTime(facts.nowMs),
      settings,
      proposals: rows.map((row) => proposalView(facts, row, subjectName(facts, row.subject, nameOf))),
    };
  };
  const one = async (tenant: TenantId, work: Promise<ProposalRow | Refusal>): Promise<ProposalView | Refusal> => {
    const row = await work;
    return isRefusal(row) ? row : ((await viewed(tenant, [row])).proposals[0] as ProposalView);
  };
  const details = async (person: PersonPrincipal, review: ReviewWithItems | Refusal): Promise<ReviewDetails | Refusal> => {
    if (isRefusal(review)) return review;
    const nameOf = await namesOf(rooms, person.tenant);
    return { ...reviewView(review, nameOf), list: review.items.map((item) => itemView(item, person, nameOf)) };
  };
  return {
    least: {
      segment: async (tenant, workflow, hash) => {
        const version = await registry.show(tenant, workflow, hash);
        if (isRefusal(version)) return version;
        if (version.definition === null)
          return refuse('WORKFLOWS_BUNDLE_TAMPERED', 'The stored files do not have the approved hash.', { workflow });
        const segment = segmentOf(version.definition, version.hash);
        const enforced = MAY_REACH.has(version.state) && (version.approval.state === 'valid' || version.approval.state === 'lapsed');
        const steps = [...segment.steps].map(
          ([id, reach]): StepSegmentView => ({
            id: id === CUSTOMER_STEP ? 'customer' : id,
            kind: reach.kind,
            ...reachView(rooms, tenant, reach),
          }),
        );
        const { operations, models, dataClasses } = reachView(rooms, tenant, segment);
        const integrations = sorted(segment.integrations).map((name): SegmentView['integrations'][number] => {
          const known = rooms.catalogue.integration(tenant, name);
          return {
            name,
            kind: known?.kind ?? null,
            host: known === null ? null : new URL(known.origin).host,
            credential: known?.credential ?? null,
          };
        });
        return { name: workflow, hash: version.hash, state: version.state, enforced, integrations, operations, models, dataClasses, steps };
      },
      usage: async (tenant, subject) => {
        const facts = await proposals.facts(tenant);
        const used = facts.used.filter((row) => row.subject === subject);
        return {
          subject,
          since: formatTime(Math.max(facts.nowMs - facts.settings.windowDays * DAY_MS, facts.settings.observedSinceMs)),
          days: facts.settings.windowDays,
          used: used.map(({ kind, name, count, lastAtMs }) => ({ kind, name, count, lastUsedAt: formatTime(lastAtMs) })),
          granted: grantedTo(facts, subject),
        };
      },
      proposals: async (tenant, state) => viewed(tenant, await proposals.list(tenant, state as ProposalState | null)),
      propose: async (tenant) => viewed(tenant, await proposals.refresh(tenant)),
      apply: (person, id) => one(person.tenant, proposals.apply({ ...by(person), id })),
      undo: (person, id) => one(person.tenant, proposals.undo({ ...by(person), id })),
      dismiss: (person, id, reason) => one(person.tenant, proposals.dismiss({ ...by(person), id, reason })),
      settings: async (tenant) => {
        const { windowDays, autoApply, graceDays } = await proposals.settings(tenant);
        return { windowDays, autoApply, graceDays };
      },
      configure: async (person, settings) => {
        await proposals.configure({ ...by(person), settings });
        return settings;
      },
      expireUnused: async (person, grant, days) => {
        const set = await proposals.setExpiry({ ...by(person), grant, days });
        return isRefusal(set) ? set : null;
      },
    },
    reviews: {
      list: async (tenant) => {
        const nameOf = await namesOf(rooms, tenant);
        return (await reviews.list(tenant)).map((review) => reviewView(review, nameOf));
      },
      show: async (person, id) => details(person, await reviews.show(person.tenant, id)),
      create: async (person, review) => details(person, await reviews.create({ ...by(person), ...review })),
      decide: async (person, decision) => {
        const item = await reviews.decide({ ...by(person), ...decision });
        return isRefusal(item) ? item : itemView(item, person, await namesOf(rooms, person.tenant));
      },
    },
  };
}

const sorted = (names: Iterable<string>): readonly string[] => [...names].sort();

function reachView({ catalogue }: Pick<Rooms, 'catalogue'>, tenant: TenantId, reach: Reach): Omit<StepSegmentView, 'id' | 'kind'> {
  const known = sorted(reach.integrations).flatMap((name) => catalogue.integration(tenant, name) ?? []);
  const operations = known.flatMap(
    ({ name, manifest }) => manifest?.operations.filter((operation) => reach.operations.has(`${name}/${operation.name}`)) ?? [],
  );
  return {
    integrations: sorted(reach.integrations),
    operations: sorted(reach.operations),
    models: sorted(reach.models),
    hosts: sorted(new Set(known.map(({ origin }) => new URL(origin).host))),
    credentials: sorted(known.flatMap(({ credential }) => credential ?? [])),
    dataClasses: sorted(new Set(operations.flatMap(({ output }) => output.fields.flatMap(({ pii }) => pii)))),
  };
}

function subjectName(facts: LeastFacts, subject: string, nameOf: (person: string) => string): string | null {
  if (subject.startsWith('per_')) return nameOf(subject);
  return (
    facts.workloads.find(({ id }) => id === subject)?.name ?? facts.roles.find((role) => role.subject === subject)?.subjectName ?? null
  );
}

function grantedTo(
  facts: LeastFacts,
  subject: string,
): readonly { kind: string; name: string; usedCount: number; lastUsedAt: string | null; grantedAt: string | null }[] {
  const use = indexUse(facts.used);
  const line = (kind: 'action' | 'integration' | 'operation' | 'model' | 'key', name: string, grantedAtMs: number | null) => {
    const total = use.total(subject, kind, name);
    return { kind, name, usedCount: total?.count ?? 0, lastUsedAt: timeOf(total?.lastAtMs ?? null), grantedAt: timeOf(grantedAtMs) };
  };
  const workload = facts.workloads.find(({ id }) => id === subject);
  if (workload === undefined) {
    const actions = new Map<Action, number>();
    for (const grant of facts.roles.filter(({ people }) => (people as readonly string[]).includes(subject))) {
      for (const action of actionsOfRole(grant.role, grant.actions))
        actions.set(action, Math.min(actions.get(action) ?? Infinity, grant.createdAt.getTime()));
    }
    return [...actions].sort().map(([action, at]) => line('action', action, at));
  }
  const since = (name: string): number => workload.reachedSince[name] ?? workload.createdAt.getTime();
  return [
    ...workload.integrations.map((name) => line('integration', name, since(name))),
    ...workload.integrations.flatMap((name) => {
      const offer = facts.offers.get(subject)?.get(name) ?? { operations: [], models: [] };
      return [
        ...offer.operations.map((operation) => line('operation', `${name}/${operation}`, since(name))),
        ...offer.models.map((model) => line('model', model, since(name))),
      ];
    }),
    ...facts.keys.filter((key) => key.workload === subject).map((key) => line('key', key.id, key.createdAt.getTime())),
  ];
}

const SENTENCES: Readonly<Record<ProposalRow['kind'], (row: ProposalRow, name: string) => string>> = {
  integration_unused: ({ remove }, name) => `${name} has not used ${remove.join(', ')}.`,
  operations_unused: ({ remove, target }, name) => `${name} has not used ${remove.length} operations of ${target}.`,
  models_unused: ({ remove, target }, name) => `${name} has not used ${remove.length} models of ${target}.`,
  tools_unused: ({ remove }, name) => `${remove.length} tools are offered to the models of ${name} and never called.`,
  key_unused: (_row, name) => `A key of ${name} has not been used.`,
  key_expiring: (_row, name) => `A key of ${name} ends soon.`,
  grant_unused: ({ change }, name) => `${name} has not used the role ${change?.from ?? ''}.`,
  grant_smaller: ({ change }, name) => `The role ${change?.to ?? ''} is enough for what ${name} did as ${change?.from ?? ''}.`,
};

function proposalView({ settings }: LeastFacts, row: ProposalRow, name: string | null): ProposalView {
  const { evidence, kind, state } = row;
  const canApply = kind !== 'key_expiring' && state === 'open';
  const appliesAt = canApply && settings.autoApply ? formatTime(row.firstSeenAt.getTime() + settings.graceDays * DAY_MS) : null;
  return {
    id: row.id,
    kind,
    state,
    subject: row.subject,
    subjectName: name,
    sentence: SENTENCES[kind](row, name ?? 'Somebody'),
    remove: row.remove,
    keep: row.keep,
    change: row.change,
    evidence: {
      windowDays: evidence.windowDays,
      observedSince: formatTime(evidence.observedSinceMs),
      grantedAt: timeOf(evidence.grantedAtMs),
      lastUsedAt: timeOf(evidence.lastUsedAtMs),
      count: evidence.count,
      events: `/audit?actor=${row.subject}`,
    },
    canApply,
    canUndo: state === 'applied',
    appliesAt,
    firstSeenAt: formatTime(row.firstSeenAt.getTime()),
    decidedAt: timeOf(row.decidedAt?.getTime() ?? null),
    decidedBy: row.decidedBy,
    reason: row.reason,
  };
}

function reviewView(review: ReviewRow, nameOf: (person: string) => string): ReviewView {
  const { id, name, scope, total, kept, removed, changed, recordEvent, recordDigest, completedAt, dueAt } = review;
  const isOverdue = completedAt === null ? dueAt.getTime() < systemClock.now() : completedAt > dueAt;
  return {
    id,
    name,
    scope,
    reviewers: review.reviewers.map((person) => ({ id: person, name: nameOf(person) })),
    createdBy: review.createdBy,
    createdAt: formatTime(review.createdAt.getTime()),
    dueAt: formatTime(dueAt.getTime()),
    overdue: isOverdue,
    state: completedAt === null ? 'open' : 'done',
    completedAt: timeOf(completedAt?.getTime() ?? null),
    record: recordEvent === null || recordDigest === null ? null : { event: recordEvent, digest: recordDigest },
    items: { total, decided: kept + removed + changed, kept, removed, changed },
  };
}

function itemView(item: ItemRow, person: PersonPrincipal, nameOf: (person: string) => string): ReviewItemView {
  const { shown } = item;
  const { lastUsedAtMs, ...usage } = shown.usage;
  return {
    id: item.id,
    subject: item.subject,
    subjectName: item.subject.startsWith('per_') ? nameOf(item.subject) : shown.subjectName,
    kind: item.kind,
    grant: item.kind === 'grant' ? item.target : null,
    name: shown.name,
    via: shown.via,
    scope: shown.scope,
    grantedAt: timeOf(shown.grantedAtMs),
    expiresAt: timeOf(shown.expiresAtMs),
    usage: { ...usage, lastUsedAt: timeOf(lastUsedAtMs) },
    conflicts: shown.conflicts,
    smallerRole: shown.smallerRole,
    decision: item.decision,
    role: item.role,
    reason: item.reason,
    decidedBy: item.decidedBy,
    decidedAt: timeOf(item.decidedAt?.getTime() ?? null),
    outcome: item.outcome,
    isOwn: item.people.includes(person.person),
  };
}
