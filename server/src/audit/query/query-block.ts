// The index of one block of the log: the columns of its events, and a filter that says which blocks can not hold a word. Pure.
// It is made of the leaves alone and can be made again at any time; it finds events and proves nothing.

import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { COLUMNS, type Column, type EventFacts, MAX_WORD, metadataWords, namesOf } from './query-facts.ts';
import { columnToken, nameToken, wordToken } from './query-filter.ts';

/** Events of one block. Newer ones than the last whole block are read as they are. */
export const BLOCK = 1_024;
/** Raised when anything here or in query-facts.ts changes what is stored: the index is then made again, beside the old one. */
export const INDEX_VERSION = 2;

/** About 10,000 words and names stand in a block; this keeps wrong hits near one in two hundred. */
export const FILTER_BYTES = 16 * 1024;
const FILTER_BITS = FILTER_BYTES * 8;
const HASHES = 4;

// FNV-1a over UTF-16 units, with a final mix; two seeds make the independent hashes that double hashing needs.
const SEEDS = [0x811c9dc5, 0x9747b28c] as const;
const stir = (state: number, unit: number): number => Math.imul(state ^ unit, 0x01000193);
function stirAll(seed: number, text: string): number {
  let state = seed;
  for (let at = 0; at < text.length; at++) state = stir(state, text.charCodeAt(at));
  return state;
}
function mixed(state: number): number {
  const half = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d);
  return (half ^ (half >>> 13)) >>> 0;
}

/** The nth bit of a token whose two hashes have come so far, as `get_bit` of Postgres numbers them. */
const bitAt = (one: number, two: number, nth: number): number => (mixed(one) + Math.imul(nth, mixed(two) | 1)) & (FILTER_BITS - 1);

/** The bits of a token. */
export function bitsOf(token: string): readonly number[] {
  const [one, two] = [stirAll(SEEDS[0], token), stirAll(SEEDS[1], token)];
  return Array.from({ length: HASHES }, (_, nth) => bitAt(one, two, nth));
}

function put(filter: Buffer, one: number, two: number): void {
  for (let nth = 0; nth < HASHES; nth++) {
    const bit = bitAt(one, two, nth);
    filter[bit >> 3] = (filter[bit >> 3] as number) | (1 << (bit & 7));
  }
}

const putToken = (filter: Buffer, token: string): void => put(filter, stirAll(SEEDS[0], token), stirAll(SEEDS[1], token));

/**
 * Puts in every word of a leaf as it stands, its members' names and its tenant included: more than can be asked for, never less. Nearly
 * every leaf is plain ASCII without an escape and is read in one pass, without making a text of each word; false for any other.
 */
function putPlainWords(filter: Buffer, leaf: string): boolean {
  const [begin1, begin2] = [stirAll(SEEDS[0], wordToken('')), stirAll(SEEDS[1], wordToken(''))];
  let [one, two, length] = [begin1, begin2, 0];
  for (let at = 0; at <= leaf.length; at++) {
    let unit = at === leaf.length ? 0x22 : leaf.charCodeAt(at);
    if (unit >= 0x80 || unit === 0x5c) return false;
    if (unit >= 0x41 && unit <= 0x5a) unit |= 0x20;
    const isWord = (unit >= 0x30 && unit <= 0x39) || (unit >= 0x61 && unit <= 0x7a);
    if (isWord) {
      length += 1;
      if (length > MAX_WORD) continue;
      one = stir(one, unit);
      two = stir(two, unit);
    } else if (length > 0) {
      put(filter, one, two);
      [one, two, length] = [begin1, begin2, 0];
    }
  }
  return true;
}

/** Puts everything into a filter by which an event can be asked for. */
export function putEvent(filter: Buffer, event: EventFacts, leaf: string): void {
  if (!putPlainWords(filter, leaf)) for (const word of metadataWords(event)) putToken(filter, wordToken(word));
  for (const name of namesOf(event)) putToken(filter, nameToken(name));
}

export const emptyFilter = (): Buffer => Buffer.alloc(FILTER_BYTES);

export interface BlockIndex {
  readonly firstAtMs: number;
  readonly lastAtMs: number;
  readonly types: readonly string[];
  readonly filter: Buffer;
  readonly columns: Buffer;
}

interface Header {
  readonly size: number;
  readonly at0: number;
  /** Bytes of a time, from `at0` on: 4, or 8 for a block that spans weeks. */
  readonly atBytes: 4 | 8;
  /** Name, dictionary, and bytes of a code; code 0 is no value. A column without any value is left out. */
  readonly columns: readonly (readonly [Column, readonly string[], 1 | 2])[];
}

const HEADER_LENGTH_BYTES = 4;
/** Every column full of different values of the longest kind stays below it. */
const MAX_COLUMN_BYTES = 16 * 1024 * 1024;

function columnOf(events: readonly EventFacts[], column: Column): { values: string[]; codes: number[] } {
  const known = new Map<string, number>();
  const codes = events.map((event) => {
    const value = event.get(column);
    if (value === null) return 0;
    const code = known.get(value) ?? known.size + 1;
    known.set(value, code);
    return code;
  });
  return { values: [...known.keys()], codes };
}

/** `filter`: with every event put in. */
export function encodeBlock(events: readonly EventFacts[], filter: Buffer): BlockIndex {
  const times = events.map((event) => event.atMs);
  const [at0, lastAtMs] = [Math.min(...times), Math.max(...times)];
  const atBytes = lastAtMs - at0 < 2 ** 32 ? 4 : 8;
  const made = COLUMNS.map((name) => ({ name, ...columnOf(events, name) })).filter(({ values }) => values.length > 0);
  const header: Header = {
    size: events.length,
    at0,
    atBytes,
    columns: made.map(({ name, values }) => [name, values, values.length < 256 ? 1 : 2]),
  };
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(HEADER_LENGTH_BYTES);
  length.writeUInt32LE(text.length);
  const deltas = times.map((at) => at - at0);
  for (const { name, values } of made) for (const value of values) putToken(filter, columnToken(name, value));
  return {
    firstAtMs: at0,
    lastAtMs,
    types: made.find(({ name }) => name === 'type')?.values ?? [],
    filter,
    // A quarter of its size: what is fetched and decoded for a search through everything.
    columns: deflateRawSync(
      Buffer.concat([
        length,
        text,
        Buffer.from((atBytes === 4 ? Uint32Array : Float64Array).from(deltas).buffer),
        ...made.map(({ values, codes }) => Buffer.from((values.length < 256 ? Uint8Array : Uint16Array).from(codes).buffer)),
      ]),
      { level: 1 },
    ),
  };
}

function inflated(columns: Buffer): Buffer | null {
  try {
    return inflateRawSync(columns, { maxOutputLength: MAX_COLUMN_BYTES });
  } catch {
    return null;
  }
}

/** Whether two blocks say the same. The same columns may be packed into other bytes by another version of the packer. */
export function isSameBlock(one: BlockIndex, other: BlockIndex): boolean {
  const [columns, others] = [inflated(one.columns), inflated(other.columns)];
  return (
    one.firstAtMs === other.firstAtMs &&
    one.lastAtMs === other.lastAtMs &&
    [...one.types].sort().join('\n') === [...other.types].sort().join('\n') &&
    one.filter.equals(other.filter) &&
    columns !== null &&
    others !== null &&
    columns.equals(others)
  );
}

export interface DecodedColumn {
  readonly values: readonly string[];
  readonly codes: ArrayLike<number>;
}

export interface DecodedBlock {
  readonly size: number;
  atMs(offset: number): number;
  column(name: Column): DecodedColumn | null;
  get(offset: number, column: Column): string | null;
}

export function decodeBlock(stored: Buffer): DecodedBlock {
  const bytes = inflateRawSync(stored, { maxOutputLength: MAX_COLUMN_BYTES });
  const headerLength = bytes.readUInt32LE(0);
  const header = JSON.parse(bytes.toString('utf8', HEADER_LENGTH_BYTES, HEADER_LENGTH_BYTES + headerLength)) as Header;
  let at = HEADER_LENGTH_BYTES + headerLength;
  /** A copy: typed arrays must begin at a multiple of their width. */
  const take = (width: number): ArrayBuffer => {
    const part = new Uint8Array(bytes.subarray(at, at + width * header.size)).buffer;
    at += width * header.size;
    return part;
  };
  const deltas = header.atBytes === 4 ? new Uint32Array(take(4)) : new Float64Array(take(8));
  const columns = new Map<Column, DecodedColumn>(
    header.columns.map(([name, values, width]) => [
      name,
      { values, codes: width === 1 ? new Uint8Array(take(1)) : new Uint16Array(take(2)) },
    ]),
  );
  return {
    size: header.size,
    atMs: (offset) => header.at0 + (deltas[offset] ?? 0),
    column: (name) => columns.get(name) ?? null,
    get(offset, name) {
      const column = columns.get(name);
      return column === undefined ? null : (column.values[(column.codes[offset] ?? 0) - 1] ?? null);
    },
  };
}
