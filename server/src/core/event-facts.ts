// The kinds of facts that the public part of an event may hold. It is sealed for ever and leaves in exports, so each kind is a bounded form
// that a sentence, an address, a telephone number or a card number does not fit. Pure: it decides about values and keeps none.

import type { JsonValue } from './json.ts';

interface TextKind {
  readonly form: RegExp;
  readonly maxChars: number;
  /** For the docs. */
  readonly says: string;
}

/** Digits and signs alone, seven and more: a telephone number, a card number, an account. No fact is one. */
const NO_NUMBER = String.raw`(?![\d._:/+-]{7,}$)`;

const TEXTS = {
  reference: { form: /^[a-z]{2,8}_[a-z0-9][a-z0-9-]*$/, maxChars: 73, says: 'an id of ours, such as `call_...`' },
  word: { form: /^[a-z][a-z0-9_.-]*$/, maxChars: 64, says: 'one word of a closed set' },
  code: { form: /^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*$/, maxChars: 80, says: 'a stable code' },
  name: {
    form: new RegExp(`^${NO_NUMBER}@?[A-Za-z0-9_][A-Za-z0-9._:/+-]*$`),
    maxChars: 200,
    says: 'the name of something that was set up here: an integration, an operation, a model',
  },
  id: { form: /^[A-Za-z0-9_-]+$/, maxChars: 128, says: 'an id that its sender made' },
  amount: { form: /^-?\d{1,15}(?:\.\d{1,12})?(?: [A-Z]{3})?$/, maxChars: 33, says: 'a decimal amount, with its currency' },
  hash: { form: /^[0-9a-f]{16,128}$/, maxChars: 128, says: 'a digest in hex' },
  time: { form: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?Z$/, maxChars: 24, says: 'a moment, RFC 3339 in UTC' },
  origin: { form: /^https?:\/\/(?:[A-Za-z0-9._-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/, maxChars: 280, says: 'scheme, host and port' },
} as const satisfies Readonly<Record<string, TextKind>>;

export type TextFact = keyof typeof TEXTS;

export type PlainFact = TextFact | 'count' | 'number' | 'flag' | 'scalar' | 'evidence';

export type Fact =
  | { readonly kind: PlainFact }
  | { readonly kind: 'list'; readonly of: Fact }
  /** Any names, one kind of value. */
  | { readonly kind: 'record'; readonly of: Fact }
  | { readonly kind: 'nullable'; readonly of: Fact }
  | { readonly kind: 'optional'; readonly of: Fact };

/** A whole list of facts: names of members and what each may hold. */
export type FactShapes = Readonly<Record<string, Fact>>;

const plain = (kind: PlainFact): Fact => Object.freeze({ kind });

export const fact = Object.freeze({
  reference: plain('reference'),
  word: plain('word'),
  code: plain('code'),
  name: plain('name'),
  id: plain('id'),
  amount: plain('amount'),
  hash: plain('hash'),
  time: plain('time'),
  origin: plain('origin'),
  count: plain('count'),
  number: plain('number'),
  flag: plain('flag'),
  /** A number, or true or false. */
  scalar: plain('scalar'),
  /** What a refusal rests on; see `publicEvidence`. */
  evidence: plain('evidence'),
  listOf: (of: Fact): Fact => Object.freeze({ kind: 'list', of }),
  recordOf: (of: Fact): Fact => Object.freeze({ kind: 'record', of }),
  nullable: (of: Fact): Fact => Object.freeze({ kind: 'nullable', of }),
  optional: (of: Fact): Fact => Object.freeze({ kind: 'optional', of }),
});

/** Longest list and record of one event; the largest real one is the integrations of a workload. */
const MAX_ITEMS = 1_000;
const MEMBER = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/;

export type FactCheck = (value: JsonValue) => boolean;

/** Whether a text can stand in the log as the name of something that was set up. What sets it up asks first. */
export function isPublicName(text: string): boolean {
  return isName(text);
}

export function isMemberName(text: string): boolean {
  return MEMBER.test(text);
}

function textCheck(kind: TextFact): FactCheck {
  const { form, maxChars } = TEXTS[kind];
  return (value) => typeof value === 'string' && value.length <= maxChars && form.test(value);
}

const isName = textCheck('name');
const isAmount = textCheck('amount');
const isNameOrAmount = (value: JsonValue): boolean => isName(value) || isAmount(value);
const isNumber = (value: JsonValue): boolean => typeof value === 'number' && Number.isFinite(value);
const isScalar = (value: JsonValue): boolean => typeof value === 'boolean' || isNumber(value);

export function isEvidenceValue(value: JsonValue): boolean {
  if (value === null || isScalar(value)) return true;
  if (Array.isArray(value)) return value.length <= MAX_ITEMS && value.every(isNameOrAmount);
  return isNameOrAmount(value);
}

function recordCheck(of: FactCheck): FactCheck {
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
    let members = 0;
    for (const [name, item] of Object.entries(value)) {
      members += 1;
      if (members > MAX_ITEMS || !MEMBER.test(name) || !of(item)) return false;
    }
    return true;
  };
}

/** The test of one fact, made once for each type of event. */
export function compileFact(of: Fact): FactCheck {
  switch (of.kind) {
    case 'count':
      return (value) => Number.isSafeInteger(value) && (value as number) >= 0;
    case 'number':
      return isNumber;
    case 'flag':
      return (value) => typeof value === 'boolean';
    case 'scalar':
      return isScalar;
    case 'evidence':
      return recordCheck(isEvidenceValue);
    case 'list': {
      const item = compileFact(of.of);
      return (value) => Array.isArray(value) && value.length <= MAX_ITEMS && value.every(item);
    }
    case 'record':
      return recordCheck(compileFact(of.of));
    case 'nullable': {
      const inner = compileFact(of.of);
      return (value) => value === null || inner(value);
    }
    case 'optional':
      return compileFact(of.of);
    default:
      return textCheck(of.kind);
  }
}

/** The kind in the words of the docs. */
export function factWords(of: Fact): string {
  switch (of.kind) {
    case 'count':
      return 'a whole number, zero or more';
    case 'number':
      return 'a number';
    case 'flag':
      return 'true or false';
    case 'scalar':
      return 'a number, or true or false';
    case 'evidence':
      return 'names, numbers and amounts the refusal rests on; `withheld` names members that were neither';
    case 'list':
      return `a list: ${factWords(of.of)}`;
    case 'record':
      return `by name: ${factWords(of.of)}`;
    case 'nullable':
      return `${factWords(of.of)}, or null`;
    case 'optional':
      return factWords(of.of);
    default:
      return TEXTS[of.kind].says;
  }
}
