// Ways to change an exported zip: its bytes, its files, the lines in them, and the zip put together anew around what was changed. Each is
// chosen by a seeded random, and says what a verifier must find.

import { createHash } from 'node:crypto';
import type { SeededRandom } from '@sallyport/testkit';
import { filesOfPack, type PackFile, zipOf } from './pack-zip.ts';

export interface Found {
  readonly ok: boolean;
  readonly code: string;
  readonly firstBad: number | null;
  readonly badFile: string | null;
  readonly provenUpTo: number;
}

export interface Tampered {
  readonly kind: string;
  readonly bytes: Buffer;
  /** What the verdict must be; the reason when it is not. */
  readonly judge: (found: Found) => string | null;
}

/** What changes a pack that was taken apart: its files in order, and when it was made. */
interface Parts {
  readonly files: PackFile[];
  readonly atMs: number;
  readonly random: SeededRandom;
}

type Expected = { readonly codes: readonly string[]; readonly seq?: number; readonly file?: string; readonly below?: number };
type Change = (parts: Parts) => { readonly files: readonly PackFile[]; readonly expected: Expected } | null;

const EVENTS = 'events.ndjson';

const indexOf = (files: readonly PackFile[], name: string): number => files.findIndex(([known]) => known === name);
const linesOf = (content: Buffer): string[] => content.toString().trimEnd().split('\n');
const joined = (lines: readonly string[]): Buffer => Buffer.from(lines.map((line) => `${line}\n`).join(''));
const seqOf = (line: string): number => (JSON.parse(line) as { seq: number }).seq;
const hex = (content: Buffer): string => createHash('sha256').update(content).digest('hex');
const leafHash = (line: string): Buffer => createHash('sha256').update(`\0${line}`).digest();

function withFile(files: readonly PackFile[], name: string, content: Buffer): PackFile[] {
  return files.map((file) => (file[0] === name ? [name, content] : file));
}

/** Mends what anybody can mend without the key: the list of digests. */
function withSums(files: readonly PackFile[]): PackFile[] {
  const listed = files.filter(([name]) => name !== 'SHA256SUMS' && name !== 'signature.note');
  return withFile(files, 'SHA256SUMS', joined(listed.map(([name, content]) => `${hex(content)}  ${name}`)));
}

/** Mends the counts too. */
function withManifest(files: readonly PackFile[], edit: (manifest: Record<string, unknown>) => void): PackFile[] {
  const manifest = JSON.parse((files[indexOf(files, 'manifest.json')] as PackFile)[1].toString()) as Record<string, unknown>;
  edit(manifest);
  return withFile(files, 'manifest.json', Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`));
}

const eventsOf = (files: readonly PackFile[]): string[] => linesOf((files[indexOf(files, EVENTS)] as PackFile)[1]);
const withEvents = (files: readonly PackFile[], lines: readonly string[]): PackFile[] => withSums(withFile(files, EVENTS, joined(lines)));

function edited(line: string, member: string, value: unknown): string {
  return JSON.stringify({ ...(JSON.parse(line) as object), [member]: value });
}

/** Puts the hash of a changed event into its tile, so that only the tree above it disagrees. */
function withTile(files: readonly PackFile[], seq: number, hash: Buffer): PackFile[] {
  const tile = Math.floor(seq / 256);
  const name =
    files.map(([known]) => known).find((known) => new RegExp(`^tile/0/${String(tile).padStart(3, '0')}(\\.p/|$)`).test(known)) ?? '';
  const bytes = Buffer.from((files[indexOf(files, name)] as PackFile)[1]);
  hash.copy(bytes, (seq % 256) * 32);
  return withFile(files, name, bytes);
}

const pick = <T>(values: readonly T[], random: SeededRandom): T => values[random.below(values.length)] as T;
const inPlace = (seq: number): Expected => ({ codes: ['LEAF_CHANGED', 'PAYLOAD_CHANGED'], seq });
const outOfPlace = (seq: number): Expected => ({ codes: ['LEAF_OUT_OF_PLACE', 'LEAF_CHANGED'], seq });

const CHANGES: Readonly<Record<string, Change>> = {
  'edits an event': ({ files, random }) => {
    const lines = eventsOf(files);
    const at = random.below(lines.length);
    lines[at] = edited(lines[at] as string, pick(['subject', 'type', 'actor', 'at'], random), 'call_forged');
    return { files: withEvents(files, lines), expected: inPlace(seqOf(lines[at] as string)) };
  },
  'edits an event and its hash': ({ files, random }) => {
    const lines = eventsOf(files);
    const at = random.below(lines.length);
    const line = edited(lines[at] as string, 'subject', 'call_forged');
    lines[at] = line;
    const seq = seqOf(line);
    return { files: withSums(withTile(withEvents(files, lines), seq, leafHash(line))), expected: { codes: ['ROOT_MISMATCH'], below: seq } };
  },
  'removes an event': ({ files, random }) => {
    const lines = eventsOf(files);
    const at = random.below(lines.length);
    const expected =
      at === lines.length - 1 ? { codes: ['PACK_TRUNCATED', 'LEAF_OUT_OF_PLACE'], seq: at } : outOfPlace(seqOf(lines[at] as string));
    return { files: withEvents(files, lines.toSpliced(at, 1)), expected };
  },
  'removes an event and renumbers all later ones': ({ files, random }) => {
    const lines = eventsOf(files);
    const at = random.below(lines.length - 1);
    const kept = lines.toSpliced(at, 1).map((line, index) => (index < at ? line : edited(line, 'seq', index)));
    const fewer = withManifest(withEvents(files, kept), (manifest) => {
      manifest.events = kept.length;
      manifest.size = kept.length;
    });
    return { files: withSums(fewer), expected: { codes: ['PACK_MALFORMED', 'PACK_TRUNCATED', 'LEAF_CHANGED'] } };
  },
  'swaps two events': ({ files, random }) => {
    const lines = eventsOf(files);
    const one = random.below(lines.length - 1);
    const two = one + 1 + random.below(lines.length - one - 1);
    [lines[one], lines[two]] = [lines[two] as string, lines[one] as string];
    return { files: withEvents(files, lines), expected: outOfPlace(one) };
  },
  'swaps two events and their numbers': ({ files, random }) => {
    const lines = eventsOf(files);
    const one = random.below(lines.length - 1);
    const two = one + 1;
    const swapped = [edited(lines[two] as string, 'seq', one), edited(lines[one] as string, 'seq', two)];
    return { files: withEvents(files, lines.toSpliced(one, 2, ...swapped)), expected: inPlace(one) };
  },
  'inserts an event': ({ files, random }) => {
    const lines = eventsOf(files);
    const at = 1 + random.below(lines.length - 1);
    return { files: withEvents(files, lines.toSpliced(at, 0, edited(lines[at] as string, 'id', 'evt_forged'))), expected: outOfPlace(at) };
  },
  'adds an event to the end': ({ files }) => {
    const lines = eventsOf(files);
    const more = edited(edited(lines.at(-1) as string, 'seq', lines.length), 'id', 'evt_forged');
    return { files: withEvents(files, [...lines, more]), expected: { codes: ['LEAF_UNSEALED'], seq: lines.length } };
  },
  'cuts events off the end': ({ files, random }) => {
    const lines = eventsOf(files);
    const at = 1 + random.below(lines.length - 1);
    return { files: withEvents(files, lines.slice(0, at)), expected: { codes: ['PACK_TRUNCATED', 'LEAF_OUT_OF_PLACE'], seq: at } };
  },
  'changes an opened payload': ({ files, random }) => {
    const at = indexOf(files, 'openings.ndjson');
    if (at < 0) return null;
    const lines = linesOf((files[at] as PackFile)[1]);
    if (lines[0] === '') return null;
    const line = random.below(lines.length);
    const opening = JSON.parse(lines[line] as string) as { seq: number };
    lines[line] = JSON.stringify({ ...opening, payload: Buffer.from('another payload').toString('base64') });
    const expected = { codes: ['PAYLOAD_CHANGED'], seq: opening.seq };
    return { files: withSums(withFile(files, 'openings.ndjson', joined(lines))), expected };
  },
  'changes a count of the manifest': ({ files, random }) => {
    const name = pick(['size', 'events', 'openings', 'unsealed', 'heads', 'consistency', 'epoch', 'createdAt'], random);
    const changed = withManifest(files, (manifest) => {
      manifest[name] = typeof manifest[name] === 'number' ? (manifest[name] as number) + 1 + random.below(3) : '2031-01-01T00:00:00.000Z';
    });
    return { files: withSums(changed), expected: { codes: ['PACK_MALFORMED', 'PACK_TRUNCATED', 'PACK_CHANGED', 'CHECKPOINT_FOREIGN'] } };
  },
  'changes a line of a proof': ({ files, random }) => {
    const name = pick(
      ['heads.ndjson', 'consistency.ndjson', 'proofs.ndjson'].filter((known) => indexOf(files, known) >= 0),
      random,
    );
    const lines = linesOf((files[indexOf(files, name)] as PackFile)[1]);
    if (lines[0] === '') return null;
    const at = random.below(lines.length);
    const fields = JSON.parse(lines[at] as string) as { path: string[] };
    if (fields.path.length === 0) return null;
    fields.path[random.below(fields.path.length)] = Buffer.from(random.bytes(32)).toString('base64');
    lines[at] = JSON.stringify(fields);
    const codes = ['HEAD_NOT_INCLUDED', 'CONSISTENCY_INVALID', 'LEAF_CHANGED'];
    return { files: withSums(withFile(files, name, joined(lines))), expected: { codes, file: name === 'proofs.ndjson' ? EVENTS : name } };
  },
  'changes a hash of a tile': ({ files, random }) => {
    const tiles = files.filter(([name]) => name.startsWith('tile/'));
    if (tiles.length === 0) return null;
    const [name, content] = pick(tiles, random);
    const bytes = Buffer.from(content);
    const at = random.below(bytes.length);
    bytes[at] = (bytes[at] as number) ^ (1 << random.below(8));
    return { files: withSums(withFile(files, name, bytes)), expected: { codes: ['ROOT_MISMATCH'] } };
  },
  'removes a file': ({ files, random }) => {
    const at = random.below(files.length);
    const name = (files[at] as PackFile)[0];
    const fewer = files.toSpliced(at, 1);
    const mended = indexOf(fewer, 'SHA256SUMS') < 0 ? fewer : withSums(fewer);
    return { files: mended, expected: { codes: ['PACK_TRUNCATED'], file: name } };
  },
  'adds a file': ({ files, random }) => {
    const at = random.below(files.length + 1);
    const more = withSums(files.toSpliced(at, 0, ['extra.txt', Buffer.from('more')]));
    return { files: more, expected: { codes: ['PACK_MALFORMED'], file: 'extra.txt' } };
  },
  'has a file twice': ({ files, random }) => {
    const file = pick(files, random);
    return { files: [...files.slice(0, -1), file, files.at(-1) as PackFile], expected: { codes: ['PACK_MALFORMED'], file: file[0] } };
  },
  'swaps the contents of two files': ({ files, random }) => {
    const one = random.below(files.length - 1);
    const two = one + 1 + random.below(files.length - one - 1);
    const [[first, left], [second, right]] = [files[one] as PackFile, files[two] as PackFile];
    if (left.equals(right)) return null;
    return { files: withFile(withFile(files, first, right), second, left), expected: { codes: [] } };
  },
  'swaps the places of two files': ({ files, random }) => {
    const swapped = [...files];
    const at = random.below(files.length - 1);
    [swapped[at], swapped[at + 1]] = [files[at + 1] as PackFile, files[at] as PackFile];
    return { files: swapped, expected: { codes: ['PACK_MALFORMED'] } };
  },
  'changes a file that no tree covers': ({ files, random }) => {
    const name = pick(['README.txt', 'sallyport-verify.mjs'], random);
    const content = Buffer.concat([(files[indexOf(files, name)] as PackFile)[1], Buffer.from(random.bytes(8))]);
    const isMended = random.below(2) === 0;
    const changed = withFile(files, name, content);
    const file = isMended ? 'SHA256SUMS' : name;
    return { files: isMended ? withSums(changed) : changed, expected: { codes: ['PACK_CHANGED'], file } };
  },
};

const BYTE_CHANGES: Readonly<Record<string, (bytes: Buffer, random: SeededRandom) => Buffer>> = {
  'flips a bit anywhere': (bytes, random) => {
    const at = random.below(bytes.length);
    bytes[at] = (bytes[at] as number) ^ (1 << random.below(8));
    return bytes;
  },
  'flips a bit of a header': (bytes, random) => {
    const directory = bytes.readUInt32LE(bytes.length - 6);
    const at = directory + random.below(bytes.length - directory);
    bytes[at] = (bytes[at] as number) ^ (1 << random.below(8));
    return bytes;
  },
  'removes a byte anywhere': (bytes, random) => {
    const at = random.below(bytes.length);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)]);
  },
  'inserts bytes anywhere': (bytes, random) => {
    const at = random.below(bytes.length + 1);
    return Buffer.concat([bytes.subarray(0, at), Buffer.from(random.bytes(1 + random.below(40))), bytes.subarray(at)]);
  },
  'cuts the file off': (bytes, random) => bytes.subarray(0, random.below(bytes.length)),
};

function judgeBy({ codes, seq, file, below }: Expected): Tampered['judge'] {
  return (found) => {
    if (found.ok) return 'was not found';
    if (codes.length > 0 && !codes.includes(found.code)) return `was found for another reason, ${found.code}`;
    if (found.firstBad === null && found.badFile === null) return `was found, but ${found.code} names no place`;
    if (seq !== undefined && found.firstBad !== seq) return `names ${found.firstBad} instead of ${seq}`;
    if (file !== undefined && found.badFile !== file) return `names ${found.badFile} instead of ${file}`;
    if (below !== undefined && (found.firstBad ?? below + 1) > below) return `names ${found.firstBad}, after ${below}`;
    return found.provenUpTo > (seq ?? below ?? Number.MAX_SAFE_INTEGER) ? `says ${found.provenUpTo} events are proven` : null;
  };
}

export const ZIP_TAMPERS: readonly string[] = [...Object.keys(CHANGES), ...Object.keys(BYTE_CHANGES), 'packs everything anew'];

/** Kinds whose expected number is that of the line: only in a whole pack are they the same. */
export const WHOLE_ONLY: ReadonlySet<string> = new Set([
  'edits an event and its hash',
  'removes an event',
  'removes an event and renumbers all later ones',
  'swaps two events',
  'swaps two events and their numbers',
  'inserts an event',
  'adds an event to the end',
  'cuts events off the end',
]);

/** A changed copy of a pack; null when this kind can not change it. */
export async function tamper(
  pack: Buffer,
  { kind, atMs, random }: { kind: string; atMs: number; random: SeededRandom },
): Promise<Tampered | null> {
  const change = CHANGES[kind];
  const files = [...filesOfPack(pack)];
  if (change !== undefined) {
    const changed = change({ files, atMs, random });
    return changed === null ? null : { kind, bytes: await zipOf(changed.files, { atMs }), judge: judgeBy(changed.expected) };
  }
  const bytes = BYTE_CHANGES[kind]?.(Buffer.from(pack), random) ?? (await zipOf(files, { atMs, level: 1 }));
  if (bytes.equals(pack)) return null;
  return {
    kind,
    bytes,
    judge: (found) => (found.ok ? 'was not found' : found.badFile === null && found.firstBad === null ? 'names no place' : null),
  };
}
