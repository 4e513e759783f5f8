// Guesses streets with house numbers by the grammar of addresses: number first (`12 Garden Lane`), kind first (`Calle Mayor 3`, `12 rue
// Verte`), one word (`Gartenweg 5`), post boxes, and what stands where a text announces an address. Each number is looked at once.

import { endsLikeStreet, SAYS_ADDRESS, STREET_AFTER, STREET_AFTER_NUMBERED, STREET_BEFORE, UNIT } from './street-words.ts';
import type { Word } from './words.ts';

export interface Street {
  readonly start: number;
  readonly end: number;
  readonly confidence: number;
}

const HOUSE = /(?<![\p{L}\d.,/#$€£-])\d{1,6}(?:[-/]\d{1,4})?\s?[a-zA-Z]?(?![\p{L}\d]|[.,:]\d|%|-\d)/gu;
const BOX =
  /(?<![\p{L}\d])(?:(?:P\.? ?O\.? ?Box|Post ?box|Postfach|Postbus|Bo[iî]te postale|BP|Apartado(?: de correos)?|Casella postale) \d{1,6}|(?:Unit|PSC|CMR) \d{2,5},? Box \d{1,6})(?!\d)/giu;
/** Words of a street's name. */
const MAX_NAME = 6;
const NEAR = 48;
/** What a number is that stands before or behind words and is no house: counts, sizes, hours. */
const NO_HOUSE =
  /^\s?(?:x\s?\d|pcs|kg|g|mm|cm|m|km|ml|l|inch(?:es)?|"|pm|am|h|uhr|eur|usd|days?|weeks?|months?|years?|hours?|minutes?|units?|words?|stars?|tage?|jours?|d[ií]as?|giorni|dagen|percent|million|items?|orders?)\b/iu;
const LOWER_IN_NAME = new Set(
  'de del della delle dei degli di do da dos das des du la le les los las el en et y of the am an der den dem van von und'.split(' '),
);

/** Past the units (`Apt. 4`) that follow a street. */
function withUnits(text: string, end: number): number {
  let at = end;
  for (let count = 0; count < 3; count += 1) {
    UNIT.lastIndex = at;
    const match = UNIT.exec(text);
    if (match === null) return at;
    at = match.index + match[0].length;
  }
  return at;
}

function isNameWord(word: Word): boolean {
  return word.capital || /^\p{Lu}/u.test(word.text.slice(-1)) || LOWER_IN_NAME.has(word.folded);
}

/** Words behind a number that could name its street, and which of them ends it. */
function behind(text: string, words: readonly Word[], first: number, house: number): number {
  let best = -1;
  let from = house;
  let kindFirst = false;
  for (let at = first; at < words.length && at < first + MAX_NAME; at += 1) {
    const word = words[at] as Word;
    const gap = text.slice(from, word.start);
    if (!(at === first ? /^,? {1,2}$/ : /^(?:\. ?| {1,2}|\. )$/).test(gap)) break;
    if (at === first && STREET_BEFORE.has(word.folded) && !(STREET_AFTER.has(word.folded) && word.capital)) kindFirst = true;
    if (!isNameWord(word) && !(at === first && kindFirst) && !STREET_AFTER.has(word.folded)) break;
    if (kindFirst && at > first && word.capital) best = at;
    if (at > first && STREET_AFTER.has(word.folded)) best = at;
    if (endsLikeStreet(word.folded) && word.capital) best = at;
    from = word.end;
  }
  return best;
}

/** The first word of a street whose number follows its last word, or -1. */
function before(text: string, words: readonly Word[], last: number, house: number): number {
  let best = -1;
  let to = house;
  for (let at = last; at >= 0 && at > last - MAX_NAME; at -= 1) {
    const word = words[at] as Word;
    const gap = text.slice(word.end, to);
    if (!(at === last ? /^(?:\.|,)? {1,2}$/ : /^(?:\. ?| {1,2})$/).test(gap)) break;
    if (!isNameWord(word) && !STREET_BEFORE.has(word.folded)) break;
    const stands = STREET_BEFORE.has(word.folded) && at < last && (word.capital || !LOWER_IN_NAME.has(word.folded));
    const ends =
      at === last && (endsLikeStreet(word.folded) || STREET_AFTER_NUMBERED.has(word.folded) || /^str(?:asse)?$/.test(word.folded));
    if (stands || ends) best = at;
    if (at < last && best > at && (words[last] as Word).text.length < 5 && word.capital) best = at;
    to = word.start;
  }
  // `Langenfelder Str. 5`: what the kind belongs to stands before it.
  const kind = best === -1 ? undefined : (words[best] as Word);
  const own = kind !== undefined && best === last && (STREET_AFTER_NUMBERED.has(kind.folded) || /^str(?:asse)?$/.test(kind.folded));
  if (!own) return best;
  const owner = words[best - 1];
  return owner?.capital === true && !owner.opening && words[best]?.joined === true ? best - 1 : owner?.capital === true ? best - 1 : -1;
}

/** Capital words next to a number where the text announces an address: `at 15 Prospect`, `Adresse: Vogelsang 4`. */
function announced(text: string, words: readonly Word[], next: number, house: { start: number; end: number }): Street | null {
  let end = house.end;
  let at = next;
  for (; at < words.length && at < next + 4; at += 1) {
    const word = words[at] as Word;
    if (!/^ {1,2}$/.test(text.slice(end, word.start)) || !isNameWord(word)) break;
    end = word.end;
  }
  if (at > next && SAYS_ADDRESS.test(text.slice(Math.max(0, house.start - NEAR), house.start)))
    return { start: house.start, end, confidence: 0.6 };
  let start = house.start;
  let first = next - 1;
  for (; first >= 0 && first > next - 6; first -= 1) {
    const word = words[first] as Word;
    if (!/^,? {1,2}$/.test(text.slice(word.end, start)) || !isNameWord(word)) break;
    start = word.start;
  }
  if (start === house.start) return null;
  return SAYS_ADDRESS.test(text.slice(Math.max(0, start - NEAR), start)) ? { start, end: house.end, confidence: 0.6 } : null;
}

export function guessStreets(text: string, words: readonly Word[]): readonly Street[] {
  const found: Street[] = [];
  let next = 0;
  let taken = 0;
  const add = (start: number, end: number, confidence: number): void => {
    const whole = withUnits(text, end);
    found.push({ start, end: whole, confidence });
    taken = whole;
  };
  for (const match of text.matchAll(HOUSE)) {
    const start = match.index;
    const written = match[0].trimEnd();
    let end = start + written.length;
    if (start < taken) continue;
    while (next < words.length && (words[next] as Word).start < start) next += 1;
    if (NO_HOUSE.test(text.slice(end, end + 12))) continue;
    let first = next;
    // `12 a`: the letter is part of the number unless a name begins with it.
    while (first < words.length && (words[first] as Word).start < end) first += 1;
    const last = behind(text, words, first, end);
    if (last !== -1) {
      let stop = (words[last] as Word).end;
      // `69 6750 Koskikatu 25`: some write a second number behind.
      const more = /^\.? \d{1,5}[a-z]?(?![\p{L}\d])(?!\s\p{Lu}{2}\b)/u.exec(text.slice(stop, stop + 8));
      if (more !== null && endsLikeStreet((words[last] as Word).folded)) stop += more[0].length;
      add(start, stop, 0.85);
      continue;
    }
    const begin = next === 0 ? -1 : before(text, words, next - 1, start);
    if (begin !== -1) {
      const letter = /^\s?[a-z](?![\p{L}\d])/iu.exec(text.slice(end, end + 3));
      if (letter !== null && !/\s/.test(letter[0])) end += letter[0].length;
      add((words[begin] as Word).start, end, 0.85);
      continue;
    }
    const told = announced(text, words, first, { start, end });
    if (told !== null) add(told.start, told.end, told.confidence);
  }
  for (const match of text.matchAll(BOX)) found.push({ start: match.index, end: match.index + match[0].length, confidence: 0.9 });
  return found.sort((left, right) => left.start - right.start);
}
