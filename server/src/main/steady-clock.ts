// The time of this process: the machine's clock, held against one that nobody can set.
// INVARIANT: it never goes back. A machine clock that is set back is not followed until it has caught up, and every jump is told.

import type { Clock } from '#core';

export interface ClockJump {
  /** How far the machine's clock jumped against the one that nobody sets; negative when it was set back. */
  readonly byMs: number;
}

export interface SteadyClock extends Clock {
  /** Tells of every jump from now on, in the call of `now` that finds it. Returns how to stop hearing. */
  onJump(hear: (jump: ClockJump) => void): () => void;
}

/** Nothing is said of corrections below this, until they add up to it: time services set clocks by milliseconds all the time. */
export const JUMP_MS = 1_000;

/** `wallMs` may be set by anybody who may set the machine's clock; `monotonicMs` only ever counts. */
export function createSteadyClock(wallMs: () => number, monotonicMs: () => number): SteadyClock {
  const listeners = new Set<(jump: ClockJump) => void>();
  let offset = wallMs() - monotonicMs();
  /** Where the machine's clock stood when it was last told of. */
  let told = offset;

  return {
    now() {
      const monotonic = monotonicMs();
      const found = wallMs() - monotonic;
      // Ahead, the machine is followed. Behind, the process goes on in its own time until the machine has caught up.
      offset = Math.max(offset, found);
      const byMs = Math.round(found - told);
      if (Math.abs(byMs) >= JUMP_MS) {
        told = found;
        for (const hear of [...listeners]) hear({ byMs });
      }
      return Math.floor(offset + monotonic);
    },
    onJump(hear) {
      listeners.add(hear);
      return () => listeners.delete(hear);
    },
  };
}
