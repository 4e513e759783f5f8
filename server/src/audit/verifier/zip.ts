// Reads the zip of a pack. Only one form is accepted (FORMAT.md section 4), so that no two readers can see two contents:
// files back to back, both headers of a file alike, no second file of a name, no bytes before, between or after.
// INVARIANT: nothing is unpacked to disk, and what a file unpacks to never exceeds the size it states.

import { type BinaryToTextEncoding, createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { createInflateRaw } from 'node:zlib';
import { inFile, malformed, Unverified } from './unverified.ts';

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
export const DIRECTORY = 'the zip directory';
const STORED = 0;
const DEFLATED = 8;
const UNKNOWN = 0xffffffff;
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*(\/[A-Za-z0-9][A-Za-z0-9._-]*)*$/;

interface Place {
  readonly name: string;
  readonly isDeflated: boolean;
  readonly at: number;
  readonly packed: number;
  readonly size: number;
}

export interface Zip {
  readonly names: readonly string[];
  sizeOf(name: string): number | null;
  /** A small file, whole. */
  read(name: string, maxBytes: number): Buffer;
  /** A large file, piece by piece. Unpacking runs beside the caller. */
  stream(name: string): AsyncGenerator<Buffer>;
  /** Digest of everything before the content of this file. */
  digestBefore(name: string): string;
  close(): void;
}

function differ(): Unverified {
  return malformed('The zip file is not in the one form of a pack.');
}

function must(isSo: boolean): void {
  if (!isSo) throw differ();
}

interface Directory {
  readonly at: number;
  readonly bytes: number;
  readonly files: number;
}

const wide = (bytes: Buffer, at: number): number => {
  const value = Number(bytes.readBigUInt64LE(at));
  must(Number.isSafeInteger(value));
  return value;
};

function findDirectory(readAt: (at: number, bytes: number) => Buffer, size: number): Directory {
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
function readPlace(record: Buffer, start: number, time: number, readAt: (at: number, bytes: number) => Buffer): Place & { next: number } {
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
function named<T>(record: Buffer, read: () => T): T {
  try {
    return read();
  } catch (failure) {
    const name = record.toString('latin1', CENTRAL, CENTRAL + record.readUInt16LE(28));
    throw inFile(failure, NAME.test(name) ? name : DIRECTORY);
  }
}

function readPlaces(readAt: (at: number, bytes: number) => Buffer, size: number): Map<string, Place> {
  const directory = findDirectory(readAt, size);
  if (directory.files < 1 || directory.files > MAX_FILES || directory.bytes > MAX_DIRECTORY_BYTES) throw differ();
  const records = readAt(directory.at, directory.bytes);
  const places = new Map<string, Place>();
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

export function openZip(path: string): Zip {
  const file = openSync(path, 'r');
  /** Never more than what is there: a size that a pack states is not trusted to allocate. */
  const readAt = (at: number, bytes: number): Buffer => {
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
  const failClosed = (failure: unknown): never => {
    closeSync(file);
    throw inFile(failure instanceof RangeError ? differ() : failure, DIRECTORY);
  };
  let places: Map<string, Place>;
  try {
    places = readPlaces(readAt, fileSize);
  } catch (failure) {
    return failClosed(failure);
  }
  const placeOf = (name: string): Place => {
    const place = places.get(name);
    if (place === undefined) throw new Unverified('PACK_TRUNCATED', `The pack lacks ${name}.`, { file: name });
    return place;
  };
  async function* stream(name: string): AsyncGenerator<Buffer> {
    const place = placeOf(name);
    let sent = 0;
    const bounded = (piece: Buffer): Buffer => {
      sent += piece.length;
      if (sent > place.size) throw malformed('A file of the pack unpacks to more than it states.', name);
      return piece;
    };
    function* packed(): Generator<Buffer> {
      for (let at = 0; at < place.packed; at += READ_BYTES) yield readAt(place.at + at, Math.min(READ_BYTES, place.packed - at));
    }
    if (!place.isDeflated) for (const piece of packed()) yield bounded(piece);
    else {
      const inflate = createInflateRaw({ chunkSize: READ_BYTES, readableHighWaterMark: 4 * READ_BYTES } as object);
      void feed(inflate, packed());
      try {
        for await (const piece of inflate) yield bounded(piece as Buffer);
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
function untilDrained(inflate: ReturnType<typeof createInflateRaw>): Promise<void> {
  return new Promise((resolve) => {
    const go = (): void => {
      inflate.off('drain', go);
      inflate.off('close', go);
      resolve();
    };
    inflate.on('drain', go);
    inflate.on('close', go);
  });
}

/** Hands the packed bytes over as fast as they are taken; a failure to read them ends the unpacking with it. */
async function feed(inflate: ReturnType<typeof createInflateRaw>, pieces: Iterable<Buffer>): Promise<void> {
  try {
    for (const piece of pieces) {
      if (inflate.destroyed || inflate.readableEnded) return;
      if (inflate.write(piece)) continue;
      await untilDrained(inflate);
    }
    inflate.end();
  } catch (failure) {
    inflate.destroy(failure as Error);
  }
}

function digestRange(readAt: (at: number, bytes: number) => Buffer, end: number, encoding: BinaryToTextEncoding): string {
  const digest = createHash('sha256');
  for (let at = 0; at < end; at += READ_BYTES) digest.update(readAt(at, Math.min(READ_BYTES, end - at)));
  return digest.digest(encoding);
}
