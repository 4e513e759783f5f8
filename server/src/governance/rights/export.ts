// Everything held about one person, as they may have it: what each place holds of them, to whom it went, who looked at it, and until when it
// is kept. INVARIANT: nothing of another person is in it; what stands in somebody else's case is counted and withheld.

import type { JsonObject, JsonValue, TenantId, Tx } from '#core';
import { listRequests, type RequestRow } from '../store/requests.ts';
import { type ItemRow, readItems } from '../store/subjects.ts';
import { type DecidingThing, type DecisionTaken, decisionsTaken } from './decisions-taken.ts';
import type { HeldPart, PlaceName } from './places.ts';
import type { FoundPerson, SubjectIndex } from './subject-index.ts';

/** What the log says about a person's runs and about the person, in references and codes. */
export interface HistoryEvent {
  readonly seq: number;
  readonly type: string;
  readonly at: string;
  readonly by: string;
  readonly about: string;
  readonly facts: JsonObject;
}

export interface Disclosure {
  readonly at: string;
  /** The integration it went to. */
  readonly to: string;
  readonly kind: 'model' | 'tool';
  readonly model: string | null;
  readonly operation: string | null;
  /** Kinds of data of the case; at most these. */
  readonly classes: readonly string[];
  /** How many values were replaced by placeholders before it left. */
  readonly replaced: JsonObject;
  readonly run: string | null;
}

export interface ExportedItem {
  readonly ref: string;
  readonly at: string;
  readonly purpose: string;
  readonly classes: readonly string[];
  /** When it is deleted by rule; null while it is in use, or as long as the record it belongs to. */
  readonly keptUntil: string | null;
  readonly content: JsonValue;
}

export interface PersonExport {
  readonly v: 1;
  readonly madeAt: string;
  readonly subject: string;
  readonly customer: string | null;
  readonly held: Readonly<Partial<Record<PlaceName, readonly ExportedItem[]>>>;
  readonly disclosures: readonly Disclosure[];
  /** What was decided about them by what is declared to decide about people. */
  readonly decisions: readonly DecisionTaken[];
  readonly events: readonly HistoryEvent[];
  readonly signals: JsonValue;
  readonly requests: readonly JsonObject[];
  /** Things of other people in which an address of this person stands. */
  readonly withheld: readonly { readonly place: string; readonly ref: string; readonly at: string }[];
  readonly items: Readonly<Record<string, number>>;
}

export interface ExportDeps {
  readonly index: SubjectIndex;
  /** When a thing is deleted by rule; null: not by time. */
  keptUntil(tx: Tx, tenant: TenantId, item: ItemRow): Promise<number | null>;
  /** What stands beside the places: counters that are kept by a digest of the customer. */
  signals(tx: Tx, tenant: TenantId, customer: string): Promise<JsonValue>;
  /** What is declared to decide about people; absent: nothing is. */
  deciding?(tenant: TenantId): readonly DecidingThing[];
  history(tenant: TenantId, about: { readonly runs: readonly string[]; readonly subject: string | null }): Promise<readonly HistoryEvent[]>;
}

const INTENDED = 'enforcement.call.intended';

/** Read before the transaction that exports or erases: the log has readers of its own. What names nobody without what was erased is nobody's. */
export async function historyOf(deps: Pick<ExportDeps, 'history'>, tenant: TenantId, found: FoundPerson): Promise<readonly HistoryEvent[]> {
  const isHeld = found.customer !== null && [...found.own.values()].some((refs) => refs.size > 0);
  // A caller elsewhere names its runs itself; what was read for them is kept by the caller and that name.
  const elsewhere = new Map(
    [...(found.own.get('known_values') ?? [])].flatMap((ref) => {
      const [caller = '', run] = ref.split('/');
      return run === undefined ? [] : [[run, caller] as const];
    }),
  );
  const runs = [...new Set([...found.runs, ...elsewhere.keys()])];
  const events = await deps.history(tenant, { runs, subject: isHeld ? found.blind : null });
  return events.filter(({ facts }) => {
    const caller = found.runs.has(String(facts.run)) ? undefined : elsewhere.get(String(facts.run));
    return caller === undefined || facts.workload === caller;
  });
}

export interface ExportOf {
  readonly tenant: TenantId;
  readonly found: FoundPerson;
  /** As it was asked. */
  readonly subject: string;
  readonly events: readonly HistoryEvent[];
  readonly madeAtMs: number;
}

export async function exportPerson(
  deps: ExportDeps,
  tx: Tx,
  { tenant, found, subject, events, madeAtMs }: ExportOf,
): Promise<PersonExport> {
  const { index } = deps;
  const held: Partial<Record<PlaceName, ExportedItem[]>> = {};
  const classesOf = new Map<string, readonly string[]>();
  const workflows = new Map<string, string>();
  for (const [place, refs] of found.own) {
    const rows = new Map((await readItems(tx, tenant, place, [...refs])).map((row) => [row.ref, row]));
    const items: ExportedItem[] = [];
    for (const one of (await index.places.get(place)?.open(tx, tenant, [...rows.keys()])) ?? []) {
      const row = rows.get(one.ref) as ItemRow;
      const parts = one.parts.filter(({ owner }) => owner === null || owner === found.customer);
      if (parts.length === 0) continue;
      if (place === 'runs') {
        classesOf.set(one.ref, row.classes);
        workflows.set(one.ref, one.purpose);
      }
      const until = await deps.keptUntil(tx, tenant, row);
      items.push({
        ref: one.ref,
        at: new Date(one.atMs).toISOString(),
        purpose: one.purpose,
        classes: row.classes,
        keptUntil: until === null ? null : new Date(until).toISOString(),
        content: contentOf(parts),
      });
    }
    if (items.length > 0) held[place] = items;
  }
  const withheld: { place: string; ref: string; at: string }[] = [];
  for (const [place, refs] of found.mentioned)
    for (const { ref, at } of await readItems(tx, tenant, place, [...refs])) withheld.push({ place, ref, at: at.toISOString() });

  const disclosures = events.flatMap((event) => (event.type === INTENDED ? [disclosureOf(event, classesOf)] : []));
  const decisions = decisionsTaken(events, deps.deciding?.(tenant) ?? [], (run) => workflows.get(run) ?? null);
  const signals = found.customer === null ? null : await deps.signals(tx, tenant, found.customer);
  const requests = (await listRequests(tx, tenant, { subjects: [...found.names], limit: 500 })).map(requestFacts);
  const items = Object.fromEntries(Object.entries(held).map(([place, list]) => [place, list.length]));
  const made = { v: 1, madeAt: new Date(madeAtMs).toISOString(), subject, customer: found.customer } as const;
  return { ...made, held, disclosures, decisions, events, signals, requests, withheld, items };
}

const contentOf = (parts: readonly HeldPart[]): JsonValue => {
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only.content : parts.map(({ content }) => content);
};

function disclosureOf({ at, facts }: HistoryEvent, classesOf: ReadonlyMap<string, readonly string[]>): Disclosure {
  const run = typeof facts.run === 'string' ? facts.run : null;
  const word = (value: JsonValue | undefined): string | null => (typeof value === 'string' ? value : null);
  return {
    at,
    to: word(facts.integration) ?? '',
    kind: word(facts.model) === null ? 'tool' : 'model',
    model: word(facts.model),
    operation: word(facts.operation),
    classes: run === null ? [] : (classesOf.get(run) ?? []),
    replaced: (facts.tokenised ?? {}) as JsonObject,
    run,
  };
}

const requestFacts = ({ id, kind, state, receivedAt, dueAt, closedAt, verifiedHow }: RequestRow): JsonObject => ({
  id,
  kind,
  state,
  receivedAt: receivedAt.toISOString(),
  dueAt: dueAt.toISOString(),
  closedAt: closedAt?.toISOString() ?? null,
  verifiedHow,
});
