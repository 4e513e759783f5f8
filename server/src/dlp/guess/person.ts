// Guesses names of people nobody told us about. A run of capital words is a candidate; the words around it, lists of names, e-mail
// addresses in the same text and the shape of the words are weighed. A title of a product, a body or a place is no person.

import type { Report } from '../types.ts';
import { INSIDE, INTRODUCES, MAY_INTRODUCE, SUGGESTS } from './name-context.ts';
import { before, introductionOf, isListed, isOrdinary, type PersonContext } from './person-context.ts';
import { guessSignature, guessSmall } from './small-names.ts';
import { SUFFIX, weigh } from './weigh.ts';
import { TITLES, type Word } from './words.ts';

const MAX_RUN = 6;

const NOBLE = new Set(['van', 'von', 'vom', 'zu', 'der', 'den', 'ter', 'ten', 'te', 'bin', 'ibn', 'dos', 'del', 'della', 'di']);

const isLabel = (text: string, { end }: Word): boolean => /^\s?[:=](?!\/)/.test(text.slice(end, end + 2));

/** One past the last word of the run of capital words that begins at `first`. */
function runEnd(context: PersonContext, first: number): number {
  const { text, words } = context;
  let end = first + 1;
  for (let at = end; at < words.length && at < first + MAX_RUN; at += 1) {
    const word = words[at] as Word;
    if (!word.joined) break;
    // `Anna Nachname: Quist`: a label of a form begins there.
    if (word.capital && isLabel(text, word) && (isOrdinary(context, word) || (word.shouted && word.text.length <= 4))) break;
    if (word.capital) end = at + 1;
    else if (!INSIDE.has(word.folded)) break;
  }
  return end;
}

/** Drops what stands before the name at the start of a sentence (`Is`, `Can`, `Thanks`) and titles; and ordinary words behind it. */
function trimmed(context: PersonContext, first: number, end: number): readonly [number, number] {
  const { text, words, language, lists } = context;
  let [from, to] = [first, end];
  while (from < to) {
    const word = words[from] as Word;
    // What is left of `Ik ben Anna`.
    if (!word.capital && INSIDE.has(word.folded)) {
      from += 1;
      continue;
    }
    const next = words[from + 1];
    if (from === first && introductionOf(before(text, word.start), language) === 'firmly' && !TITLES.has(word.folded)) break;
    const isTitle = TITLES.has(word.folded);
    const startsSentence =
      word.opening &&
      isOrdinary(context, word) &&
      !(lists.isGiven(word.folded) && from + 1 < to && next !== undefined && !isOrdinary(context, next));
    if (!isTitle && !startsSentence && !(word.opening && INSIDE.has(word.folded))) break;
    from += 1;
  }
  while (
    to > from &&
    SUFFIX.has((words[to - 1] as Word).folded) === false &&
    INSIDE.has((words[to - 1] as Word).folded) &&
    !(words[to - 1] as Word).capital
  )
    to -= 1;
  return [from, to];
}

const ENOUGH = 0.5;

/** Small words of a name in front of its first capital: `van der Velde`. Articles of other languages only behind a label. */
function particles({ text, words, language }: PersonContext, first: number): number {
  let from = first;
  while (from > 0 && from > first - 3 && (words[from] as Word).joined && NOBLE.has((words[from - 1] as Word).text)) from -= 1;
  const previous = words[from - 1];
  const isLabelled =
    from === first &&
    (words[from] as Word).joined &&
    previous !== undefined &&
    INSIDE.has(previous.text) &&
    introductionOf(before(text, previous.start), language) === 'firmly';
  return isLabelled ? from - 1 : from;
}

function guessRuns(context: PersonContext, report: Report): void {
  const { text, words, language } = context;
  for (let at = 0; at < words.length; ) {
    if (!(words[at] as Word).capital) {
      at += 1;
      continue;
    }
    const end = runEnd(context, at);
    let [from, to] = trimmed(context, at, end);
    at = end;
    // `Kontoinhaber Anna Quist`, `Customer Anna Quist`: what introduces a name may have a capital too.
    for (let inner = from + 1; inner < to && inner <= from + 4; inner += 1) {
      if (!(words[inner] as Word).capital) continue;
      const previous = words[inner - 1] as Word;
      const tails = [before(text, (words[inner] as Word).start), before(text, (words[particles(context, inner)] as Word).start)];
      const isIntroduced = tails.some(
        (tail) =>
          INTRODUCES.test(tail) || ((previous.opening || language === 'de' || isOrdinary(context, previous)) && MAY_INTRODUCE.test(tail)),
      );
      if (isIntroduced || ((language === 'de' || isOrdinary(context, previous)) && tails.some((tail) => SUGGESTS.test(tail)))) from = inner;
    }
    if (from >= to) continue;
    const begin = (words[particles(context, from)] as Word).start;
    const introduced = introductionOf(before(text, begin), language);
    // `hier ist Anna Quist Bestellung`: ordinary words behind an introduced name are not of it.
    while (
      introduced !== 'no' &&
      language === 'de' &&
      to - from > 1 &&
      isOrdinary(context, words[to - 1] as Word) &&
      !isListed(context, words[to - 1] as Word)
    )
      to -= 1;
    const score = weigh(context, { first: from, end: to, introduced });
    if (score < ENOUGH) continue;
    report(
      (words[introduced === 'firmly' ? particles(context, from) : from] as Word).start,
      (words[to - 1] as Word).end,
      'PERSON',
      Math.min(0.95, score),
    );
  }
}

/** Later mentions of somebody by one of the names guessed before. */
function guessAgain({ words, lists }: PersonContext, found: ReadonlySet<string>, report: Report): void {
  for (const word of words) {
    if (word.capital && found.has(word.folded) && !lists.isWord(word.folded)) report(word.start, word.end, 'PERSON', 0.7);
  }
}

export function guessPersons(context: PersonContext, report: Report): void {
  const names = new Set<string>();
  let next = 0;
  // Runs are reported in order, so that every word is passed once.
  const noting: Report = (start, end, type, confidence) => {
    for (; next < context.words.length && (context.words[next] as Word).start < end; next += 1) {
      const part = context.words[next] as Word;
      if (part.start >= start && part.capital && part.text.length >= 4) names.add(part.folded);
    }
    report(start, end, type, confidence);
  };
  guessRuns(context, noting);
  guessSmall(context, report);
  guessSignature(context, report);
  if (names.size > 0) guessAgain(context, names, report);
}
