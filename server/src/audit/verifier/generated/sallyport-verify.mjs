#!/usr/bin/env node
// sallyport-verify: checks an export of a Sallyport audit log, offline. Needs Node 20 or newer and nothing else.
// Made from server/src/audit/verifier of the Sallyport sources by tools/verifier/build.ts. Licence: Apache-2.0.

import { createHash, createPublicKey, hash, verify } from 'node:crypto';
import { closeSync, fstatSync, openSync, readFileSync, readSync, realpathSync, writeFileSync } from 'node:fs';
import process, { argv, stderr, stdout } from 'node:process';
import { parseArgs } from 'node:util';
import { createInflateRaw } from 'node:zlib';

// Why a pack does not verify, and the strict parsing that every part of the verifier shares. What can not be parsed is refused.

class Unverified extends Error {
  code;
  seq;
  file;
  constructor(code, message, { seq = null, file } = {}) {
    super(message);
    this.code = code;
    this.seq = seq;
    this.file = file ?? null;
  }
}

/** The same failure, with the file it shows in when it names none. */
function inFile(failure, file) {
  if (!(failure instanceof Unverified) || failure.file !== null) return failure;
  return new Unverified(failure.code, failure.message, { seq: failure.seq, file });
}

function malformed(message, file) {
  return new Unverified('PACK_MALFORMED', message, file === undefined ? {} : { file });
}

function sha256(...parts) {
  return hash('sha256', parts.length === 1 ? parts[0] : Buffer.concat(parts), 'buffer');
}

function base64(value, bytes = null) {
  if (typeof value !== 'string') throw malformed('A base64 value is missing.');
  const decoded = Buffer.from(value, 'base64');
  if (decoded.toString('base64') !== value || (bytes !== null && decoded.length !== bytes)) {
    throw malformed('A base64 value is not in its one canonical form.');
  }
  return decoded;
}

function count(value) {
  if (!Number.isSafeInteger(value) || value < 0) throw malformed('A count is not a whole number.');
  return value;
}

/** A proof in a tree that fits a 64-bit size has no more steps. */
const MAX_PATH = 64;

function pathOf(value) {
  if (!Array.isArray(value) || value.length > MAX_PATH) throw malformed('A proof is not a list of hashes.');
  return value.map((entry) => base64(entry, 32));
}

function parseObject(text) {
  try {
    const value = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch {
    // falls through: not JSON at all
  }
  throw malformed('A text that must be a JSON object is none.');
}

/** Parses a text that must be exactly what JSON.stringify makes of these members, in this order: no second reading is possible. */
function fieldsOf(text, members, indent = 0) {
  const fields = parseObject(text);
  if (Object.keys(fields).join() !== members.join() || textOf(fields, indent) !== text) {
    throw malformed('An object of the pack does not have the members it must have.');
  }
  return fields;
}

/** Null when it is nested deeper than a text can be made of; reading such a text does not fail. */
function textOf(fields, indent) {
  try {
    return JSON.stringify(fields, null, indent);
  } catch (failure) {
    if (failure instanceof RangeError) return null;
    throw failure;
  }
}

// Splits a file of the pack into its lines. Every line ends with a newline, and none is longer than any line of a pack can be.

/** A leaf is a few kilobytes. What is read of a line takes many times its length when it is hostile. */
const MAX_LINE_BYTES = 4 * 1024 * 1024;
const NEWLINE = 0x0a;

function readLines(pieces, file, maxBytes = MAX_LINE_BYTES) {
  const digest = createHash('sha256');
  // One byte before the first line is always free to be overwritten, as a newline is before each other line.
  let buffer = Buffer.alloc(1);
  let [start, end, at, scanned] = [1, 1, 1, 1];
  let result = null;
  return {
    get buffer() {
      return buffer;
    },
    get start() {
      return start;
    },
    get end() {
      return end;
    },
    step() {
      const found = buffer.indexOf(NEWLINE, scanned);
      if (found < 0) {
        scanned = buffer.length;
        return false;
      }
      [start, end] = [at, found];
      at = found + 1;
      scanned = at;
      return true;
    },
    async fill() {
      if (buffer.length - at > maxBytes) throw malformed('A line is longer than any line of a pack.', file);
      const { value, done } = await pieces.next();
      if (done === true) {
        if (at < buffer.length) throw malformed('The last line of a file is cut off.', file);
        result ??= digest.digest('hex');
        return false;
      }
      digest.update(value);
      scanned = buffer.length - at + 1;
      buffer = Buffer.concat([buffer.subarray(at - 1), value]);
      at = 1;
      return true;
    },
    digest: () => result,
    async stop() {
      await pieces.return(undefined);
    },
  };
}

/** The next line as text; null at the end. */
async function nextLine(lines) {
  while (!lines.step()) if (!(await lines.fill())) return null;
  return lines.buffer.toString('utf8', lines.start, lines.end);
}

// Reads the zip of a pack. Only one form is accepted (FORMAT.md section 4), so that no two readers can see two contents:
// files back to back, both headers of a file alike, no second file of a name, no bytes before, between or after.
// INVARIANT: nothing is unpacked to disk, and what a file unpacks to never exceeds the size it states.

/** A tile is a file, and a tile holds 256 events: a pack of 250 million events has a million files. */
const MAX_FILES = 1_000_000;
const MAX_DIRECTORY_BYTES = 256 * 1024 * 1024;
const READ_BYTES = 1024 * 1024;
const END = 22;
const END_64 = 56;
const LOCATOR_64 = 20;
const LOCAL = 30;
const CENTRAL = 46;
const EXTRA_64 = 28;
const MADE_BY = 0x033f;
const UTF8 = 0x0800;
const UTF8_AND_DESCRIPTOR = 0x0808;
const REGULAR_FILE = 0o100644 * 0x10000;
/** Where it shows when the zip is wrong between its files. */
const DIRECTORY = 'the zip directory';
const STORED = 0;
const DEFLATED = 8;
const UNKNOWN = 0xffffffff;
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*(\/[A-Za-z0-9][A-Za-z0-9._-]*)*$/;

function differ() {
  return malformed('The zip file is not in the one form of a pack.');
}

function must(isSo) {
  if (!isSo) throw differ();
}

const wide = (bytes, at) => {
  const value = Number(bytes.readBigUInt64LE(at));
  must(Number.isSafeInteger(value));
  return value;
};

function findDirectory(readAt, size) {
  if (size < END) throw malformed('Not a zip file.');
  const end = readAt(size - END, END);
  if (end.readUInt32LE(0) !== 0x06054b50) throw malformed('Not a zip file, or bytes were added to its end.');
  must(end.readUInt32LE(4) === 0 && end.readUInt16LE(20) === 0 && end.readUInt16LE(8) === end.readUInt16LE(10));
  const [files, bytes, at] = [end.readUInt16LE(8), end.readUInt32LE(12), end.readUInt32LE(16)];
  if (files !== 0xffff && bytes !== UNKNOWN && at !== UNKNOWN) {
    must(at + bytes === size - END);
    return { at, bytes, files };
  }
  const start = size - END - LOCATOR_64 - END_64;
  must(start >= 0);
  const large = readAt(start, END_64 + LOCATOR_64);
  must(large.readUInt32LE(0) === 0x06064b50 && wide(large, 4) === END_64 - 12 && large.readUInt16LE(12) === MADE_BY);
  must(large.readUInt16LE(14) === 45 && wide(large, 16) === 0 && large.readUInt32LE(END_64) === 0x07064b50);
  must(large.readUInt32LE(END_64 + 4) === 0 && wide(large, END_64 + 8) === start && large.readUInt32LE(END_64 + 16) === 1);
  const found = { files: wide(large, 32), bytes: wide(large, 40), at: wide(large, 48) };
  must(wide(large, 24) === found.files && found.at + found.bytes === start);
  must(files === Math.min(found.files, 0xffff) && bytes === Math.min(found.bytes, UNKNOWN) && at === Math.min(found.at, UNKNOWN));
  return found;
}

/** One file by its two headers, which must tell the same. Returns where the next file begins. */
function readPlace(record, start, time, readAt) {
  const [flags, method, nameBytes, extra] = [
    record.readUInt16LE(8),
    record.readUInt16LE(10),
    record.readUInt16LE(28),
    record.readUInt16LE(30),
  ];
  const isLarge = extra === EXTRA_64;
  must(record.readUInt16LE(4) === MADE_BY && record.readUInt16LE(6) === (isLarge ? 45 : 20) && record.readUInt32LE(12) === time);
  must((flags === UTF8 || flags === UTF8_AND_DESCRIPTOR) && (method === STORED || method === DEFLATED) && (extra === 0 || isLarge));
  must(record.readUInt16LE(32) === 0 && record.readUInt32LE(34) === 0 && record.readUInt32LE(38) === REGULAR_FILE);
  const name = record.toString('latin1', CENTRAL, CENTRAL + nameBytes);
  if (!NAME.test(name)) throw malformed('The name of a file in the pack is not allowed.');
  let [packed, size, at] = [record.readUInt32LE(20), record.readUInt32LE(24), record.readUInt32LE(42)];
  if (isLarge) {
    must(packed === UNKNOWN && size === UNKNOWN && at === UNKNOWN);
    const more = record.subarray(CENTRAL + nameBytes);
    must(more.readUInt32LE(0) === 0x00180001);
    [size, packed, at] = [wide(more, 4), wide(more, 12), wide(more, 20)];
  }
  must(at === start && (method === DEFLATED || packed === size));
  const local = readAt(at, LOCAL + nameBytes);
  must(local.readUInt32LE(0) === 0x04034b50 && local.readUInt16LE(4) === 20 && local.readUInt16LE(6) === flags);
  must(local.readUInt16LE(8) === method && local.readUInt32LE(10) === time && local.readUInt32LE(26) === nameBytes);
  must(local.toString('latin1', LOCAL) === name);
  const data = at + LOCAL + nameBytes;
  const place = { name, isDeflated: method === DEFLATED, at: data, packed, size };
  const sums = [record.readUInt32LE(16), packed, size];
  if (flags === UTF8) {
    must(sums.every((value, index) => local.readUInt32LE(14 + index * 4) === value));
    return { ...place, next: data + packed };
  }
  must(local.subarray(14, 26).every((byte) => byte === 0));
  const trailer = readAt(data + packed, isLarge ? 24 : 16);
  must(trailer.readUInt32LE(0) === 0x08074b50 && trailer.readUInt32LE(4) === sums[0]);
  const stated = isLarge ? [wide(trailer, 8), wide(trailer, 16)] : [trailer.readUInt32LE(8), trailer.readUInt32LE(12)];
  must(stated[0] === packed && stated[1] === size);
  return { ...place, next: data + packed + trailer.length };
}

/** Names the file whose headers are wrong, as far as its name can be shown. */
function named(record, read) {
  try {
    return read();
  } catch (failure) {
    const name = record.toString('latin1', CENTRAL, CENTRAL + record.readUInt16LE(28));
    throw inFile(failure, NAME.test(name) ? name : DIRECTORY);
  }
}

function readPlaces(readAt, size) {
  const directory = findDirectory(readAt, size);
  if (directory.files < 1 || directory.files > MAX_FILES || directory.bytes > MAX_DIRECTORY_BYTES) throw differ();
  const records = readAt(directory.at, directory.bytes);
  const places = new Map();
  let [at, next] = [0, 0];
  for (let file = 0; file < directory.files; file += 1) {
    must(at + CENTRAL <= records.length && records.readUInt32LE(at) === 0x02014b50);
    const bytes = CENTRAL + records.readUInt16LE(at + 28) + records.readUInt16LE(at + 30);
    must(at + bytes <= records.length);
    const record = records.subarray(at, at + bytes);
    const place = named(record, () => readPlace(record, next, records.readUInt32LE(12), readAt));
    if (places.has(place.name)) throw malformed('A file is in the pack twice.', place.name);
    places.set(place.name, place);
    [at, next] = [at + bytes, place.next];
  }
  must(at === records.length && next === directory.at);
  return places;
}

function openZip(path) {
  const file = openSync(path, 'r');
  /** Never more than what is there: a size that a pack states is not trusted to allocate. */
  const readAt = (at, bytes) => {
    must(at >= 0 && bytes >= 0 && at + bytes <= fileSize);
    const buffer = Buffer.allocUnsafe(bytes);
    for (let done = 0; done < bytes; ) {
      const read = readSync(file, buffer, done, bytes - done, at + done);
      if (read === 0) throw differ();
      done += read;
    }
    return buffer;
  };
  const fileSize = fstatSync(file).size;
  const failClosed = (failure) => {
    closeSync(file);
    throw inFile(failure instanceof RangeError ? differ() : failure, DIRECTORY);
  };
  let places;
  try {
    places = readPlaces(readAt, fileSize);
  } catch (failure) {
    return failClosed(failure);
  }
  const placeOf = (name) => {
    const place = places.get(name);
    if (place === undefined) throw new Unverified('PACK_TRUNCATED', `The pack lacks ${name}.`, { file: name });
    return place;
  };
  async function* stream(name) {
    const place = placeOf(name);
    let sent = 0;
    const bounded = (piece) => {
      sent += piece.length;
      if (sent > place.size) throw malformed('A file of the pack unpacks to more than it states.', name);
      return piece;
    };
    function* packed() {
      for (let at = 0; at < place.packed; at += READ_BYTES) yield readAt(place.at + at, Math.min(READ_BYTES, place.packed - at));
    }
    if (!place.isDeflated) for (const piece of packed()) yield bounded(piece);
    else {
      const inflate = createInflateRaw({ chunkSize: READ_BYTES, readableHighWaterMark: 4 * READ_BYTES });
      void feed(inflate, packed());
      try {
        for await (const piece of inflate) yield bounded(piece);
      } catch (failure) {
        if (failure instanceof Unverified) throw failure;
        throw malformed('A file of the pack can not be unpacked.', name);
      } finally {
        inflate.destroy();
      }
      if (inflate.bytesWritten !== place.packed) throw malformed('A file of the pack is followed by bytes of no file.', name);
    }
    if (sent !== place.size) throw malformed('A file of the pack unpacks to less than it states.', name);
  }
  return {
    names: [...places.keys()],
    sizeOf: (name) => places.get(name)?.size ?? null,
    read(name, maxBytes) {
      const place = placeOf(name);
      if (place.isDeflated || place.size > maxBytes) throw malformed('A small file of the pack is too large or packed.', name);
      return readAt(place.at, place.size);
    },
    stream,
    digestBefore: (name) => digestRange(readAt, placeOf(name).at, 'base64'),
    close: () => closeSync(file),
  };
}

/** Resolves when more can be written, or nothing can any more. */
function untilDrained(inflate) {
  return new Promise((resolve) => {
    const go = () => {
      inflate.off('drain', go);
      inflate.off('close', go);
      resolve();
    };
    inflate.on('drain', go);
    inflate.on('close', go);
  });
}

/** Hands the packed bytes over as fast as they are taken; a failure to read them ends the unpacking with it. */
async function feed(inflate, pieces) {
  try {
    for (const piece of pieces) {
      if (inflate.destroyed || inflate.readableEnded) return;
      if (inflate.write(piece)) continue;
      await untilDrained(inflate);
    }
    inflate.end();
  } catch (failure) {
    inflate.destroy(failure);
  }
}

function digestRange(readAt, end, encoding) {
  const digest = createHash('sha256');
  for (let at = 0; at < end; at += READ_BYTES) digest.update(readAt(at, Math.min(READ_BYTES, end - at)));
  return digest.digest(encoding);
}

// What a pack consists of: its manifest, the names its files must have, and their digests. FORMAT.md section 4.

const TILE_WIDTH = 256;
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

function texts(value) {
  if (!Array.isArray(value) || value.length > MAX_KEYS || value.some((entry) => typeof entry !== 'string')) {
    throw malformed('A list of the manifest is not one.');
  }
  return value;
}

function parseRange(value, size) {
  const fields = value ?? {};
  if (Object.keys(fields).join() !== 'from,to') throw malformed('The range of the manifest is not one.');
  const range = { from: count(fields.from), to: count(fields.to) };
  if (range.from > range.to || range.to > size) throw malformed('The range of the manifest is not one.');
  return range;
}

/** Times are compared as texts with those of leaves, so they must have their one form. */
function isTimeFilter(filter) {
  const times = Object.values(filter ?? {});
  return (
    Object.keys(filter ?? {}).join() === 'from,to' && times.every((time) => time === null || (typeof time === 'string' && TIME.test(time)))
  );
}

function readManifest(zip) {
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
  const manifest = {
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
    filter: filter,
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
function spanOf({ shows, size, range }) {
  if (shows === 'whole' || range === null) return { first: 0, last: size };
  return { first: Math.max(0, range.from - 1), last: Math.min(size, range.to + 1) };
}

/** Path of a tile of c2sp.org/tlog-tiles. */
function tilePath(level, index, width) {
  const digits = String(index).padStart(Math.ceil(String(index).length / 3) * 3, '0');
  const parts = digits.match(/.{3}/g);
  const name = parts.map((part, at) => (at === parts.length - 1 ? part : `x${part}`)).join('/');
  return `tile/${level}/${name}${width === TILE_WIDTH ? '' : `.p/${width}`}`;
}

/** Hashes on a level of the tiles of a tree: complete subtrees of `256 ** level` leaves. */
function hashesOn(level, size) {
  return Math.floor(size / TILE_WIDTH ** level);
}

/** Whether a leaf tile is in the pack: those with an event of the pack, and the incomplete one at the right edge. */
function hasLeafTile(manifest, index) {
  const { first, last } = spanOf(manifest);
  const start = index * TILE_WIDTH;
  return (start < last && start + TILE_WIDTH > first) || start + TILE_WIDTH > manifest.size;
}

function tileNames(manifest) {
  const names = [];
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
function namesOf(manifest, hasWitnessed) {
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

function checkNames(zip, manifest) {
  if (manifest.size > zip.names.length * TILE_WIDTH ** 2 && manifest.shows !== 'selection') throw malformed('The pack lacks tiles.');
  const wanted = namesOf(manifest, zip.names.includes('witnessed.note'));
  wanted.forEach((name, at) => {
    if (zip.names[at] === name) return;
    if (!zip.names.includes(name)) throw new Unverified('PACK_TRUNCATED', `The pack lacks ${name}.`, { file: name });
    throw new Unverified('PACK_MALFORMED', `A file stands where ${name} must be.`, { file: zip.names[at] });
  });
  const extra = zip.names[wanted.length];
  if (extra !== undefined) throw new Unverified('PACK_MALFORMED', 'There is a file in the pack that is no part of one.', { file: extra });
}

/** Lines of a file of the pack; its digest is kept for the comparison at the end. */

function openSums(zip) {
  const digests = new Map();
  const opened = new Map();
  let current = 'manifest.json';
  const digestOf = async (name) => {
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
      return Buffer.from(listed.digest(), 'hex').toString('base64');
    },
  };
}

// Reads the events of a pack one after the other: each in its place, hashed, and with the payload that was opened beside it.
// INVARIANT: memory does not grow with the number of events.

const EVENTS = 'events.ndjson';
const OPENINGS = 'openings.ndjson';
/** A payload may be a whole request body. It is base64 and nothing else, so that it takes no more memory than its length. */
const MAX_OPENING_BYTES = 32 * 1024 * 1024;
const OPENING = /^\{"seq":\d{1,16},"salt":"[A-Za-z0-9+/=]*","payload":"[A-Za-z0-9+/=]*"\}$/;

function parseLeaf(buffer, start, end) {
  try {
    const leaf = JSON.parse(buffer.toString('utf8', start, end));
    return typeof leaf === 'object' && leaf !== null ? leaf : null;
  } catch {
    return null;
  }
}

async function nextOpening(lines) {
  const text = lines === null ? null : await nextLine(lines);
  if (text === null) return null;
  if (!OPENING.test(text)) throw malformed('An opened payload is not of the form of one.', OPENINGS);
  const fields = fieldsOf(text, ['seq', 'salt', 'payload']);
  return { seq: fields.seq, opened: sha256(base64(fields.salt), base64(fields.payload)).toString('hex') };
}

function strayPayload(seq) {
  return new Unverified('LEAF_OUT_OF_PLACE', 'A payload stands without its event.', { seq, file: OPENINGS });
}

/** That what stands before and after a range did not happen in its time. Times of leaves have one form, so texts compare as times do. */
function checkTime({ range, filter, shows }, { seq, at }, progress) {
  if (shows !== 'range' || range === null) return;
  const { from = null, to = null } = filter ?? {};
  const isEarly = from !== null && at < from;
  const isLate = to !== null && at >= to;
  if ((seq < range.from && !isEarly) || (seq >= range.to && !isLate)) {
    throw new Unverified('RANGE_MISSTATED', 'The pack leaves out an event that happened in its time.', { seq, file: EVENTS });
  }
  if (seq >= range.from && seq < range.to && (isEarly || isLate)) progress.outside += 1;
}

async function openEvents(sums, manifest, progress) {
  const lines = sums.lines(EVENTS);
  const payloads = manifest.openings !== null ? sums.lines(OPENINGS, MAX_OPENING_BYTES) : null;
  let opening = await nextOpening(payloads);
  let [opened, last] = [opening === null ? 0 : 1, null];
  return {
    take(seq) {
      if (!lines.step()) return null;
      const { buffer, start, end } = lines;
      const leaf = parseLeaf(buffer, start, end);
      if (leaf === null || leaf.seq !== seq || leaf.tenant !== manifest.tenant || leaf.v !== 1) {
        throw new Unverified('LEAF_OUT_OF_PLACE', 'An event is missing, repeated, moved, unreadable or of another log.', {
          seq,
          file: EVENTS,
        });
      }
      checkTime(manifest, leaf, progress);
      last = leaf;
      progress.done += 1;
      // RFC 6962: the byte before the line, a newline already read, becomes the 0x00 of the leaf hash, so that nothing is copied.
      buffer[start - 1] = 0;
      return hash('sha256', buffer.subarray(start - 1, end), 'buffer');
    },
    async more(seq) {
      progress.onEvents(progress.done);
      if (!(await lines.fill())) throw new Unverified('PACK_TRUNCATED', 'The pack ends before its last event.', { seq, file: EVENTS });
    },
    get isOpened() {
      return opening !== null && last !== null && opening.seq <= last.seq;
    },
    async open() {
      if (opening === null || last === null) return;
      if (opening.seq !== last.seq) throw strayPayload(opening.seq);
      if (opening.opened !== last.commit) {
        throw new Unverified('PAYLOAD_CHANGED', 'A payload does not match its commitment.', { seq: last.seq, file: OPENINGS });
      }
      opening = await nextOpening(payloads);
      if (opening !== null) opened += 1;
    },
    async finish() {
      if (opening !== null) throw strayPayload(opening.seq);
      if (opened !== (manifest.openings ?? 0)) throw malformed('There are not as many payloads as the manifest says.', OPENINGS);
      if ((await nextLine(lines)) !== null) {
        throw new Unverified('LEAF_UNSEALED', 'There is an event after the last one.', { seq: spanOf(manifest).last, file: EVENTS });
      }
      progress.onEvents(progress.done);
    },
  };
}

// RFC 6962 trees as a verifier needs them: inclusion, consistency, and a root that is computed leaf by leaf or subtree by subtree.

const half = (value) => Math.floor(value / 2);
const pair = Buffer.alloc(65, 1);

function node(left, right) {
  left.copy(pair, 1);
  right.copy(pair, 33);
  return hash('sha256', pair, 'buffer');
}

/** RFC 9162 section 2.1.3.2. */
function includes(leaf, index, tree, path) {
  if (index >= tree.size) return false;
  let [first, last, result] = [index, tree.size - 1, leaf];
  for (const sibling of path) {
    if (last === 0) return false;
    if (first % 2 === 1 || first === last) {
      result = node(sibling, result);
      while (first % 2 === 0 && first !== 0) [first, last] = [half(first), half(last)];
    } else {
      result = node(result, sibling);
    }
    [first, last] = [half(first), half(last)];
  }
  return last === 0 && result.equals(tree.root);
}

/** RFC 9162 section 2.1.4.2. */
function continues(from, to, path) {
  if (from.size > to.size) return false;
  if (from.size === to.size) return path.length === 0 && from.root.equals(to.root);
  if (from.size === 0) return path.length === 0;
  let [first, last] = [from.size - 1, to.size - 1];
  while (first % 2 === 1) [first, last] = [half(first), half(last)];
  // A tree that is one perfect subtree starts its own proof.
  const hashes = first === 0 ? [from.root, ...path] : path;
  const start = hashes[0];
  if (start === undefined) return false;
  let [old, now] = [start, start];
  for (const sibling of hashes.slice(1)) {
    if (last === 0) return false;
    if (first % 2 === 1 || first === last) {
      [old, now] = [node(sibling, old), node(sibling, now)];
      while (first % 2 === 0 && first !== 0) [first, last] = [half(first), half(last)];
    } else {
      now = node(now, sibling);
    }
    [first, last] = [half(first), half(last)];
  }
  return last === 0 && old.equals(from.root) && now.equals(to.root);
}

/** Keeps only the roots of perfect subtrees. `onNode` sees each subtree that becomes complete by hashing. */
function growTree(onNode) {
  const subtrees = [];
  let size = 0;
  return {
    get size() {
      return size;
    },
    push(subtree, height) {
      let [top, at] = [subtree, height];
      let index = size / 2 ** height;
      size += 2 ** height;
      while (index % 2 === 1) {
        top = node(subtrees.pop(), top);
        index = (index - 1) / 2;
        at += 1;
        onNode(top, at, index);
      }
      subtrees.push(top);
    },
    root: () => subtrees.slice(0, -1).reduceRight((right, left) => node(left, right), subtrees.at(-1)),
  };
}

// C2SP signed notes: who signed what. Follows the chain of the log's keys from the one that is trusted, and reads witnesses' cosignatures.

/** DER prefix of an Ed25519 SubjectPublicKeyInfo (RFC 8410). */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
const LOG_KEY = 1;
const WITNESS_KEY = 4;
const MAX_SIGNATURES = 100;
/** Followed by the first 16 digits of the log's first key. */
const LOG_NAME = 'sallyport.local/log/';

function keyHash(name, type, raw) {
  return sha256(Buffer.from(`${name}\n`), Buffer.from([type]), raw).subarray(0, 4);
}

/** `name+hash+key` of c2sp.org/signed-note. */
function parseVerifierKey(text, type = LOG_KEY) {
  const [, name, hex, encoded] = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)$/.exec(text) ?? [];
  if (name === undefined) throw new Unverified('KEY_MALFORMED', 'The verifier key is not of the form name+hash+key.');
  const decoded = base64(encoded, 33);
  const raw = decoded.subarray(1);
  const hash = keyHash(name, type, raw);
  if (decoded[0] !== type || hash.toString('hex') !== hex)
    throw new Unverified('KEY_MALFORMED', 'The verifier key does not match its own hash or is not of the expected kind.');
  return { name, raw, hash, key: createPublicKey({ key: Buffer.concat([SPKI_PREFIX, raw]), format: 'der', type: 'spki' }) };
}

function parseNote(note) {
  if (typeof note !== 'string') throw malformed('A signed note is missing.');
  const at = note.indexOf('\n\n');
  if (at < 0 || !note.endsWith('\n')) throw malformed('A signed note has no signature.');
  const lines = note.slice(at + 2, -1).split('\n');
  if (lines.length > MAX_SIGNATURES) throw malformed('A signed note has too many signatures.');
  const signatures = lines.map((line) => {
    const [, name, encoded] = /^\u2014 ([^\s+]+) ([A-Za-z0-9+/]+=*)$/.exec(line) ?? [];
    if (name === undefined) throw malformed('A signed note has a line that is no signature.');
    const decoded = base64(encoded);
    if (decoded.length < 5) throw malformed('A signed note has a line that is no signature.');
    return { name, hash: decoded.subarray(0, 4), signature: decoded.subarray(4) };
  });
  return { text: note.slice(0, at + 1), signatures };
}

/** Whether this key signed the note as `name`. Lines of other signers are allowed and not judged. */
function isSignedBy(note, name, { raw, key }) {
  const hash = keyHash(name, LOG_KEY, raw);
  return note.signatures.some(
    (line) => line.name === name && line.hash.equals(hash) && verify(null, Buffer.from(note.text), key, line.signature),
  );
}

/** When the witness saw the note (seconds since 1970), or null when it did not sign it (c2sp.org/tlog-cosignature, Ed25519). */
function cosignedAt(note, witness) {
  for (const { name, hash, signature } of note.signatures) {
    if (name !== witness.name || !hash.equals(witness.hash) || signature.length !== 72) continue;
    const time = signature.readBigUInt64BE(0);
    const message = Buffer.from(`cosignature/v1\ntime ${time}\n${note.text}`);
    if (time > 0n && time <= BigInt(Number.MAX_SAFE_INTEGER) && verify(null, message, witness.key, signature.subarray(8)))
      return Number(time);
  }
  return null;
}

/** The keys of the log, oldest first, each handing over to the next by a note that both signed. */

function openKeyChain(keyTexts, rotations, trustedText) {
  const keys = keyTexts.map((text) => parseVerifierKey(text));
  const [first] = keys;
  if (first === undefined || rotations.length !== keys.length - 1) throw malformed('The keys of the pack are not a chain.');
  const origin = first.name;
  if (origin !== `${LOG_NAME}${first.raw.toString('hex').slice(0, 16)}`)
    throw new Unverified('KEY_CHAIN_BROKEN', 'The name of the log is not that of its first key.');
  rotations.forEach((rotation, index) => {
    const [old, next] = [keys[index], keys[index + 1]];
    const note = parseNote(rotation);
    const isOurs = next.name === origin && note.text === `${origin}/keys\n${index + 2}\n${keyTexts[index + 1]}\n`;
    if (!isOurs || !isSignedBy(note, origin, old) || !isSignedBy(note, origin, next)) {
      throw new Unverified('KEY_CHAIN_BROKEN', 'A key of the log was not handed over by the key before it.');
    }
  });
  if (trustedText === null) return { origin, keys, trusted: 0 };
  const wanted = parseVerifierKey(trustedText);
  if (wanted.name !== origin) throw new Unverified('CHECKPOINT_FOREIGN', 'The pack is of another log than the trusted key.');
  const trusted = keys.findIndex((key) => key.raw.equals(wanted.raw));
  if (trusted < 0) throw new Unverified('KEY_UNKNOWN', 'The trusted key is none of the log’s keys.');
  return { origin, keys, trusted };
}

/** The log's name in one of its epochs. */
function originIn(chain, epoch) {
  return epoch === 1 ? chain.origin : `${chain.origin}.${epoch}`;
}

/** The epoch whose origin this is, or 0. */
function epochOf(chain, origin) {
  if (origin === chain.origin) return 1;
  const epoch = Number(/\.([1-9]\d{0,8})$/.exec(origin)?.[1] ?? 0);
  return epoch > 1 && originIn(chain, epoch) === origin ? epoch : 0;
}

/** The text of a note that a key of the log signed: by default the trusted one or a later one. */
function openNote(note, name, chain, from = chain.trusted) {
  const parsed = parseNote(note);
  if (chain.keys.slice(from).some((key) => isSignedBy(parsed, name, key))) return parsed;
  throw new Unverified('SIGNATURE_INVALID', 'The signature was not made by the expected key.');
}

/** A signed checkpoint of the global tree in whichever epoch it says. */
function openCheckpoint(text, chain, from = chain.trusted) {
  const [, origin = '', size, root] = /^([^\n]+)\n(0|[1-9]\d{0,15})\n([^\n]+)\n/.exec(typeof text === 'string' ? text : '') ?? [];
  const epoch = epochOf(chain, origin);
  if (epoch === 0) throw new Unverified('CHECKPOINT_FOREIGN', 'The signed note is not a checkpoint of this log.');
  const note = openNote(text, origin, chain, from);
  if (note.text !== `${origin}\n${size}\n${root}\n`) throw malformed('A checkpoint has lines that it must not have.');
  return { size: count(Number(size)), root: base64(root, 32), epoch, note };
}

/** Whether each line is the signature of a key of the log, in the order of the keys: then no line could be added, moved or changed. */
function isSignedByLogAlone(note, name, chain) {
  const signers = note.signatures.map((line) =>
    chain.keys.findIndex((key) => isSignedBy({ text: note.text, signatures: [line] }, name, key)),
  );
  return signers.every((signer, index) => signer > (signers[index - 1] ?? -1));
}

// Witness policies of c2sp.org/tlog-policy: which k of which n witnesses must have signed a checkpoint. Decides about cosignatures only.

const MAX_POLICY_BYTES = 1024 * 1024;
const MAX_ENTRIES = 1_000;

function wrong(message) {
  return new Unverified('POLICY_MALFORMED', message);
}

function parseGroup([name, needed, ...members], isKnown) {
  if (name === undefined || needed === undefined || members.length === 0) throw wrong('A group of the policy has no members.');
  if (members.some((member) => !isKnown(member))) throw wrong('A group of the policy names a member that is not defined before it.');
  if (new Set(members).size !== members.length) throw wrong('A group of the policy names a member twice.');
  const count = needed === 'any' ? 1 : needed === 'all' ? members.length : /^[1-9]\d{0,5}$/.test(needed) ? Number(needed) : 0;
  if (count < 1 || count > members.length) throw wrong('A group of the policy needs more members than it has.');
  return [name, { needed: count, members }];
}

function parsePolicy(text) {
  if (text.length > MAX_POLICY_BYTES) throw wrong('The policy is too long.');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the specification allows tab and newline and no other control character.
  if (/[\u0000-\u0008\u000b-\u001f\u007f]/.test(text)) throw wrong('The policy holds a control character.');
  const [logs, witnesses, groups, used] = [[], new Map(), new Map(), new Set()];
  const keys = new Set();
  let quorum = null;
  const isKnown = (name) => witnesses.has(name) || groups.has(name);
  const define = (name) => {
    if (name === 'none' || isKnown(name)) throw wrong('A name of the policy is defined twice or reserved.');
  };
  const addKey = (kind, key) => {
    if (keys.has(kind + key.raw.toString('hex'))) throw wrong('The policy lists a key twice.');
    keys.add(kind + key.raw.toString('hex'));
  };
  for (const line of text.split('\n')) {
    const [word = '', ...rest] = line.split(/[ \t]+/).filter((part) => part !== '');
    if (word === '' || word.startsWith('#')) continue;
    if (keys.size + groups.size > MAX_ENTRIES) throw wrong('The policy has too many entries.');
    if (word === 'log' && (rest.length === 1 || rest.length === 2)) {
      addKey('log', parseVerifierKey(rest[0]));
      logs.push(rest[0]);
    } else if (word === 'witness' && (rest.length === 2 || rest.length === 3)) {
      define(rest[0]);
      const key = parseVerifierKey(rest[1], WITNESS_KEY);
      addKey('witness', key);
      witnesses.set(rest[0], key);
    } else if (word === 'group') {
      const [name, group] = parseGroup(rest, isKnown);
      define(name);
      for (const member of group.members) {
        if (used.has(member)) throw wrong('A witness or group is a member twice.');
        used.add(member);
      }
      groups.set(name, group);
    } else if (word === 'quorum' && rest.length === 1 && quorum === null) {
      if (rest[0] !== 'none' && !isKnown(rest[0])) throw wrong('The quorum names something that is not defined before it.');
      quorum = rest[0];
    } else throw wrong('A line of the policy is not understood.');
  }
  if (quorum === null) throw wrong('The policy has no quorum.');
  return { logs, witnesses, groups, quorum };
}

function witnessedBy(note, policy) {
  const by = new Map();
  for (const [name, key] of policy.witnesses) {
    const at = cosignedAt(note, key);
    if (at !== null) by.set(name, at);
  }
  const holds = (name) => {
    const group = policy.groups.get(name);
    return group === undefined ? by.has(name) : group.members.filter(holds).length >= group.needed;
  };
  return { by, isEnough: policy.quorum === 'none' || holds(policy.quorum) };
}

// Where a pack stands in the history of its log: its signed checkpoint, the epochs before it, the tenant's heads under it, and that it
// continues what was saved earlier.

const MAX_CHECKPOINT_BYTES = 1024 * 1024;
const MAX_EPOCHS = 10_000;

const leafHash = (text) => sha256(Buffer.from(`\0${text}`));

/** That the tenant's checkpoint is a leaf of the global tree. */
function readHead(fields, origin, global) {
  const head = { size: count(fields.size), root: base64(fields.root, 32), index: count(fields.index), path: pathOf(fields.path) };
  const text = `${origin}\n${head.size}\n${head.root.toString('base64')}\n`;
  if (!includes(leafHash(text), head.index, global, head.path)) {
    throw new Unverified('HEAD_NOT_INCLUDED', 'A checkpoint of the tenant is not in the signed tree.');
  }
  return head;
}

async function needLine(lines) {
  const line = await nextLine(lines);
  if (line === null) throw malformed('A file of the pack has fewer lines than the manifest says.');
  return line;
}

async function noMore(lines) {
  if ((await nextLine(lines)) !== null) throw malformed('A file of the pack has more lines than the manifest says.');
}

async function readHeads(sums, manifest, global) {
  const lines = sums.lines('heads.ndjson');
  const heads = [];
  for (let at = 0; at < manifest.heads; at += 1) {
    const head = readHead(
      fieldsOf(await needLine(lines), ['size', 'root', 'index', 'path']),
      `${manifest.origin}/${manifest.tenant}`,
      global,
    );
    if (head.size <= (heads.at(-1)?.size ?? 0)) throw malformed('The heads are out of order.', 'heads.ndjson');
    heads.push(head);
  }
  await noMore(lines);
  if (heads.at(-1)?.size !== manifest.size) throw malformed('The last head is not of the stated size.', 'heads.ndjson');
  return heads;
}

/** What leaf 0 of an epoch says came before it; null where there was nothing. */

function readRecord(record, epoch, chain) {
  const origin = originIn(chain, epoch);
  const { text } = openNote(record, origin, chain, 0);
  const [, witnessed, restored] = new RegExp(`^${origin.replaceAll('.', '\\.')}/epoch\n([^\n]+)\n([^\n]+)\n$`).exec(text) ?? [];
  if (witnessed === undefined || restored === undefined) throw malformed('The record of an epoch is not one.');
  const open = (line) => (line === '-' ? null : openCheckpoint(base64(line).toString('utf8'), chain, 0));
  return { text, lastWitnessed: open(witnessed), restoredAt: open(restored) };
}

/** Last checkpoint of each epoch that the current one goes on from, by epoch; the current one with its own. */

async function readEpochs(sums, manifest, chain, checkpoint) {
  const ancestry = new Map([[manifest.epoch, checkpoint]]);
  if (manifest.epoch === 1) return ancestry;
  const lines = sums.lines('epochs.ndjson');
  let [epoch, tree] = [manifest.epoch, checkpoint];
  for (let read = 0; epoch > 1 && tree !== null; read += 1) {
    if (read > MAX_EPOCHS) throw malformed('The pack has too many epochs.');
    const fields = fieldsOf(await needLine(lines), ['epoch', 'record', 'path']);
    if (fields.epoch !== epoch) throw malformed('The epochs are out of order.');
    const before = readRecord(fields.record, epoch, chain);
    if (!includes(leafHash(before.text), 0, tree, pathOf(fields.path))) {
      throw new Unverified('EPOCH_NOT_INCLUDED', 'The beginning of an epoch is not in its tree.');
    }
    const { restoredAt } = before;
    if (restoredAt !== null && restoredAt.epoch >= epoch) throw malformed('An epoch goes on from one that is not older.');
    [epoch, tree] = [restoredAt?.epoch ?? 0, restoredAt];
    if (restoredAt !== null) ancestry.set(restoredAt.epoch, restoredAt);
  }
  await noMore(lines);
  return ancestry;
}

function openSaved(text, chain, tenant) {
  if (!text.startsWith('{')) return { global: openCheckpoint(text, chain, 0), tenant: null };
  const receipt = parseObject(text);
  if (receipt.format !== 'sallyport-audit-receipt' || receipt.version !== 1) throw new Unverified('SAVED_MALFORMED', 'Not a receipt.');
  if (receipt.tenant !== tenant) throw new Unverified('SAVED_FOREIGN', 'The saved receipt is of another tenant.');
  const global = openCheckpoint(receipt.note, chain, 0);
  return { global, tenant: readHead(receipt.head ?? {}, `${originIn(chain, global.epoch)}/${tenant}`, global) };
}

/** Throws unless a proof can lead from the saved checkpoint to the pack's at all. Returns whether one is needed. */
function needsProof(saved, manifest, ancestry) {
  if (saved.tenant !== null && saved.tenant.size > manifest.size) {
    throw new Unverified('LOG_TRUNCATED', 'The log holds fewer events than were sealed when the receipt was saved.', {
      seq: manifest.size,
    });
  }
  const { epoch, size, root } = saved.global;
  if (epoch > manifest.epoch) throw new Unverified('LOG_ROLLED_BACK', 'The log is in an older epoch than the saved checkpoint.');
  const end = ancestry.get(epoch);
  if (epoch !== manifest.epoch && (end === undefined || size > end.size)) {
    throw new Unverified(
      'LOG_RESTORED',
      'The log was restored to a state older than the saved checkpoint: what came between is not in it.',
    );
  }
  if (end === undefined || size > end.size) throw new Unverified('LOG_ROLLED_BACK', 'The log is smaller than the saved checkpoint.');
  if (size < end.size) return true;
  if (!root.equals(end.root)) throw new Unverified('LOG_FORKED', 'The log shows another root for the saved size.');
  return false;
}

async function readConsistency(sums, manifest, ancestry, whole, saved) {
  const lines = sums.lines('consistency.ndjson');
  let needs = saved !== null && needsProof(saved, manifest, ancestry);
  let isTenantLinked = saved?.tenant == null || saved.tenant.size === whole.size;
  if (saved?.tenant?.size === whole.size && !saved.tenant.root.equals(whole.root)) throw forked();
  const known = new Map();
  for (let at = 0; at < manifest.consistency; at += 1) {
    const fields = fieldsOf(await needLine(lines), ['epoch', 'from', 'root', 'path']);
    const from = { size: count(fields.from), root: base64(fields.root, 32) };
    // Of no epoch is the tenant's own tree: its numbers go on from epoch to epoch.
    const to = fields.epoch === null ? whole : ancestry.get(count(fields.epoch));
    // The empty log leads to every log: a proof from it would say nothing, whatever root it names.
    if (to === undefined || from.size === 0 || !continues(from, to, pathOf(fields.path))) {
      throw new Unverified('CONSISTENCY_INVALID', 'A consistency proof does not hold.');
    }
    const old = fields.epoch === null ? saved?.tenant : saved !== null && saved.global.epoch === fields.epoch ? saved.global : null;
    if (fields.epoch === manifest.epoch) known.set(from.size, from.root);
    if (old?.size !== from.size) continue;
    if (!from.root.equals(old.root)) throw forked();
    if (fields.epoch === null) isTenantLinked = true;
    else needs = false;
  }
  await noMore(lines);
  if (needs || (!isTenantLinked && manifest.shows !== 'whole')) {
    throw new Unverified('CONSISTENCY_MISSING', 'The pack has no proof from what was saved; export it again with --against.');
  }
  return { isTenantLinked, known };
}

function forked() {
  return new Unverified('LOG_FORKED', 'The log shows another history than the saved one.');
}

/** An older checkpoint that has witnesses, and the sizes that lead to the pack's. */

/** Cosignatures of the checkpoint itself, or of an earlier one that leads to it; and the size of the one they are of. */
function readWitnessed(policy, checkpoint, chain, earlier) {
  const own = { ...witnessedBy(checkpoint.note, policy), size: checkpoint.size };
  if (own.isEnough || earlier === null) return own;
  const older = openCheckpoint(earlier.text, chain, 0);
  const root = earlier.known.get(older.size);
  if (older.epoch !== checkpoint.epoch || root === undefined || !root.equals(older.root)) {
    throw new Unverified('CONSISTENCY_MISSING', 'The pack has no proof from the witnessed checkpoint to its own.', {
      file: 'witnessed.note',
    });
  }
  return { ...witnessedBy(older.note, policy), size: older.size };
}

async function openHistory(sums, manifest, names, options) {
  const chain = openKeyChain(manifest.keys, manifest.rotations, options.trustedKey);
  if (manifest.epoch < 1 || manifest.origin !== originIn(chain, manifest.epoch) || epochOf(chain, manifest.origin) !== manifest.epoch) {
    throw new Unverified('CHECKPOINT_FOREIGN', 'The pack is of another log than its keys.');
  }
  const note = sums.read('checkpoint.note', MAX_CHECKPOINT_BYTES).toString('utf8');
  const checkpoint = openCheckpoint(note, chain);
  if (checkpoint.epoch !== manifest.epoch) throw malformed('The checkpoint is of another epoch than the pack.', 'checkpoint.note');
  const ancestry = await readEpochs(sums, manifest, chain, checkpoint);
  const heads = await readHeads(sums, manifest, checkpoint);
  const saved = options.savedCheckpoint === null ? null : openSaved(options.savedCheckpoint, chain, manifest.tenant);
  const linked = await readConsistency(sums, manifest, ancestry, heads.at(-1), saved);
  const text = names.includes('witnessed.note') ? sums.read('witnessed.note', MAX_CHECKPOINT_BYTES).toString('utf8') : null;
  const earlier = text === null ? null : { text, known: linked.known };
  const witnessed = options.policy === null ? null : readWitnessed(options.policy, checkpoint, chain, earlier);
  if (witnessed?.isEnough === false) {
    throw new Unverified('WITNESSES_MISSING', 'The checkpoint was not signed by the witnesses that the policy asks for.', {
      file: 'checkpoint.note',
    });
  }
  return {
    chain,
    checkpoint,
    note,
    heads,
    saved,
    isTenantLinked: linked.isTenantLinked,
    witnessed,
    isKeyTrusted: options.trustedKey !== null,
  };
}

// Chosen events: each is proven to be in the tenant's tree by a path of its own. Whether others were left out, a selection can not show.

const PROOFS = 'proofs.ndjson';
/** Promised of every proof. */
const MAX_PROOF_CHARS = 4_096;

async function checkSelection(sums, manifest, history, progress) {
  const whole = history.heads.at(-1);
  const proofs = sums.lines(PROOFS);
  const events = await openEvents(sums, manifest, progress);
  let before = -1;
  for (let read = 0; read < manifest.events; read += 1) {
    const text = await nextLine(proofs);
    if (text === null) throw new Unverified('PACK_TRUNCATED', 'The pack ends before its last proof.', { file: PROOFS });
    if (text.length > MAX_PROOF_CHARS) throw malformed('A proof is longer than a proof can be.', PROOFS);
    const fields = fieldsOf(text, ['seq', 'path']);
    const seq = count(fields.seq);
    if (seq <= before) throw new Unverified('LEAF_OUT_OF_PLACE', 'The chosen events are out of order.', { seq, file: PROOFS });
    let actual = events.take(seq);
    while (actual === null) {
      await events.more(seq);
      actual = events.take(seq);
    }
    if (!includes(actual, seq, whole, pathOf(fields.path))) {
      throw new Unverified('LEAF_CHANGED', 'An event or its proof differs from what was sealed.', { seq, file: EVENTS });
    }
    if (events.isOpened) await events.open();
    [before, progress.proven] = [seq, seq + 1];
  }
  await events.finish();
  if ((await nextLine(proofs)) !== null) throw malformed('There is a proof without an event.', PROOFS);
}

// A whole log, or a range of it without a gap: the tenant's tree is computed from its tiles, and each event compared with its leaf hash.

const HASH_BYTES = 32;

/** The stored hashes of the tree. Those above the leaves are compared as they are computed, so that none goes unchecked. */
function openTiles(sums, manifest, progress) {
  const held = new Map();
  const load = (level, index) => {
    const known = held.get(level);
    if (known?.index === index) return known.bytes;
    const width = Math.min(TILE_WIDTH, hashesOn(level, manifest.size) - index * TILE_WIDTH);
    const name = tilePath(level, index, width);
    const bytes = sums.read(name, TILE_WIDTH * HASH_BYTES);
    if (bytes.length !== width * HASH_BYTES) throw malformed('A tile is not as wide as it must be.', name);
    held.set(level, { index, bytes });
    return bytes;
  };
  const stored = (level, index) => {
    const at = (index % TILE_WIDTH) * HASH_BYTES;
    return load(level, Math.floor(index / TILE_WIDTH)).subarray(at, at + HASH_BYTES);
  };
  return {
    /** The leaf hashes of a tile; null when it is left out. */
    leaves: (index) => (hasLeafTile(manifest, index) ? load(0, index) : null),
    stored,
    check(computed, height, index) {
      if (height % 8 !== 0 || stored(height / 8, index).equals(computed)) return;
      // What a signed head has proven already is not in doubt.
      const seq = Math.max(index * 2 ** height, progress.proven);
      const sentence = `Events from ${seq} on and before ${(index + 1) * 2 ** height} were changed and hashed anew.`;
      throw new Unverified('ROOT_MISMATCH', sentence, { seq, file: tilePath(height / 8, Math.floor(index / TILE_WIDTH), TILE_WIDTH) });
    },
  };
}

/** The roots that are known beforehand, compared when the tree has reached their size. */
function createRootCheck(history, progress, span) {
  const saved = history.saved?.tenant ?? null;
  const dues = history.heads.map(({ size, root }) => ({ size, root, isSaved: false }));
  if (saved !== null && !history.isTenantLinked) dues.push({ ...saved, isSaved: true });
  dues.sort((one, two) => one.size - two.size);
  let next = 0;
  return (tree, isIntact) => {
    for (let due = dues[next]; due !== undefined && due.size <= tree.size; due = dues[next]) {
      if (due.size < tree.size) throw malformed('A head lies where the pack has no hashes.', 'heads.ndjson');
      if (!tree.root().equals(due.root)) {
        if (due.isSaved) throw new Unverified('LOG_FORKED', 'The events are not those that were sealed when the receipt was saved.');
        const sentence = `Events from ${progress.proven} on and before ${due.size} were changed and hashed anew.`;
        throw new Unverified('ROOT_MISMATCH', sentence, { seq: progress.proven });
      }
      if (isIntact && !due.isSaved && due.size > span.first) progress.proven = Math.min(due.size, span.last);
      next += 1;
    }
  };
}

async function checkTree(sums, manifest, history, progress) {
  const span = spanOf(manifest);
  const tiles = openTiles(sums, manifest, progress);
  const events = await openEvents(sums, manifest, progress);
  const tree = growTree(tiles.check);
  const checkRoots = createRootCheck(history, progress, span);
  let changed = null;
  progress.proven = span.first;
  try {
    for (let tile = 0; tile * TILE_WIDTH < manifest.size; tile += 1) {
      const stated = tiles.leaves(tile);
      if (stated === null) {
        tree.push(tiles.stored(1, tile), 8);
        checkRoots(tree, changed === null);
        continue;
      }
      for (let at = 0; at < stated.length; at += HASH_BYTES) {
        const seq = tree.size;
        const leafHash = stated.subarray(at, at + HASH_BYTES);
        if (seq >= span.first && seq < span.last) {
          let actual = events.take(seq);
          while (actual === null) {
            await events.more(seq);
            actual = events.take(seq);
          }
          if (!actual.equals(leafHash)) {
            changed ??= new Unverified('LEAF_CHANGED', 'An event differs from the hash it was sealed with.', { seq, file: EVENTS });
          }
          if (events.isOpened) await events.open();
        }
        // The tree is built over the stated hashes: when it proves them, the event that differs from its own is exactly the changed one.
        tree.push(leafHash, 0);
        checkRoots(tree, changed === null);
      }
    }
    await events.finish();
  } catch (failure) {
    // What was found first stands before what follows from it.
    throw failure instanceof Unverified && changed !== null && failure.code !== 'ROOT_MISMATCH' ? changed : failure;
  }
  if (changed !== null) throw changed;
}

// The order of the checks, and the verdict. FORMAT.md section 5.
// INVARIANT: every byte of a pack is checked; what can not be checked fails.

const MAX_SIGNATURE_BYTES = 64 * 1024;
const SIGNATURE = 'signature.note';

function receiptOf(manifest, { note, heads }) {
  const { size = 0, root = Buffer.alloc(0), index = 0, path = [] } = heads.at(-1) ?? {};
  const head = { size, root: root.toString('base64'), index, path: path.map((entry) => entry.toString('base64')) };
  return `${JSON.stringify({ format: 'sallyport-audit-receipt', version: 1, tenant: manifest.tenant, note, head })}\n`;
}

function openSignature(zip, manifest, chain) {
  try {
    return openNote(zip.read(SIGNATURE, MAX_SIGNATURE_BYTES).toString('utf8'), manifest.origin, chain);
  } catch (failure) {
    throw inFile(failure, SIGNATURE);
  }
}

/** The signature over the list of digests and over every byte before it: whatever no tree covers. */
async function checkSignature(zip, sums, manifest, { chain }) {
  const listed = await sums.compare();
  const note = openSignature(zip, manifest, chain);
  const [head, digest, bytes, ...rest] = note.text.split('\n');
  if (!isSignedByLogAlone(note, manifest.origin, chain) || head !== `${manifest.origin}/pack` || rest.join('|') !== '') {
    throw new Unverified('PACK_CHANGED', 'The events are intact, but the pack was not signed by its log.', { file: SIGNATURE });
  }
  if (digest !== listed)
    throw new Unverified('PACK_CHANGED', 'The events are intact, but the list of digests was changed.', { file: 'SHA256SUMS' });
  if (bytes !== zip.digestBefore(SIGNATURE)) {
    throw new Unverified('PACK_REPACKED', 'Every file is as it was exported, but the zip around them was written anew.', {
      file: DIRECTORY,
    });
  }
}

/** The key to trust: the one that was given, or that of this log in the policy. */
function trustedKeyOf({ trustedKey }, policy, manifest) {
  if (trustedKey !== undefined) return trustedKey.trim();
  if (policy === null || policy.logs.length === 0) return null;
  const name = parseVerifierKey(String(manifest.keys[0])).name;
  const known = policy.logs.find((log) => parseVerifierKey(log).name === name);
  if (known === undefined) throw new Unverified('CHECKPOINT_FOREIGN', 'The policy does not name the log of this pack.');
  return known;
}

function readManifestFile(zip) {
  try {
    return readManifest(zip);
  } catch (failure) {
    throw inFile(failure, 'manifest.json');
  }
}

async function check(zip, options, progress, found) {
  const manifest = readManifestFile(zip);
  found.manifest = manifest;
  checkNames(zip, manifest);
  const sums = openSums(zip);
  const policy = options.policy === undefined ? null : parsePolicy(options.policy);
  const trustedKey = trustedKeyOf(options, policy, manifest);
  try {
    const history = await openHistory(sums, manifest, zip.names, { trustedKey, savedCheckpoint: options.savedCheckpoint ?? null, policy });
    found.history = history;
    await (manifest.shows === 'selection' ? checkSelection : checkTree)(sums, manifest, history, progress);
    await checkSignature(zip, sums, manifest, history);
  } catch (failure) {
    throw inFile(failure, sums.current);
  }
}

const MESSAGES = {
  whole: 'Every event is intact, in place and under the signature; none is missing.',
  range: 'Every event is intact and under the signature; none is missing between the first and the last number.',
  selection: 'Every event is intact and under the signature. A selection does not show whether others were left out.',
};

/** Checks a pack. Throws only when the file can not be read. */
async function verifyPack(path, options = {}) {
  const found = { manifest: null, history: null };
  const onEvents = (done) => options.onProgress?.(done, found.manifest?.events ?? done);
  const progress = { proven: 0, done: 0, outside: 0, onEvents };
  let failure = null;
  let zip = null;
  try {
    zip = openZip(path);
    await check(zip, options, progress, found);
  } catch (caught) {
    if (!(caught instanceof Unverified)) throw caught;
    failure = caught;
  } finally {
    zip?.close();
  }
  const { manifest, history } = found;
  const times = [...(history?.witnessed?.by ?? [])].map(([name, at]) => ({ name, at: new Date(at * 1000).toISOString() }));
  return {
    ok: failure === null,
    code: failure?.code ?? 'VERIFIED',
    message: failure?.message ?? MESSAGES[manifest?.shows ?? 'whole'],
    firstBad: failure?.seq ?? null,
    badFile: failure?.file ?? null,
    provenUpTo: progress.proven,
    keyTrusted: failure === null && history?.isKeyTrusted === true,
    continuesSaved: failure === null && options.savedCheckpoint !== undefined,
    witnesses: options.policy === undefined ? null : times,
    witnessedSize: history?.witnessed?.size ?? null,
    tenant: manifest?.tenant ?? null,
    shows: manifest?.shows ?? null,
    range: manifest?.range ?? null,
    outsideTime: progress.outside,
    events: manifest?.events ?? 0,
    size: manifest?.size ?? 0,
    unsealed: manifest?.unsealed ?? null,
    epoch: manifest?.epoch ?? null,
    globalSize: history?.checkpoint.size ?? null,
    receipt: failure === null && manifest !== null && history !== null ? receiptOf(manifest, history) : null,
  };
}

// The offline verifier as a program: node: modules only, no network, no database, and not a line shared with the code that writes the
// ledger. Its parts beside it are joined into one file, `sallyport-verify.mjs`, which runs under Node 20 and newer.

const USAGE = `usage: sallyport-verify PACK [--key VERIFIER_KEY] [--policy FILE] [--against RECEIPT_OR_CHECKPOINT] [--save RECEIPT] [--json]

Checks a pack of \`sallyport audit export\` without a server and without a network.
  --key      the log's public key, known from elsewhere than the pack
  --policy   a witness policy (c2sp.org/tlog-policy): which witnesses must have signed
  --against  a receipt or checkpoint kept earlier: finds a cut tail, a fork and a rollback
  --save     where to keep the receipt of a pack that verifies; a new file
  --json     one JSON document on standard output
Exit codes: 0 verified, 1 not verified, 2 wrong usage, 3 a file can not be read or written.
`;
const EXIT = { verified: 0, notVerified: 1, usage: 2, unreadable: 3 };

function parseCommand(args) {
  const text = { type: 'string' };
  const flag = { type: 'boolean' };
  try {
    const options = { key: text, policy: text, against: text, save: text, json: flag, help: flag };
    const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options });
    return positionals.length === 1 || values.help === true ? { ...values, path: positionals[0] ?? '' } : null;
  } catch {
    return null;
  }
}

/** A line that is written over again, for a person who waits. */
function progressLine() {
  let shown = -1;
  return {
    show(done, total) {
      const percent = total === 0 ? 100 : Math.floor((done / total) * 100);
      if (!stderr.isTTY || percent === shown) return;
      shown = percent;
      stderr.write(`\rchecked ${done} of ${total} events (${percent}%)`);
    },
    end() {
      if (shown >= 0) stderr.write('\r\u001b[K');
    },
  };
}

function extentOf({ shows, range, events, size, outsideTime, tenant }) {
  if (shows === 'range' && range !== null) {
    const outside = outsideTime === 0 ? '' : ` ${outsideTime} of them happened outside the time asked for and stand among the others.`;
    return `${range.to - range.from} events of ${tenant}: all from number ${range.from} to before number ${range.to}, of ${size}.${outside}`;
  }
  if (shows === 'selection') return `${events} chosen events of ${tenant}, of ${size}. Whether others were left out is not shown.`;
  return `${events} events of ${tenant}: all there are under the checkpoint.`;
}

function report(verdict) {
  const { ok, code, message, firstBad, badFile, provenUpTo, unsealed, witnesses, witnessedSize, globalSize } = verdict;
  const lines = [ok ? `VERIFIED: ${extentOf(verdict)}` : `NOT VERIFIED: ${code}. ${message}`];
  if (firstBad !== null) lines.push(`First bad sequence number: ${firstBad}. Proven intact below: ${provenUpTo}.`);
  if (badFile !== null) lines.push(`In the file: ${badFile}.`);
  for (const { name, at } of witnesses ?? []) lines.push(`Witness ${name} saw the checkpoint at ${at}.`);
  if (witnessedSize !== null && globalSize !== null && witnessedSize < globalSize) {
    lines.push(`They saw an older checkpoint, of size ${witnessedSize} of ${globalSize}: what was sealed after it has no witness.`);
  }
  if (unsealed !== null && unsealed > 0) lines.push(`${unsealed} events were recorded but not yet sealed.`);
  if (ok && !verdict.keyTrusted) {
    lines.push('The key came with the pack: this shows integrity, not who signed. Give the key you trust with --key.');
  }
  if (ok && !verdict.continuesSaved) {
    lines.push('Not compared with anything saved: a cut-off end would not be noticed. Give a receipt with --against.');
  }
  return `${lines.join('\n')}\n`;
}

async function main(args) {
  const command = parseCommand(args);
  if (command === null || command.help === true) {
    (command === null ? stderr : stdout).write(USAGE);
    return command === null ? EXIT.usage : EXIT.verified;
  }
  const progress = progressLine();
  try {
    const verdict = await verifyPack(command.path, {
      onProgress: progress.show,
      ...(command.key === undefined ? {} : { trustedKey: command.key }),
      ...(command.policy === undefined ? {} : { policy: readFileSync(command.policy, 'utf8') }),
      ...(command.against === undefined ? {} : { savedCheckpoint: readFileSync(command.against, 'utf8') }),
    });
    progress.end();
    if (command.save !== undefined && verdict.receipt !== null) writeFileSync(command.save, verdict.receipt, { flag: 'wx' });
    stdout.write(command.json === true ? `${JSON.stringify(verdict)}\n` : report(verdict));
    return verdict.ok ? EXIT.verified : EXIT.notVerified;
  } catch (failure) {
    progress.end();
    const { code = 'UNREADABLE', syscall } = failure;
    if (syscall === undefined) throw failure;
    stderr.write(`sallyport-verify: ${code}: the pack or a given file can not be read or written.\n`);
    return EXIT.unreadable;
  }
}

if (argv[1] !== undefined && realpathSync(argv[1]) === import.meta.filename) process.exitCode = await main(argv.slice(2));

export { main, verifyPack };
