// Breaches for the control plane: with names, and with the alerts that may be one.

import type { BreachOut, BreachPorts } from '#control';
import { formatTime, isObject, isRefusal, type JsonObject, parseOwnJson, type Refusal, type TenantId } from '#core';
import { type BreachStep, type BreachView, draftHtml } from '#governance';
import { type Alerts, RULES, type RuleName } from '#monitoring';
import type { Accountability } from './accountability.ts';
import { namesOf } from './people-ports.ts';
import type { Rooms } from './rooms.ts';

/** Rules whose alert may mean that somebody saw what they should not have. */
const SIGNALS: ReadonlySet<RuleName> = new Set<RuleName>([
  ...(['mass_export', 'invented_placeholders', 'raw_dataset', 'risk_high'] as const),
  ...(['canary_found', 'canary_crossed', 'leak_at_rest'] as const),
]);
const MAX_ALERTS = 200;

export function breachPorts(rooms: Rooms, { breaches, clock }: Accountability, alerts: Pick<Alerts, 'list'>): BreachPorts {
  const { identity } = rooms;

  async function namer(tenant: TenantId): Promise<(reference: string | null) => string | null> {
    const nameOf = await namesOf(rooms, tenant);
    const programs = new Map((await identity.listWorkloads(tenant)).map(({ id, name }) => [id as string, name]));
    return (reference) =>
      reference === null ? null : reference.startsWith('per_') ? nameOf(reference) : (programs.get(reference) ?? null);
  }
  const shown = async (tenant: TenantId, view: BreachView | Refusal): Promise<BreachOut | Refusal> =>
    isRefusal(view) ? view : outOf(view, await namer(tenant));

  return {
    breaches: {
      list: async (tenant) => {
        const nameOf = await namer(tenant);
        return (await breaches.list(tenant)).map((view) => outOf(view, nameOf));
      },
      proposals: async (tenant) => {
        const nameOf = await namer(tenant);
        const taken = new Set((await breaches.list(tenant)).map(({ alert }) => alert));
        // Each rule by itself: many alerts of another one hide none of these.
        const pages = [];
        for (const rule of SIGNALS) pages.push(await alerts.list(tenant, { ...OPEN_ALERTS, rule, limit: MAX_ALERTS }));
        return pages
          .flatMap((page) => (isRefusal(page) ? [] : page.alerts))
          .filter(({ id }) => !taken.has(id))
          .sort((one, other) => other.occurredAtMs - one.occurredAtMs)
          .map(({ id, rule, by, facts, occurredAtMs }) => ({
            ...{ alert: id, rule, meaning: RULES[rule]?.meaning ?? rule, at: formatTime(occurredAtMs), by, byName: nameOf(by) },
            integration: typeof facts.integration === 'string' ? facts.integration : null,
          }));
      },
      show: async (tenant, id) => shown(tenant, await breaches.show(tenant, id)),
      open: async (person, breach) => shown(person.tenant, await breaches.open(person, breach)),
      setBack: async (person, id, to) => shown(person.tenant, await breaches.setBack(person, id, to)),
      scope: async (person, id, { toMs, ...criteria }) =>
        shown(person.tenant, await breaches.scope(person, id, { ...criteria, toMs: toMs ?? clock.now() })),
      people: async (person, id) => {
        const found = await breaches.people(person, id);
        return isRefusal(found) ? found : (found as unknown as JsonObject);
      },
      note: async (person, id, step) => shown(person.tenant, await breaches.note(person, id, step)),
      tell: async (person, id, told) => shown(person.tenant, await breaches.tell(person, id, told)),
      close: async (person, id, text) => shown(person.tenant, await breaches.close(person, id, text)),
      draft: async (tenant, id) => {
        const draft = await breaches.draft(tenant, id);
        if (isRefusal(draft)) return draft;
        const { madeAtMs, ...rest } = draft;
        const made = { breach: id, madeAt: formatTime(madeAtMs), ...rest } as unknown as JsonObject;
        return { ...made, html: draftHtml(made) };
      },
    },
  };

  function outOf(view: BreachView, nameOf: (reference: string | null) => string | null): BreachOut {
    const { closedAt, scope } = view;
    return {
      id: view.id,
      state: closedAt === null ? 'open' : 'closed',
      what: view.what,
      alert: view.alert,
      rule: view.rule,
      awareAt: formatTime(view.awareAt.getTime()),
      dueAt: formatTime(view.deadline.dueAtMs),
      hours: view.deadline.hours,
      leftMs: view.deadline.dueAtMs - clock.now(),
      law: view.deadline.law,
      isRunning: view.isRunning,
      isLate: view.isLate,
      risk: view.risk,
      openedAt: formatTime(view.openedAt.getTime()),
      openedBy: view.openedBy,
      openedByName: nameOf(view.openedBy),
      closedAt: closedAt === null ? null : formatTime(closedAt.getTime()),
      closedByName: nameOf(view.closedBy),
      scope: scope === null ? null : { ...scope, names: namesIn(scope, nameOf) },
      missing: view.open,
      steps: view.steps.map((step) => stepOf(step, nameOf)),
    };
  }
}

const OPEN_ALERTS = { severity: null, isOpen: true, actors: null, before: null } as const;

/** Names of the actors that a scope counts. */
function namesIn(scope: JsonObject, nameOf: (reference: string) => string | null): JsonObject {
  const actors = isObject(scope.actors) ? Object.keys(scope.actors) : [];
  return Object.fromEntries(actors.map((actor) => [actor, nameOf(actor) ?? actor]));
}

function stepOf({ text, at, by, ...step }: BreachStep, nameOf: (reference: string) => string | null) {
  const isTold = step.kind === 'authority' || step.kind === 'persons';
  const told = isTold && text !== null ? (parseOwnJson(text) as { text: string; delayReason: string | null }) : null;
  return {
    ...step,
    ...{ at: formatTime(at.getTime()), by, byName: nameOf(by) },
    ...{ text: told === null ? text : told.text, delayReason: told?.delayReason ?? null },
  };
}
