// Zips made to deceive: whatever two readers could see differently, or would unpack without end, is refused before it is believed.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { zipOf } from '../test/pack-zip.ts';
import { openZip } from './zip.ts';

const atMs = 1_893_456_000_000;
let folder: string;
let good: Buffer;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-zip-'));
  good = await zipOf(
    [
      ['manifest.json', Buffer.from('{}\n')],
      ['events.ndjson', Buffer.from('one\ntwo\n'.repeat(100))],
    ],
    { atMs },
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

async function contentOf(bytes: Buffer, name = 'events.ndjson'): Promise<string> {
  const path = join(folder, 'a.zip');
  writeFileSync(path, bytes);
  const zip = openZip(path);
  try {
    const pieces: Buffer[] = [];
    for await (const piece of zip.stream(name)) pieces.push(piece);
    return Buffer.concat(pieces).toString();
  } finally {
    zip.close();
  }
}

const changed = (change: (bytes: Buffer) => void): Buffer => {
  const bytes = Buffer.from(good);
  change(bytes);
  return bytes;
};
/** Where the central record of the second file begins. */
const second = (bytes: Buffer): number => bytes.lastIndexOf(Buffer.from([0x50, 0x4b, 1, 2]));

describe('the zip of a pack', () => {
  it('is read when it has the one form', async () => {
    expect(await contentOf(good)).toBe('one\ntwo\n'.repeat(100));
  });

  it.each<[string, () => Buffer | Promise<Buffer>]>([
    ['bytes after its end', () => Buffer.concat([good, Buffer.from('x')])],
    ['bytes before its beginning', () => Buffer.concat([Buffer.from('x'), good])],
    ['no end', () => good.subarray(0, -1)],
    ['nothing in it', () => Buffer.alloc(0)],
    ['a comment', () => changed((bytes) => bytes.writeUInt16LE(1, bytes.length - 2))],
    ['a count of files that is too small', () => changed((bytes) => bytes.writeUInt16LE(1, bytes.length - 14))],
    ['two names for one file', () => changed((bytes) => void bytes.write('Events.ndjson', second(bytes) + 46))],
    ['a size in one header that the other does not have', () => changed((bytes) => bytes.writeUInt32LE(9, second(bytes) + 24))],
    ['a file that lies inside another', () => changed((bytes) => bytes.writeUInt32LE(0, second(bytes) + 42))],
    ['a link instead of a file', () => changed((bytes) => bytes.writeUInt32LE((0o120777 * 0x10000) >>> 0, second(bytes) + 38))],
    ['an encrypted file', () => changed((bytes) => bytes.writeUInt16LE(0x0801, second(bytes) + 8))],
    ['a method nobody asked for', () => changed((bytes) => bytes.writeUInt16LE(9, second(bytes) + 10))],
    [
      'a file twice',
      () =>
        zipOf(
          [
            ['events.ndjson', Buffer.from('a\n')],
            ['events.ndjson', Buffer.from('b\n')],
          ],
          { atMs },
        ),
    ],
    [
      'a name that is hidden',
      () =>
        zipOf(
          [
            ['events.ndjson', Buffer.from('a\n')],
            ['tile/.hidden', Buffer.from('b\n')],
          ],
          { atMs },
        ),
    ],
  ])('is refused with %s', async (_what, make) => {
    await expect(contentOf(await make())).rejects.toMatchObject({ code: 'PACK_MALFORMED', file: expect.any(String) });
  });

  it.each(['../secret', '/etc/secret', 'a/../../b', 'C:\\secret', 'a//b', 'tile/0/\u0000', 'ev\u00e9nts'])(
    'is refused with the name %j',
    async (name) => {
      const bytes = changed((zip) => {
        const padded = Buffer.from(name.padEnd(13, 'x'), 'latin1').subarray(0, 13);
        padded.copy(zip, second(zip) + 46);
        padded.copy(zip, zip.indexOf('events.ndjson'));
      });
      await expect(contentOf(bytes, 'manifest.json')).rejects.toMatchObject({ code: 'PACK_MALFORMED' });
    },
  );

  it('never unpacks to more than it states, nor to less', async () => {
    const bomb = await zipOf([['events.ndjson', Buffer.alloc(50_000_000)]], { atMs, level: 9 });
    for (const stated of [1_000, 49_999_999, 50_000_001]) {
      const bytes = Buffer.from(bomb);
      bytes.writeUInt32LE(stated, 22);
      bytes.writeUInt32LE(stated, second(bytes) + 24);
      const before = process.memoryUsage().rss;
      await expect(contentOf(bytes)).rejects.toMatchObject({ code: 'PACK_MALFORMED', file: 'events.ndjson' });
      if (stated === 1_000) expect(process.memoryUsage().rss - before).toBeLessThan(40_000_000);
    }
  });

  it('is refused when a file is followed by bytes that belong to none', async () => {
    const [start, end] = [good.indexOf('events.ndjson') + 13, second(good)];
    const directory = good.readUInt32LE(good.length - 6);
    const bytes = Buffer.concat([good.subarray(0, directory), Buffer.from('stowaway'), good.subarray(directory)]);
    const packed = directory - start + 8;
    bytes.writeUInt32LE(packed, start - 13 - 12);
    bytes.writeUInt32LE(packed, end + 8 + 20);
    bytes.writeUInt32LE(directory + 8, bytes.length - 6);
    await expect(contentOf(bytes)).rejects.toMatchObject({ code: 'PACK_MALFORMED' });
  });
});
