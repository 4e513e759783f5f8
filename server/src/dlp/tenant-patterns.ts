// Patterns a tenant brings for values only its own systems have: member numbers, policy numbers, names of devices. Compiled for RE2's automata,
// so that no pattern can take more time than its text deserves (`pattern-search.ts` runs them). INVARIANT: none is accepted that finds something in
// an empty text, or does not do what its examples say.

import { RE2JS } from 're2js';
import { type DataClass, dataClassSpec, type Refusal, refuse } from '#core';
import { patternMeter, type Searched, searchPatterns } from './pattern-search.ts';
import { DLP_TYPES, type DlpType } from './types.ts';

export interface PatternSpec {
  readonly name: string;
  readonly dataClass: DataClass;
  readonly pattern: string;
  /** Each holds at least one find. */
  readonly matches: readonly string[];
  /** None holds a find. */
  readonly differs: readonly string[];
}

/** Ready to run. `size`: instructions of its program, what a character may cost. */
export interface TenantPattern extends Searched {
  readonly name: string;
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
/** Types a class of data is reported as; a voucher code is treated as what gives access. */
export function typeOfPattern(dataClass: DataClass): DlpType | null {
  if (dataClass === 'gift_card') return 'SECRET';
  const [type] = dataClassSpec(dataClass).types;
  return DLP_TYPES.find((one) => one === type) ?? null;
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
  return { pattern, compiled, type, size };
}

/** Every find of one pattern alone, for who tries it. */
export function findsOf(pattern: Omit<TenantPattern, 'name'>, text: string): readonly { readonly start: number; readonly end: number }[] {
  const finds: { start: number; end: number }[] = [];
  searchPatterns([pattern], text, { report: (start, end) => finds.push({ start, end }), meter: patternMeter() });
  return finds;
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
  const hasFind = (text: string): boolean => findsOf(ready, text).length > 0;
  const missed = matches.findIndex((example) => !hasFind(example));
  if (missed !== -1)
    return refuse('DLP_PATTERN_EXAMPLE', 'The pattern finds nothing in an example that it has to find.', { field: `matches.${missed}` });
  const wrong = differs.findIndex(hasFind);
  if (wrong !== -1)
    return refuse('DLP_PATTERN_EXAMPLE', 'The pattern finds something in an example it has to leave.', { field: `differs.${wrong}` });
  return { name, ...ready };
}
