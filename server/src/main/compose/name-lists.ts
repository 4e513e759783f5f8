// Reads the word lists of dlp from beside the program, once at start: that room is pure and is handed them.

import { readFileSync } from 'node:fs';
import { createNameLists, type NameLists } from '#dlp';

const FOLDER = new URL('../../dlp/lists/', import.meta.url);

export function loadNameLists(): NameLists {
  const read = (name: string): string => readFileSync(new URL(`${name}.txt`, FOLDER), 'utf8');
  return createNameLists({
    given: read('given-names'),
    family: read('family-names'),
    words: read('english-words'),
    places: read('places'),
  });
}
