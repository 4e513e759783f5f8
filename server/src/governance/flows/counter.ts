// Counts flows in memory where they happen, and writes them in one statement a tenant every few seconds.
// INVARIANT: counting never waits, never throws and never writes; a sudden death loses at most what one interval counted.

import type { Clock, TenantId, UnixMs } from '#core';
import type { FlowKey, FlowRow } from './types.ts';

export interface FlowCounter {
  note(tenant: TenantId, key: FlowKey): void;
  flush(): Promise<void>;
  readonly dropped: number;
  stop(): Promise<void>;
}

export interface FlowCounterDeps {
  readonly clock: Clock;
  readonly write: (tenant: TenantId, rows: readonly FlowRow[]) => Promise<void>;
  readonly onFault: (fault: unknown) => void;
}

export const FLOW_FLUSH_MS = 2_000;
/** Different flows within one interval: operations times classes of the largest catalogue, and a bound while the database is away. */
const MAX_COUNTED = 20_000;

interface Counted {
  readonly key: FlowKey;
  count: number;
  firstAtMs: UnixMs;
  lastAtMs: UnixMs;
}

export const flowText = (key: FlowKey): string =>
  `${key.direction} ${key.destination} ${key.host} ${key.region} ${key.operation} ${key.workflow} ${key.dataClass} ${key.handling}`;

export function createFlowCounter({ clock, write, onFault }: FlowCounterDeps): FlowCounter {
  let counted = new Map<TenantId, Map<string, Counted>>();
  let held = 0;
  let dropped = 0;
  let timer: NodeJS.Timeout | null = null;
  let writing: Promise<void> = Promise.resolve();

  function add(tenant: TenantId, { key, count, firstAtMs, lastAtMs }: Counted): void {
    const rows = counted.get(tenant) ?? new Map<string, Counted>();
    if (rows.size === 0) counted.set(tenant, rows);
    const text = flowText(key);
    const known = rows.get(text);
    if (known !== undefined) {
      known.count += count;
      known.firstAtMs = Math.min(known.firstAtMs, firstAtMs);
      known.lastAtMs = Math.max(known.lastAtMs, lastAtMs);
    } else if (held < MAX_COUNTED) {
      held += 1;
      rows.set(text, { key, count, firstAtMs, lastAtMs });
    } else dropped += count;
    timer ??= setTimeout(() => {
      timer = null;
      void flush();
    }, FLOW_FLUSH_MS).unref();
  }

  async function writeAll(): Promise<void> {
    const taken = counted;
    counted = new Map();
    held = 0;
    for (const [tenant, rows] of taken) {
      // One order in every process, so that two that write at once wait and do not lock each other out.
      const sorted = [...rows].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, row]) => row);
      try {
        await write(
          tenant,
          sorted.map(({ key, ...counts }) => ({ ...key, ...counts })),
        );
      } catch (fault) {
        onFault(fault);
        for (const row of sorted) add(tenant, row);
      }
    }
  }

  function flush(): Promise<void> {
    writing = writing.then(writeAll);
    return writing;
  }

  return {
    note: (tenant, key) => {
      const atMs = clock.now();
      add(tenant, { key, count: 1, firstAtMs: atMs, lastAtMs: atMs });
    },
    flush,
    get dropped() {
      return dropped;
    },
    stop: async () => {
      await flush();
      if (timer !== null) clearTimeout(timer);
      timer = null;
    },
  };
}
