// Splits a byte stream into server-sent events (WHATWG HTML 9.2.6) within a bound. Boundaries are found in the bytes and each event
// is decoded alone, so that neither chunks nor a broken event change how the others are read.

import { MAX_FRAME_BYTES } from '../limits.ts';

export interface SseReader {
  /** Whole events as they stood; `null` in place of one that is not UTF-8 or too long, after which nothing else counts. */
  push(chunk: Uint8Array): readonly (string | null)[];
  /** True when nothing is left over. */
  isEmpty(): boolean;
}

/** Two line ends, of any of the three kinds. */
const BLANK_LINE = /(?:\r\n|\n|\r(?!\n))(?:\r\n|\n|\r)/g;
const NOT_ASCII = /[\x80-\xff]/;
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const BOM = '\ufeff';

export function openSse(): SseReader {
  /** Bytes as Latin-1 text: one unit a byte, and the native search for strings. */
  let buffered = '';
  let isFirst = true;

  const textOf = (bytes: string): string | null => {
    const event = bytes.length > MAX_FRAME_BYTES ? null : decode(bytes);
    const text = isFirst && event?.startsWith(BOM) === true ? event.slice(1) : event;
    isFirst = false;
    return text;
  };

  return {
    push: (chunk) => {
      // Only the end of what is buffered can become a blank line; an event in single bytes costs its length, not its square.
      BLANK_LINE.lastIndex = Math.max(0, buffered.length - 3);
      buffered += Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1');
      const events: (string | null)[] = [];
      let start = 0;
      for (let match = BLANK_LINE.exec(buffered); match !== null; match = BLANK_LINE.exec(buffered)) {
        const end = match.index + match[0].length;
        events.push(textOf(buffered.slice(start, end)));
        start = end;
      }
      if (start > 0) buffered = buffered.slice(start);
      if (buffered.length > MAX_FRAME_BYTES) events.push(null);
      return events;
    },
    isEmpty: () => /^[ \t\r\n]*$/.test(buffered),
  };
}

function decode(bytes: string): string | null {
  if (!NOT_ASCII.test(bytes)) return bytes;
  try {
    return decoder.decode(Buffer.from(bytes, 'latin1'));
  } catch {
    return null;
  }
}

export interface SseEvent {
  readonly data: string;
  /** The event as it may leave once its data may: as it came, or the same in one line of data that every client reads alike. */
  readonly text: string;
}

const LINE_END = /\r\n|\n|\r/;
/** The end every client reads alike. One of carriage returns may be cut in two by a chunk, so it is always written anew. */
const COMMON_END = '\n\n';
/** Fields beside the data, and what may stand in them. */
const PLAIN_FIELDS: Readonly<Record<string, RegExp>> = { event: /^[\w.-]{1,64}$/, id: /^[\w.-]{1,64}$/, retry: /^\d{1,9}$/ };

/**
 * Reads one event as every client does; `null` when it has no data and so is none.
 * INVARIANT: what leaves is data somebody checks, and plain names. A comment, an unknown field or what damage made of a line is text
 * nobody has looked at, and a careless client may take it for more.
 */
export function readEvent(raw: string): SseEvent | null {
  const end = raw.search(LINE_END);
  if (raw.startsWith('data:') && raw.slice(end) === COMMON_END) return { data: raw.slice(raw[5] === ' ' ? 6 : 5, end), text: raw };
  const data: string[] = [];
  const kept: string[] = [];
  for (const line of raw.split(LINE_END)) {
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (field === 'data') data.push(value);
    else if (Object.hasOwn(PLAIN_FIELDS, field) && PLAIN_FIELDS[field]?.test(value) === true) kept.push(`${field}: ${value}`);
  }
  if (data.length === 0) return null;
  // A line end within the data stands between two words of JSON, where a blank is the same.
  return { data: data.join('\n'), text: `${[...kept, `data: ${data.join(' ').trim()}`].join('\n')}\n\n` };
}
