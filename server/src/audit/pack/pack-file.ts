// Streams the files of a pack into one zip and seals them: a list of digests, and a note of the log over that list and over every byte
// before it. Holds one piece of one file at a time.
// INVARIANT: an existing file is never touched, and a pack that could not be finished leaves nothing behind.

import { createHash } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { finished, Readable, Transform } from 'node:stream';
import { promisify } from 'node:util';
import { ZipFile } from 'yazl';
import { SallyportError, type UnixMs } from '#core';
import type { NoteSigner } from '../signing/note.ts';

const OWNER_ONLY = 0o600;
const REGULAR_FILE = 0o100644;
const EMPTY = Buffer.alloc(0);
const whenFinished = promisify(finished);

export interface PackFiles {
  /** Adds a file. Texts are packed; hashes and what is signed are stored as they are. */
  add(name: string, pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, how: 'packed' | 'stored'): Promise<void>;
}

export interface PackSeal {
  /** Signs under the name of the epoch that is exported. */
  readonly log: NoteSigner;
  readonly atMs: UnixMs;
}

interface Writing {
  readonly zip: ZipFile;
  readonly out: Transform;
  readonly bytes: ReturnType<typeof createHash>;
  /** The file being written. */
  source: Readable | null;
  /** Nobody reads any more: no other file is begun. */
  isStopped: boolean;
}

async function addTo(
  writing: Writing,
  name: string,
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: object,
): Promise<string> {
  if (writing.isStopped) throw new Error('nobody reads the pack any more');
  const digest = createHash('sha256');
  async function* digested(): AsyncGenerator<Uint8Array> {
    for await (const piece of pieces) {
      digest.update(piece);
      yield piece;
    }
  }
  const source = Readable.from(digested(), { objectMode: false });
  writing.source = source;
  writing.zip.addReadStream(source, name, options);
  await whenFinished(source);
  return digest.digest('hex');
}

/** The last file: its content is made when every byte before it has passed. */
function addSignature({ zip, out, bytes }: Writing, seal: PackSeal, listDigest: string, options: object): void {
  zip.addReadStreamLazy('signature.note', options, (take) => {
    // An empty piece comes out behind everything written before it.
    out.write(EMPTY, () => {
      const text = `${seal.log.name}/pack\n${listDigest}\n${bytes.copy().digest('base64')}\n`;
      take(null, Readable.from([Buffer.from(seal.log.sign(text))], { objectMode: false }));
    });
  });
}

async function writeFiles(writing: Writing, seal: PackSeal, body: (files: PackFiles) => Promise<void>): Promise<void> {
  const options = { mtime: new Date(seal.atMs), mode: REGULAR_FILE, forceDosTimestamp: true };
  const list: string[] = [];
  await body({
    async add(name, pieces, how) {
      const digest = await addTo(writing, name, pieces, { ...options, compress: how === 'packed' });
      list.push(`${digest}  ${name}\n`);
    },
  });
  const listDigest = await addTo(writing, 'SHA256SUMS', [Buffer.from(list.join(''))], { ...options, compress: true });
  addSignature(writing, seal, Buffer.from(listDigest, 'hex').toString('base64'), { ...options, compress: false });
  writing.zip.end();
}

/** The bytes of a pack, made as they are read. */
export async function* packBytes(seal: PackSeal, body: (files: PackFiles) => Promise<void>): AsyncGenerator<Uint8Array> {
  const bytes = createHash('sha256');
  const out = new Transform({
    transform(piece: Uint8Array, _encoding, done) {
      bytes.update(piece);
      done(null, piece);
    },
  });
  const zip = new ZipFile();
  (zip as { outputStream: NodeJS.ReadableStream }).outputStream = out;
  const writing: Writing = { zip, out, bytes, source: null, isStopped: false };
  zip.on('error', (fault) => out.destroy(fault as Error));
  const written = writeFiles(writing, seal, body).catch((fault: unknown) => void out.destroy(fault as Error));
  try {
    for await (const piece of out) yield piece as Uint8Array;
  } finally {
    writing.isStopped = true;
    writing.source?.destroy();
    await written;
  }
}

function unwritable(cause: unknown): SallyportError {
  if (cause instanceof SallyportError) return cause;
  return new SallyportError(
    'AUDIT_EXPORT_FAILED',
    'The audit export could not be written: the target must be a new file in a writable folder.',
    {
      cause,
    },
  );
}

/** Writes a pack under another name first, so that what bears the name is whole. */
export async function writePackFile(path: string, bytes: AsyncIterable<Uint8Array>): Promise<void> {
  const draft = `${path}.part`;
  try {
    const target = await open(path, 'wx', OWNER_ONLY);
    await target.close();
  } catch (cause) {
    throw unwritable(cause);
  }
  try {
    const file = await open(draft, 'wx', OWNER_ONLY);
    try {
      for await (const piece of bytes) await file.writeFile(piece);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (cause) {
    await Promise.all([rm(draft, { force: true }), rm(path, { force: true })]);
    throw unwritable(cause);
  }
}
