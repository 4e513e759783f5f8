// Breaches of personal data and the clock of Article 33: opened by a person, computed from the log, told of, closed by somebody else.
// INVARIANTS: the clock is set back with a reason and never forward; it stops only when the authority was told or a reason why not stands on
// record; nothing is deleted; what people write is sealed, and events hold counts and references alone.

import {
  type BreachId,
  type Clock,
  isRefusal,
  type JsonObject,
  makeEvent,
  newId,
  type PersonPrincipal,
  parseOwnJson,
  type Random,
  type Refusal,
  type SealChangeOf,
  type TenantId,
  type Tx,
} from '#core';
import { appendEvents, type Database } from '#storage';
import { eachTenant } from '../each-tenant.ts';
import { refusal } from '../errors.ts';
import {
  addBreachStep,
  type BreachChange,
  type BreachRisk,
  type BreachRow,
  type BreachStepRow,
  changeBreach,
  findBreach,
  holdOpenBreaches,
  insertBreach,
  listBreaches,
  listBreachSteps,
} from '../store/breaches.ts';
import { type Deadline, deadlineOf, type Mark, marksDue } from './clock.ts';
import { type BreachDraft, draftOf } from './draft.ts';
import { type AffectedPerson, type Criteria, findAffected, type ScopeDeps } from './scope.ts';

export interface BreachesDeps extends ScopeDeps {
  readonly db: Pick<Database, 'inTenant'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly vault: {
    seal(tx: Tx, value: { tenant: TenantId; subject: string | null; purpose: string; plaintext: Uint8Array }): Promise<Uint8Array>;
    open(tx: Tx, value: { tenant: TenantId; purpose: string; sealed: Uint8Array }): Promise<Uint8Array>;
  };
  readonly sealChange: SealChangeOf;
  /** Whether somebody else could close it. */
  hasOthers(tx: Tx, person: PersonPrincipal): Promise<boolean>;
  readonly controller: (tenant: TenantId) => { readonly name: string; readonly contact: string };
  /** The alert a breach is opened for; null when there is none. */
  alertOf(tenant: TenantId, id: string): Promise<{ readonly id: string; readonly rule: string } | null>;
  /** Who stands behind keyed hashes of customers, where something of them is still held. */
  namesOf(tenant: TenantId, people: readonly string[]): Promise<ReadonlyMap<string, NamedPerson>>;
}

export interface NamedPerson {
  readonly customer: string;
  readonly addresses: readonly string[];
}

export interface NewBreach {
  readonly what: string;
  /** Null: now. */
  readonly awareAtMs: number | null;
  /** Why it is set back. */
  readonly reason: string | null;
  readonly alert: string | null;
}

export type StepKind = 'note' | 'contained' | 'risk';
export interface NewStep {
  readonly kind: StepKind;
  readonly text: string;
  readonly risk: BreachRisk | null;
}

export interface Told {
  readonly whom: 'authority' | 'persons';
  /** False: nobody needs to be told, for the reason in `text`. */
  readonly needed: boolean;
  readonly text: string;
  /** When they were told; null: now. */
  readonly atMs: number | null;
  /** Asked when it was later than the law allows. */
  readonly delayReason: string | null;
}

export interface BreachStep extends Omit<BreachStepRow, 'breach' | 'sealedText'> {
  readonly text: string | null;
}

export interface BreachView extends Omit<BreachRow, 'sealedWhat' | 'sealedPeople'> {
  readonly what: string;
  readonly deadline: Deadline;
  /** The clock runs: the authority was not told, and nobody said why it need not be. */
  readonly isRunning: boolean;
  readonly isLate: boolean;
  readonly steps: readonly BreachStep[];
  /** What is missing before it can be closed. */
  readonly open: readonly OpenPoint[];
}

export const OPEN_POINTS = ['contain', 'scope', 'risk', 'authority', 'persons'] as const;
export type OpenPoint = (typeof OPEN_POINTS)[number];

export interface Affected extends AffectedPerson {
  /** Null: nothing is held any more that says who it is. */
  readonly name: NamedPerson | null;
}

export interface Breaches {
  open(person: PersonPrincipal, breach: NewBreach): Promise<BreachView | Refusal>;
  list(tenant: TenantId): Promise<readonly BreachView[]>;
  show(tenant: TenantId, id: BreachId): Promise<BreachView | Refusal>;
  setBack(
    person: PersonPrincipal,
    id: BreachId,
    to: { readonly awareAtMs: number; readonly reason: string },
  ): Promise<BreachView | Refusal>;
  scope(person: PersonPrincipal, id: BreachId, criteria: Criteria): Promise<BreachView | Refusal>;
  /** Who they are, by name, for whoever has to tell them. */
  people(person: PersonPrincipal, id: BreachId): Promise<{ readonly people: readonly Affected[]; readonly total: number } | Refusal>;
  note(person: PersonPrincipal, id: BreachId, step: NewStep): Promise<BreachView | Refusal>;
  tell(person: PersonPrincipal, id: BreachId, told: Told): Promise<BreachView | Refusal>;
  close(person: PersonPrincipal, id: BreachId, text: string): Promise<BreachView | Refusal>;
  draft(tenant: TenantId, id: BreachId): Promise<(BreachDraft & { readonly madeAtMs: number }) | Refusal>;
  /** Tells of marks the clock has passed. */
  watch(tenants: readonly TenantId[]): Promise<void>;
}

/** People named at once. */
const MAX_NAMED = 500;
/** Of the list that is kept. */
export const MAX_KEPT = 50_000;
const ACTOR = 'system:breaches';
export const WHAT = (id: string): string => `governance_breaches.sealed_what/${id}`;
export const PEOPLE = (id: string): string => `governance_breaches.sealed_people/${id}`;
export const TEXT = (id: string): string => `governance_breach_steps.sealed_text/${id}`;

export function createBreaches(deps: BreachesDeps): Breaches {
  const { db, clock, vault } = deps;
  const seal = (tx: Tx, tenant: TenantId, purpose: string, text: string): Promise<Uint8Array> =>
    vault.seal(tx, { tenant, subject: null, purpose, plaintext: Buffer.from(text) });
  const opened = async (tx: Tx, tenant: TenantId, purpose: string, sealed: Uint8Array): Promise<string> =>
    Buffer.from(await vault.open(tx, { tenant, purpose, sealed })).toString('utf8');

  async function view(tx: Tx, tenant: TenantId, row: BreachRow, rows: readonly BreachStepRow[]): Promise<BreachView> {
    const { sealedWhat, sealedPeople: _, ...rest } = row;
    const steps: BreachStep[] = [];
    for (const { breach, sealedText, ...step } of rows)
      steps.push({ ...step, text: sealedText === null ? null : await opened(tx, tenant, TEXT(breach), sealedText) });
    const deadline = deadlineOf(row.awareAt.getTime());
    const isRunning = row.closedAt === null && !isAuthoritySettled(row, rows);
    const isLate = isRunning ? clock.now() > deadline.dueAtMs : wasToldLate(row.awareAt.getTime(), rows);
    return {
      ...rest,
      what: await opened(tx, tenant, WHAT(row.id), sealedWhat),
      deadline,
      isRunning,
      isLate,
      steps,
      open: openPoints(row, rows),
    };
  }
  const viewOf = async (tx: Tx, tenant: TenantId, row: BreachRow): Promise<BreachView> =>
    view(tx, tenant, row, await listBreachSteps(tx, tenant, [row.id]));

  interface Act {
    readonly type: string;
    readonly facts: JsonObject;
    readonly before: JsonObject | null;
    readonly after: JsonObject;
  }
  const tellLog = async (tx: Tx, person: PersonPrincipal, id: BreachId, { type, facts, before, after }: Act): Promise<void> => {
    const sealed = await deps.sealChange(tx, person, { before, after });
    const event = { tenant: person.tenant, type: `governance.breach.${type}`, actor: person.person, subject: id, sealed };
    await appendEvents(tx, [makeEvent(deps, { ...event, public: { breach: id, ...facts } })]);
  };
  const step = async (
    tx: Tx,
    person: PersonPrincipal,
    id: BreachId,
    kind: string,
    facts: JsonObject,
    text: string | null,
  ): Promise<void> => {
    const { tenant } = person;
    const sealedText = text === null ? null : await seal(tx, tenant, TEXT(id), text);
    await addBreachStep(tx, tenant, { breach: id, kind, at: new Date(clock.now()), by: person.person, facts, sealedText });
  };

  /** Does one thing to an open breach, holding it; `work` refuses or says what changed. */
  const act = (
    person: PersonPrincipal,
    id: BreachId,
    work: (tx: Tx, row: BreachRow) => Promise<Refusal | BreachChange>,
  ): Promise<BreachView | Refusal> =>
    db.inTenant(person.tenant, async (tx) => {
      const { tenant } = person;
      const row = await findBreach(tx, tenant, id, 'hold');
      if (row === null) return refusal('GOVERNANCE_BREACH_UNKNOWN');
      if (row.closedAt !== null) return refusal('GOVERNANCE_BREACH_CLOSED');
      const change = await work(tx, row);
      if (isRefusal(change)) return change;
      if (Object.keys(change).length > 0) await changeBreach(tx, tenant, id, change);
      return viewOf(tx, tenant, (await findBreach(tx, tenant, id)) as BreachRow);
    });

  return {
    async open(person, { what, awareAtMs, reason, alert }) {
      const { tenant } = person;
      const nowMs = clock.now();
      const since = awareAtMs ?? nowMs;
      if (since > nowMs) return refusal('GOVERNANCE_BREACH_AHEAD');
      const isSetBack = since < nowMs;
      if (isSetBack && (reason ?? '').trim() === '') return refusal('GOVERNANCE_BREACH_REASON');
      const found = alert === null ? null : await deps.alertOf(tenant, alert);
      if (alert !== null && found === null) return refusal('GOVERNANCE_BREACH_ALERT');
      return db.inTenant(tenant, async (tx) => {
        const id = newId('bre', clock, deps.random);
        const row = {
          ...{ id, alert: found?.id ?? null, rule: found?.rule ?? null, openedBy: person.person },
          ...{ sealedWhat: await seal(tx, tenant, WHAT(id), what), awareAt: new Date(since), openedAt: new Date(nowMs) },
        };
        if (!(await insertBreach(tx, tenant, row))) return refusal('GOVERNANCE_BREACH_ALERT_TAKEN');
        if (isSetBack) await step(tx, person, id, 'set_back', { awareAt: iso(since) }, reason);
        const facts = { awareAt: iso(since), dueAt: iso(deadlineOf(since).dueAtMs), setBack: isSetBack, rule: row.rule, alert: row.alert };
        await tellLog(tx, person, id, { type: 'opened', facts, before: null, after: { breach: id, ...facts } });
        return viewOf(tx, tenant, (await findBreach(tx, tenant, id)) as BreachRow);
      });
    },

    list: (tenant) =>
      db.inTenant(tenant, async (tx) => {
        const rows = await listBreaches(tx, tenant);
        const steps = Map.groupBy(
          await listBreachSteps(
            tx,
            tenant,
            rows.map(({ id }) => id),
          ),
          ({ breach }) => breach,
        );
        const views: BreachView[] = [];
        for (const row of rows) views.push(await view(tx, tenant, row, steps.get(row.id) ?? []));
        return views;
      }),

    show: (tenant, id) =>
      db.inTenant(tenant, async (tx) => {
        const row = await findBreach(tx, tenant, id);
        return row === null ? refusal('GOVERNANCE_BREACH_UNKNOWN') : viewOf(tx, tenant, row);
      }),

    setBack: (person, id, { awareAtMs, reason }) =>
      act(person, id, async (tx, row) => {
        const before = row.awareAt.getTime();
        if (awareAtMs >= before) return refusal('GOVERNANCE_BREACH_AHEAD');
        await step(tx, person, id, 'set_back', { awareAt: iso(awareAtMs) }, reason);
        const facts = { before: iso(before), awareAt: iso(awareAtMs), dueAt: iso(deadlineOf(awareAtMs).dueAtMs) };
        await tellLog(tx, person, id, { type: 'set_back', facts, before: { awareAt: iso(before) }, after: { awareAt: iso(awareAtMs) } });
        return { awareAt: new Date(awareAtMs) };
      }),

    async scope(person, id, criteria) {
      const { tenant } = person;
      if (criteria.fromMs >= criteria.toMs) return refusal('GOVERNANCE_BREACH_WINDOW');
      const known = await db.inTenant(tenant, (tx) => findBreach(tx, tenant, id));
      if (known === null) return refusal('GOVERNANCE_BREACH_UNKNOWN');
      const { people, facts: counted } = await findAffected(deps, tenant, criteria);
      const kept = people.slice(0, MAX_KEPT);
      const facts: JsonObject = { ...counted, complete: counted.complete === true && kept.length === people.length };
      return act(person, id, async (tx) => {
        const sealedPeople = await seal(tx, tenant, PEOPLE(id), JSON.stringify(kept));
        await step(tx, person, id, 'scope', facts, null);
        const { from, to, people: count, unknown, calls, openings, classes, actors, complete } = facts;
        const told = {
          ...{ from, to, people: count, unknown, calls, openings, complete },
          ...{ classes: Object.keys(classes as JsonObject), actors: Object.keys(actors as JsonObject).length },
        } as JsonObject;
        const asked = { actor: criteria.actor, integration: criteria.integration };
        await tellLog(tx, person, id, { type: 'scoped', facts: told, before: null, after: { ...asked, ...told } });
        return { scope: { facts, sealedPeople } };
      });
    },

    async people(person, id) {
      const { tenant } = person;
      const found = await db.inTenant(tenant, async (tx) => {
        const row = await findBreach(tx, tenant, id);
        if (row === null) return refusal('GOVERNANCE_BREACH_UNKNOWN');
        if (row.sealedPeople === null) return refusal('GOVERNANCE_BREACH_NOT_SCOPED');
        const list = parseOwnJson(await opened(tx, tenant, PEOPLE(id), row.sealedPeople)) as unknown as readonly AffectedPerson[];
        await tellLog(tx, person, id, {
          type: 'people_read',
          facts: { people: list.length },
          before: null,
          after: { people: list.length },
        });
        return list;
      });
      if (isRefusal(found)) return found;
      const shown = found.slice(0, MAX_NAMED);
      const names = await deps.namesOf(
        tenant,
        shown.filter(({ isCustomer }) => isCustomer).map((one) => one.person),
      );
      return { people: shown.map((one) => ({ ...one, name: names.get(one.person) ?? null })), total: found.length };
    },

    note: (person, id, { kind, text, risk }) =>
      act(person, id, async (tx, row) => {
        if ((kind === 'risk') !== (risk !== null)) return refusal('GOVERNANCE_BREACH_RISK');
        await step(tx, person, id, kind, risk === null ? {} : { risk }, text);
        const after = { step: kind, risk };
        await tellLog(tx, person, id, { type: 'noted', facts: after, before: { risk: row.risk }, after });
        return risk === null ? {} : { risk };
      }),

    tell: (person, id, { whom, needed, text, atMs, delayReason }) =>
      act(person, id, async (tx, row) => {
        const nowMs = clock.now();
        const at = atMs ?? nowMs;
        if (at > nowMs || at < row.awareAt.getTime()) return refusal('GOVERNANCE_BREACH_TIME');
        // Who says that nobody needs to know has to have looked at the risk.
        if (!needed && row.risk === null) return refusal('GOVERNANCE_BREACH_RISK_FIRST');
        if (!needed && whom === 'authority' && row.risk !== 'unlikely')
          return refusal('GOVERNANCE_BREACH_AUTHORITY_NEEDED', { risk: row.risk });
        const told = [...(await listBreachSteps(tx, person.tenant, [id])), { kind: whom, facts: { needed, at: iso(at) } }];
        const isLate = whom === 'authority' && needed && wasToldLate(row.awareAt.getTime(), told);
        if (isLate && (delayReason ?? '').trim() === '') return refusal('GOVERNANCE_BREACH_DELAY_REASON');
        const facts = { needed, at: iso(at), late: isLate };
        await step(tx, person, id, whom, facts, JSON.stringify({ text, delayReason: isLate ? delayReason : null }));
        await tellLog(tx, person, id, { type: 'notified', facts: { whom, ...facts }, before: null, after: { whom, ...facts } });
        return {};
      }),

    close: (person, id, text) =>
      act(person, id, async (tx, row) => {
        const { tenant } = person;
        const steps = await listBreachSteps(tx, tenant, [id]);
        const missing = openPoints(row, steps);
        if (missing.length > 0) return refusal('GOVERNANCE_BREACH_OPEN_POINTS', { missing: [...missing] });
        const alone = row.openedBy === person.person;
        if (alone && (await deps.hasOthers(tx, person))) return refusal('GOVERNANCE_BREACH_OWN');
        const late = wasToldLate(row.awareAt.getTime(), steps);
        await step(tx, person, id, 'closed', { alone }, text);
        await tellLog(tx, person, id, { type: 'closed', facts: { alone, late }, before: { state: 'open' }, after: { state: 'closed' } });
        return { closed: { at: new Date(clock.now()), by: person.person } };
      }),

    draft: (tenant, id) =>
      db.inTenant(tenant, async (tx) => {
        const row = await findBreach(tx, tenant, id);
        if (row === null) return refusal('GOVERNANCE_BREACH_UNKNOWN');
        const shown = await viewOf(tx, tenant, row);
        const texts = (kind: string): readonly string[] => shown.steps.flatMap((one) => (one.kind === kind ? [one.text ?? ''] : []));
        const told = (whom: Told['whom']) => texts(whom).map((one) => parseOwnJson(one) as { text: string; delayReason: string | null });
        return {
          madeAtMs: clock.now(),
          ...draftOf({
            controller: deps.controller(tenant),
            what: shown.what,
            awareAt: iso(row.awareAt.getTime()),
            dueAt: iso(shown.deadline.dueAtMs),
            isLate: shown.isLate,
            delayReason: told('authority').findLast(({ delayReason }) => delayReason !== null)?.delayReason ?? null,
            scope: row.scope,
            contained: texts('contained'),
            consequences: texts('risk').at(-1) ?? null,
            personsTold: told('persons').at(-1)?.text ?? null,
          }),
        };
      }),

    watch: (tenants) =>
      eachTenant(tenants, (tenant) =>
        db.inTenant(tenant, async (tx) => {
          const rows = await holdOpenBreaches(tx, tenant);
          if (rows.length === 0) return;
          const steps = Map.groupBy(
            await listBreachSteps(
              tx,
              tenant,
              rows.map(({ id }) => id),
            ),
            ({ breach }) => breach,
          );
          for (const row of rows) {
            const awareAtMs = row.awareAt.getTime();
            const due = marksDue(awareAtMs, clock.now(), row.told);
            const last = due.at(-1);
            if (last === undefined || isAuthoritySettled(row, steps.get(row.id) ?? [])) continue;
            await changeBreach(tx, tenant, row.id, { told: [...row.told, ...due] });
            await appendEvents(tx, [dueEvent(deps, tenant, row.id, last, deadlineOf(awareAtMs).dueAtMs)]);
          }
        }),
      ),
  };
}

const iso = (atMs: number): string => new Date(atMs).toISOString();

const dueEvent = (world: Pick<BreachesDeps, 'clock' | 'random'>, tenant: TenantId, id: BreachId, mark: Mark, dueAtMs: number) =>
  makeEvent(world, {
    ...{ tenant, type: 'governance.breach.due', actor: ACTOR, subject: id },
    public: { breach: id, mark, dueAt: iso(dueAtMs) },
  });

/** It was told, or need not be. What was said to be no risk and found to be one after all: it has to know, and the clock runs on. */
function isAuthoritySettled({ risk }: Pick<BreachRow, 'risk'>, steps: readonly BreachStepRow[]): boolean {
  const said = steps.filter(({ kind }) => kind === 'authority');
  return said.some(({ facts }) => facts.needed === true) || (said.length > 0 && risk === 'unlikely');
}

/** By the clock as it stands now, which may have been set back since; what was first recorded counts, and what is added later does not. */
function wasToldLate(awareAtMs: number, steps: readonly Pick<BreachStepRow, 'kind' | 'facts'>[]): boolean {
  const first = steps.find(({ kind, facts }) => kind === 'authority' && facts.needed === true);
  return first !== undefined && Date.parse(String(first.facts.at)) > deadlineOf(awareAtMs).dueAtMs;
}

/** What has to stand on record before a breach is closed. People are told when the risk for them is high, or a reason says why not. */
function openPoints(row: Pick<BreachRow, 'risk' | 'scope'>, steps: readonly BreachStepRow[]): readonly OpenPoint[] {
  const has = (kind: string): boolean => steps.some((step) => step.kind === kind);
  return OPEN_POINTS.filter(
    (point) =>
      ({
        contain: !has('contained'),
        scope: row.scope === null,
        risk: row.risk === null,
        authority: !isAuthoritySettled(row, steps),
        persons: row.risk === 'high' && !has('persons'),
      })[point],
  );
}
