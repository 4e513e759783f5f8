// The words of a text with what their writing says: capital, all capitals, first of a sentence, how they hang together.
// One pass; knows nothing about personal data.

import { foldText } from '../fold.ts';

export interface Word {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** Lower case, without accents and without what follows an apostrophe that is no part of a name (`Anna's`). */
  readonly folded: string;
  readonly capital: boolean;
  readonly shouted: boolean;
  /** First of a sentence, a line or a quotation, where everything has a capital. */
  readonly opening: boolean;
  /** What stands between it and the word before: nothing but one space, a full stop and a space after an initial, or more. */
  readonly joined: boolean;
}

/** A longer run of letters is read as several words: no name is so long. */
const WORD = /\p{L}[\p{L}\p{M}]{0,60}(?:['’\-‐][\p{L}\p{M}]{1,40}){0,4}/gu;
const ENDS_SENTENCE = /[.!?:;\n\r"“”„«»(>|–—•]/;
/** `al-Hamdan` too. */
const CAPITAL = /^(?:\p{Lu}|(?:al|el|as|ad|an)-\p{Lu})/u;
const LOWER = /\p{Ll}/u;
/** Abbreviated titles: the stop behind one ends no sentence. */
export const TITLES: ReadonlySet<string> = new Set(
  'mr mrs ms miss mx dr prof sir madam herr herrn frau monsieur madame mme mlle don dona senor senora sr sra sig signora signor dhr mevr officer st dott dottssa avv ing sgra sigra drs judge mss'.split(
    ' ',
  ),
);
/** Longest gap that is looked at. */
const MAX_GAP = 16;

function isOpening(text: string, from: number, start: number, previous: Word | null): boolean {
  if (previous === null) return true;
  const gap = text.slice(Math.max(from, start - MAX_GAP), start);
  if (!ENDS_SENTENCE.test(gap)) return false;
  // `D. Quist`: the stop belongs to the initial.
  return !(gap === '. ' && previous.capital && (previous.text.length <= 2 || TITLES.has(previous.folded)));
}

export function wordsOf(text: string): readonly Word[] {
  const words: Word[] = [];
  let previous: Word | null = null;
  for (const match of text.matchAll(WORD)) {
    const start = match.index;
    let written = match[0];
    // The genitive is no part of the name.
    if (/['’]s$/i.test(written)) written = written.slice(0, -2);
    const end = start + written.length;
    const from: number = previous?.end ?? 0;
    const gap = start - from > 3 ? '' : text.slice(from, start);
    const word: Word = {
      start,
      end,
      text: written,
      folded: foldText(written),
      capital: CAPITAL.test(written),
      shouted: written.length > 1 && CAPITAL.test(written) && !LOWER.test(written),
      opening: isOpening(text, from, start, previous),
      joined:
        previous !== null &&
        (gap === ' ' ||
          gap === '\u00a0' ||
          (gap === '. ' && previous.capital && (previous.text.length <= 2 || TITLES.has(previous.folded)))),
    };
    words.push(word);
    previous = word;
  }
  return words;
}
