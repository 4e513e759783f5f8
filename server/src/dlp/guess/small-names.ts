// Names written without capitals: behind an introduction, in an e-mail address of the text, as a signature, or beside a family name.

import type { Report } from '../types.ts';
import { CAPITALISED, INSIDE } from './name-context.ts';
import { before, introductionOf, isInMailbox, type PersonContext } from './person-context.ts';
import type { Word } from './words.ts';

/** Names written small: behind an introduction, in an e-mail address of the text, or a given name with a word that is none. */
export function guessSmall(context: PersonContext, report: Report): void {
  const { text, words, lists } = context;
  const isName = (word: Word | undefined): word is Word =>
    word !== undefined &&
    !word.capital &&
    word.text.length >= 3 &&
    !lists.isWord(word.folded) &&
    !INSIDE.has(word.folded) &&
    !CAPITALISED.has(word.folded);
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] as Word;
    if (!isName(word)) continue;
    const next = words[at + 1];
    const pair = next?.joined === true && isName(next) && (lists.isGiven(word.folded) || lists.isFamily(next.folded)) ? next : null;
    const introduced = context.language === 'en' && introductionOf(before(text, word.start), context.language) !== 'no';
    const listed = lists.isGiven(word.folded);
    const enough =
      (pair !== null && listed) ||
      (introduced && (listed || pair !== null || context.language === 'en')) ||
      (listed && isInMailbox(context, word));
    if (!enough || (context.language !== 'en' && !introduced && !(pair !== null && lists.isFamily(pair.folded)))) continue;
    const last = next?.joined === true && isName(next) ? next : word;
    report(word.start, last.end, 'PERSON', 0.7);
    if (last !== word) at += 1;
  }
}

/** A signature without capitals: the last words of a text, behind the end of a sentence. */
export function guessSignature({ text, words, lists, language }: PersonContext, report: Report): void {
  const last = words.at(-1);
  if (last === undefined || last.capital || !/^[\s.!]{0,3}$/.test(text.slice(last.end, last.end + 4))) return;
  let first = words.length - 1;
  while (first > words.length - 4 && !(words[first] as Word).opening && (words[first] as Word).joined) first -= 1;
  const name = words.slice(Math.max(0, first));
  const isStrange = (word: Word): boolean => !lists.isWord(word.folded);
  if (first <= 0 || name.some((word) => word.capital || word.text.length < 3) || !(name[0] as Word).opening || !name.some(isStrange))
    return;
  const isListedName = name.some((word) => isStrange(word) && (lists.isGiven(word.folded) || lists.isFamily(word.folded)));
  const isNobody = name.length === 1 ? !lists.isGiven(last.folded) : !isListedName && !(language === 'en' && name.every(isStrange));
  if (!isNobody) report((name[0] as Word).start, last.end, 'PERSON', 0.7);
}
