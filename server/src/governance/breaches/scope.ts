// Whom a breach is about, computed from the log: whose values were sent, given back or opened, of which kinds, by whom, through what.
// INVARIANTS: nothing is guessed: what can not be put down to somebody is counted as unknown; an answer that did not see everything says so.

import { type DataClass, dataClassOfType, isDataClass, isObject, type JsonObject, type JsonValue, type TenantId, type Tx } from '#core';
import type { Database } from '#storage';
import type { HistoryEvent } from '../rights/export.ts';
import { type AffectedRow, peopleOf, subjectsOfRequests } from '../store/breaches.ts';

/** Where to look: a time, and if wanted one actor and one integration. */
export interface Criteria {
  readonly fromMs: number;
  readonly toMs: number;
  /** A person or a workload, by reference. */
  readonly actor: string | null;
  readonly integration: string | null;
}

/** `sent`: a call carried it away. `returned`: placeholders were put back for whoever called. `opened`: a person looked at it in the clear. */
export const EXPOSURES = ['sent', 'returned', 'opened'] as const;
export type Exposure = (typeof EXPOSURES)[number];

export interface AffectedPerson {
  /** Keyed hash of the customer, or of an address of which nobody knows whose it is. */
  readonly person: string;
  readonly isCustomer: boolean;
  readonly how: readonly Exposure[];
  readonly by: readonly string[];
  readonly integrations: readonly string[];
  readonly classes: readonly string[];
  readonly events: number;
  readonly first: string;
  readonly last: string;
}

export interface Found {
  readonly people: readonly AffectedPerson[];
  readonly facts: JsonObject;
}

/** Tokens of values that somebody opened, as far as it is still known which. */
export interface OpenedToken {
  /** Keyed hash of whose value it is; null when it was nobody's, or the value is gone. */
  readonly owner: string | null;
  readonly dataClass: string;
}

export interface ScopeDeps {
  readonly db: Pick<Database, 'inTenant'>;
  /** By the number of the event: which tokens were opened there. */
  openedTokens(
    tenant: TenantId,
    events: readonly { readonly seq: number; readonly purpose: string }[],
  ): Promise<ReadonlyMap<number, readonly OpenedToken[]>>;
  /** What was looked at must be looked at anew first. */
  readonly index: { catchUp(tenant: TenantId, how: { readonly full: boolean }): Promise<number> };
  /** Events of the log with who acted, by reference where that is still known. */
  readonly log: (
    tenant: TenantId,
    question: { readonly types: readonly string[] } & Criteria,
  ) => Promise<{ readonly events: readonly HistoryEvent[]; readonly complete: boolean }>;
}

const INTENDED = 'enforcement.call.intended';
const ENDED = ['enforcement.call.completed', 'enforcement.call.aborted'];
const READ = 'enforcement.customer.read';
const RUN_READ = 'workflows.run.content_read';
const DATASET = ['governance.dataset.read', 'governance.dataset.exported'];
const EXPORTED = 'governance.person.exported';
const TOKENS = 'vault.token.opened';
export const LOOKED_AT: readonly string[] = [INTENDED, ...ENDED, READ, RUN_READ, ...DATASET, EXPORTED, TOKENS];

/** One event as far as it counts: whose data it may have touched, and how. */
interface Touched {
  readonly how: Exposure;
  readonly by: string;
  readonly integration: string;
  readonly at: string;
  readonly classes: readonly string[];
  /** These kinds and no others; else all that is known of the run may have been seen. */
  readonly isExact?: true;
  readonly root: {
    readonly kind: 'run' | 'dataset' | 'person' | 'request' | 'tokens';
    readonly ref: string;
    /** Of a run: who called. What a caller elsewhere calls a run stands under its own name. */
    readonly caller?: string;
  } | null;
}

const textOf = (value: JsonValue | undefined): string => (typeof value === 'string' ? value : '');
const wordsOf = (value: JsonValue | undefined): readonly string[] =>
  Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];
const classesOfTypes = (value: JsonValue | undefined): readonly string[] =>
  isObject(value)
    ? Object.keys(value).flatMap((type): readonly DataClass[] => {
        const dataClass = dataClassOfType(type);
        return dataClass === undefined || dataClass === null ? [] : [dataClass];
      })
    : [];
const afterColon = (text: string): string => text.slice(text.indexOf(':') + 1);

/** Null: the event shows nobody's data to anybody. */
export function touchedBy({ seq, type, at, by, about, facts }: HistoryEvent): Touched | null {
  const integration = textOf(facts.integration);
  const run = textOf(facts.run);
  const ofRun = run === '' ? null : ({ kind: 'run', ref: run, caller: textOf(facts.workload) } as const);
  const base = { by, integration, at };
  if (type === INTENDED) {
    // Events of older versions do not say what left; then everybody the run knew counts.
    if (!Array.isArray(facts.carried)) return { ...base, how: 'sent', classes: classesOfTypes(facts.tokenised), root: ofRun };
    const carried = wordsOf(facts.carried);
    return carried.length === 0 ? null : { ...base, how: 'sent', classes: carried, isExact: true, root: ofRun };
  }
  if (ENDED.includes(type)) {
    const classes = classesOfTypes(facts.restored);
    return classes.length === 0 ? null : { ...base, how: 'returned', classes, isExact: true, root: ofRun };
  }
  if (type === READ) return { ...base, how: 'opened', classes: wordsOf(facts.classes), root: { kind: 'person', ref: afterColon(about) } };
  if (type === RUN_READ) return { ...base, how: 'opened', classes: [], root: { kind: 'run', ref: about } };
  if (type === TOKENS)
    return facts.opened === 0 ? null : { ...base, how: 'opened', classes: [], root: { kind: 'tokens', ref: String(seq) } };
  if (type === EXPORTED) return { ...base, how: 'opened', classes: [], root: { kind: 'request', ref: textOf(facts.request) } };
  if (DATASET.includes(type) && facts.raw === true)
    return { ...base, how: 'opened', classes: [], root: { kind: 'dataset', ref: afterColon(about) } };
  return null;
}

const refsOf = (all: readonly Touched[], kind: 'run' | 'dataset' | 'request'): readonly string[] => [
  ...new Set(all.flatMap(({ root }) => (root?.kind === kind ? namesOf(root) : []))),
];
const namesOf = ({ ref, caller = '' }: NonNullable<Touched['root']>): readonly string[] =>
  caller === '' ? [ref] : [ref, `${caller}/${ref}`];

export async function findAffected({ db, index, log, openedTokens }: ScopeDeps, tenant: TenantId, criteria: Criteria): Promise<Found> {
  await index.catchUp(tenant, { full: true });
  const { events, complete } = await log(tenant, { types: LOOKED_AT, ...criteria });
  const touched = events.flatMap((event) => touchedBy(event) ?? []);
  const tokens = await openedTokens(
    tenant,
    events.filter(({ type }) => type === TOKENS).map(({ seq, facts }) => ({ seq, purpose: textOf(facts.purpose) })),
  );
  return db.inTenant(tenant, async (tx) => {
    const whose = await whoseData(tx, tenant, touched, tokens);
    return summed(touched, whose, { criteria, complete, looked: events.length });
  });
}

type Whose = (one: Touched) => readonly Omit<AffectedRow, 'root'>[];

async function whoseData(
  tx: Tx,
  tenant: TenantId,
  touched: readonly Touched[],
  tokens: ReadonlyMap<number, readonly OpenedToken[]>,
): Promise<Whose> {
  const runs = Map.groupBy(await peopleOf(tx, tenant, 'run', refsOf(touched, 'run')), ({ root }) => root);
  const datasets = Map.groupBy(await peopleOf(tx, tenant, 'dataset', refsOf(touched, 'dataset')), ({ root }) => root);
  const requests = await subjectsOfRequests(tx, tenant, refsOf(touched, 'request'));
  const known = (person: string) => [{ person, isCustomer: true, classes: [] }];
  return ({ root }) => {
    if (root === null) return [];
    if (root.kind === 'run') return distinct(namesOf(root).flatMap((name) => runs.get(name) ?? []));
    if (root.kind === 'dataset') return datasets.get(root.ref) ?? [];
    if (root.kind === 'person') return root.ref === '' ? [] : known(root.ref);
    if (root.kind === 'tokens')
      return distinct(
        (tokens.get(Number(root.ref)) ?? []).flatMap(({ owner, dataClass }) =>
          owner === null ? [] : [{ root: root.ref, person: owner, isCustomer: true, classes: [dataClass] }],
        ),
      );
    const subject = requests.get(root.ref);
    return subject === undefined ? [] : known(subject);
  };
}

/** What is known of a run may stand in two places. */
function distinct(rows: readonly AffectedRow[]): readonly AffectedRow[] {
  const byPerson = new Map<string, AffectedRow>();
  for (const row of rows) {
    const known = byPerson.get(row.person);
    const classes = [...new Set([...row.classes, ...(known?.classes ?? [])])];
    byPerson.set(row.person, { ...row, isCustomer: row.isCustomer || known?.isCustomer === true, classes });
  }
  return [...byPerson.values()];
}

interface Summing {
  isCustomer: boolean;
  readonly how: Set<Exposure>;
  readonly by: Set<string>;
  readonly integrations: Set<string>;
  readonly classes: Set<string>;
  events: number;
  first: string;
  last: string;
}

function summed(
  touched: readonly Touched[],
  whose: Whose,
  { criteria, complete, looked }: { readonly criteria: Criteria; readonly complete: boolean; readonly looked: number },
): Found {
  const people = new Map<string, Summing>();
  let unknown = 0;
  for (const one of touched) {
    const found = whose(one);
    // A call without anybody's data in it is no exposure; one that carried some, of nobody we can name, is.
    if (found.length === 0 && (one.classes.length > 0 || one.how === 'opened')) unknown += 1;
    for (const { person, isCustomer, classes } of found) {
      const sum: Summing = people.get(person) ?? {
        ...{ isCustomer, events: 0, first: one.at, last: one.at },
        ...{ how: new Set(), by: new Set(), integrations: new Set(), classes: new Set() },
      };
      people.set(person, sum);
      sum.isCustomer ||= isCustomer;
      sum.events += 1;
      sum.how.add(one.how);
      sum.by.add(one.by);
      if (one.integration !== '') sum.integrations.add(one.integration);
      for (const name of one.isExact === true ? one.classes : [...classes, ...one.classes]) if (isDataClass(name)) sum.classes.add(name);
      if (one.at < sum.first) sum.first = one.at;
      if (one.at > sum.last) sum.last = one.at;
    }
  }
  const list = [...people]
    .map(
      ([person, { how, by, integrations, classes, ...rest }]): AffectedPerson => ({
        ...{ person, ...rest, how: [...how].sort(), by: [...by].sort() },
        ...{ integrations: [...integrations].sort(), classes: [...classes].sort() },
      }),
    )
    .sort((one, other) => (one.person < other.person ? -1 : 1));
  const counted = (values: (one: AffectedPerson) => readonly string[]): JsonObject =>
    Object.fromEntries(
      [
        ...Map.groupBy(
          list.flatMap((one) => [...values(one)]),
          (value) => value,
        ),
      ]
        .map(([value, group]) => [value, group.length] as const)
        .sort(([one], [other]) => (one < other ? -1 : 1)),
    );
  const facts: JsonObject = {
    from: new Date(criteria.fromMs).toISOString(),
    to: new Date(criteria.toMs).toISOString(),
    actor: criteria.actor,
    integration: criteria.integration,
    people: list.length,
    customers: list.filter(({ isCustomer }) => isCustomer).length,
    unknown,
    calls: touched.filter(({ how }) => how === 'sent').length,
    returned: touched.filter(({ how }) => how === 'returned').length,
    openings: touched.filter(({ how }) => how === 'opened').length,
    looked,
    complete,
    how: counted(({ how }) => how),
    classes: counted(({ classes }) => classes),
    actors: counted(({ by }) => by),
    integrations: counted(({ integrations }) => integrations),
  };
  return { people: list, facts };
}
