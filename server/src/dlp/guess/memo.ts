// Remembers what was guessed in texts that come again: a chat sends its whole history with every turn, and a guess depends on its text alone.
// Bounded by characters held; the oldest go first. INVARIANT: a text is remembered for whoever sent it and found by nobody else.

import type { Hit } from '../types.ts';

export interface GuessMemo<T = readonly Hit[]> {
  get(scope: string, text: string): T | undefined;
  set(scope: string, text: string, guesses: T): void;
}

/** Some 2 MB of texts, and a chat of many turns within it. */
export const MEMO_CHARS = 1024 * 1024;
/** Of one text. Longer ones are read again: they are documents and come once. */
export const MEMO_TEXT_CHARS = 32 * 1024;
/** What an entry costs besides its text. */
const ENTRY_CHARS = 200;

export function createGuessMemo<T = readonly Hit[]>(maxChars: number = MEMO_CHARS): GuessMemo<T> {
  const held = new Map<string, T>();
  let chars = 0;
  const drop = (key: string): void => {
    held.delete(key);
    chars -= key.length + ENTRY_CHARS;
  };
  return {
    get: (scope, text) => {
      if (text.length > MEMO_TEXT_CHARS) return undefined;
      const key = `${scope}\0${text}`;
      const guesses = held.get(key);
      if (guesses !== undefined) {
        held.delete(key);
        held.set(key, guesses);
      }
      return guesses;
    },
    set: (scope, text, guesses) => {
      if (text.length > MEMO_TEXT_CHARS) return;
      const key = `${scope}\0${text}`;
      if (held.has(key)) drop(key);
      held.set(key, guesses);
      chars += key.length + ENTRY_CHARS;
      for (const oldest of held.keys()) {
        if (chars <= maxChars) break;
        drop(oldest);
      }
    },
  };
}
