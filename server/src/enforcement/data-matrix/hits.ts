// How often each cell of the matrix decided: counted in memory where it happens, written in one statement every two seconds.
// INVARIANT: counting never waits, never throws and never writes; nothing of what was found is kept, only how often and what became of it.

import type { Clock, DataClass, DestinationKind, Handling, TenantId } from '#core';
import { dataClassOfType } from '#core';
import type { DlpType } from '#dlp';
import type { Database } from '#storage';
import { addDataHits, type DataHit, pruneDataHits } from '../store/data-rules.ts';
import type { Towards } from './matrix.ts';

export interface DataHits {
  /** Finds of one type towards a destination: what is in force decided, and a rule on trial is counted beside it. */
  note(tenant: TenantId, towards: Towards, type: DlpType, count: number): void;
  flush(): Promise<void>;
  prune(): Promise<number>;
  stop(): Promise<void>;
}

export interface DataHitsDeps {
  readonly db: Pick<Database, 'inTenant' | 'asSystem'>;
  readonly clock: Clock;
  readonly onFault: (fault: unknown) => void;
}

const FLUSH_MS = 2_000;
export const DATA_HITS_KEEP_MS = 90 * 24 * 60 * 60_000;
/** Different cells within one interval: what the integrations of many tenants could fill while the database is away. */
const MAX_COUNTED = 20_000;

export function createDataHits({ db, clock, onFault }: DataHitsDeps): DataHits {
  let counted = new Map<TenantId, Map<string, { readonly hit: Omit<DataHit, 'hits'>; hits: number }>>();
  let held = 0;
  let timer: NodeJS.Timeout | null = null;
  let writing: Promise<void> = Promise.resolve();

  const add = (tenant: TenantId, hit: Omit<DataHit, 'hits'>, count: number): void => {
    const cells = counted.get(tenant) ?? new Map<string, { readonly hit: Omit<DataHit, 'hits'>; hits: number }>();
    counted.set(tenant, cells);
    const key = `${hit.day} ${hit.kind} ${hit.integration} ${hit.dataClass} ${hit.handling} ${hit.onTrial}`;
    const known = cells.get(key);
    if (known !== undefined) known.hits += count;
    else if (held < MAX_COUNTED) {
      held += 1;
      cells.set(key, { hit, hits: count });
    }
    timer ??= setTimeout(() => void flush(), FLUSH_MS).unref();
  };

  const write = async (): Promise<void> => {
    const taken = counted;
    counted = new Map();
    held = 0;
    for (const [tenant, cells] of taken) {
      // One order in every process, so that two that write at once wait and do not lock each other out.
      const rows = [...cells].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, { hit, hits }]) => ({ ...hit, hits }));
      try {
        await db.inTenant(tenant, (tx) => addDataHits(tx, tenant, rows));
      } catch (fault) {
        onFault(fault);
        for (const { hits, ...hit } of rows) add(tenant, hit, hits);
      }
    }
  };
  const flush = (): Promise<void> => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    writing = writing.then(write);
    return writing;
  };

  return {
    note: (tenant, { kind, integration, handling, trial }, type, count) => {
      const dataClass: DataClass | null = dataClassOfType(type);
      if (count === 0 || dataClass === null) return;
      const at = {
        day: new Date(clock.now()).toISOString().slice(0, 10),
        kind: kind as DestinationKind,
        integration: integration ?? '',
        dataClass,
      };
      add(tenant, { ...at, handling: handling[type], onTrial: false }, count);
      const would: Handling | undefined = trial.get(type);
      if (would !== undefined) add(tenant, { ...at, handling: would, onTrial: true }, count);
    },
    flush,
    prune: () => pruneDataHits(db, clock.now() - DATA_HITS_KEEP_MS),
    stop: async () => {
      await flush();
      if (timer !== null) clearTimeout(timer);
    },
  };
}
