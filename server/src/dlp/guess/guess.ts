// Guesses personal data that has no structure and that nobody named: people, streets, places, dates of birth, user names.
// Statistical: says how sure it is, stays out of what the recognisers found, and never touches what the catalogue sells.

import type { UnsureHandling } from '#core';
import { foldText } from '../fold.ts';
import type { NerSpan } from '../ner/find-names.ts';
import type { DlpType, Hit, Report } from '../types.ts';
import { guessBirthDates } from './birth-date.ts';
import type { Catalogue } from './catalogue.ts';
import { isLanguage, languageOf } from './language.ts';
import type { NameLists } from './lists.ts';
import type { GuessMemo } from './memo.ts';
import { guessPersons } from './person.ts';
import { guessPlaces, placeBehind } from './place.ts';
import { withSecond } from './second-finder.ts';
import { guessStreets } from './street.ts';
import { guessUserNames } from './username.ts';
import { wordsOf } from './words.ts';

/** From here on a guess counts as sure. Below it, its class says what is done. */
export const SURE = 0.75;

export interface Guessing {
  readonly lists: NameLists;
  /** ISO 639-1; told from the text when null or none of ours. */
  readonly language: string | null;
  readonly catalogue: Catalogue | null;
  /** What is done with a guess that is not sure; without it, what is done with a sure one. */
  readonly unsure?: Readonly<Record<DlpType, UnsureHandling>>;
  /** Guesses at texts that come again, and whose texts they are. */
  readonly memo?: { readonly memo: GuessMemo; readonly scope: string };
  /** What a model of names found in a text; asked before, for it takes its time. */
  readonly second?: (text: string) => readonly NerSpan[];
}

interface Stretch {
  readonly start: number;
  readonly end: number;
}

/** Whether a stretch touches one of the list; asked in order of `start`. */
function touching<T extends Stretch>(sorted: readonly T[]): (start: number, end: number) => readonly T[] {
  let first = 0;
  return (start, end) => {
    while (first < sorted.length && (sorted[first] as T).end <= start) first += 1;
    const found: T[] = [];
    for (let at = first; at < sorted.length && (sorted[at] as T).start < end; at += 1) found.push(sorted[at] as T);
    return found;
  };
}

const inOrder = (left: Stretch, right: Stretch): number => left.start - right.start || right.end - left.end;

interface Sold {
  readonly text: string;
  readonly catalogue: Catalogue | null;
}

/** Guesses that touch nothing certain; a name may grow a known name. Of two guesses over one stretch the address stands. */
function settle(guesses: readonly Hit[], certain: readonly Hit[], { text, catalogue }: Sold): Hit[] {
  const near = touching([...certain].sort(inOrder));
  const inCatalogue = touching(catalogue === null ? [] : catalogue.find(text));
  const isOnly = catalogue?.source === 'learnt';
  const kept: Hit[] = [];
  const sorted = [...guesses].sort(inOrder);
  const places = sorted.filter(({ type }) => type !== 'PERSON');
  const nearPlace = touching(places);
  for (const hit of sorted) {
    const others = near(hit.start, hit.end);
    // A user name is made of its owner's name: the longer stretch says what it is.
    const isGrowth = others.every(
      (other) => other.known && (other.type === hit.type || (hit.type === 'USERNAME' && other.type === 'PERSON')),
    );
    // A sure guess is more than what is sold in it: "47 Oak Street" where there is an Oak Street Lamp.
    const isSold = inCatalogue(hit.start, hit.end).some(
      ({ start, end, words, isWhole }) =>
        hit.confidence < SURE || ((!isOnly || (words > 1 && isWhole)) && start <= hit.start && end >= hit.end),
    );
    const isPlace = nearPlace(hit.start, hit.end).length > 0;
    if (others.length > 0 && !isGrowth) continue;
    if (isSold || (hit.type === 'PERSON' && isPlace)) continue;
    kept.push(hit);
  }
  return kept;
}

/** So many addresses are compared with the names around them; a list of more is no letter. */
const MAX_MAILBOXES = 32;

function mailboxesOf(text: string, certain: readonly Hit[]): readonly string[] {
  const found = new Set<string>();
  for (const { type, start, end } of certain) {
    if (type === 'EMAIL') found.add(foldText(text.slice(start, end).split('@')[0] as string));
    if (found.size === MAX_MAILBOXES) break;
  }
  return [...found];
}

const NOTHING = Object.freeze([]) as readonly Hit[];

function guessAll(text: string, certain: readonly Hit[], { lists, language }: Guessing): readonly Hit[] {
  const words = wordsOf(text);
  if (words.length === 0) return NOTHING;
  const guesses: Hit[] = [];
  const report: Report = (start, end, type, confidence) => {
    guesses.push({ start, end, type, confidence, known: false, personal: true, plain: null, entry: null });
  };
  const streets = guessStreets(text, words, (end, hasUnit) => placeBehind(text, end, hasUnit, report));
  for (const { start, end, confidence } of streets) report(start, end, 'STREET_ADDRESS', confidence);
  guessPlaces(text, report);
  guessBirthDates(text, report);
  guessUserNames(text, (word) => lists.isWord(foldText(word)), report);
  const mailboxes = mailboxesOf(text, certain);
  const told = language?.slice(0, 2).toLowerCase() ?? '';
  const inLanguage = isLanguage(told) ? told : languageOf(words);
  guessPersons({ text, words, language: inLanguage, lists, mailboxes, streets: new Set(streets.map(({ start }) => start)) }, report);
  return guesses;
}

/** What its class says is done with a guess that is not sure: it stays out, it counts like any find, or it says who decides. */
function doubted(guesses: readonly Hit[], unsure: NonNullable<Guessing['unsure']>): readonly Hit[] {
  return guesses.flatMap((hit) => {
    const handling = hit.confidence >= SURE || hit.type === 'LITERAL' ? 'mask' : unsure[hit.type];
    if (handling === 'leave') return [];
    return [handling === 'mask' ? hit : { ...hit, doubt: handling }];
  });
}

export function guess(text: string, certain: readonly Hit[], guessing: Guessing): Hit[] {
  const { catalogue, unsure, memo } = guessing;
  // Guesses are told from the text and its language alone; what is known only decides which of them stand.
  const scope = memo === undefined ? '' : `${memo.scope}\0${guessing.language ?? ''}`;
  let guesses = memo?.memo.get(scope, text);
  if (guesses === undefined) {
    guesses = guessAll(text, certain, guessing);
    memo?.memo.set(scope, text, guesses);
  }
  if (guessing.second !== undefined) guesses = withSecond(text, guesses, certain, guessing.second(text));
  if (guesses.length === 0) return [];
  return settle(unsure === undefined ? guesses : doubted(guesses, unsure), certain, { text, catalogue });
}
