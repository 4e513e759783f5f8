// Splits a byte stream into server-sent events (WHATWG HTML 9.2.6) within a bound. Boundaries are found in the bytes and each event
// is decoded alone, so that neither chunks nor a broken event change how the others are read.

import { MAX_FRAME_BYTES } from '../limits.ts';

export interface SseReader {
  /** Whole events as they stood; `null` in place of one that is not UTF-8 or too long, after which nothing else counts. */
  push(chunk: Uint8Array): readonly (string | null)[];
  /** True when nothing is left over. */
  isEmpty(): boolean;
}

const BLANK_LINE = /\r\n\r\n|\n\n|\r\r/g;
const NOT_ASCII = /[\x80-\xff]/;
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const BOM = '\ufeff';

export function openSse(): SseReader {
  /** Bytes as Latin-1 text: one unit a byte, and the native search for strings. */
  let buffered = '';
  let isFirst = true;

  const readEvent = (bytes: string): string | null => {
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
        events.push(readEvent(buffered.slice(start, end)));
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

/** The data of one event; `null` for comments and events without any. */
export function dataOf(event: string): string | null {
  if (event.startsWith('data: ') && event.indexOf('\n') >= event.length - 2) return event.slice(6).trimEnd();
  const lines = event.split(/\r\n|\n|\r/).filter((line) => line.startsWith('data:'));
  return lines.length === 0 ? null : lines.map((line) => line.slice(line[5] === ' ' ? 6 : 5)).join('\n');
}
