// Tells whoever holds something open that access may have changed, so that it is asked again at once.
// INVARIANT: told after a change is applied and never before; the loss of the feed is told when nobody is let in any more.

export interface Watchers {
  /** Returns how to stop. A listener must not throw, and asks `recheck` about its own principal. */
  onChange(listener: () => void): () => void;
  changed(): void;
  /** Changes can not be heard from now on. */
  lost(): void;
}

/** Beyond the grace, so that who is asked then refuses. */
const AFTER_GRACE_MS = 30;

export function createWatchers(graceMs: number): Watchers {
  const listeners = new Set<() => void>();
  const changed = (): void => {
    for (const listener of [...listeners]) listener();
  };
  return {
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    changed,
    lost: () => {
      setTimeout(changed, graceMs + AFTER_GRACE_MS).unref();
    },
  };
}
