// Group commit for events that stand alone: many callers' events of one moment share one insert and one commit.
// INVARIANT: `append` resolves only after the commit that holds its event; when that is not certain it rejects.

import type { NewEvent, SallyportError } from '#core';
import { insertEvents } from './append-events.ts';
import type { CheckedEvent } from './check-event.ts';
import { type Database, outsideTransaction } from './database.ts';
import { storageFault } from './errors.ts';
import { translateError } from './translate-error.ts';

export interface EventWriter {
  /** For an event somebody waits for: written at once, or with the first commit that may start. */
  append(event: NewEvent): Promise<void>;
  /** For an event nobody waits for: it leaves with the next one that is waited for, or after `maxDelayMs`. */
  appendSoon(event: NewEvent): Promise<void>;
  /** Refuses new events, writes those that wait, and returns when all are settled. */
  close(): Promise<void>;
}

export interface EventWriterOptions {
  /** Largest batch of one commit. */
  readonly maxBatch?: number;
  /** How long an event nobody waits for looks for company. */
  readonly maxDelayMs?: number;
  /** Events waiting or being written before more are refused. */
  readonly maxWaiting?: number;
  /** Commits under way at once. One is the rule, so that the next batch grows meanwhile; a full batch may start beside it. */
  readonly maxInFlight?: number;
}

interface Waiting {
  readonly event: CheckedEvent;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

const DEFAULTS = { maxBatch: 128, maxDelayMs: 10, maxWaiting: 4_096, maxInFlight: 2 } as const;

export function createEventWriter(db: Pick<Database, 'runAlone' | 'checkEvent'>, options: EventWriterOptions = {}): EventWriter {
  const { maxBatch, maxDelayMs, maxWaiting, maxInFlight } = { ...DEFAULTS, ...options };
  let waiting: Waiting[] = [];
  /** Whether somebody waits for one of them. */
  let isUrgent = false;
  let timer: NodeJS.Timeout | null = null;
  let isImmediate = false;
  let inFlight = 0;
  let unsettled = 0;
  let isClosed = false;
  let onDrained: (() => void) | null = null;

  const insert = (batch: readonly Waiting[]): Promise<void> => db.runAlone('writer', insertEvents(batch.map(({ event }) => event)));

  /** The fault of each event, null where it was committed. One event the database refuses does not take its neighbours with it. */
  async function write(batch: readonly Waiting[]): Promise<readonly (SallyportError | null)[]> {
    try {
      await insert(batch);
      return batch.map(() => null);
    } catch (error) {
      const fault = translateError(error);
      const isAboutOneEvent = ['STORAGE_QUERY_FAILED', 'STORAGE_NOT_ALLOWED', 'STORAGE_CONSTRAINT'].includes(fault.code);
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
    schedule();
    if (unsettled === 0) onDrained?.();
  }

  function flush(): void {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    isImmediate = false;
    while (waiting.length > 0 && (inFlight === 0 || (inFlight < maxInFlight && waiting.length >= maxBatch))) {
      const batch = waiting.slice(0, maxBatch);
      waiting = waiting.slice(maxBatch);
      inFlight += 1;
      void write(batch).then((faults) => settle(batch, faults));
    }
    if (waiting.length === 0) isUrgent = false;
  }

  /** An idle writer writes at the end of this turn of the event loop; a busy one lets the next batch grow until the commit is done. */
  function schedule(): void {
    if (waiting.length >= maxBatch) outsideTransaction(flush);
    else if (waiting.length === 0 || isImmediate || (inFlight > 0 && !isClosed)) return;
    else if (isUrgent || isClosed) {
      isImmediate = true;
      outsideTransaction(() => setImmediate(flush));
    } else timer ??= outsideTransaction(() => setTimeout(flush, maxDelayMs));
  }

  function add(candidate: NewEvent, isWaitedFor: boolean): Promise<void> {
    if (isClosed) return Promise.reject(storageFault('STORAGE_CLOSED'));
    if (unsettled >= maxWaiting) return Promise.reject(storageFault('STORAGE_WRITER_FULL', `${maxWaiting} waiting`));
    let event: CheckedEvent;
    try {
      event = db.checkEvent(candidate);
    } catch (fault) {
      return Promise.reject(fault);
    }
    unsettled += 1;
    isUrgent ||= isWaitedFor;
    return new Promise<void>((resolve, reject) => {
      waiting.push({ event, resolve, reject });
      schedule();
    });
  }

  return {
    append: (event) => add(event, true),
    appendSoon: (event) => add(event, false),
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
