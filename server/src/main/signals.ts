// Waits for the signal that stops a long-running command.

/** A terminal and a launcher may both pass the same signal on; only one that comes later means "at once". */
const SAME_SIGNAL_MS = 500;

/** Resolves on the first signal to stop; a later one ends the process at once. */
export function firstSignal(): Promise<void> {
  return new Promise((resolve) => {
    let firstMs: number | null = null;
    const stop = (): void => {
      if (firstMs !== null && performance.now() - firstMs > SAME_SIGNAL_MS) process.exit(130);
      firstMs ??= performance.now();
      resolve();
    };
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop);
  });
}
