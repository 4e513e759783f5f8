// Guesses streets with house numbers by the grammar of addresses: number first (`12 Garden Lane`), kind first (`Calle Mayor 3`, `12 rue
// Verte`), one word (`Gartenweg 5`), post boxes, and what stands where a text announces an address. Each number is looked at once.

import {
  endsLikeStreet,
  MONTHS,
  NUMBERED,
  SAYS_ADDRESS,
  STREET_AFTER,
  STREET_AFTER_NUMBERED,
  STREET_BEFORE,
  UNIT,
  UNIT_WORDS,
} from './street-words.ts';
import type { Word } from './words.ts';

export interface Street {
  readonly start: number;
  readonly end: number;
  readonly confidence: number;
}

const HOUSE =
  /(?<![\p{L}\d.,/#$€£-])(?:\d{1,6}(?:[-/]\d{1,4})?(?:[a-zA-Z]|[\s/-][a-zA-Z](?!\.\s?\p{Lu}))?(?![\p{L}\d]|[.,:]\d|%|-\d)|s\/n(?!\p{L})\.?)/gu;
const BOX =
  /(?<![\p{L}\d])(?:(?:P\.? ?O\.? ?Box|Post ?box|Postfach|Postbus|Bo[iî]te postale|BP|Apartado(?: de correos)?|Casella postale) \d{1,6}|(?:Unit|PSC|CMR) \d{2,5},? Box \d{1,6})(?!\d)/giu;
/** Ships and units abroad that have addresses of their own: the post of armed forces. */
const FORCES = /(?<!\p{L})(?:US(?:NS|S|NV|CGC) \p{L}[\p{L}'-]{1,30}|(?:Unit|PSC|CMR) \d{2,5},? Box \d{1,6})(?=,?\s{1,4}(?:[AFD]PO)\s)/giu;
/** Streets without a number: `on Garden Street`. */
const PLAIN =
  /(?<=(?:^|[^\p{L}])(?:on|in|at|of|along|near|down) )(?:\p{Lu}[\p{L}\p{M}'.-]{1,24} ){1,3}(?:Street|Avenue|Road|Boulevard|Lane|Drive|Terrace|Square)(?!\p{L})/gu;
const OF_A_SHOP = /(?:shops?|stores?|branch|outlet|boutique|points?|office|warehouse|museum|station|locker|counter)\b[^.!?\n]{0,10}$/iu;
const CORNER =
  /(?<!\p{L})(?:the )?corner of (?:\p{Lu}[\p{L}\p{M}'.-]*|\d{1,5})(?: (?:\p{Lu}[\p{L}\p{M}'.-]*|\d{1,5}[a-z]?)){0,4}(?: and (?:\p{Lu}[\p{L}\p{M}'.-]*|\d{1,5})(?: (?:\p{Lu}[\p{L}\p{M}'.-]*|\d{1,5}[a-z]?)){0,4})?/gu;
/** What follows the street of an address: a postcode soon, alone or behind a city. */
const LEADS_TO_CODE =
  /^,?(?:[,;] |\s?\n\s{0,4})(?:\p{Lu}[\p{L}\p{M}'’. -]{1,40}[,;]? (?:\d{4,6}(?!\d)|\d{2}-\d{3}(?!\d)|\d{3} \d{2,3}(?!\d))|(?:\d{5}|\d{2}-\d{3}|\d{4} [A-Z]{2})(?![\p{L}\d])|\d{4},? \p{Lu}|(?:\p{Lu}[\p{L}\p{M}'’. -]{1,40}[,;]? )?(?:[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}(?!\p{L})|[A-Z]\d[A-Z] ?\d[A-Z]\d))/u;
/** Longest `Apartment 12345` with the signs around it. */
const MAX_UNIT = 40;
/** Words of a street's name. */
const MAX_NAME = 6;
const NEAR = 48;
/** What a number is that stands before or behind words and is no house: counts, sizes, hours. */
const NO_HOUSE =
  /^\s?(?:x\s?\d|pcs|kg|g|mm|cm|m(?!\.)|km|ml|l|inch(?:es)?|"|pm|am|h|uhr|eur|usd|days?|weeks?|months?|years?|hours?|minutes?|units?|words?|stars?|tage?|jours?|d[ií]as?|giorni|dagen|percent|million|items?|orders?)\b/iu;
const LOWER_IN_NAME = new Set(
  'de del della delle dei degli di do da dos das des du la le les los las el en et y of the am an der den dem van von und'.split(' '),
);

const COMPASS = new Set('north south east west northeast northwest southeast southwest n s e w ne nw se sw'.split(' '));

/** Behind a house number: the same number once more. */
const AGAIN = new Set(['bis', 'ter', 'quater']);

/** Past the units (`Apt. 4`) that follow a street. */
function withUnits(text: string, end: number): number {
  let at = end;
  for (let count = 0; count < 3; count += 1) {
    const match = UNIT.exec(text.slice(at, at + MAX_UNIT));
    if (match === null) return at;
    at += match[0].length;
  }
  return at;
}

function isNameWord(word: Word): boolean {
  const { capital, folded } = word;
  return (capital && !MONTHS.has(folded) && !UNIT_WORDS.has(folded)) || LOWER_IN_NAME.has(folded) || STREET_AFTER_NUMBERED.has(folded);
}

/** What stands apart before a compound that ends like a street. */
const BEFORE_COMPOUND: ReadonlySet<string> = new Set(
  'oude nieuwe grote kleine lange korte hoge lage eerste tweede derde prins prinses koningin koning burgemeester sint alte neue grosse kleine obere untere hintere vordere hohe kurze breite'.split(
    ' ',
  ),
);
const isBeforeCompound = ({ folded, capital }: Word): boolean => capital && BEFORE_COMPOUND.has(folded);

const isAfter = ({ folded }: Word): boolean => STREET_AFTER.has(folded) || (folded.endsWith('s') && STREET_AFTER.has(folded.slice(0, -1)));

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
    if (!isNameWord(word) && !(at === first && kindFirst) && !isAfter(word)) break;
    if (kindFirst && at > first && word.capital) best = at;
    if (at > first && isAfter(word)) best = at;
    // `Ring Road East`.
    if (best === at - 1 && best > first && word.capital && COMPASS.has(word.folded)) best = at;
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
    // Behind a comma a long number is a postcode.
    if (!(at === last ? (/^\d{5}/.test(text.slice(house, house + 5)) ? /^\.? {1,2}$/ : /^[.,]? {1,2}$/) : /^(?:\. ?| {1,2})$/).test(gap))
      break;
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
  // `Oude Kerkstraat 18`: the word before belongs to the name.
  while (
    best > 0 &&
    (words[best] as Word).joined &&
    isBeforeCompound(words[best - 1] as Word) &&
    endsLikeStreet((words[last] as Word).folded)
  )
    best -= 1;
  const own = kind !== undefined && best === last && (STREET_AFTER_NUMBERED.has(kind.folded) || /^str(?:asse)?$/.test(kind.folded));
  if (!own) return best;
  let first = best;
  while (first > 0 && first > best - 4 && (words[first] as Word).joined && (words[first - 1] as Word).capital) first -= 1;
  return first === best ? -1 : first;
}

/**
 * Capital words next to a number without a word for a street: where the text announces an address (`Adresse: Vogelsang 4`), where a
 * postcode follows, or where another number stands before them (`928 Vogelsang 14`).
 */
function framed(text: string, words: readonly Word[], next: number, house: { start: number; end: number }): Street | null {
  let end = house.end;
  let at = next;
  for (; at < words.length && at < next + 4; at += 1) {
    const word = words[at] as Word;
    if (!/^(?: {1,2}|\. )$/.test(text.slice(end, word.start)) || !isNameWord(word)) break;
    end = word.end;
  }
  if (at > next) {
    const second = SECOND.exec(text.slice(end, end + 8));
    if (second !== null && house.end - house.start >= 3) return { start: house.start, end: end + second[0].length, confidence: 0.7 };
    if (announces(text, house.start) || LEADS_TO_CODE.test(text.slice(end, end + NEAR)))
      return { start: house.start, end, confidence: 0.6 };
  }
  let start = house.start;
  let first = next - 1;
  while (first >= 0 && (words[first] as Word).start >= house.start) first -= 1;
  for (const least = first - 5; first >= 0 && first > least; first -= 1) {
    const word = words[first] as Word;
    const gap = text.slice(word.end, start);
    if (!(start === house.start ? /^(?:,? {1,2}|\. ?)$/ : /^(?: {1,2}|\. ?)$/).test(gap) || !isNameWord(word)) break;
    start = word.start;
    if (word.opening) break;
  }
  if (start === house.start) return null;
  if (NUMBERED.has((words[next - 1] as Word).folded)) return null;
  const past = withUnits(text, house.end);
  return announces(text, start) || LEADS_TO_CODE.test(text.slice(past, past + NEAR)) ? { start, end: house.end, confidence: 0.6 } : null;
}

const SECOND = /^\.? \d{1,5}[a-z]?\.?(?![\p{L}\d])/u;

function announces(text: string, start: number): boolean {
  return SAYS_ADDRESS.test(text.slice(Math.max(0, start - NEAR), start));
}

const MAX_LEADING = 20;
/** A number or unit before the street's own number, as registers and forms put it: part of the address. */
const LEADING = /(?<![\p{L}\d.,$€£#-])(?:\d{2,6}[ ,]{1,2}|(?:suite|ste|apt|apartment|unit|flat|floor|room)\.? #?[\dA-Z]{1,5},? )$/iu;

/** `past` says where the city and postcode end that follow a street; they are no street again. */
export function guessStreets(text: string, words: readonly Word[], past: (end: number, hasUnit: boolean) => number): readonly Street[] {
  const found: Street[] = [];
  let next = 0;
  let taken = 0;
  const add = (start: number, end: number, confidence: number): void => {
    const whole = withUnits(text, end);
    const lead = LEADING.exec(text.slice(Math.max(taken, start - MAX_LEADING), start));
    found.push({ start: lead === null ? start : start - lead[0].length, end: whole, confidence });
    taken = Math.max(whole, past(whole, whole !== end));
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
    if (first < words.length && AGAIN.has((words[first] as Word).folded) && (words[first] as Word).start - end === 1) {
      end = (words[first] as Word).end;
      first += 1;
    }
    const last = behind(text, words, first, end);
    const begin = next === 0 ? -1 : before(text, words, next - 1, start);
    if (begin !== -1 && (last === -1 || STREET_BEFORE.has((words[begin] as Word).folded))) {
      const letter = /^[a-z](?![\p{L}\d])/iu.exec(text.slice(end, end + 3));
      add((words[begin] as Word).start, letter === null ? end : end + 1, 0.85);
      continue;
    }
    if (last !== -1) {
      let stop = (words[last] as Word).end;
      // `6750 Gartenkatu 25`: the number in front is a register's, the one behind the house's.
      const more = SECOND.exec(text.slice(stop, stop + 8));
      if (more !== null && endsLikeStreet((words[last] as Word).folded)) stop += more[0].length;
      add(start, stop, 0.85);
      continue;
    }
    const told = framed(text, words, first, { start, end });
    if (told !== null) add(told.start, told.end, told.confidence);
  }
  for (const pattern of [BOX, FORCES, CORNER, PLAIN]) {
    for (const match of text.matchAll(pattern)) {
      // `our shop in Garden Street`: everybody's business.
      if (pattern === PLAIN && OF_A_SHOP.test(text.slice(Math.max(0, match.index - 32), match.index))) continue;
      const lead = LEADING.exec(text.slice(Math.max(0, match.index - MAX_LEADING), match.index));
      const end = withUnits(text, match.index + match[0].length);
      found.push({ start: match.index - (lead?.[0].length ?? 0), end, confidence: 0.9 });
      past(end, true);
    }
  }
  return found.sort((left, right) => left.start - right.start);
}
