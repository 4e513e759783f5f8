// Every format in which events leave as a list: one table.

import { csvEvent, csvHeader } from './csv.ts';
import type { ListedLeaf } from './listed-leaf.ts';
import { ndjsonEvent } from './ndjson.ts';
import { ocsfEvent } from './ocsf.ts';

export interface Listing {
  readonly header: string;
  line(event: ListedLeaf): string;
}

export const LISTINGS = {
  csv: { header: csvHeader(), line: csvEvent },
  ndjson: { header: '', line: ndjsonEvent },
  ocsf: { header: '', line: ocsfEvent },
} as const satisfies Readonly<Record<string, Listing>>;

export type ListingFormat = keyof typeof LISTINGS;
