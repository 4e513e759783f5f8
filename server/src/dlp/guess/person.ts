// Guesses names of people nobody told us about. A run of capital words is a candidate; the words around it, lists of names, e-mail
// addresses in the same text and the shape of the words are weighed. A title of a product, a body or a place is no person.

import { foldText } from '../fold.ts';
import type { Report } from '../types.ts';
import { isGood } from './goods.ts';
import {
  ARTICLE,
  CAPITALISED,
  CLOSES,
  FAMILY_ENDING,
  FOLLOWS,
  FOLLOWS_FAINTLY,
  INSIDE,
  INTRODUCES,
  MAY_INTRODUCE,
  NEIGHBOUR,
  NEIGHBOUR_BEFORE,
  NO_PERSON,
  SUGGESTS,
} from './name-context.ts';
import { isOtherWord } from './other-words.ts';
import {
  before,
  type Introduction,
  introductionOf,
  isInitial,
  isInMailbox,
  isListed,
  isOrdinary,
  type PersonContext,
} from './person-context.ts';
import { guessSignature, guessSmall } from './small-names.ts';
import { TITLES, type Word } from './words.ts';

/** Before a colour, a size, a model. */
const IS_LIKE =
  /(?:^|[^\p{L}])(?:colou?r|farbe|farbton|coloris|couleur|colore|kleur|shade|size|größe|taille|talla|taglia|maat|modell?|modelo|modello|modèle|style|edition|version|code|gutscheincode|sku|referencia|référence|batch|pay (?:with|via|by|using)|paid (?:with|via|by)|sell on|sold on|buy on|bought on|brand|marke|marque|marca|merk)[:,]?\s{1,2}$/iu;
/** Before a town rather than a person. */
const TO_A_PLACE =
  /(?:^|[^\p{L}])(?:in|from|to|near|at|via|around|nach|aus|à|a|en|desde|hasta|da|di|de|naar|te|uit|deliver to|our|unser[e]?|votre|nuestra)\s$/iu;
/** Words behind a name that are no thing: what somebody does, and small words. */
const BEHIND_A_NAME =
  /^(?:and|or|but|if|because|so|that|who|whom|whose|when|while|where|with|without|from|for|to|at|in|on|of|by|about|after|before|until|since|as|than|then|now|today|tomorrow|yesterday|tonight|here|there|again|also|too|only|just|still|already|always|never|not|please|thanks|is|was|are|were|be|been|has|have|had|do|does|did|will|would|can|could|should|may|might|must|i|you|he|she|we|they|it|my|your|his|her|our|their|me|him|us|them|this|the|an?|personally|directly|instead|first|next|last|out|up|down|back|over|who|said|says|told|asked|told|took|takes|made|makes|gets|got|went|goes|came|comes|saw|sees|knew|knows|found|finds|kept|keeps|let|lets|put|puts|ran|runs|read|reads|sat|sold|sells|spoke|speaks|stood|taught|thought|tries|tried|used|uses|wants?|wore|wrote|writes|loves?|loved|hates?|lives?|works?|plays?|needs?|thinks?|\p{L}+ed|\p{L}+ly)$/iu;

/** Small words before people in Romance languages. */
const TOWARDS = /(?:^|[^\p{L}])(?:a|ad|à|que|che)\s$/iu;
const OF = /(?:^|[^\p{L}])(?:of|van|von|de|di|del|d['’])\s?$/iu;

const MAX_RUN = 6;
const AFTER = 80;
const SUFFIX = new Set(['jr', 'sr', 'ii', 'iii', 'iv', 'dds', 'phd', 'md']);

const NOBLE = new Set(['van', 'von', 'vom', 'zu', 'der', 'den', 'ter', 'ten', 'te', 'bin', 'ibn', 'dos', 'del', 'della', 'di']);

/** One past the last word of the run of capital words that begins at `first`. */
const isLabel = (text: string, { end }: Word): boolean => /^\s?[:=](?!\/)/.test(text.slice(end, end + 2));

function runEnd({ text, words }: PersonContext, first: number): number {
  let end = first + 1;
  for (let at = end; at < words.length && at < first + MAX_RUN; at += 1) {
    const word = words[at] as Word;
    if (!word.joined) break;
    // `Anna Nachname: Quist`: a label of a form begins there.
    if (word.capital && isLabel(text, word)) break;
    if (word.capital) end = at + 1;
    else if (!INSIDE.has(word.folded)) break;
  }
  return end;
}

interface Run {
  readonly first: number;
  readonly end: number;
  readonly introduced: Introduction;
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

/** From 0 to 1, how much says that words `first` to `end` are a person. */
function weigh(context: PersonContext, { first, end, introduced }: Run): number {
  const { text, words, language, lists } = context;
  const run = words.slice(first, end).filter((word) => word.capital);
  const start = (words[first] as Word).start;
  const stop = (words[end - 1] as Word).end;
  const last = run.at(-1) as Word;
  const head = run[0] as Word;
  const lead = before(text, start);
  const after = text.slice(stop, stop + AFTER);
  const full = run.filter((word) => !isInitial(word) && !SUFFIX.has(word.folded) && !INSIDE.has(word.folded));
  if (full.length === 0) return 0;
  const strange = full.filter((word) => !isOrdinary(context, word));
  const inMail = full.some((word) => isInMailbox(context, word) && (!lists.isWord(word.folded) || lists.isGiven(word.folded)));
  // `NOEL15`, `color Azul Marino`: a code, or what a thing is like.
  if (/^\d/.test(after) || IS_LIKE.test(lead)) return 0;
  // `Johnson & Johnson`, `Ben & Jerry's`: a firm. Two given names are two people unless what is theirs follows.
  const other = /^ & (\p{Lu}[\p{L}’'-]*)/u.exec(after)?.[1] ?? /(\p{Lu}[\p{L}’'-]*) & $/u.exec(lead)?.[1];
  if (other !== undefined && full.length === 1) {
    const names = [head.folded, foldText(other.replace(/['’]s$/, ''))];
    const isPair = names[0] !== names[1] && names.every((name) => lists.isGiven(name)) && !/^(?: & \p{Lu}\p{L}*)?['’]s /u.test(after);
    if (!isPair) return 0;
  }
  // `Dr. Quist 1460`: a model, not a doctor.
  if (/^(?:['’]s)? \d{1,5}(?![\d:/]|[.-]\d)(?! \p{Lu})/u.test(after)) return 0;
  if (introduced !== 'no') {
    const isPlain = full.every((word) => isOrdinary(context, word) && !isListed(context, word));
    if (full.every((word) => CAPITALISED.has(word.folded) && !isListed(context, word))) return 0;
    if (full.length > 1 && full.every((word) => isOtherWord(language, word.folded, false))) return 0;
    if (introduced === 'firmly') return full.some((word) => NO_PERSON.has(word.folded)) ? 0 : 0.95;
    if (!isPlain && !(lists.isWord(last.folded) && !lists.isFamily(last.folded) && full.length > 1)) return 0.9;
  }
  if (inMail) return 0.92;
  if (
    full.some((word) => NO_PERSON.has(word.folded)) ||
    full.some((word) => CAPITALISED.has(word.folded) && (full.length === 1 || !lists.isGiven(word.folded)))
  )
    return 0;
  // Towns: not from the name alone.
  const isPlace = lists.isPlace(full.map(({ folded }) => folded).join('-'));
  if (isPlace) {
    if (full.length > 1 || TO_A_PLACE.test(lead)) return 0;
    if (!lists.isGiven(head.folded) && !(lists.isFamily(head.folded) && FOLLOWS.test(after))) return 0;
  }
  // A title of something: its last word is a thing (`... Lamp`), or a model number follows.
  const lastIsThing = lists.isWord(last.folded) && (!lists.isFamily(last.folded) || !lists.isGiven(head.folded) || full.length !== 2);
  if (lastIsThing && full.length > 1) return 0;
  if (/^ (?:\d(?!\d?:\d\d|\d?[./]\d)|[A-Z]{1,5}-?\d)/.test(after)) return 0;
  const thing = /^ (\p{Ll}[\p{L}]{2,})/u.exec(after)?.[1];
  const followed = FOLLOWS.test(after);
  if (thing !== undefined && !followed && isGood(foldText(thing))) return 0;
  // `20 Quist cups`, `la lampe Louise`: counted, or named after what it is.
  if (thing !== undefined && /(?:^|[^\d.,:])\d{1,3} $/.test(lead)) return 0;
  const noun = /(\p{L}{3,20}) $/u.exec(lead)?.[1];
  if (noun !== undefined && isGood(foldText(noun))) return 0;
  if (full.length > 1 && isGood(head.folded) && !lists.isGiven(head.folded)) return 0;
  // `an` is no article there.
  if (ARTICLE.test(lead) && !(language === 'de' && / an $/.test(lead))) {
    // `the Anna Quist version`: a whole name.
    if (thing !== undefined && !followed && full.length > 1)
      return strange.length === full.length && lists.isGiven(head.folded) && (run.some(isInitial) || lists.isFamily(last.folded))
        ? 0.52
        : 0;
    if (thing !== undefined && !followed)
      return full.length === 1 && !lists.isGiven(head.folded) && FAMILY_ENDING.test(last.folded) ? 0.55 : 0;
    return full.length > 1 && strange.length === full.length && lists.isGiven(head.folded) && lists.isFamily(last.folded) ? 0.5 : 0;
  }
  let score = 0;
  const suggested = SUGGESTS.test(lead);
  const alone = CLOSES.test(lead) && /^\s*(?:[.!,]?\s*$|\n)/.test(after);
  if (lists.isGiven(head.folded)) score += lists.isWord(head.folded) ? 0.2 : 0.45;
  if (full.length > 1 && lists.isFamily(last.folded)) score += lists.isWord(last.folded) ? 0.15 : 0.3;
  if (full.length === 1 && lists.isFamily(last.folded) && !lists.isWord(last.folded)) score += 0.2;
  if (FAMILY_ENDING.test(last.folded) && strange.includes(last)) score += 0.2;
  if (full.length > 1 && strange.length === full.length && full.length <= 4) score += language === 'de' ? 0.25 : 0.35;
  if ([1, 2, 3, 4].some((gap) => context.streets.has(stop + gap))) score += 0.35;
  if (run.some(isInitial) && full.length > 1) score += 0.25;
  if (suggested) score += 0.25;
  if (followed) score += 0.25;
  else if (FOLLOWS_FAINTLY.test(after)) score += 0.15;
  const beside = [NEIGHBOUR.exec(after)?.[1], NEIGHBOUR_BEFORE.exec(lead)?.[1]].filter((word) => word !== undefined).map(foldText);
  if (beside.some((word) => (lists.isGiven(word) || lists.isFamily(word)) && !lists.isWord(word) && !lists.isPlace(word))) score += 0.2;
  else if (beside.length > 0) score += 0.1;
  // `Anna: are you coming?`
  if (full.length === 1 && /^: \p{L}/u.test(after) && lists.isGiven(head.folded) && strange.length === 1) score += 0.1;
  if (full.length > 1 && OF.test(lead)) score += 0.15;
  if (['fr', 'es', 'it'].includes(language) && TOWARDS.test(lead)) score += 0.2;
  // A word of no language we know, where a person would stand.
  if (full.length === 1 && strange.length === 1 && language === 'en' && !head.shouted && (followed || suggested))
    score += head.opening ? 0.25 : 0.15;
  if (alone && full.length <= 4) score += 0.35;
  if (/^\s?[(,]/.test(after) && full.length > 1) score += 0.1;
  if (full.length === 1 && strange.length === 1 && !head.opening && language === 'en') score += 0.15;
  if (full.length === 1 && run.some(isInitial) && strange.length === 1) score += 0.3;
  // Outside English and German a capital in the middle of a sentence is a name's.
  const alone1 = full.length === 1 && strange.length === 1;
  if (alone1 && language !== 'en' && lists.isGiven(head.folded) && !isPlace) score += 0.1;
  if (
    alone1 &&
    language !== 'en' &&
    language !== 'de' &&
    !head.opening &&
    !head.shouted &&
    !isPlace &&
    !/(?:^|\s)(?:de|di|van|d['’])\s?$/iu.test(lead)
  )
    score += suggested || followed ? 0.2 : 0.05;
  // `one Clara teapot`: a thing right behind the name, and nothing somebody does.
  if (
    language === 'en' &&
    full.length === 1 &&
    thing !== undefined &&
    !followed &&
    lists.isWord(foldText(thing)) &&
    !BEHIND_A_NAME.test(thing)
  )
    score -= 0.25;
  if (full.every((word) => word.shouted)) score -= 0.15;
  if (strange.length === 0) score -= 0.3;
  return score;
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
