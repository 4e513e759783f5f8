// Takes an exported zip apart and puts one together again, byte for byte in the same form, so that tests can change what lies between.

import { inflateRawSync } from 'node:zlib';
import { ZipFile } from 'yazl';

const STORED = /^(tile\/|manifest\.json$|checkpoint\.note$|witnessed\.note$|signature\.note$)/;

/** Contents by name, in the order of the central directory. Believes the zip: it is one that we wrote. */
export function filesOfPack(zip: Buffer): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  const end = zip.length - 22;
  for (let at = zip.readUInt32LE(end + 16), left = zip.readUInt16LE(end + 8); left > 0; left -= 1) {
    const [nameBytes, extra, packed] = [zip.readUInt16LE(at + 28), zip.readUInt16LE(at + 30), zip.readUInt32LE(at + 20)];
    const name = zip.toString('utf8', at + 46, at + 46 + nameBytes);
    const data = zip.readUInt32LE(at + 42) + 30 + nameBytes;
    const content = zip.subarray(data, data + packed);
    files.set(name, zip.readUInt16LE(at + 10) === 0 ? content : inflateRawSync(content));
    at += 46 + nameBytes + extra;
  }
  return files;
}

export type PackFile = readonly [name: string, content: Buffer];

/** A zip of the form that packs have, of any files, names twice included. */
export async function zipOf(files: Iterable<PackFile>, how: { atMs: number; level?: number }): Promise<Buffer> {
  const zip = new ZipFile();
  for (const [name, content] of files) {
    const stored = STORED.test(name);
    zip.addBuffer(content, name, {
      mtime: new Date(how.atMs),
      mode: 0o100644,
      forceDosTimestamp: true,
      ...(stored ? { compress: false } : { compressionLevel: how.level ?? 6 }),
    });
  }
  zip.end();
  const pieces: Buffer[] = [];
  for await (const piece of zip.outputStream) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}
