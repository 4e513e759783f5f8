// Whether opt-outs were honoured, asked of the log: every call that was made for a use people may opt out of, and whether anybody who had opted
// out before stands in what its run was given.
// INVARIANT: it says what it could not look at; nobody is named, a run is.

import { DATA_USES, isArray, isObject, type JsonValue, type OptOutUse, type TenantId, type Tx } from '#core';
import type { Database } from '#storage';
import type { Place } from '../rights/places.ts';
import { optedOutSince } from '../store/opt-outs.ts';
import { keyOf, type Named, namedIn, type OptOuts, recordsIn } from './opt-outs.ts';

/** A call that was intended for a use, as its event says. */
export interface UsedCall {
  readonly at: string;
  readonly integration: string;
  readonly run: string | null;
  readonly workload: string;
  readonly uses: readonly OptOutUse[];
}

export interface OptOutBreach {
  readonly run: string;
  readonly integration: string;
  readonly use: OptOutUse;
  /** When the run was given it. */
  readonly at: string;
}

export interface OptOutCheck {
  /** Calls of the log that were for such a use. */
  readonly calls: number;
  /** Their runs; of callers without a run nothing is kept that could be looked at. */
  readonly runs: number;
  readonly withoutRun: number;
  /** Runs whose content is gone, by erasure or by its time. */
  readonly gone: number;
  /** Times something was kept from such a call. */
  readonly honoured: number;
  readonly breaches: readonly OptOutBreach[];
  /** False: the log holds more calls than one check looks at. */
  readonly isWhole: boolean;
}

export interface CheckDeps {
  readonly db: Pick<Database, 'inTenant'>;
  readonly optOuts: Pick<OptOuts, 'references'>;
  readonly places: { get(name: 'runs' | 'known_values'): Place | undefined };
  /** Calls of the log for one of these uses since then, newest first, and how often something was kept back. */
  calls(
    tenant: TenantId,
    asked: { readonly uses: readonly OptOutUse[]; readonly sinceMs: number | null },
  ): Promise<{ readonly calls: readonly UsedCall[]; readonly honoured: number; readonly isWhole: boolean }>;
}

const MAX_BREACHES = 500;

export async function checkOptOuts(
  deps: CheckDeps,
  tenant: TenantId,
  { uses = DATA_USES, sinceMs = null }: { readonly uses?: readonly OptOutUse[]; readonly sinceMs?: number | null },
): Promise<OptOutCheck> {
  const { calls, honoured, isWhole } = await deps.calls(tenant, { uses, sinceMs });
  const byRun = Map.groupBy(
    calls.filter(({ run }) => run !== null),
    ({ run, workload }) => `${workload}/${run}`,
  );
  const breaches: OptOutBreach[] = [];
  let gone = 0;
  for (const [place, ofRun] of byRun) {
    const found = await deps.db.inTenant(tenant, (tx) => breachesOf(deps, tx, tenant, { place, ofRun, uses }));
    if (found === null) gone += 1;
    else breaches.push(...found);
  }
  const withoutRun = calls.length - [...byRun.values()].reduce((sum, { length }) => sum + length, 0);
  return { calls: calls.length, runs: byRun.size, withoutRun, gone, honoured, breaches: breaches.slice(0, MAX_BREACHES), isWhole };
}

/** Null when nothing of the run is left. */
async function breachesOf(
  deps: CheckDeps,
  tx: Tx,
  tenant: TenantId,
  { place, ofRun, uses }: { readonly place: string; readonly ofRun: readonly UsedCall[]; readonly uses: readonly OptOutUse[] },
): Promise<readonly OptOutBreach[] | null> {
  const [first] = ofRun.toSorted((one, other) => one.at.localeCompare(other.at));
  if (first === undefined || first.run === null) return null;
  const { run } = first;
  const held = [
    ...((await deps.places.get('runs')?.open(tx, tenant, [run])) ?? []),
    ...((await deps.places.get('known_values')?.open(tx, tenant, [place, run])) ?? []),
  ].filter(({ parts }) => parts.length > 0);
  if (held.length === 0) return null;
  const people = new Map<string, Named>();
  const add = (named: Named): void => void people.set(keyOf(named), named);
  for (const { parts } of held)
    for (const { owner, content, values } of parts) {
      if (owner !== null && !owner.startsWith('person:')) add({ kind: 'customer', value: owner });
      for (const record of recordsIn(content)) for (const named of namedIn(record)) add(named);
      for (const named of inputOf(content)) add(named);
      for (const { type, value } of values ?? []) {
        if (type === 'EMAIL') add({ kind: 'email', value });
        if (type === 'CUSTOMER_ID') add({ kind: 'customer', value });
      }
    }
  const wanted = uses.filter((use) => ofRun.some((call) => call.uses.includes(use)));
  const references = await deps.optOuts.references(tx, tenant, [...people.values()]);
  const out = await optedOutSince(tx, tenant, references, wanted);
  // Who opted out while it ran, or after, was no breach when it was given.
  const startedMs = Math.min(Date.parse(first.at), ...held.map(({ atMs }) => atMs));
  const broken = new Set(out.filter(({ since }) => since.getTime() < startedMs).map(({ use }) => use));
  return [...broken].map((use) => ({ run, integration: first.integration, use, at: new Date(startedMs).toISOString() }));
}

/** What a person gave a run when it began names customers by the word that the workflow chose for them. */
function inputOf(content: JsonValue): readonly Named[] {
  const input = isObject(content) && !isArray(content) ? content.input : undefined;
  if (!isObject(input)) return [];
  return Object.entries(input).flatMap(([key, value]): Named[] =>
    /customer|buyer|user|recipient/i.test(key) && (typeof value === 'string' || typeof value === 'number') && String(value).length <= 200
      ? [{ kind: 'customer', value: String(value) }]
      : [],
  );
}
