// Model cost per day. A call's estimate is counted before it is sent and replaced by its real cost afterwards, in memory; what changed is
// written in micro-batches. A call reads the database only when its scope is first used on a day.
// INVARIANT: within one process counted cost never passes the limit on an estimate, and nothing is admitted while records can not be kept.

import { type Clock, type Refusal, refuse, type TenantId, type UnixMs } from '#core';
import { type Database, outsideTransaction } from '#storage';
import { overDepartment } from './over-department.ts';
import { addToBudgets, type BudgetKey, readBudget } from './store/budgets.ts';
import { type Window, windowStart } from './windows.ts';

export interface BudgetRequest {
  readonly tenant: TenantId;
  /** What is counted together, e.g. `workload:wkl_...` or `workflow:support-reply`. */
  readonly scope: string;
  /** Millionths of the currency's main unit; of a count, the count itself. */
  readonly limitMicros: bigint;
  readonly estimateMicros: bigint;
  /** Or, of a count, the word for what is counted. */
  readonly currency: string;
  /** A day where nothing is said. Windows of one scope and another length need a scope of their own. */
  readonly window?: Window;
  /** Whose budget it is, and of what; departments are named in the refusal. */
  readonly department?: { readonly name: string; readonly what: string; readonly limit: string };
}

/** A counted estimate that waits for its real cost. */
export interface BudgetHold {
  readonly kind: 'hold';
  readonly estimateMicros: bigint;
  /** Where it was counted; a hold of yesterday is settled in yesterday. */
  readonly key: string;
}

export interface ModelBudget {
  reserve(request: BudgetRequest): Promise<BudgetHold | Refusal>;
  /** Replaces the estimate; 0 for a call that was not sent. Once: settling again is a bug and throws. */
  settle(hold: BudgetHold, actualMicros: bigint): void;
  /** Writes what is unwritten now. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

interface Entry extends BudgetKey {
  /** Total of all processes when this one last wrote or read. */
  durable: bigint;
  /** Being written. */
  writing: bigint;
  /** Counted here and not yet written; negative when estimates were too high. */
  unwritten: bigint;
}

export interface ModelBudgetDeps {
  readonly db: Pick<Database, 'inTenant' | 'asSystem'>;
  readonly clock: Clock;
}

/** How long a change waits for company before it is written: what a crash can lose, and what another process can not see. */
const BATCH_MS = 20;
/** After a failed write. */
const RETRY_MS = 500;
/** Unwritten for longer than this, and no further call is made. */
const MAX_LAG_MS = 5_000;
const MAX_ENTRIES = 10_000;

export function createModelBudget(deps: ModelBudgetDeps): ModelBudget {
  const entries = new Map<string, Promise<Entry> | Entry>();
  const settled = new WeakSet<BudgetHold>();
  let timer: NodeJS.Timeout | null = null;
  let writing: Promise<void> = Promise.resolve();
  let unwrittenSince: UnixMs | null = null;

  async function load(key: BudgetKey): Promise<Entry> {
    const durable = await deps.db.inTenant(key.tenant, (tx) => readBudget(tx, key));
    return { ...key, durable, writing: 0n, unwritten: 0n };
  }

  function evict(): void {
    for (const [key, entry] of entries) {
      if (entries.size <= MAX_ENTRIES) return;
      if (!(entry instanceof Promise) && entry.unwritten === 0n && entry.writing === 0n) entries.delete(key);
    }
  }

  async function entryOf(name: string, key: BudgetKey): Promise<Entry> {
    let found = entries.get(name);
    if (found === undefined) {
      // One load, however many calls arrive at once. Outside: the caller may have a transaction of its own open.
      found = outsideTransaction(() => load(key));
      entries.set(name, found);
      evict();
    }
    if (!(found instanceof Promise)) return found;
    try {
      const entry = await found;
      if (entries.get(name) === found) entries.set(name, entry);
      return entry;
    } catch (error) {
      if (entries.get(name) === found) entries.delete(name);
      throw error;
    }
  }

  function schedule(delayMs: number): void {
    timer ??= outsideTransaction(() =>
      setTimeout(() => {
        timer = null;
        void flush();
      }, delayMs).unref(),
    );
  }

  function count(entry: Entry, micros: bigint): void {
    if (micros === 0n) return;
    entry.unwritten += micros;
    unwrittenSince ??= deps.clock.now();
    schedule(BATCH_MS);
  }

  async function write(): Promise<void> {
    const dirty = [...entries.entries()]
      .flatMap(([name, entry]) => (entry instanceof Promise || entry.unwritten === 0n ? [] : [{ name, entry }]))
      .sort((left, right) => (left.name < right.name ? -1 : 1))
      .map(({ entry }) => entry);
    if (dirty.length === 0) return;
    const since = unwrittenSince;
    unwrittenSince = null;
    for (const entry of dirty) [entry.writing, entry.unwritten] = [entry.unwritten, 0n];
    try {
      const totals = await deps.db.asSystem('writer', (tx) =>
        addToBudgets(
          tx,
          dirty.map((entry) => ({ ...entry, micros: entry.writing })),
        ),
      );
      dirty.forEach((entry, index) => {
        [entry.durable, entry.writing] = [totals[index] as bigint, 0n];
      });
    } catch {
      // Written again later. When a commit's fate is unknown this may count twice: too much is safe, too little is not.
      for (const entry of dirty) [entry.unwritten, entry.writing] = [entry.unwritten + entry.writing, 0n];
      unwrittenSince = since ?? unwrittenSince;
      schedule(RETRY_MS);
    }
  }

  function flush(): Promise<void> {
    writing = writing.then(() => outsideTransaction(write));
    return writing;
  }

  return {
    flush,
    async reserve({ tenant, scope, limitMicros, estimateMicros, currency, window = 'day', department }) {
      if (estimateMicros < 0n) return refuse('LIMITS_AMOUNT_INVALID', 'An amount to be counted is never negative.');
      if (unwrittenSince !== null && deps.clock.now() - unwrittenSince > MAX_LAG_MS) {
        return refuse('LIMITS_BUDGET_UNAVAILABLE', 'What was spent could not be recorded for some seconds, so no further call is made.');
      }
      const key = { tenant, scope, startsAtMs: windowStart(window, deps.clock.now()), currency };
      const name = `${tenant} ${key.startsAtMs} ${currency} ${scope}`;
      const entry = await entryOf(name, key);
      if (entry.durable + entry.writing + entry.unwritten + estimateMicros > limitMicros) {
        if (department !== undefined) {
          return overDepartment(department.name, { window, what: department.what, limit: department.limit });
        }
        return refuse('LIMITS_BUDGET_EXCEEDED', 'The call could go over the model budget of this day.', {
          limitOf: scope.split(':', 1)[0] as string,
          limitMicros: limitMicros.toString(),
          currency,
        });
      }
      count(entry, estimateMicros);
      return { kind: 'hold', estimateMicros, key: name };
    },
    settle(hold, actualMicros) {
      if (settled.has(hold)) throw new Error('a budget hold is settled once');
      settled.add(hold);
      const entry = entries.get(hold.key);
      // An evicted entry has its estimate written already; it stays, which counts too much rather than too little.
      if (entry !== undefined && !(entry instanceof Promise)) count(entry, actualMicros - hold.estimateMicros);
    },
    async close() {
      if (timer !== null) clearTimeout(timer);
      timer = null;
      await flush();
      if (timer !== null) clearTimeout(timer);
    },
  };
}
