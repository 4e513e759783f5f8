// Reads the word lists of dlp from beside the program: that room is pure and is handed them.

import { readFileSync } from 'node:fs';
import { createNameLists, type NameLists } from '#dlp';

const FOLDER = new URL('../dlp/lists/', import.meta.url);

export function loadNameLists(): NameLists {
  const read = (name: string): string => readFileSync(new URL(name, FOLDER), 'utf8');
  return createNameLists({
    given: read('given-names.txt'),
    family: read('family-names.txt'),
    words: read('english-words.txt'),
    places: read('places.txt'),
  });
}
