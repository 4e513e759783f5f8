// The rules of all tenants about who may see what, in memory: a call never reads the database for them, and a change is pushed to every process.
// INVARIANT: a process that lost its feed for too long answers nothing, so that a rule made elsewhere can not be missed.

import { type Clock, SallyportError, type TenantId } from '#core';
import type { TenantPattern } from '#dlp';
import { type Database, follow } from '#storage';
import { loadUnguessed } from '../store/data-guesses.ts';
import { loadDataPatterns } from '../store/data-patterns.ts';
import { DATA_RULES_CHANNEL, loadDataRules } from '../store/data-rules.ts';
import { compiledPatterns } from './compiled-patterns.ts';
import { createMatrix, DEFAULT_MATRIX, type TenantMatrix } from './matrix.ts';

export interface DataMatrix {
  of(tenant: TenantId): TenantMatrix;
  /** Whether the tenant has its calls guessed at. */
  guesses(tenant: TenantId): boolean;
  /** What the tenant itself looks for in texts. */
  patternsOf(tenant: TenantId): readonly TenantPattern[];
  /** Reads the database now; for whoever has just changed it and answers with the new state. */
  refreshed(): Promise<void>;
  close(): Promise<void>;
}

const FEED_GRACE_MS = 5_000;

export async function openDataMatrix(database: Database, clock: Clock): Promise<DataMatrix> {
  let snapshot: ReadonlyMap<string, TenantMatrix> = new Map();
  let unguessed: ReadonlySet<string> = new Set();
  const patterns = compiledPatterns();
  let closed = false;
  let loading: Promise<void> = Promise.resolve();

  const load = async (): Promise<void> => {
    const { rules, unsure } = await loadDataRules(database);
    const specs = await loadDataPatterns(database);
    const off = await loadUnguessed(database);
    const tenants = new Set([...rules.keys(), ...unsure.keys()]);
    const next = new Map([...tenants].map((tenant) => [tenant, createMatrix(rules.get(tenant) ?? [], unsure.get(tenant) ?? [])]));
    if (closed) return;
    snapshot = next;
    unguessed = off;
    patterns.replace(specs);
  };
  // One load after the other: an older one that ends late must never replace a newer one.
  const reload = (): Promise<void> => {
    loading = loading.catch(() => {}).then(load);
    return loading;
  };
  // What broke is told by the database's own onFault; here it only counts that it did.
  const feed = await follow({ db: database, clock, channel: DATA_RULES_CHANNEL, hear: reload, reload, onFault: () => {} });

  return {
    guesses: (tenant) => !unguessed.has(tenant),
    patternsOf: (tenant) => patterns.of(tenant),
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
