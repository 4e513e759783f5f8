// Puts values back for placeholders in a stream of text, for one destination. Holds back only what can still become a placeholder,
// so any way of cutting the text into pieces gives the same result. Never guesses a number, never fills a link.

import { createLinkTracker } from './link-tracker.ts';
import type { PlaceholderReading } from './placeholder.ts';
import { formatPlaceholder, nextOpener, readPlaceholder } from './placeholder.ts';
import type { Destination, HitType } from './types.ts';

export interface TextTransform {
  push(chunk: string): string;
  /** What was held back. Nothing may be pushed afterwards. */
  end(): string;
  /** How many placeholders became values. */
  readonly restored: number;
  /** Placeholders that this conversation never gave out: kept as they are. A sign of confusion, or of somebody fishing. */
  readonly foreign: readonly string[];
  /** Placeholders of this conversation that the destination may not see, or that stood inside a link: kept. */
  readonly withheld: readonly string[];
  /** This conversation's placeholders as they came by, restored or withheld, by type. */
  readonly met: ReadonlyMap<HitType, number>;
}

export interface RestoreResult {
  readonly text: string;
  readonly restored: number;
  readonly foreign: readonly string[];
  readonly withheld: readonly string[];
  readonly met: ReadonlyMap<HitType, number>;
}

export type Lookup = (placeholder: string) => string | undefined;

/** `filled` only where a text goes back to whoever wrote it, and never for what a model wrote. */
export type Links = 'kept' | 'filled';

type Placeholder = Extract<PlaceholderReading, { kind: 'placeholder' }>;

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

function maySee(destination: Destination, type: HitType, name: string): boolean {
  if (destination.hidden?.has(name) === true) return false;
  return type === 'LITERAL' || destination.types === 'all' || destination.types.has(type);
}

export function createRestorer(lookup: Lookup, destination: Destination, links: Links = 'kept'): TextTransform {
  const tracker = createLinkTracker(destination.escape);
  const json = destination.escape === 'json';
  const foreign = new Set<string>();
  const withheld = new Set<string>();
  const met = new Map<HitType, number>();
  let restored = 0;
  let held = '';

  const settle = (raw: string, { type, number }: Placeholder): string => {
    const name = formatPlaceholder(type, number);
    const value = lookup(name);
    if (value !== undefined) met.set(type, (met.get(type) ?? 0) + 1);
    // INVARIANT: a link keeps its placeholder, and what is kept does not end the link.
    if (value === undefined) foreign.add(number < 0 ? raw : name);
    else if (!maySee(destination, type, name) || (links === 'kept' && tracker.inLink)) withheld.add(name);
    else {
      restored += 1;
      tracker.feedPlain(value);
      return json ? JSON.stringify(value).slice(1, -1) : value;
    }
    return raw;
  };

  const run = (text: string, final: boolean): string => {
    let out = '';
    let at = 0;
    const pass = (end: number): void => {
      const plain = text.slice(at, end);
      tracker.feed(plain);
      out += plain;
      at = end;
    };
    while (at < text.length) {
      const opener = nextOpener(text, at);
      const open = opener === text.length;
      // Half a character would be garbled if this piece were encoded on its own.
      pass(open && !final && isHighSurrogate(text.charCodeAt(opener - 1)) ? opener - 1 : opener);
      if (open) break;
      const reading = readPlaceholder(text, at);
      if (reading.kind === 'placeholder') {
        out += settle(text.slice(at, reading.end), reading);
        at = reading.end;
        continue;
      }
      if (reading.kind === 'partial' && !final) break;
      // In JSON an escape is read as one, so that the second backslash of `\\` opens nothing.
      const length = json && text[at] === '\\' ? 2 : 1;
      if (at + length > text.length && !final) break;
      pass(Math.min(text.length, at + length));
    }
    held = text.slice(at);
    return out;
  };

  return {
    push: (chunk) => run(held + chunk, false),
    end: () => {
      const rest = held;
      held = '';
      return run(rest, true);
    },
    get restored() {
      return restored;
    },
    get foreign() {
      return [...foreign];
    },
    get withheld() {
      return [...withheld];
    },
    met,
  };
}

export function restoreText(text: string, lookup: Lookup, destination: Destination, links: Links = 'kept'): RestoreResult {
  const transform = createRestorer(lookup, destination, links);
  const out = transform.push(text) + transform.end();
  return {
    text: out === text ? text : out,
    restored: transform.restored,
    foreign: transform.foreign,
    withheld: transform.withheld,
    met: transform.met,
  };
}
