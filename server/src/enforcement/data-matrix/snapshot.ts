// The rules of all tenants about who may see what, in memory: a call never reads the database for them, and a change is pushed to every process.
// INVARIANT: a process that lost its feed for too long answers nothing, so that a rule made elsewhere can not be missed.

import { type Clock, isRefusal, type Refusal, SallyportError, type TenantId } from '#core';
import { compilePattern, type TenantPattern } from '#dlp';
import { type Database, follow } from '#storage';
import { loadDataPatterns } from '../store/data-patterns.ts';
import { DATA_RULES_CHANNEL, loadDataRules } from '../store/data-rules.ts';
import { createMatrix, DEFAULT_MATRIX, type TenantMatrix } from './matrix.ts';

export interface DataMatrix {
  of(tenant: TenantId): TenantMatrix;
  /** What the tenant itself looks for in texts. */
  patternsOf(tenant: TenantId): readonly TenantPattern[];
  /** Reads the database now; for whoever has just changed it and answers with the new state. */
  refreshed(): Promise<void>;
  close(): Promise<void>;
}

const FEED_GRACE_MS = 5_000;
const NO_PATTERNS: readonly TenantPattern[] = Object.freeze([]);
const isPattern = (one: TenantPattern | Refusal): one is TenantPattern => !isRefusal(one);

export async function openDataMatrix(database: Database, clock: Clock): Promise<DataMatrix> {
  let snapshot: ReadonlyMap<string, TenantMatrix> = new Map();
  let patterns: ReadonlyMap<string, readonly TenantPattern[]> = new Map();
  let closed = false;
  let loading: Promise<void> = Promise.resolve();

  const load = async (): Promise<void> => {
    const { rules, unsure } = await loadDataRules(database);
    const specs = await loadDataPatterns(database);
    // One that no longer compiles was accepted by another version: it looks for nothing rather than stopping every call.
    const compiled = new Map([...specs].map(([tenant, own]) => [tenant, own.map(compilePattern).filter(isPattern)]));
    const tenants = new Set([...rules.keys(), ...unsure.keys()]);
    const next = new Map([...tenants].map((tenant) => [tenant, createMatrix(rules.get(tenant) ?? [], unsure.get(tenant) ?? [])]));
    if (closed) return;
    snapshot = next;
    patterns = compiled;
  };
  // One load after the other: an older one that ends late must never replace a newer one.
  const reload = (): Promise<void> => {
    loading = loading.catch(() => {}).then(load);
    return loading;
  };
  // What broke is told by the database's own onFault; here it only counts that it did.
  const feed = await follow({ db: database, clock, channel: DATA_RULES_CHANNEL, hear: reload, reload, onFault: () => {} });

  return {
    patternsOf: (tenant) => patterns.get(tenant) ?? NO_PATTERNS,
    of: (tenant) => {
      const { lostAtMs } = feed;
      if (lostAtMs !== null && clock.now() - lostAtMs > FEED_GRACE_MS) {
        throw new SallyportError('ENFORCEMENT_STAGE_UNAVAILABLE', 'The rules about who may see what lost their feed; check the database.', {
          retryable: true,
        });
      }
      return snapshot.get(tenant) ?? DEFAULT_MATRIX;
    },
    refreshed: reload,
    close: async () => {
      closed = true;
      await feed.close();
      await loading.catch(() => {});
    },
  };
}
