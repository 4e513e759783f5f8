// Group commit for events that stand alone: many callers' events of one moment share one insert and one commit.
// INVARIANT: `append` resolves only after the commit that holds its event; when that is not certain it rejects.

import type { NewEvent, SallyportError } from '#core';
import { insertEvents } from './append-events.ts';
import { type Database, outsideTransaction } from './database.ts';
import { storageFault } from './errors.ts';
import { runStatement } from './transaction.ts';
import { translateError } from './translate-error.ts';

export interface EventWriter {
  append(event: NewEvent): Promise<void>;
  /** Refuses new events, writes those that wait, and returns when all are settled. */
  close(): Promise<void>;
}

export interface EventWriterOptions {
  /** Largest batch of one commit. */
  readonly maxBatch?: number;
  /** How long an event waits for company while another batch is being written. With nobody around it is written at once. */
  readonly maxDelayMs?: number;
  /** Events waiting or being written before more are refused. */
  readonly maxWaiting?: number;
  /** Commits under way at once: while one waits for the disk the next one fills. */
  readonly maxInFlight?: number;
}

interface Waiting {
  readonly event: NewEvent;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

const DEFAULTS = { maxBatch: 64, maxDelayMs: 2, maxWaiting: 4_096, maxInFlight: 2 } as const;

export function createEventWriter(db: Database, options: EventWriterOptions = {}): EventWriter {
  const { maxBatch, maxDelayMs, maxWaiting, maxInFlight } = { ...DEFAULTS, ...options };
  let waiting: Waiting[] = [];
  let timer: NodeJS.Timeout | null = null;
  let isImmediate = false;
  let inFlight = 0;
  let unsettled = 0;
  let isClosed = false;
  let onDrained: (() => void) | null = null;

  async function insert(batch: readonly Waiting[]): Promise<void> {
    await db.asSystem('writer', async (tx) => {
      await runStatement(tx, insertEvents(batch.map(({ event }) => event)));
    });
  }

  /** The fault of each event, null where it was committed. One event the database refuses does not take its neighbours with it. */
  async function write(batch: readonly Waiting[]): Promise<readonly (SallyportError | null)[]> {
    try {
      await insert(batch);
      return batch.map(() => null);
    } catch (error) {
      const fault = translateError(error);
      const isAboutOneEvent = fault.code === 'STORAGE_QUERY_FAILED' || fault.code === 'STORAGE_CONSTRAINT';
      if (batch.length === 1 || !isAboutOneEvent) return batch.map(() => fault);
      const faults: (SallyportError | null)[] = [];
      for (const one of batch) faults.push(...(await write([one])));
      return faults;
    }
  }

  function settle(batch: readonly Waiting[], faults: readonly (SallyportError | null)[]): void {
    inFlight -= 1;
    unsettled -= batch.length;
    batch.forEach(({ resolve, reject }, index) => {
      const fault = faults[index] ?? null;
      if (fault === null) resolve();
      else reject(fault);
    });
    // Without a timer they wait for exactly this: a free slot.
    if (waiting.length > 0 && timer === null && !isImmediate) flush();
    if (unsettled === 0) onDrained?.();
  }

  function flush(): void {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    isImmediate = false;
    while (waiting.length > 0 && inFlight < maxInFlight) {
      const batch = waiting.slice(0, maxBatch);
      waiting = waiting.slice(maxBatch);
      inFlight += 1;
      void write(batch).then((faults) => settle(batch, faults));
    }
  }

  /** An idle writer writes at the end of this turn of the event loop; a busy one lets the next batch fill, which costs less per event. */
  function schedule(): void {
    if (waiting.length >= maxBatch) flush();
    else if (timer !== null || isImmediate) return;
    else if (inFlight > 0) timer = setTimeout(flush, maxDelayMs);
    else {
      isImmediate = true;
      setImmediate(flush);
    }
  }

  return {
    append(event) {
      if (isClosed) return Promise.reject(storageFault('STORAGE_CLOSED'));
      if (unsettled >= maxWaiting) return Promise.reject(storageFault('STORAGE_WRITER_FULL', `${maxWaiting} waiting`));
      unsettled += 1;
      return new Promise<void>((resolve, reject) => {
        waiting.push({ event, resolve, reject });
        outsideTransaction(schedule);
      });
    },
    async close() {
      isClosed = true;
      if (unsettled === 0) return;
      const drained = new Promise<void>((resolve) => {
        onDrained = resolve;
      });
      flush();
      await drained;
    },
  };
}
