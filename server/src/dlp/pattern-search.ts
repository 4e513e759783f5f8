// Runs the patterns of a tenant over a text: one automaton of all of them says which have anything to find in a window, and only those are run there.
// What that costs is counted as it happens. INVARIANT: the work grows with the text alone, whatever patterns and text say; beyond it nothing is
// guessed and the call is refused.

import { type RE2JS, RE2Set } from 're2js';
import { SallyportError } from '#core';
import type { DlpType, Report } from './types.ts';

/** Of one pattern, what a search needs. */
export interface Searched {
  readonly pattern: string;
  readonly compiled: RE2JS;
  readonly type: DlpType;
  readonly size: number;
}

/** Characters the engine may still look at: some 40 ns each. */
export interface PatternMeter {
  left: number;
}

/** Values are shorter than the overlap, so none is cut at a border. */
const WINDOW = 512;
const OVERLAP = 128;
/** Finds in a window before the rest of it counts as one. */
const MAX_FINDS = 64;
const CONFIDENCE = 0.95;
/** For a whole conversation: a tenth of a second, beside what each character brings. */
const FREE_READS = 3_000_000;
const READS_PER_CHAR = 16;
/** States of the automaton that are there already are followed fast. */
const STEPS_PER_READ = 4;
/** Of one tenant's automaton; what does not fit is made again. */
const AUTOMATON_BYTES = 2 * 1024 * 1024;

export const patternMeter = (): PatternMeter => ({ left: FREE_READS });

function take(meter: PatternMeter, reads: number): void {
  meter.left -= reads;
  if (meter.left < 0)
    throw new SallyportError(
      'DLP_PATTERNS_TOO_DEAR',
      'The patterns of the tenant take too long on this text, so it was not read to its end.',
    );
}

/** A text that counts how often it is looked at. The engine takes whatever calls itself a string. */
class MeteredText {
  readonly #text: string;
  readonly #meter: PatternMeter;

  constructor(text: string, meter: PatternMeter) {
    this.#text = text;
    this.#meter = meter;
  }

  get [Symbol.toStringTag](): string {
    return 'String';
  }

  get length(): number {
    return this.#text.length;
  }

  charCodeAt(at: number): number {
    take(this.#meter, 1);
    return this.#text.charCodeAt(at);
  }

  indexOf(wanted: string, from?: number): number {
    take(this.#meter, 1);
    return this.#text.indexOf(wanted, from);
  }
}

interface Automaton {
  /** Which of them have something to find in a window. */
  among(window: string, meter: PatternMeter): readonly number[];
}

const automata = new WeakMap<readonly Searched[], Automaton>();

/** One for a list of patterns, for as long as the list is kept. */
function automatonOf(patterns: readonly Searched[]): Automaton {
  const known = automata.get(patterns);
  if (known !== undefined) return known;
  const set = new RE2Set(RE2Set.UNANCHORED, 0, AUTOMATON_BYTES);
  for (const { pattern } of patterns) set.add(pattern);
  set.compile();
  const size = patterns.reduce((sum, one) => sum + one.size, 0);
  // How many states it has is all that tells what a step cost.
  const states = (): number => (set as unknown as { readonly dfa: { readonly stateCount: number } }).dfa.stateCount;
  const made: Automaton = {
    among: (window, meter) => {
      take(meter, Math.ceil(window.length / STEPS_PER_READ));
      const before = states();
      const found = set.match(window);
      const more = states() - before;
      // New states cost what the program is large; one that was emptied has made as many as it read.
      take(meter, (more >= 0 ? more : window.length) * size);
      return found;
    },
  };
  automata.set(patterns, made);
  return made;
}

function findIn(window: string, { compiled }: Searched, goesOn: (from: number) => boolean, meter: PatternMeter): [number, number][] {
  const finds: [number, number][] = [];
  const matcher = compiled.matcher(new MeteredText(window, meter) as unknown as string);
  while (matcher.find()) {
    const [start, end] = [matcher.start(), matcher.end()];
    if (finds.length === MAX_FINDS) {
      finds.push([start, window.length]);
      break;
    }
    if (end > start) finds.push([start, end]);
    // The last search of a window finds nothing and is the longest: the automaton says so at once. It sees the character before, for `\b` and the like.
    if (!goesOn(Math.max(0, end - 1))) break;
  }
  return finds;
}

/** Reports every find of every pattern. */
export function searchPatterns(
  patterns: readonly Searched[],
  text: string,
  { report, meter }: { report: Report; meter: PatternMeter },
): void {
  if (patterns.length === 0) return;
  meter.left += text.length * READS_PER_CHAR;
  const automaton = automatonOf(patterns);
  for (let from = 0; from < text.length; from += WINDOW - OVERLAP) {
    const window = text.slice(from, from + WINDOW);
    for (const index of automaton.among(window, meter)) {
      const one = patterns[index] as Searched;
      const goesOn = (at: number): boolean => automaton.among(window.slice(at), meter).includes(index);
      for (const [start, end] of findIn(window, one, goesOn, meter)) report(from + start, from + end, one.type, CONFIDENCE);
    }
    if (from + WINDOW >= text.length) return;
  }
}
