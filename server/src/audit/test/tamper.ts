// Ways to change an exported pack: each takes its lines and gives other lines (or bytes), chosen by a seeded random.

import { createHash } from 'node:crypto';
import type { SeededRandom } from '@sallyport/testkit';

export interface Tampered {
  readonly kind: string;
  readonly bytes: Buffer;
  /** The first sequence number that is not as it was, when the change is one to a leaf. */
  readonly changedAt: number | null;
  /** Whether a verifier can name that number: the hashes around it were not made to fit. */
  readonly isExact: boolean;
}

const isLeaf = (line: string): boolean => line.startsWith('["');
const seqOf = (line: string): number => (JSON.parse(line)[1] as { seq: number }).seq;
const join = (lines: readonly string[]): Buffer => Buffer.from(lines.map((line) => `${line}\n`).join(''));

function rehashed(line: string, edit: (leaf: Record<string, unknown>) => void): string {
  const leaf = JSON.parse(line.slice(48, -1)) as Record<string, unknown>;
  edit(leaf);
  const text = JSON.stringify(leaf);
  return `["${createHash('sha256').update(`\0${text}`).digest('base64')}",${text}]`;
}

interface Change {
  readonly bytes: Buffer;
  readonly changedAt?: number;
  readonly isExact?: boolean;
}

type Tamper = (lines: string[], random: SeededRandom) => Change;

function leafAt(lines: readonly string[], random: SeededRandom): number {
  const leaves = lines.flatMap((line, at) => (isLeaf(line) ? [at] : []));
  return leaves[random.below(leaves.length)] as number;
}

export const TAMPERS: Readonly<Record<string, Tamper>> = {
  'flips a bit anywhere': (lines, random) => {
    const bytes = join(lines);
    const at = random.below(bytes.length);
    bytes[at] = (bytes[at] as number) ^ (1 << random.below(8));
    return { bytes };
  },
  'removes a byte anywhere': (lines, random) => {
    const bytes = join(lines);
    const at = random.below(bytes.length);
    return { bytes: Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)]) };
  },
  'inserts a byte anywhere': (lines, random) => {
    const bytes = join(lines);
    const at = random.below(bytes.length + 1);
    return { bytes: Buffer.concat([bytes.subarray(0, at), Buffer.from(random.bytes(1)), bytes.subarray(at)]) };
  },
  'edits an event': (lines, random) => {
    const at = leafAt(lines, random);
    const changedAt = seqOf(lines[at] as string);
    lines[at] = (lines[at] as string).replace('get_order', 'get_others');
    return { bytes: join(lines), changedAt, isExact: true };
  },
  'edits an event and hashes it anew': (lines, random) => {
    const at = leafAt(lines, random);
    lines[at] = rehashed(lines[at] as string, (leaf) => {
      leaf.subject = 'call_forged';
    });
    return { bytes: join(lines), changedAt: seqOf(lines[at] as string) };
  },
  'removes an event': (lines, random) => {
    const at = leafAt(lines, random);
    const changedAt = seqOf(lines[at] as string);
    return { bytes: join(lines.toSpliced(at, 1)), changedAt, isExact: true };
  },
  'removes an event, renumbers and hashes anew all later ones, and mends every count': (lines, random) => {
    const at = leafAt(lines, random);
    const kept = lines.toSpliced(at, 1).map((line, index) =>
      isLeaf(line) && index >= at
        ? rehashed(line, (leaf) => {
            leaf.seq = (leaf.seq as number) - 1;
          })
        : line,
    );
    const header = JSON.parse(kept[0] as string) as { events: number };
    kept[0] = JSON.stringify({ ...header, events: header.events - 1 });
    const end = JSON.parse(kept.at(-1) as string) as { lines: number };
    kept[kept.length - 1] = JSON.stringify({ ...end, lines: end.lines - 1 });
    return { bytes: join(kept) };
  },
  'swaps two events': (lines, random) => {
    const one = leafAt(lines, random);
    let two = one;
    while (two === one) two = leafAt(lines, random);
    [lines[one], lines[two]] = [lines[two] as string, lines[one] as string];
    return { bytes: join(lines), changedAt: Math.min(seqOf(lines[one] as string), seqOf(lines[two] as string)), isExact: true };
  },
  'inserts an event': (lines, random) => {
    const at = leafAt(lines, random);
    const seq = seqOf(lines[at] as string);
    const forged = rehashed(lines[at] as string, (leaf) => {
      leaf.id = 'evt_forged';
    });
    return { bytes: join(lines.toSpliced(at, 0, forged)), changedAt: seq };
  },
  'repeats a line': (lines, random) => {
    const at = random.below(lines.length);
    return { bytes: join(lines.toSpliced(at, 0, lines[at] as string)) };
  },
  'removes a line': (lines, random) => ({ bytes: join(lines.toSpliced(random.below(lines.length), 1)) }),
  'cuts the file off at a byte': (lines, random) => {
    const bytes = join(lines);
    return { bytes: bytes.subarray(0, random.below(bytes.length)) };
  },
  'cuts off events at the end': (lines, random) => {
    const at = leafAt(lines, random);
    return { bytes: join([...lines.slice(0, at), lines.at(-1) as string]), changedAt: seqOf(lines[at] as string), isExact: true };
  },
};

export function tamper(pack: Buffer, random: SeededRandom): Tampered {
  const kinds = Object.keys(TAMPERS);
  const kind = kinds[random.below(kinds.length)] as string;
  const lines = pack.toString('utf8').trimEnd().split('\n');
  const { bytes, changedAt = null, isExact = false } = (TAMPERS[kind] as Tamper)(lines, random);
  return { kind, bytes, changedAt, isExact };
}
