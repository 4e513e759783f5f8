// The shipped word lists, and guesses of a text in short form, for tests.

import { readFileSync } from 'node:fs';
import { type Catalogue, createNameLists, detect, type KnownMatcher } from '../index.ts';

const read = (name: string): string => readFileSync(new URL(`../lists/${name}.txt`, import.meta.url), 'utf8');

export const lists = createNameLists({
  given: read('given-names'),
  family: read('family-names'),
  words: read('english-words'),
  places: read('places'),
});

/** `TYPE:text` of everything personal found with guessing on. */
export function found(
  text: string,
  options: { readonly language?: string; readonly catalogue?: Catalogue; readonly known?: KnownMatcher } = {},
): readonly string[] {
  const { language = null, catalogue = null, known } = options;
  const spans = detect(text, { ...(known === undefined ? {} : { known }), guessing: { lists, language, catalogue } });
  return spans.filter(({ personal }) => personal).map(({ start, end, type }) => `${type}:${text.slice(start, end)}`);
}
