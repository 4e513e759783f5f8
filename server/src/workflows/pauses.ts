// Runs that wait: each sleeps until its time has come or somebody says that it is worth a look.
// INVARIANT: a word that comes while the run is being looked at is not lost: its next sleep is none.

import type { RunId } from '#core';

export interface Pauses {
  /** From here on words for this run are kept; the returned function ends that. */
  open(run: RunId): () => void;
  sleep(run: RunId, ms: number): Promise<void>;
  wake(run: RunId): void;
  wakeAll(): void;
}

interface Sleeper {
  isNudged: boolean;
  resume: (() => void) | null;
}

export function createPauses(): Pauses {
  const sleepers = new Map<RunId, Sleeper>();
  const nudge = (sleeper: Sleeper): void => {
    sleeper.isNudged = true;
    sleeper.resume?.();
  };
  return {
    open: (run) => {
      const own: Sleeper = { isNudged: false, resume: null };
      sleepers.set(run, own);
      return () => {
        if (sleepers.get(run) === own) sleepers.delete(run);
      };
    },
    sleep: async (run, ms) => {
      const sleeper = sleepers.get(run);
      if (sleeper === undefined) return;
      if (!sleeper.isNudged) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms);
          timer.unref();
          sleeper.resume = () => {
            clearTimeout(timer);
            resolve();
          };
        });
        sleeper.resume = null;
      }
      sleeper.isNudged = false;
    },
    wake: (run) => {
      const sleeper = sleepers.get(run);
      if (sleeper !== undefined) nudge(sleeper);
    },
    wakeAll: () => {
      for (const sleeper of sleepers.values()) nudge(sleeper);
    },
  };
}
