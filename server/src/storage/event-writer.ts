// Group commit for events that stand alone: many callers' events of one moment share one insert and one commit.
// INVARIANT: `append` resolves only after the commit that holds its event; when that is not certain it rejects.

import type { NewEvent } from '#core';
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
  /** How long a lone event waits for company before it is written. */
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
  let inFlight = 0;
  let unsettled = 0;
  let isClosed = false;
  let onDrained: (() => void) | null = null;

  async function insert(batch: readonly Waiting[]): Promise<void> {
    await db.asSystem('writer', async (tx) => {
      await runStatement(tx, insertEvents(batch.map(({ event }) => event)));
    });
  }

  /** One event the database refuses must not take its neighbours with it: they are written one by one. */
  async function write(batch: readonly Waiting[]): Promise<void> {
    try {
      await insert(batch);
    } catch (error) {
      const fault = translateError(error);
      const isEventsFault = fault.code === 'STORAGE_QUERY_FAILED' || fault.code === 'STORAGE_CONSTRAINT';
      if (batch.length === 1 || !isEventsFault) {
        for (const { reject } of batch) reject(fault);
        return;
      }
      for (const one of batch) await write([one]);
      return;
    }
    for (const { resolve } of batch) resolve();
  }

  function flush(): void {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    while (waiting.length > 0 && inFlight < maxInFlight) {
      const batch = waiting.slice(0, maxBatch);
      waiting = waiting.slice(maxBatch);
      inFlight += 1;
      void write(batch).then(() => {
        inFlight -= 1;
        unsettled -= batch.length;
        if (waiting.length > 0) flush();
        if (unsettled === 0) onDrained?.();
      });
    }
  }

  /** An idle writer writes at the end of this turn of the event loop; a busy one lets the next batch fill. */
  function schedule(): void {
    if (waiting.length >= maxBatch) flush();
    else timer ??= setTimeout(flush, inFlight === 0 ? 0 : maxDelayMs);
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
