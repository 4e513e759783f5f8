// Lets the calls of this process run between two pieces of the sequencer's work: a whole batch at once would hold each of them up.

/** Pieces of about two milliseconds. */
export const PIECE = 128;

export function breathe(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
