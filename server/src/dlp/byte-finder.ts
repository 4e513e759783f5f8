// Looks for many values at once in bytes or text of any length, in one pass, whatever their order and however they are cut: a rolling hash of
// the last bytes, and a look at what stands before them where it fits. Letters are compared without regard to ASCII case.
// Its work and memory grow with the bytes looked at and the bytes looked for, never with their product. Tells which value was found, never
// what stands around it.

export interface Wanted {
  /** At least `FEWEST_BYTES`; shorter stretches stand in any file by chance. */
  readonly bytes: Uint8Array;
}

export interface Finder<Pattern extends Wanted> {
  /** A fresh reader: feed it the pieces of one thing in order. Text is read by its characters, of which only ASCII can be found. */
  read(report: (pattern: Pattern) => void): (piece: Uint8Array | string) => void;
}

export const FEWEST_BYTES = 8;
/** Each byte moves what was read before it out of the hash by so many bits: after `FEWEST_BYTES` it is gone. */
const SHIFT = 32 / FEWEST_BYTES;
const FILTER_PER_PATTERN = 64;
const LEAST_FILTER_BITS = 15;
const MOST_FILTER_BITS = 24;

const folded = (byte: number): number => (byte >= 65 && byte <= 90 ? byte + 32 : byte);

/** A word for each byte, letters of both cases alike; any well-mixed words do. */
const WORDS = Int32Array.from({ length: 256 }, (_, byte) => {
  const once = Math.imul(folded(byte) + 1, 0x9e3779b1);
  return Math.imul(once ^ (once >>> 15), 0x85ebca6b);
});

const hashOfEnd = (bytes: Uint8Array): number =>
  bytes.subarray(-FEWEST_BYTES).reduce((hash, byte) => ((hash << SHIFT) + (WORDS[byte] as number)) | 0, 0);

function copyInto(buffer: Uint8Array, from: number, piece: Uint8Array | string): void {
  if (typeof piece !== 'string') {
    buffer.set(piece, from);
    return;
  }
  for (let index = 0; index < piece.length; index += 1) {
    const code = piece.charCodeAt(index);
    buffer[from + index] = code < 128 ? code : 0;
  }
}

interface Known<Pattern> {
  readonly pattern: Pattern;
  readonly bytes: Uint8Array;
}

export function createFinder<Pattern extends Wanted>(patterns: readonly Pattern[]): Finder<Pattern> {
  const known = patterns.map((pattern): Known<Pattern> => ({ pattern, bytes: pattern.bytes.map(folded) }));
  const byEnd = new Map<number, Known<Pattern>[]>();
  for (const one of known) {
    if (one.bytes.length < FEWEST_BYTES) throw new Error('what is looked for is too short to be told from chance');
    const hash = hashOfEnd(one.bytes);
    const others = byEnd.get(hash);
    if (others === undefined) byEnd.set(hash, [one]);
    else others.push(one);
  }
  const bits = Math.min(MOST_FILTER_BITS, Math.max(LEAST_FILTER_BITS, Math.ceil(Math.log2(known.length * FILTER_PER_PATTERN + 1))));
  // Only the high bits depend on the whole window.
  const unused = 32 - bits;
  const filter = new Uint8Array(2 ** (bits - 3));
  for (const hash of byEnd.keys()) {
    const at = hash >>> unused;
    filter[at >> 3] = (filter[at >> 3] as number) | (1 << (at & 7));
  }
  const longest = known.reduce((most, { bytes }) => Math.max(most, bytes.length), FEWEST_BYTES);

  return {
    read: (report) => {
      let hash = 0;
      // What was read last, so that a value over the border of two pieces is whole.
      let tail: Uint8Array = new Uint8Array(0);
      const found = (ending: number, buffer: Uint8Array, end: number): void => {
        for (const { pattern, bytes } of byEnd.get(ending) ?? []) {
          const start = end - bytes.length;
          if (start < 0) continue;
          let same = true;
          for (let at = 0; same && at < bytes.length; at += 1) same = folded(buffer[start + at] as number) === bytes[at];
          if (same) report(pattern);
        }
      };
      return (piece) => {
        if (known.length === 0 || piece.length === 0) return;
        const buffer = new Uint8Array(tail.length + piece.length);
        buffer.set(tail);
        copyInto(buffer, tail.length, piece);
        // Own names for what the loop reads: it runs once a byte of everything that leaves.
        let now = hash;
        for (let at = tail.length; at < buffer.length; at += 1) {
          now = ((now << SHIFT) + (WORDS[buffer[at] as number] as number)) | 0;
          const bit = now >>> unused;
          if (((filter[bit >> 3] as number) & (1 << (bit & 7))) !== 0) found(now, buffer, at + 1);
        }
        hash = now;
        tail = buffer.slice(-longest);
      };
    },
  };
}
