// What of their access everybody really uses: counted in memory where it happens, and written in one statement every ten seconds.
// INVARIANT: counting never waits, never throws and never writes; what is lost by a sudden death is at most what one interval counted.

import type { Clock, TenantId } from '#core';
import type { Database } from '#storage';
import { addUsage, pruneUsage, type UsageKind, type UsedRow } from './store/usage.ts';

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

export function createUsage({ db, clock, onFault }: UsageDeps): Usage {
  let counted = new Map<string, Counted>();
  let dropped = 0;
  let timer: NodeJS.Timeout | null = null;
  let flushing: Promise<void> = Promise.resolve();

  const add = (key: string, count: number, atMs: number): void => {
    const known = counted.get(key);
    if (known !== undefined) {
      known.count += count;
      if (atMs > known.lastAtMs) known.lastAtMs = atMs;
    } else if (counted.size < MAX_COUNTED) counted.set(key, { count, lastAtMs: atMs });
    else dropped += count;
  };

  const write = async (): Promise<void> => {
    const taken = counted;
    counted = new Map();
    const entries = [...taken].map(([key, value]) => ({ key, row: rowOf(key, value) }));
    for (const [tenant, own] of Map.groupBy(entries, ({ key }) => key.slice(0, key.indexOf('\n')) as TenantId)) {
      for (let from = 0; from < own.length; from += MAX_ROWS) {
        const part = own.slice(from, from + MAX_ROWS);
        try {
          // One order in every process, so that two that flush at once wait and do not lock each other out.
          const rows = part.map(({ row }) => row).sort((left, right) => (orderOf(left) < orderOf(right) ? -1 : 1));
          await db.inTenant(tenant, (tx) => addUsage(tx, tenant, rows));
        } catch (fault) {
          onFault(fault);
          for (const { key, row } of part) add(key, row.count, row.lastAtMs);
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
      if (name.length === 0 || name.length > MAX_NAME || name.includes('\n')) return;
      add(`${tenant}\n${subject}\n${kind}\n${name}`, 1, clock.now());
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

function rowOf(key: string, { count, lastAtMs }: Counted): UsedRow {
  const [, subject = '', kind = '', name = ''] = key.split('\n');
  return { subject, kind: kind as UsageKind, name, count, lastAtMs };
}

const orderOf = ({ subject, kind, name }: UsedRow): string => `${subject} ${kind} ${name}`;
