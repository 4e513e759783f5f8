// What a shop sells: titles, brands and codes that are no personal data however much they look like a name or a number.
// An allow-list for guesses only; a value known to be personal stays personal.

import { fold, foldText } from '../fold.ts';
import { tokensOf } from '../known-patterns.ts';

export interface Catalogue {
  readonly size: number;
  /** Entries beyond the most that are kept; what they name is not known. */
  readonly left: number;
  /** Somebody handed it in. What was `learnt` from replies makes nothing of a guess that is sure by a single word, nor by a part of a title. */
  readonly source: 'given' | 'learnt';
  /** More of what is sold. */
  add(entries: Iterable<string>): void;
  /** Stretches of the text that name something of the catalogue, in order, not overlapping. */
  find(text: string): readonly { readonly start: number; readonly end: number; readonly words: number; readonly isWhole: boolean }[];
}

/** Some 300 MB of titles; a shop that sells more hands in what it sells most. */
export const MAX_CATALOGUE_ENTRIES = 500_000;
const MAX_TITLE_TOKENS = 16;
const MAX_TITLE = 200;

interface Node {
  ends: boolean;
  /** A whole title ends here. */
  isWhole: boolean;
  next: Map<string, Node> | null;
}

/** Words and numbers of a folded text with their places. */
const TOKEN = /[\p{L}\p{M}]+|\d+/gu;

export function createCatalogue(entries: Iterable<string>, source: Catalogue['source'] = 'given', most = MAX_CATALOGUE_ENTRIES): Catalogue {
  const root: Node = { ends: false, isWhole: false, next: null };
  let size = 0;
  let left = 0;
  const put = (entry: string): void => {
    if (size >= most) {
      left += 1;
      return;
    }
    const tokens = tokensOf(foldText(entry.slice(0, MAX_TITLE)))
      .join(' ')
      .replace(/(?<=\d) (?=\d)/g, '')
      .split(' ')
      .slice(0, MAX_TITLE_TOKENS);
    if (tokens[0] === undefined || tokens[0] === '') return;
    size += 1;
    let node = root;
    for (const [index, token] of tokens.entries()) {
      node.next ??= new Map();
      let next = node.next.get(token);
      if (next === undefined) {
        next = { ends: false, isWhole: false, next: null };
        node.next.set(token, next);
      }
      node = next;
      // Two words of a title say which product is meant as well as all of them.
      if (index >= 1) node.ends = true;
    }
    node.ends = true;
    node.isWhole = true;
  };
  const add = (more: Iterable<string>): void => {
    for (const entry of more) put(entry);
  };
  add(entries);
  return {
    get size() {
      return size;
    },
    get left() {
      return left;
    },
    source,
    add,
    find(text) {
      const folded = fold(text);
      const places = [...folded.text.matchAll(TOKEN)].map(({ 0: token, index }) => ({ token, start: index, end: index + token.length }));
      const found: { start: number; end: number; words: number; isWhole: boolean }[] = [];
      const original = (at: number): number => (folded.map === null ? at : (folded.map[at] as number));
      for (let at = 0; at < places.length; at += 1) {
        let node: Node | undefined = root;
        let last = -1;
        let isWhole = false;
        for (let ahead = at; ahead < places.length && node !== undefined; ahead += 1) {
          node = node.next?.get((places[ahead] as { token: string }).token);
          if (node?.ends !== true) continue;
          last = ahead;
          isWhole = node.isWhole;
        }
        if (last === -1) continue;
        const [first, end] = [(places[at] as { start: number }).start, (places[last] as { end: number }).end];
        found.push({ start: original(first), end: original(end), words: last - at + 1, isWhole });
        at = last;
      }
      return found;
    },
  };
}
