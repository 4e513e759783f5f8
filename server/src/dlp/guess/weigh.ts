// How much says that a run of words is a person: what rules it out, what introduces it, and the sum of weaker signs.
// Decides about one run and nothing else; what runs there are is decided in person.ts.

import { foldText } from '../fold.ts';
import { isGood } from './goods.ts';
import {
  ARTICLE,
  CAPITALISED,
  CLOSES,
  FAMILY_ENDING,
  FOLLOWS,
  FOLLOWS_FAINTLY,
  INSIDE,
  NEIGHBOUR,
  NEIGHBOUR_BEFORE,
  NO_PERSON,
  SUGGESTS,
} from './name-context.ts';
import { isOtherWord } from './other-words.ts';
import { before, type Introduction, isInitial, isInMailbox, isListed, isOrdinary, type PersonContext } from './person-context.ts';
import type { Word } from './words.ts';

const AFTER = 80;
export const SUFFIX: ReadonlySet<string> = new Set(['jr', 'sr', 'ii', 'iii', 'iv', 'dds', 'phd', 'md']);

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
/** `Can Anna pick it up?` */
const ASKS = /(?:^|[.!?\n]\s?)(?:can|could|will|would|does|did|has|should|may)\s$/iu;
/** The rest of a row of names, and the word in lower case behind it. */
const ROW = /^(?:, \p{Lu}[\p{L}’'-]{1,20}){0,4},? (?:and|or|&|und|oder|et|ou|y|e|o|en|of) \p{Lu}[\p{L}’'-]{1,20} (\p{Ll}\p{L}{2,})/u;
const OF = /(?:^|[^\p{L}])(?:of|van|von|de|di|del|d['’])\s?$/iu;

export interface Run {
  readonly first: number;
  readonly end: number;
  readonly introduced: Introduction;
}

/** A run with what is asked of it more than once. */
interface Shape {
  readonly run: readonly Word[];
  /** Its words without initials, suffixes and particles. */
  readonly full: readonly Word[];
  /** Those that are no everyday words. */
  readonly strange: readonly Word[];
  readonly head: Word;
  readonly last: Word;
  readonly stop: number;
  readonly lead: string;
  readonly after: string;
  readonly suggested: boolean;
  readonly followed: boolean;
  readonly isPlace: boolean;
  /** What stands in lower case right behind it. */
  readonly thing: string | null;
}

function shapeOf(context: PersonContext, { first, end }: Run): Shape | null {
  const { text, words, lists } = context;
  const run = words.slice(first, end).filter((word) => word.capital);
  const full = run.filter((word) => !isInitial(word) && !SUFFIX.has(word.folded) && !INSIDE.has(word.folded));
  if (full.length === 0) return null;
  const stop = (words[end - 1] as Word).end;
  const lead = before(text, (words[first] as Word).start);
  const after = text.slice(stop, stop + AFTER);
  return {
    run,
    full,
    strange: full.filter((word) => !isOrdinary(context, word)),
    head: run[0] as Word,
    last: run.at(-1) as Word,
    stop,
    lead,
    after,
    suggested: SUGGESTS.test(lead),
    followed: FOLLOWS.test(after),
    isPlace: lists.isPlace(full.map(({ folded }) => folded).join('-')),
    thing: /^ (\p{Ll}[\p{L}]{2,})/u.exec(after)?.[1] ?? null,
  };
}

/** A code, a colour, a firm, a model: no person whatever else is said. */
function isCode({ full, head, lead, after }: Shape, { lists }: PersonContext): boolean {
  // `NOEL15`, `color Azul Marino`: a code, or what a thing is like.
  if (/^\d/.test(after) || IS_LIKE.test(lead)) return true;
  // `Johnson & Johnson`, `Ben & Jerry's`: a firm. Two given names are two people unless what is theirs follows.
  const other = /^ & (\p{Lu}[\p{L}’'-]*)/u.exec(after)?.[1] ?? /(\p{Lu}[\p{L}’'-]*) & $/u.exec(lead)?.[1];
  if (other !== undefined && full.length === 1) {
    const names = [head.folded, foldText(other.replace(/['’]s$/, ''))];
    const isPair = names[0] !== names[1] && names.every((name) => lists.isGiven(name)) && !/^(?: & \p{Lu}\p{L}*)?['’]s /u.test(after);
    if (!isPair) return true;
  }
  // `Dr. Quist 1460`: a model, not a doctor.
  if (/^(?:['’]s)? \d{1,5}(?![\d:/]|[.-]\d)(?! \p{Lu})/u.test(after)) return true;
  return false;
}

/** What an introduction or an e-mail address of the text says; null when they say nothing. */
function introducedScore({ full, last }: Shape, context: PersonContext, introduced: Introduction): number | null {
  const { language, lists } = context;
  if (introduced !== 'no') {
    const isPlain = full.every(
      (word) => isOrdinary(context, word) && (!isListed(context, word) || isOtherWord(language, word.folded, true)),
    );
    if (full.every((word) => CAPITALISED.has(word.folded) && !isListed(context, word))) return 0;
    if (full.length > 1 && full.every((word) => isOtherWord(language, word.folded, false))) return 0;
    if (introduced === 'firmly') return full.some((word) => NO_PERSON.has(word.folded)) ? 0 : 0.95;
    if (!isPlain && !(lists.isWord(last.folded) && !lists.isFamily(last.folded) && full.length > 1)) return 0.9;
  }
  const inMail = full.some((word) => isInMailbox(context, word) && (!lists.isWord(word.folded) || lists.isGiven(word.folded)));
  return inMail ? 0.92 : null;
}

/** Bodies, towns, titles of things, what is counted and what stands beside goods. */
function isSomethingElse({ full, head, last, lead, after, followed, isPlace, thing }: Shape, { language, lists }: PersonContext): boolean {
  if (
    full.some((word) => NO_PERSON.has(word.folded)) ||
    full.some(
      ({ folded }) =>
        CAPITALISED.has(folded) && (full.length === 1 || !lists.isGiven(folded) || (folded === last.folded && !lists.isFamily(folded))),
    )
  )
    return true;
  // Towns: not from the name alone.
  if (isPlace) {
    if (full.length > 1 || TO_A_PLACE.test(lead)) return true;
    if (!lists.isGiven(head.folded) && !(lists.isFamily(head.folded) && followed)) return true;
  }
  // A title of something: its last word is a thing (`... Lamp`), or a model number follows.
  const lastIsThing =
    (language === 'en' || !lists.isGiven(head.folded)) &&
    lists.isWord(last.folded) &&
    (!lists.isFamily(last.folded) || !lists.isGiven(head.folded) || full.length !== 2);
  if (lastIsThing && full.length > 1) return true;
  if (/^ (?:\d(?!\d?:\d\d|\d?[./]\d)|[A-Z]{1,5}-?\d)/.test(after)) return true;
  if (thing !== null && !followed && isGood(foldText(thing))) return true;
  // `Clara, Emil and Ida bedding`: what stands behind the last of a row is what they all are.
  const row = full.length === 1 ? ROW.exec(after)?.[1] : undefined;
  if (row !== undefined && isGood(foldText(row))) return true;
  // `20 Quist cups`, `la lampe Louise`: counted, or named after what it is.
  if (thing !== null && /(?:^|[^\d.,:])\d{1,3} $/.test(lead)) return true;
  const noun = /(\p{L}{3,20}) $/u.exec(lead)?.[1];
  if (noun !== undefined && isGood(foldText(noun))) return true;
  // `Chaise Louise`: at the opening of a sentence a thing has a capital, too.
  if (full.length > 1 && isGood(head.folded) && (!lists.isGiven(head.folded) || (head.opening && language !== 'en'))) return true;
  return false;
}

/** Behind an article: a whole name of the lists, or a family's in front of what it made. */
function withArticle({ run, full, strange, head, last, followed, thing }: Shape, { lists }: PersonContext): number {
  // `the Anna Quist version`: a whole name.
  if (thing !== null && !followed && full.length > 1)
    return strange.length === full.length && lists.isGiven(head.folded) && (run.some(isInitial) || lists.isFamily(last.folded)) ? 0.52 : 0;
  if (thing !== null && !followed) return full.length === 1 && !lists.isGiven(head.folded) && FAMILY_ENDING.test(last.folded) ? 0.55 : 0;
  return full.length > 1 && strange.length === full.length && lists.isGiven(head.folded) && lists.isFamily(last.folded) ? 0.5 : 0;
}

function signs(
  { run, full, strange, head, last, stop, lead, after, suggested, followed, isPlace, thing }: Shape,
  context: PersonContext,
): number {
  const { text, language, lists } = context;
  let score = 0;
  const single = full.length === 1 && strange.length === 1;
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
  if (single && language === 'en' && !head.shouted && (followed || suggested)) score += head.opening ? 0.25 : 0.15;
  if (alone && full.length <= 4) score += 0.35;
  if (/^\s?[(,]/.test(after) && full.length > 1) score += 0.1;
  if (single && !head.opening && language === 'en') score += 0.15;
  // `K. Quist`.
  if (single && head !== last && isInitial(head) && text[head.end] === '.') score += 0.4;
  // `Ruud Verhoeven haalt ...`: two strange words with capitals, and the sentence goes on.
  if (language !== 'en' && language !== 'de' && full.length === 2 && strange.length === 2 && !head.shouted && /^ \p{Ll}{2}/u.test(after))
    score += 0.15;
  // Outside English and German a capital in the middle of a sentence is a name's.
  if (single && language !== 'en' && lists.isGiven(head.folded) && !isPlace) score += 0.1;
  if (
    single &&
    language !== 'en' &&
    language !== 'de' &&
    !head.opening &&
    !head.shouted &&
    !isPlace &&
    !/(?:^|\s)(?:de|di|van|d['’])\s?$/iu.test(lead)
  )
    score += suggested || followed ? 0.25 : 0.05;
  if (single && language === 'de' && suggested && lists.isFamily(last.folded) && !isPlace) score += 0.1;
  // `one Clara teapot`: a thing right behind the name, and nothing somebody does.
  if (
    language === 'en' &&
    full.length === 1 &&
    thing !== null &&
    !followed &&
    lists.isWord(foldText(thing)) &&
    !BEHIND_A_NAME.test(thing) &&
    !ASKS.test(lead)
  )
    score -= 0.25;
  if (full.every((word) => word.shouted)) score -= 0.15;
  if (strange.length === 0) score -= 0.3;
  return score;
}

/** `an` and `a` are articles in English alone, `de` in Dutch. */
function isPreposition(language: string, lead: string): boolean {
  if (language !== 'en' && /(?:^|[^\p{L}])an? $/iu.test(lead)) return true;
  return language !== 'nl' && language !== 'en' && /(?:^|[^\p{L}])de $/iu.test(lead);
}

/** From 0 to 1, how much says that words `first` to `end` are a person. */
export function weigh(context: PersonContext, run: Run): number {
  const shape = shapeOf(context, run);
  if (shape === null || isCode(shape, context)) return 0;
  const introduced = introducedScore(shape, context, run.introduced);
  if (introduced !== null) return introduced;
  if (isSomethingElse(shape, context)) return 0;
  if (ARTICLE.test(shape.lead) && !isPreposition(context.language, shape.lead)) return withArticle(shape, context);
  return signs(shape, context);
}
