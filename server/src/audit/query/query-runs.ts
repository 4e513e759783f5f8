// Runs of callers elsewhere, put together from their calls in the log, and the first call of a program. Both by the index, over everything
// in the window and not over its newest part.

import { isObject, type TenantId, type UnixMs } from '#core';
import type { Database } from '#storage';
import { leavesAt } from '../store/search-leaves.ts';
import type { LedgerSearch } from './query.ts';
import { factsOf } from './query-facts.ts';

export interface LedgerRunQuery {
  readonly typePrefix: string;
  /** The fact `tier` their calls state. */
  readonly tier: string;
  readonly askedCode: string;
  readonly sinceMs: number;
  /** Runs first seen before this moment; null for the newest. */
  readonly beforeMs: number | null;
  readonly limit: number;
  /** One run only. */
  readonly run: string | null;
}

export interface LedgerRun {
  readonly run: string;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly calls: number;
  readonly refused: number;
  readonly workload: string | null;
}

interface Seen {
  readonly run: string;
  firstMs: number;
  lastMs: number;
  readonly seqs: number[];
}

export interface FirstCall {
  readonly call: string;
  readonly atMs: UnixMs;
  readonly run: string | null;
}

type Deps = { readonly search: Pick<LedgerSearch, 'visit'>; readonly db: Pick<Database, 'inTenant'> };

/** Events opened for the calls of one run; a run with more is counted by its newest. */
const MAX_EVENTS_OF_RUN = 2_000;
const OPEN = 512;

export async function listLedgerRuns({ search, db }: Deps, tenant: TenantId, filter: LedgerRunQuery): Promise<readonly LedgerRun[]> {
  const runs = new Map<string, Seen>();
  const question = { type: filter.typePrefix, facts: { tier: filter.tier }, run: filter.run, fromMs: filter.sinceMs };
  await search.visit(tenant, question, ({ seq, atMs, get }) => {
    const run = get('run');
    if (run === null) return;
    const seen = runs.get(run) ?? { run, firstMs: atMs, lastMs: atMs, seqs: [] };
    runs.set(run, seen);
    seen.firstMs = Math.min(seen.firstMs, atMs);
    seen.lastMs = Math.max(seen.lastMs, atMs);
    if (seen.seqs.length < MAX_EVENTS_OF_RUN) seen.seqs.push(seq);
  });
  const before = filter.beforeMs ?? Number.POSITIVE_INFINITY;
  const sorted = [...runs.values()].filter(({ firstMs }) => firstMs < before).sort((one, two) => two.firstMs - one.firstMs);
  // Those that began at one moment stay together: the next page begins strictly before it.
  const last = sorted[filter.limit - 1]?.firstMs ?? Number.NEGATIVE_INFINITY;
  const page = sorted.filter(({ firstMs }) => firstMs >= last);
  return db.inTenant(tenant, async (tx) => {
    const listed: LedgerRun[] = [];
    for (const { run, firstMs, lastMs, seqs } of page) {
      const calls = new Set<string>();
      const refused = new Set<string>();
      let workload: string | null = null;
      for (let at = 0; at < seqs.length; at += OPEN) {
        for (const { seq, leaf } of await leavesAt(tx, tenant, seqs.slice(at, at + OPEN))) {
          const facts = factsOf(seq, leaf);
          calls.add(facts.subject);
          workload ??= facts.get('workload');
          if (facts.get('type') === 'enforcement.call.refused' && facts.get('code') !== filter.askedCode) refused.add(facts.subject);
        }
      }
      listed.push({ run, firstMs, lastMs, calls: calls.size, refused: refused.size, workload });
    }
    return listed;
  });
}

/** Programs whose first call is remembered: it never changes. */
const MAX_REMEMBERED = 1_000;

/** The earliest call of a program: the one somebody waits for who has just connected it. */
export function createFirstCalls({
  search,
  db,
}: Deps): (tenant: TenantId, of: { readonly workload: string; readonly sinceMs: UnixMs }) => Promise<FirstCall | null> {
  const known = new Map<string, FirstCall>();
  return async (tenant, { workload, sinceMs }) => {
    const key = `${tenant} ${workload}`;
    const remembered = known.get(key);
    if (remembered !== undefined) return remembered;
    let first: number | null = null;
    const question = { type: 'enforcement.call.', facts: { workload }, fromMs: sinceMs };
    await search.visit(tenant, question, ({ seq }) => {
      first = seq;
    });
    if (first === null) return null;
    const [row] = await db.inTenant(tenant, (tx) => leavesAt(tx, tenant, [first as number]));
    if (row === undefined) return null;
    const { subject, atMs, public: facts } = factsOf(row.seq, row.leaf);
    const call = { call: subject, atMs, run: isObject(facts) && typeof facts.run === 'string' ? facts.run : null };
    if (known.size >= MAX_REMEMBERED) known.clear();
    known.set(key, call);
    return call;
  };
}
