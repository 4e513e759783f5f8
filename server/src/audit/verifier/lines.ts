// Splits a file of the pack into its lines. Every line ends with a newline, and none is longer than any line of a pack can be.

import { createHash } from 'node:crypto';
import { malformed } from './unverified.ts';

/** A leaf is a few kilobytes. What is read of a line takes many times its length when it is hostile. */
const MAX_LINE_BYTES = 4 * 1024 * 1024;
const NEWLINE = 0x0a;

export interface Lines {
  /** Where the next line is in `buffer`; false when more must be read first. Fast: called once for each event. */
  step(): boolean;
  /** Reads on; false at the end of the file. */
  fill(): Promise<boolean>;
  readonly buffer: Buffer;
  readonly start: number;
  readonly end: number;
  /** Digest of the whole file; null before its end. */
  digest(): string | null;
  stop(): Promise<void>;
}

export function readLines(pieces: AsyncGenerator<Buffer>, file: string, maxBytes = MAX_LINE_BYTES): Lines {
  const digest = createHash('sha256');
  // One byte before the first line is always free to be overwritten, as a newline is before each other line.
  let buffer: Buffer = Buffer.alloc(1);
  let [start, end, at, scanned] = [1, 1, 1, 1];
  let result: string | null = null;
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
export async function nextLine(lines: Lines): Promise<string | null> {
  while (!lines.step()) if (!(await lines.fill())) return null;
  return lines.buffer.toString('utf8', lines.start, lines.end);
}
