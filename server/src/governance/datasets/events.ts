// Events of datasets and of opt-outs: who imported, read and exported what, and who read in the clear. Counts and digests, never a value.

import { type EventCatalogue, fact } from '#core';

const { count, flag, hash, listOf, name, optional, reference, word } = fact;
const HASH = '9f2c1ab04d7e6f3389aa5c1be2470d119f2c1ab04d7e6f3389aa5c1be2470d11';
const WINDOW = 'dra_01a205c7-6c11-7d2e-8a4b-91d0f3a6b2c4';
const GRANT = 'dgr_01a205c7-6c11-7d2e-8a4b-91d0f3a6b2c4';
const READ = {
  hash,
  columns: listOf(name),
  rows: count,
  raw: flag,
  use: optional(word),
  optedOut: optional(count),
  window: optional(reference),
};

export const datasetEvents: EventCatalogue = [
  {
    type: 'governance.dataset.imported',
    meaning: 'A person imported a dataset, or a new version of it; the digest is of the bytes that came.',
    facts: {
      hash,
      version: count,
      rows: count,
      columns: count,
      changed: flag,
      cardsDropped: optional(count),
      codesDropped: optional(count),
    },
    example: { hash: HASH, version: 1, rows: 1200, columns: 8, changed: false, cardsDropped: 2, codesDropped: 1 },
    privileged: true,
  },
  {
    type: 'governance.dataset.read',
    meaning: 'Somebody read rows of a dataset: as pseudonyms, or in the clear within an open window.',
    facts: READ,
    example: { hash: HASH, columns: ['email'], rows: 50, raw: false },
  },
  {
    type: 'governance.dataset.exported',
    meaning: 'Somebody exported rows of a dataset, page by page.',
    facts: READ,
    example: { hash: HASH, columns: ['email'], rows: 500, raw: false, use: 'ad_sharing', optedOut: 3 },
  },
  {
    type: 'governance.dataset.raw_opened',
    meaning: 'A person opened a dataset in the clear for themselves, for a reason and at most 60 minutes; it ends by itself.',
    facts: { window: reference, minutes: count, rows: count },
    example: { window: WINDOW, minutes: 30, rows: 1200 },
    privileged: true,
  },
  {
    type: 'governance.dataset.raw_ended',
    meaning: 'A person ended their reading in the clear before its time.',
    facts: { windows: count },
    example: { windows: 1 },
  },
  {
    type: 'governance.dataset.granted',
    meaning: 'A person said who reads which columns and rows of a dataset.',
    facts: { grant: reference, to: name, columns: listOf(name), filtered: flag },
    example: { grant: GRANT, to: 'role:analyst', columns: ['email'], filtered: false },
    privileged: true,
  },
  {
    type: 'governance.dataset.ungranted',
    meaning: 'A person ended a grant of a dataset.',
    facts: { grant: reference },
    example: { grant: GRANT },
    privileged: true,
  },
  {
    type: 'governance.dataset.removed',
    meaning: 'A person removed a dataset with all its rows.',
    facts: {},
    example: {},
    privileged: true,
  },
  {
    type: 'governance.opt_out.recorded',
    meaning: 'Customers opted out of a use of their data; they are counted, and named nowhere.',
    facts: { people: count, uses: listOf(word), source: word, field: optional(name) },
    example: { people: 1, uses: ['ad_sharing', 'sale'], source: 'gpc' },
  },
  {
    type: 'governance.opt_out.withdrawn',
    meaning: 'An opt-out of customers was taken back.',
    facts: { people: count, uses: listOf(word), source: word },
    example: { people: 1, uses: ['sale'], source: 'request' },
    privileged: true,
  },
  {
    type: 'governance.opt_out.honoured',
    meaning: 'Records of customers who opted out were kept from a call that was declared for such a use.',
    facts: { integration: name, workflow: optional(name), uses: listOf(word), left: count, refused: flag },
    example: { integration: 'shop', workflow: 'ad-audience', uses: ['ad_sharing'], left: 2, refused: false },
  },
];
