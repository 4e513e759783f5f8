// Searches the sealed log of one tenant: pages that never shift, and counts of what answers a question. Reads only.
// INVARIANT: a page is made of sealed leaves, each judged by what it says itself; the index only says where to look.

import type { JsonObject, TenantId, Tx } from '#core';
import type { Database } from '#storage';
import type { ActorLinks } from '../actor-links.ts';
import { type FoundLeaf, leavesAt } from '../store/search-leaves.ts';
import { type Column, type Decision, type EventFacts, factsOf } from './query-facts.ts';
import { ANY_EVENT, answers, type EventQuestion, type Plan, planOf } from './query-filter.ts';
import { type Batch, walk } from './query-walk.ts';

export interface SearchDeps {
  readonly db: Pick<Database, 'inTenant'>;
  /** Under which pseudonyms somebody stands in the log. */
  readonly links: Pick<ActorLinks, 'pseudonymsOf'>;
  /** Types of events by which a person changes what others may do or see. */
  readonly privileged: ReadonlySet<string>;
}

export interface FoundEvent {
  readonly seq: number;
  readonly entry: JsonObject;
  readonly leaf: string;
  readonly leafHash: Buffer;
  readonly privileged: boolean;
  readonly decision: Decision | null;
}

export interface EventPage {
  readonly events: readonly FoundEvent[];
  /** Where the next page begins; null when nothing older can answer. */
  readonly next: number | null;
  /** Events looked at for this page. */
  readonly scanned: number;
}

export interface Counted {
  readonly value: string;
  readonly count: number;
}

export interface EventCount {
  readonly total: number;
  /** Different minutes in which one of them happened. */
  readonly minutes: number;
  readonly facets: Readonly<Record<'type' | 'actor' | 'workflow' | 'decision', readonly Counted[]>>;
  readonly scanned: number;
  /** False when older events were not looked at: the numbers are then at least these. */
  readonly isComplete: boolean;
}

/** What a visitor is shown of an event that answers. */
export interface SeenEvent {
  readonly seq: number;
  readonly atMs: number;
  get(column: Column): string | null;
}

export interface LedgerSearch {
  page(tenant: TenantId, question: Partial<EventQuestion>, at: { before: number | null; limit: number }): Promise<EventPage>;
  count(tenant: TenantId, question: Partial<EventQuestion>): Promise<EventCount>;
  /** Shows every event that answers, newest first, until it was shown all or looked at `maxScanned`. */
  visit(tenant: TenantId, question: Partial<EventQuestion>, see: (event: SeenEvent) => void): Promise<Scanned>;
}

export interface Scanned {
  readonly scanned: number;
  readonly isComplete: boolean;
}

/** One page of the list, and of an export. */
export const MAX_PAGE = 500;
/** Events looked at for one page, by the index and one by one; the page then ends early and says where to go on. */
const PAGE_BUDGET = { events: 4_000_000, leaves: 20_000 } as const;
/** The same for a count. A month of a busy shop is within it. */
const COUNT_BUDGET = { events: 4_000_000, leaves: 100_000 } as const;
/** Leaves opened at once. */
const OPEN = 512;
/** Values told of each facet, most frequent first. */
const MAX_VALUES = 50;

export function createLedgerSearch({ db, links, privileged }: SearchDeps): LedgerSearch {
  async function prepare(tx: Tx, tenant: TenantId, wanted: Partial<EventQuestion>): Promise<Plan> {
    const question = { ...ANY_EVENT, ...wanted };
    const { actor } = question;
    const pseudonyms = actor === null ? [] : await links.pseudonymsOf(tx, tenant, actor);
    return planOf(question, { pseudonyms, privileged });
  }

  const visit: LedgerSearch['visit'] = (tenant, question, see) =>
    db.inTenant(tenant, async (tx) => {
      const plan = await prepare(tx, tenant, question);
      let [scanned, opened] = [0, 0];
      for await (const batch of walk(tx, tenant, plan, { before: null, opens: false })) {
        scanned += batch.scanned;
        if (batch.kind === 'places' && plan.leafOnly === null) {
          const { block, first, offsets } = batch;
          for (const offset of offsets) see({ seq: first + offset, atMs: block.atMs(offset), get: (column) => block.get(offset, column) });
        } else {
          for await (const leaves of opening(tx, tenant, batch)) {
            opened += leaves.length;
            for (const { facts } of answersOf(plan, leaves)) see(facts);
          }
        }
        const isSpent = scanned >= COUNT_BUDGET.events || opened >= COUNT_BUDGET.leaves;
        if (isSpent && batch.downTo > 0) return { scanned, isComplete: false };
      }
      return { scanned, isComplete: true };
    });

  return {
    visit,
    page: (tenant, question, { before, limit }) =>
      db.inTenant(tenant, async (tx) => {
        const plan = await prepare(tx, tenant, question);
        const wanted = Math.min(limit, MAX_PAGE);
        const events: FoundEvent[] = [];
        const found = (leaves: readonly FoundLeaf[]): void => {
          for (const { facts, leaf, leafHash } of answersOf(plan, leaves)) {
            if (events.length === wanted) return;
            const type = facts.get('type') ?? '';
            const decision = facts.get('decision') as Decision | null;
            events.push({ seq: facts.seq, entry: facts.entry, leaf, leafHash, privileged: privileged.has(type), decision });
          }
        };
        let [scanned, opened] = [0, 0];
        /** Numbers of places that wait to be opened together. */
        let waiting: number[] = [];
        const openWaiting = async (): Promise<void> => {
          for (let at = 0; at < waiting.length && events.length < wanted; at += OPEN) {
            const leaves = await leavesAt(tx, tenant, waiting.slice(at, at + OPEN));
            opened += leaves.length;
            found(leaves);
          }
          waiting = [];
        };
        for await (const batch of walk(tx, tenant, plan, { before, opens: true })) {
          scanned += batch.scanned;
          if (batch.kind === 'places') waiting.push(...batch.offsets.map((offset) => batch.first + offset));
          const isEnough = waiting.length >= (plan.leafOnly === null ? wanted - events.length : 1);
          if (isEnough || batch.kind === 'leaves') await openWaiting();
          if (batch.kind === 'leaves') {
            opened += batch.leaves.length;
            found(batch.leaves);
          }
          const last = events.at(-1)?.seq;
          if (events.length === wanted && last !== undefined) return { events, next: last === 0 ? null : last, scanned };
          const isSpent = scanned >= PAGE_BUDGET.events || opened >= PAGE_BUDGET.leaves;
          if (isSpent && waiting.length === 0 && batch.downTo > 0) return { events, next: batch.downTo, scanned };
        }
        await openWaiting();
        const last = events.length === wanted ? (events.at(-1)?.seq ?? 0) : 0;
        return { events, next: last === 0 ? null : last, scanned };
      }),
    async count(tenant, question) {
      const tally = { type: new Map(), actor: new Map(), workflow: new Map(), decision: new Map() } as Record<
        keyof EventCount['facets'],
        Map<string, number>
      >;
      const minutes = new Set<number>();
      let total = 0;
      const seen = await visit(tenant, question, (event) => {
        total += 1;
        minutes.add(Math.floor(event.atMs / 60_000));
        for (const name of FACETS) {
          const value = event.get(name);
          if (value !== null) tally[name].set(value, (tally[name].get(value) ?? 0) + 1);
        }
      });
      const facets = Object.fromEntries(FACETS.map((name) => [name, mostFrequent(tally[name])])) as EventCount['facets'];
      return { total, minutes: minutes.size, facets, ...seen };
    },
  };
}

const FACETS = ['type', 'actor', 'workflow', 'decision'] as const;

function mostFrequent(counts: ReadonlyMap<string, number>): readonly Counted[] {
  return [...counts]
    .map(([value, count]) => ({ value, count }))
    .sort((one, two) => two.count - one.count || one.value.localeCompare(two.value))
    .slice(0, MAX_VALUES);
}

/** The leaves of a batch, a part at a time, newest first. */
async function* opening(tx: Tx, tenant: TenantId, batch: Batch): AsyncGenerator<readonly FoundLeaf[]> {
  if (batch.kind === 'leaves') {
    if (batch.leaves.length > 0) yield batch.leaves;
    return;
  }
  for (let at = 0; at < batch.offsets.length; at += OPEN)
    yield await leavesAt(
      tx,
      tenant,
      batch.offsets.slice(at, at + OPEN).map((offset) => batch.first + offset),
    );
}

function* answersOf(plan: Plan, leaves: readonly FoundLeaf[]): Generator<FoundLeaf & { readonly facts: EventFacts }> {
  for (const found of leaves) {
    const facts = factsOf(found.seq, found.leaf);
    if (answers(plan, facts)) yield { ...found, facts };
  }
}
