// Takes invisible characters out of streamed text, however it is cut. Whether one belongs where it stands depends on its neighbours,
// so a trailing run of them is held until the next character is known, and a few characters are remembered.

import { CHARACTER_CLASS, characterClass, findHiddenCharacters } from '#core';

/** Longest stretch before or behind a character that says whether it belongs: a flag of seven characters, in UTF-16 units. */
const NEIGHBOURHOOD = 16;
const NOT_PLAIN_ASCII = /[^\t\n\f\r\x20-\x7e]/;

export interface HiddenStripper {
  readonly held: boolean;
  push(text: string): StrippedChunk;
  end(): StrippedChunk;
}

export interface StrippedChunk {
  readonly text: string;
  readonly removed: number;
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

/** Where the undecided tail begins: half a pair, or hidden characters whose successor is not known. */
function decidedEnd(text: string): number {
  let end = text.length;
  if (end > 0 && isHighSurrogate(text.charCodeAt(end - 1))) end -= 1;
  while (end > 0 && text.length - end < NEIGHBOURHOOD) {
    const pair = end > 1 && isHighSurrogate(text.charCodeAt(end - 2));
    const point = (pair ? text.codePointAt(end - 2) : text.charCodeAt(end - 1)) as number;
    if (characterClass(point) !== CHARACTER_CLASS.hidden) break;
    end -= pair ? 2 : 1;
  }
  return end;
}

function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

export function createHiddenStripper(): HiddenStripper {
  let context = '';
  let held = '';

  function process(chunk: string, final: boolean): StrippedChunk {
    const text = context + held + chunk;
    const start = context.length;
    const end = final ? text.length : Math.max(start, decidedEnd(text));
    let kept = '';
    let removed = 0;
    let at = start;
    for (const hidden of findHiddenCharacters(text)) {
      const from = Math.max(hidden.start, start);
      const to = Math.min(hidden.end, end);
      if (to <= from) continue;
      kept += text.slice(at, from);
      removed += codePoints(text.slice(from, to));
      at = to;
    }
    kept += text.slice(at, end);
    held = text.slice(end);
    context = text.slice(Math.max(0, end - 2 * NEIGHBOURHOOD), end);
    return { text: kept, removed };
  }

  return {
    get held() {
      return held !== '';
    },
    push(chunk) {
      if (held !== '' || NOT_PLAIN_ASCII.test(chunk)) return process(chunk, false);
      context = chunk.length >= 2 * NEIGHBOURHOOD ? chunk.slice(-2 * NEIGHBOURHOOD) : (context + chunk).slice(-2 * NEIGHBOURHOOD);
      return { text: chunk, removed: 0 };
    },
    end: () => (held === '' ? { text: '', removed: 0 } : process('', true)),
  };
}
