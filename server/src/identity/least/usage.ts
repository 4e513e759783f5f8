// What of their access everybody really uses: counted in memory where it happens, and written in one statement every ten seconds.
// INVARIANT: counting never waits, never throws and never writes; what is lost by a sudden death is at most what one interval counted.

import type { Clock, TenantId } from '#core';
import type { Database } from '#storage';
import { addUsage, pruneUsage, type UsageKind, type UsedRow } from '../store/usage.ts';

export interface Usage {
  note(tenant: TenantId, subject: string, kind: UsageKind, name: string): void;
  /** Writes what was counted. What can not be written now is kept and written later. */
  flush(): Promise<void>;
  /** Forgets days that are older than anything looks at. */
  prune(): Promise<number>;
  /** Notes that found no room since the start; evidence says so. */
  readonly dropped: number;
  start(): void;
  stop(): Promise<void>;
}

export interface UsageDeps {
  readonly db: Pick<Database, 'inTenant' | 'asSystem'>;
  readonly clock: Clock;
  readonly onFault: (fault: unknown) => void;
}

export const USAGE_FLUSH_MS = 10_000;
export const USAGE_KEEP_MS = 90 * 24 * 60 * 60_000;
/** Different subjects and names within one interval; far above what one process can serve, and a bound while the database is away. */
const MAX_COUNTED = 50_000;
/** One statement each; rows are small. */
const MAX_ROWS = 2_000;
const MAX_NAME = 200;

interface Counted {
  count: number;
  lastAtMs: number;
}

/** By tenant, subject, kind and name: looking a known name up makes no new text. */
type Tree = Map<TenantId, Map<string, Map<UsageKind, Map<string, Counted>>>>;

function made<Key, Inner, Value>(map: Map<Key, Map<Inner, Value>>, key: Key): Map<Inner, Value> {
  const found = map.get(key) ?? new Map<Inner, Value>();
  if (found.size === 0) map.set(key, found);
  return found;
}

function rowsOf(kinds: ReadonlyMap<string, ReadonlyMap<UsageKind, ReadonlyMap<string, Counted>>>): UsedRow[] {
  const rows: UsedRow[] = [];
  for (const [subject, byKind] of kinds) {
    for (const [kind, names] of byKind) for (const [name, counted] of names) rows.push({ subject, kind, name, ...counted });
  }
  return rows;
}

export function createUsage({ db, clock, onFault }: UsageDeps): Usage {
  let tree: Tree = new Map();
  let held = 0;
  let dropped = 0;
  let timer: NodeJS.Timeout | null = null;
  let flushing: Promise<void> = Promise.resolve();

  const add = (tenant: TenantId, { subject, kind, name, count, lastAtMs }: UsedRow): void => {
    const names = made(made(made(tree, tenant), subject), kind);
    const known = names.get(name);
    if (known !== undefined) {
      known.count += count;
      if (lastAtMs > known.lastAtMs) known.lastAtMs = lastAtMs;
    } else if (held < MAX_COUNTED) {
      held += 1;
      names.set(name, { count, lastAtMs });
    } else dropped += count;
  };

  const write = async (): Promise<void> => {
    const taken = tree;
    tree = new Map();
    held = 0;
    for (const [tenant, subjects] of taken) {
      // One order in every process, so that two that flush at once wait and do not lock each other out.
      const rows = rowsOf(subjects).sort((left, right) => (orderOf(left) < orderOf(right) ? -1 : 1));
      for (let from = 0; from < rows.length; from += MAX_ROWS) {
        const part = rows.slice(from, from + MAX_ROWS);
        try {
          await db.inTenant(tenant, (tx) => addUsage(tx, tenant, part));
        } catch (fault) {
          onFault(fault);
          for (const row of part) add(tenant, row);
        }
      }
    }
  };
  const flush = (): Promise<void> => {
    flushing = flushing.then(write);
    return flushing;
  };

  return {
    note: (tenant, subject, kind, name) => {
      const known = tree.get(tenant)?.get(subject)?.get(kind)?.get(name);
      if (known !== undefined) {
        known.count += 1;
        known.lastAtMs = clock.now();
      } else if (name.length > 0 && name.length <= MAX_NAME) add(tenant, { subject, kind, name, count: 1, lastAtMs: clock.now() });
    },
    flush,
    prune: () => pruneUsage(db, clock.now() - USAGE_KEEP_MS),
    get dropped() {
      return dropped;
    },
    start: () => {
      timer ??= setInterval(() => void flush(), USAGE_FLUSH_MS);
      timer.unref();
    },
    stop: async () => {
      if (timer !== null) clearInterval(timer);
      timer = null;
      await flush();
    },
  };
}

const orderOf = ({ subject, kind, name }: UsedRow): string => `${subject} ${kind} ${name}`;
