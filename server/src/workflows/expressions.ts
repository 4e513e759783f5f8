// CEL expressions: compiled once, evaluated on plain JSON values, bounded in length, in loops and in what they give.
// INVARIANT: an expression sees `input`, `customer` and `steps` and nothing else: no clock, no randomness, no network.

import { type CelInput, celEnv, isCelError, isCelList, isCelMap, isCelUint, parse, plan } from '@bufbuild/cel';
import { isArray, isObject, type JsonValue } from '#core';
import { type LabelScope, labelsOfExpression } from './expression-labels.ts';
import { stepsOfExpression } from './expression-steps.ts';
import type { ValueLabels } from './value-labels.ts';

/** What expressions may name. */
export interface Scope {
  readonly input: JsonValue;
  readonly customer: JsonValue;
  readonly steps: JsonValue;
}

export interface Expression {
  /** The value, or the reason why there is none. Reasons hold no value that came from outside. */
  evaluate(scope: Scope): { readonly value: JsonValue } | { readonly fault: string };
  /** Who may have written each part of the value, given the same of what the expression may name. */
  labels(scope: LabelScope): ValueLabels;
  /** Steps it reads; null: whichever there are. */
  readonly steps: ReadonlySet<string> | null;
}

/** A loop within a loop is quadratic in a list an outsider may have filled; more is never needed. */
const MAX_LOOPS = 2;
const LOOP = /\.\s*(map|filter|all|exists|exists_one)\s*\(/g;
const MAX_NESTING = 40;
const MAX_RESULT_NODES = 20_000;
const environment = celEnv();

/** The compiled expression, or why it is none. */
export function compileExpression(source: string): Expression | { readonly fault: string } {
  if ((source.match(LOOP) ?? []).length > MAX_LOOPS) return { fault: `holds more than ${MAX_LOOPS} loops` };
  if ((source.match(/[[({]/g) ?? []).length > MAX_NESTING) return { fault: `holds more than ${MAX_NESTING} brackets` };
  let run: ReturnType<typeof plan>;
  let root: NonNullable<ReturnType<typeof parse>['expr']>;
  try {
    const parsed = parse(source);
    if (parsed.expr === undefined) return { fault: 'is not a CEL expression' };
    root = parsed.expr;
    run = plan(environment, parsed);
  } catch {
    return { fault: 'is not a CEL expression' };
  }
  return {
    evaluate: (scope) => {
      try {
        const result = run(toCel({ ...scope }) as Record<string, CelInput>);
        if (isCelError(result)) return { fault: 'names something that is not there, or does not fit' };
        return { value: toJson(result, { nodes: 0 }) };
      } catch {
        return { fault: 'can not be evaluated' };
      }
    },
    labels: (scope) => labelsOfExpression(root, scope),
    steps: stepsOfExpression(root),
  };
}

/** JSON's whole numbers are CEL's integers, or `input.count + 1` would fit no operator. */
function toCel(value: JsonValue): unknown {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (isArray(value)) return value.map(toCel);
  if (isObject(value)) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toCel(item)]));
  return value;
}

/** Whole numbers are 64-bit in CEL; one that JSON can not hold exactly is a fault, never rounded. */
function toJson(value: unknown, count: { nodes: number }): JsonValue {
  count.nodes += 1;
  if (count.nodes > MAX_RESULT_NODES) throw new Error('the result is too large');
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (typeof value === 'bigint') return exact(value);
  if (isCelUint(value)) return exact(value.value);
  if (isCelList(value)) return [...value].map((item) => toJson(item, count));
  if (isCelMap(value)) {
    const members: [string, JsonValue][] = [];
    for (const [key, item] of value) {
      if (typeof key !== 'string' || key === '__proto__') throw new Error('a key is not a plain text');
      members.push([key, toJson(item, count)]);
    }
    return Object.fromEntries(members);
  }
  if (Array.isArray(value)) return value.map((item) => toJson(item, count));
  if (typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toJson(item, count)]));
  }
  throw new Error('the result is not a JSON value');
}

function exact(value: bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new Error('the number is too large');
  return number;
}
