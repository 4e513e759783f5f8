// Looks words up in the lists that are handed in: given names, family names, English words. Folded; a miss says little, a hit is evidence.

export interface NameLists {
  isGiven(folded: string): boolean;
  isFamily(folded: string): boolean;
  /** An everyday English word or a form of one. */
  isWord(folded: string): boolean;
  /** A town or city; words of one name joined by hyphens. */
  isPlace(folded: string): boolean;
}

function setOf(text: string): ReadonlySet<string> {
  return new Set(text.split(/\s+/));
}

/** Endings after which a word is the same word; what takes their place. */
const ENDINGS: readonly (readonly [ending: string, instead: string])[] = [
  ['s', ''],
  ['es', ''],
  ['ies', 'y'],
  ['ed', ''],
  ['d', ''],
  ['ing', ''],
  ['ing', 'e'],
  ['ly', ''],
  ['er', ''],
  ['ers', ''],
  ['able', ''],
  ['ness', ''],
];

/** Parts of a name that is written with a hyphen or an apostrophe. */
function parts(folded: string): readonly string[] {
  return folded.split(/['’‐-]/);
}

export function createNameLists(texts: {
  readonly given: string;
  readonly family: string;
  readonly words: string;
  readonly places: string;
}): NameLists {
  const [given, family, words, places] = [setOf(texts.given), setOf(texts.family), setOf(texts.words), setOf(texts.places)];
  const isPlainWord = (folded: string): boolean =>
    words.has(folded) ||
    ENDINGS.some(
      ([ending, instead]) =>
        folded.length > ending.length + 2 && folded.endsWith(ending) && words.has(folded.slice(0, -ending.length) + instead),
    );
  return {
    isGiven: (folded) => given.has(folded) || (folded.includes('-') && parts(folded).every((part) => given.has(part))),
    isFamily: (folded) => family.has(folded) || (/['’-]/.test(folded) && parts(folded).some((part) => family.has(part))),
    isPlace: (folded) => places.has(folded),
    isWord: (folded) =>
      isPlainWord(folded) || (/['’-]/.test(folded) && parts(folded).every((part) => part.length < 3 || isPlainWord(part))),
  };
}
