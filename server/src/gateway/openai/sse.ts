// Splits a byte stream into server-sent events (WHATWG HTML 9.2.6) within a bound, whatever the chunks are.

import { MAX_FRAME_CHARS } from '../limits.ts';

export interface SseReader {
  /** Whole events as they stood, or `null` when the bytes are not UTF-8 or an event is too long. */
  push(chunk: Uint8Array): readonly string[] | null;
  /** True when nothing is left over. */
  isEmpty(): boolean;
}

const BLANK_LINE = /\r\n\r\n|\n\n|\r\r/g;

export function openSse(): SseReader {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let buffered = '';
  return {
    push: (chunk) => {
      // Only the end of what is buffered can become a blank line; one event in single bytes costs its length, not its square.
      const known = Math.max(0, buffered.length - 3);
      try {
        buffered += decoder.decode(chunk, { stream: true });
      } catch {
        return null;
      }
      const events: string[] = [];
      let start = 0;
      BLANK_LINE.lastIndex = known;
      for (let match = BLANK_LINE.exec(buffered); match !== null; match = BLANK_LINE.exec(buffered)) {
        const end = match.index + match[0].length;
        events.push(buffered.slice(start, end));
        start = end;
      }
      if (start > 0) buffered = buffered.slice(start);
      return buffered.length > MAX_FRAME_CHARS ? null : events;
    },
    isEmpty: () => buffered.trim() === '',
  };
}

/** The data of one event; `null` for comments and events without any. */
export function dataOf(event: string): string | null {
  if (event.startsWith('data: ') && event.indexOf('\n') >= event.length - 2) return event.slice(6).trimEnd();
  const lines = event.split(/\r\n|\n|\r/).filter((line) => line.startsWith('data:'));
  return lines.length === 0 ? null : lines.map((line) => line.slice(line[5] === ' ' ? 6 : 5)).join('\n');
}
