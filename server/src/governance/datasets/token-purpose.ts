// What the tokens of a dataset are for: datasets of one purpose join, those of different purposes do not; one without a purpose joins with none. Pure.

import type { DatasetRecord } from '../store/datasets.ts';

const MAX_WORDS = 32;

export function tokenPurposeOf(
  { name, purpose }: Pick<DatasetRecord, 'name' | 'purpose'>,
  digest: { sha256(value: string): string },
): string {
  const said = purpose.normalize('NFKC').trim().replace(/\s+/g, ' ').toLowerCase();
  if (said === '') return `dataset.${name}`.slice(0, 63);
  const words = said.replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '');
  // Another wording is another purpose, also where the words that are left look the same.
  return words === said && words.length <= MAX_WORDS
    ? `datasets.${words}`
    : `datasets.${words.slice(0, MAX_WORDS)}.${digest.sha256(said).slice(0, 12)}`;
}
