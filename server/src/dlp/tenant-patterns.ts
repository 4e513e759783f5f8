// Patterns a tenant brings for values only its own systems have: member numbers, policy numbers, names of devices. Compiled for RE2's automata,
// so that no pattern can take more time than its text deserves. INVARIANT: a pattern runs over short windows and its finds are counted; where
// there are more than anybody can mean, the rest of the window counts as one find.

import { RE2JS } from 're2js';
import { type DataClass, dataClassSpec, type Refusal, refuse } from '#core';
import { DLP_TYPES, type DlpType, type Report } from './types.ts';

export interface PatternSpec {
  readonly name: string;
  readonly dataClass: DataClass;
  readonly pattern: string;
  /** Each holds at least one find. */
  readonly matches: readonly string[];
  /** None holds a find. */
  readonly differs: readonly string[];
}

export interface TenantPattern {
  readonly name: string;
  readonly type: DlpType;
  /** Instructions of its program: what a character may cost. */
  readonly size: number;
  /** Reports every find of a text. */
  find(text: string, report: Report): void;
}

export const PATTERN_NAME = /^[a-z0-9][a-z0-9-]{0,39}$/;
/** A value one writes on a card or a label is shorter than any pattern of this length says. */
export const MAX_PATTERN_CHARS = 256;
export const MAX_PATTERN_EXAMPLES = 20;
export const MAX_EXAMPLE_CHARS = 200;
/** Of one tenant: each is read over every text. */
export const MAX_PATTERNS = 20;
/** Instructions of the compiled program; `\p{L}{1,200}` alone takes some hundreds. An engine that has to try them all does so for each character. */
const MAX_PROGRAM = 500;
/** Of all patterns of a tenant: their texts are read in a process that others share. */
export const MAX_PROGRAMS = 1_000;
/** Values are shorter than the overlap, so none is cut at a border. */
const WINDOW = 512;
const OVERLAP = 128;
/** Finds in a window before the rest of it counts as one. */
const MAX_FINDS = 64;
const CONFIDENCE = 0.95;

/** Types a class of data is reported as; a voucher code is treated as what gives access. */
export function typeOfPattern(dataClass: DataClass): DlpType | null {
  if (dataClass === 'gift_card') return 'SECRET';
  const [type] = dataClassSpec(dataClass).types;
  return DLP_TYPES.find((one) => one === type) ?? null;
}

function searchIn(compiled: RE2JS, text: string, report: (start: number, end: number) => void): void {
  for (let from = 0; from < text.length; from += WINDOW - OVERLAP) {
    const window = text.slice(from, from + WINDOW);
    const matcher = compiled.matcher(window);
    for (let count = 0; matcher.find(); count += 1) {
      if (count === MAX_FINDS) {
        report(from + matcher.start(), from + window.length);
        break;
      }
      if (matcher.end() > matcher.start()) report(from + matcher.start(), from + matcher.end());
    }
    if (from + WINDOW >= text.length) return;
  }
}

function compileText(pattern: string): RE2JS | Refusal {
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(pattern);
  } catch {
    // The engine's own words repeat the pattern.
    return refuse(
      'DLP_PATTERN_UNSUPPORTED',
      'The pattern is not one the engine reads: look-around and back-references are not supported.',
      {
        field: 'pattern',
      },
    );
  }
  if (compiled.programSize() > MAX_PROGRAM) {
    return refuse('DLP_PATTERN_TOO_LARGE', 'The pattern repeats so much that its program is too large; repeat less.', { field: 'pattern' });
  }
  if (compiled.matches('') || compiled.matcher('').find()) {
    return refuse('DLP_PATTERN_TOO_WIDE', 'The pattern finds something in an empty text, and so in every text.', { field: 'pattern' });
  }
  return compiled;
}

/** A pattern that is only tried: compiled within the same bounds, held against nothing. */
export function tryPattern({ dataClass, pattern }: Pick<PatternSpec, 'dataClass' | 'pattern'>): Omit<TenantPattern, 'name'> | Refusal {
  const type = typeOfPattern(dataClass);
  if (type === null) return refuse('DLP_PATTERN_CLASS', 'Values of this class are not looked for in texts.', { field: 'class' });
  if (pattern.length === 0 || pattern.length > MAX_PATTERN_CHARS) {
    return refuse('DLP_PATTERN_TOO_LARGE', `A pattern has 1 to ${MAX_PATTERN_CHARS} characters.`, { field: 'pattern' });
  }
  const compiled = compileText(pattern);
  if ('kind' in compiled) return compiled;
  const size = compiled.programSize();
  return { type, size, find: (text, report) => searchIn(compiled, text, (start, end) => report(start, end, type, CONFIDENCE)) };
}

/** The pattern ready to run, or why it does not do what its examples say. Which example fails is told by its place, never by its words. */
export function compilePattern(spec: PatternSpec): TenantPattern | Refusal {
  const { name, matches, differs } = spec;
  const examples = [...matches, ...differs];
  const isTooLong =
    Math.max(matches.length, differs.length) > MAX_PATTERN_EXAMPLES || examples.some(({ length }) => length > MAX_EXAMPLE_CHARS);
  if (!PATTERN_NAME.test(name) || matches.length === 0 || isTooLong) {
    return refuse('DLP_PATTERN_TOO_LARGE', `A pattern has a short name and 1 to ${MAX_PATTERN_EXAMPLES} short examples it has to find.`, {
      field: 'matches',
    });
  }
  const ready = tryPattern(spec);
  if ('kind' in ready) return ready;
  const hasFind = (text: string): boolean => {
    let found = false;
    ready.find(text, () => {
      found = true;
    });
    return found;
  };
  const missed = matches.findIndex((example) => !hasFind(example));
  if (missed !== -1)
    return refuse('DLP_PATTERN_EXAMPLE', 'The pattern finds nothing in an example that it has to find.', { field: `matches.${missed}` });
  const wrong = differs.findIndex(hasFind);
  if (wrong !== -1)
    return refuse('DLP_PATTERN_EXAMPLE', 'The pattern finds something in an example it has to leave.', { field: `differs.${wrong}` });
  return { name, ...ready };
}
