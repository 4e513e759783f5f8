// Reads the events of a pack one after the other: each in its place, hashed, and with the payload that was opened beside it.
// INVARIANT: memory does not grow with the number of events.

import { hash } from 'node:crypto';
import { type Lines, nextLine } from './lines.ts';
import { type Manifest, type Sums, spanOf } from './pack.ts';
import { base64, fieldsOf, malformed, sha256, Unverified } from './unverified.ts';

export const EVENTS = 'events.ndjson';
const OPENINGS = 'openings.ndjson';
/** A payload may be a whole request body. It is base64 and nothing else, so that it takes no more memory than its length. */
const MAX_OPENING_BYTES = 32 * 1024 * 1024;
const OPENING = /^\{"seq":\d{1,16},"salt":"[A-Za-z0-9+/=]*","payload":"[A-Za-z0-9+/=]*"\}$/;

export interface Progress {
  /** Events below this number are proven intact. */
  proven: number;
  done: number;
  /** Events of a range that did not happen in its time, and stand in it because of their number. */
  outside: number;
  onEvents(done: number): void;
}

interface Leaf {
  readonly seq: number;
  readonly tenant: string;
  readonly commit: string | null;
  readonly at: string;
  readonly v: number;
}

export interface Events {
  /** The leaf hash of the next event, which must have this number. Null when more must be read: call `more` and again. Fast on purpose. */
  take(seq: number): Buffer | null;
  more(seq: number): Promise<void>;
  /** Whether something of the event just taken waits to be compared; then call `open`. */
  readonly isOpened: boolean;
  open(): Promise<void>;
  finish(): Promise<void>;
}

function parseLeaf(buffer: Buffer, start: number, end: number): Leaf | null {
  try {
    const leaf: unknown = JSON.parse(buffer.toString('utf8', start, end));
    return typeof leaf === 'object' && leaf !== null ? (leaf as Leaf) : null;
  } catch {
    return null;
  }
}

interface Opening {
  readonly seq: number;
  readonly opened: string;
}

async function nextOpening(lines: Lines | null): Promise<Opening | null> {
  const text = lines === null ? null : await nextLine(lines);
  if (text === null) return null;
  if (!OPENING.test(text)) throw malformed('An opened payload is not of the form of one.', OPENINGS);
  const fields = fieldsOf(text, ['seq', 'salt', 'payload']);
  return { seq: fields.seq as number, opened: sha256(base64(fields.salt), base64(fields.payload)).toString('hex') };
}

function strayPayload(seq: number): Unverified {
  return new Unverified('LEAF_OUT_OF_PLACE', 'A payload stands without its event.', { seq, file: OPENINGS });
}

/** That what stands before and after a range did not happen in its time. Times of leaves have one form, so texts compare as times do. */
function checkTime({ range, filter, shows }: Manifest, { seq, at }: Leaf, progress: Progress): void {
  if (shows !== 'range' || range === null) return;
  const { from = null, to = null } = (filter ?? {}) as { from?: string | null; to?: string | null };
  const isEarly = from !== null && at < from;
  const isLate = to !== null && at >= to;
  if ((seq < range.from && !isEarly) || (seq >= range.to && !isLate)) {
    throw new Unverified('RANGE_MISSTATED', 'The pack leaves out an event that happened in its time.', { seq, file: EVENTS });
  }
  if (seq >= range.from && seq < range.to && (isEarly || isLate)) progress.outside += 1;
}

export async function openEvents(sums: Sums, manifest: Manifest, progress: Progress): Promise<Events> {
  const lines = sums.lines(EVENTS);
  const payloads = manifest.openings !== null ? sums.lines(OPENINGS, MAX_OPENING_BYTES) : null;
  let opening = await nextOpening(payloads);
  let [opened, last] = [opening === null ? 0 : 1, null as Leaf | null];
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
