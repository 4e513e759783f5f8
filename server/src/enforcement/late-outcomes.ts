// Outcomes that could not be written when they were known, because the database was away: written as soon as it is back, in their order.
// INVARIANT: nothing is dropped while this process lives but what can never be written; what it leaves behind, recovery finds.

import { type CallId, SallyportError } from '#core';

export interface LateOutcomes {
  /** `write` is tried again until it is done; it has to bear being done twice, as it may have been committed without a word. */
  add(call: CallId, write: () => Promise<void>): void;
  /** Tries what waits once more. */
  stop(): Promise<void>;
}

export interface LateOutcomesDeps {
  /** A write that can never succeed, or one too many. Its intent stays without an outcome and is found by recovery. */
  readonly onLost: (call: CallId, fault: unknown) => void;
  readonly retryMs?: number;
}

const RETRY_MS = 250;
/** Calls whose outcome waits in memory. With the database away no new effect begins, so these are calls that were under way. */
const MAX_WAITING = 10_000;

const mayPass = (fault: unknown): boolean =>
  fault instanceof SallyportError && (fault.retryable || fault.code === 'STORAGE_COMMIT_UNKNOWN' || fault.code === 'STORAGE_DISK_FULL');

export function createLateOutcomes({ onLost, retryMs = RETRY_MS }: LateOutcomesDeps): LateOutcomes {
  const waiting: { readonly call: CallId; readonly write: () => Promise<void> }[] = [];
  let timer: NodeJS.Timeout | null = null;
  let running: Promise<void> = Promise.resolve();
  let isStopped = false;

  async function writeAll(): Promise<void> {
    while (waiting[0] !== undefined) {
      const [first] = waiting;
      try {
        await first.write();
      } catch (fault) {
        if (mayPass(fault)) return;
        onLost(first.call, fault);
      }
      waiting.shift();
    }
  }

  function schedule(): void {
    if (timer !== null || isStopped) return;
    timer = setTimeout(() => {
      running = writeAll().then(() => {
        timer = null;
        if (waiting.length > 0) schedule();
      });
    }, retryMs);
    timer.unref();
  }

  return {
    add(call, write) {
      if (isStopped || waiting.length >= MAX_WAITING) onLost(call, new Error('too many outcomes wait'));
      else {
        waiting.push({ call, write });
        schedule();
      }
    },
    async stop() {
      isStopped = true;
      if (timer !== null) clearTimeout(timer);
      await running;
      await writeAll();
      for (const { call } of waiting.splice(0)) onLost(call, new Error('the database stayed away'));
    },
  };
}
