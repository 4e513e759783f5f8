// What a pack consists of: its manifest, the names its files must have, and their digests. FORMAT.md section 4.

import { createHash } from 'node:crypto';
import { type Lines, nextLine, readLines } from './lines.ts';
import { count, type Fields, fieldsOf, malformed, Unverified } from './unverified.ts';
import type { Zip } from './zip.ts';

export const TILE_WIDTH = 256;
const MAX_MANIFEST_BYTES = 1024 * 1024;
const MAX_HEADS = 1024;
const MAX_CONSISTENCY = 100_000;
const MAX_KEYS = 1000;
/** Of the files that nothing is read from: the words, and the copy of the verifier. */
const MAX_WORDS_BYTES = 4 * 1024 * 1024;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
/** It is shown to a person, and a hostile pack may come without a key to trust. */
const TENANT = /^ten_[\w-]{1,80}$/;
const MEMBERS = [
  'format',
  'version',
  'tenant',
  'epoch',
  'origin',
  'keys',
  'rotations',
  'createdAt',
  'size',
  'events',
  'openings',
  'unsealed',
  'heads',
  'consistency',
  'shows',
  'range',
  'filter',
];

/** `whole`: every event from 0. `range`: every event from one number to another. `selection`: each event for itself. */
export type Shows = 'whole' | 'range' | 'selection';

export interface Manifest {
  readonly tenant: string;
  readonly epoch: number;
  readonly origin: string;
  readonly keys: readonly string[];
  readonly rotations: readonly unknown[];
  readonly createdAt: string;
  /** Events of the tenant under the checkpoint. */
  readonly size: number;
  /** Events in the pack. */
  readonly events: number;
  /** Opened payloads; null when none were asked for. */
  readonly openings: number | null;
  readonly unsealed: number;
  readonly heads: number;
  readonly consistency: number;
  readonly shows: Shows;
  /** Of a range: the numbers that are shown to be complete, from the first to before the second. */
  readonly range: { readonly from: number; readonly to: number } | null;
  readonly filter: Fields | null;
}

function texts(value: unknown): string[] {
  if (!Array.isArray(value) || value.length > MAX_KEYS || value.some((entry) => typeof entry !== 'string')) {
    throw malformed('A list of the manifest is not one.');
  }
  return value as string[];
}

function parseRange(value: unknown, size: number): { from: number; to: number } {
  const fields = (value ?? {}) as Fields;
  if (Object.keys(fields).join() !== 'from,to') throw malformed('The range of the manifest is not one.');
  const range = { from: count(fields.from), to: count(fields.to) };
  if (range.from > range.to || range.to > size) throw malformed('The range of the manifest is not one.');
  return range;
}

/** Times are compared as texts with those of leaves, so they must have their one form. */
function isTimeFilter(filter: Fields | null): boolean {
  const times = Object.values(filter ?? {});
  return (
    Object.keys(filter ?? {}).join() === 'from,to' && times.every((time) => time === null || (typeof time === 'string' && TIME.test(time)))
  );
}

export function readManifest(zip: Zip): Manifest {
  const text = zip.read('manifest.json', MAX_MANIFEST_BYTES).toString('utf8');
  if (!text.endsWith('\n')) throw malformed('The manifest is cut off.');
  const fields = fieldsOf(text.slice(0, -1), MEMBERS, 2);
  if (fields.format !== 'sallyport-audit-pack' || fields.version !== 2) throw malformed('Not a pack of version 2.');
  const { tenant, origin, createdAt, shows, filter } = fields;
  if (
    typeof tenant !== 'string' ||
    !TENANT.test(tenant) ||
    typeof origin !== 'string' ||
    typeof createdAt !== 'string' ||
    typeof filter !== 'object'
  ) {
    throw malformed('A member of the manifest is not what it must be.');
  }
  if (shows !== 'whole' && shows !== 'range' && shows !== 'selection') throw malformed('The manifest does not say what the pack shows.');
  const size = count(fields.size);
  const range = shows === 'range' ? parseRange(fields.range, size) : null;
  const manifest: Manifest = {
    tenant,
    origin,
    createdAt,
    shows,
    size,
    range,
    epoch: count(fields.epoch),
    keys: texts(fields.keys),
    rotations: texts(fields.rotations),
    events: count(fields.events),
    openings: fields.openings === null ? null : count(fields.openings),
    unsealed: count(fields.unsealed),
    heads: count(fields.heads),
    consistency: count(fields.consistency),
    filter: filter as Fields | null,
  };
  if (shows === 'range' && !isTimeFilter(manifest.filter)) throw malformed('The time of the manifest is not of the form of times.');
  const { first, last } = spanOf(manifest);
  const isFull = shows === 'selection' ? manifest.events <= size : manifest.events === last - first;
  if (!isFull || (shows !== 'range' && fields.range !== null) || (shows === 'whole') !== (filter === null) || size < 1) {
    throw malformed('The manifest contradicts itself.');
  }
  if (manifest.heads < 1 || manifest.heads > MAX_HEADS || manifest.consistency > MAX_CONSISTENCY) {
    throw malformed('The manifest has too many or too few heads or proofs.');
  }
  return manifest;
}

/** The numbers of the events in the pack, from the first to before the last: those of the range and its neighbours. */
export function spanOf({ shows, size, range }: Manifest): { first: number; last: number } {
  if (shows === 'whole' || range === null) return { first: 0, last: size };
  return { first: Math.max(0, range.from - 1), last: Math.min(size, range.to + 1) };
}

/** Path of a tile of c2sp.org/tlog-tiles. */
export function tilePath(level: number, index: number, width: number): string {
  const digits = String(index).padStart(Math.ceil(String(index).length / 3) * 3, '0');
  const parts = digits.match(/.{3}/g) as string[];
  const name = parts.map((part, at) => (at === parts.length - 1 ? part : `x${part}`)).join('/');
  return `tile/${level}/${name}${width === TILE_WIDTH ? '' : `.p/${width}`}`;
}

/** Hashes on a level of the tiles of a tree: complete subtrees of `256 ** level` leaves. */
export function hashesOn(level: number, size: number): number {
  return Math.floor(size / TILE_WIDTH ** level);
}

/** Whether a leaf tile is in the pack: those with an event of the pack, and the incomplete one at the right edge. */
export function hasLeafTile(manifest: Manifest, index: number): boolean {
  const { first, last } = spanOf(manifest);
  const start = index * TILE_WIDTH;
  return (start < last && start + TILE_WIDTH > first) || start + TILE_WIDTH > manifest.size;
}

function tileNames(manifest: Manifest): string[] {
  const names: string[] = [];
  for (let level = 0; hashesOn(level, manifest.size) > 0; level += 1) {
    const hashes = hashesOn(level, manifest.size);
    for (let index = 0; index * TILE_WIDTH < hashes; index += 1) {
      if (level > 0 || hasLeafTile(manifest, index)) {
        names.push(tilePath(level, index, Math.min(TILE_WIDTH, hashes - index * TILE_WIDTH)));
      }
    }
  }
  return names;
}

/** Files in the one order they have, each exactly when the manifest says so. */
function namesOf(manifest: Manifest, hasWitnessed: boolean): string[] {
  const names = ['README.txt', 'sallyport-verify.mjs', 'checkpoint.note'];
  if (hasWitnessed) names.push('witnessed.note');
  if (manifest.epoch > 1) names.push('epochs.ndjson');
  names.push('heads.ndjson', 'consistency.ndjson');
  if (manifest.shows !== 'selection') for (const name of tileNames(manifest)) names.push(name);
  names.push('events.ndjson');
  if (manifest.openings !== null) names.push('openings.ndjson');
  if (manifest.shows === 'selection') names.push('proofs.ndjson');
  names.push('manifest.json', 'SHA256SUMS', 'signature.note');
  return names;
}

export function checkNames(zip: Zip, manifest: Manifest): void {
  if (manifest.size > zip.names.length * TILE_WIDTH ** 2 && manifest.shows !== 'selection') throw malformed('The pack lacks tiles.');
  const wanted = namesOf(manifest, zip.names.includes('witnessed.note'));
  wanted.forEach((name, at) => {
    if (zip.names[at] === name) return;
    if (!zip.names.includes(name)) throw new Unverified('PACK_TRUNCATED', `The pack lacks ${name}.`, { file: name });
    throw new Unverified('PACK_MALFORMED', `A file stands where ${name} must be.`, { file: zip.names[at] as string });
  });
  const extra = zip.names[wanted.length];
  if (extra !== undefined) throw new Unverified('PACK_MALFORMED', 'There is a file in the pack that is no part of one.', { file: extra });
}

/** Lines of a file of the pack; its digest is kept for the comparison at the end. */
export interface Sums {
  lines(name: string, maxBytes?: number): Lines;
  read(name: string, maxBytes: number): Buffer;
  /** The file that was read last. */
  readonly current: string;
  /** Compares every file with the list of digests, and gives the digest of the list itself, in base64. */
  compare(): Promise<string>;
}

export function openSums(zip: Zip): Sums {
  const digests = new Map<string, string>();
  const opened = new Map<string, Lines>();
  let current = 'manifest.json';
  const digestOf = async (name: string): Promise<string> => {
    const known = digests.get(name) ?? opened.get(name)?.digest();
    if (known !== undefined && known !== null) return known;
    if ((zip.sizeOf(name) ?? 0) > MAX_WORDS_BYTES) throw malformed('A file of words is larger than any of a pack.', name);
    const digest = createHash('sha256');
    for await (const piece of zip.stream(name)) digest.update(piece);
    return digest.digest('hex');
  };
  return {
    get current() {
      return current;
    },
    lines(name, maxBytes) {
      current = name;
      const lines = readLines(zip.stream(name), name, maxBytes);
      opened.set(name, lines);
      return lines;
    },
    read(name, maxBytes) {
      current = name;
      const bytes = zip.read(name, maxBytes);
      digests.set(name, createHash('sha256').update(bytes).digest('hex'));
      return bytes;
    },
    async compare() {
      current = 'SHA256SUMS';
      const listed = readLines(zip.stream('SHA256SUMS'), 'SHA256SUMS');
      for (const name of zip.names.slice(0, -2)) {
        if ((await nextLine(listed)) !== `${await digestOf(name)}  ${name}`) {
          throw new Unverified('PACK_CHANGED', `The events are intact, but ${name} or its digest was changed.`, { file: name });
        }
      }
      if ((await nextLine(listed)) !== null) throw malformed('The list of digests names a file that is not there.', 'SHA256SUMS');
      return Buffer.from(listed.digest() as string, 'hex').toString('base64');
    },
  };
}
