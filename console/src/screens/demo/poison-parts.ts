// A ticket's text in parts: what the customer wrote, and what the thief put into it. Pure.

import type { DemoTicket } from '../../api/demo.ts';

export interface Part {
  readonly key: string;
  readonly words: string;
  readonly isPoison: boolean;
}

/** Without a known part the whole of a poisoned text is the thief's. */
export function partsOf({ excerpt, poison, poisoned }: Pick<DemoTicket, 'excerpt' | 'poison' | 'poisoned'>): readonly Part[] {
  const part = (key: string, words: string, isPoison: boolean): readonly Part[] => (words === '' ? [] : [{ key, words, isPoison }]);
  if (!poisoned) return part('all', excerpt, false);
  const from = poison === null || poison === '' ? -1 : excerpt.indexOf(poison);
  if (from < 0 || poison === null) return part('all', excerpt, true);
  const to = from + poison.length;
  return [...part('before', excerpt.slice(0, from), false), ...part('poison', poison, true), ...part('after', excerpt.slice(to), false)];
}
