// Whom a piece of content carries, and which kinds of data: by what fields say, and by what stands in its texts. Pure.
// INVARIANT: it gives values only to be hashed; nothing of it is stored.

import { type DataClass, dataClassOfType, type JsonValue, type Refusal } from '#core';
import { collectKnown, detect, emailForm, phoneForms } from '#dlp';
import { refusal } from '../errors.ts';
import type { SubjectKind } from '../store/subjects.ts';
import type { HeldPart } from './places.ts';

export interface Identifier {
  readonly kind: Exclude<SubjectKind, 'run'>;
  readonly value: string;
}

/** Whom a request is about, as it was asked. */
export interface AskedSubject extends Identifier {
  /** As it was written. */
  readonly text: string;
}

const MAX_SUBJECT_CHARS = 320;
/** Most of one text that is looked through. */
const MAX_TEXT_CHARS = 128 * 1024;
/** Values of one part that are remembered; a part about more people is an export of the shop, not a case. */
const MAX_IDENTIFIERS = 5_000;

/** `customer:ID`, `person:per_...`, `email:ADDRESS` or `phone:NUMBER`. */
export function parseSubject(text: string): AskedSubject | Refusal {
  const at = text.indexOf(':');
  const [kind, rest] = [text.slice(0, at), text.slice(at + 1).trim()];
  if (at > 0 && rest !== '' && text.length <= MAX_SUBJECT_CHARS) {
    if (kind === 'customer') return { kind, value: rest, text };
    if (kind === 'person') return { kind: 'customer', value: `person:${rest}`, text };
    const email = kind === 'email' ? emailForm(rest) : null;
    if (email !== null) return { kind: 'email', value: email, text };
    const phone = kind === 'phone' ? phoneForms(rest)[0] : undefined;
    if (phone !== undefined) return { kind: 'phone', value: phone, text };
  }
  return refusal('GOVERNANCE_SUBJECT_INVALID');
}

/** The forms in which an identifier may stand in the index. */
export function formsOf({ kind, value }: Identifier): readonly string[] {
  return kind === 'phone' ? phoneForms(value) : [value];
}

/** The forms of the address or number that says whose a part is. */
export function formsOfPart({ type, value }: NonNullable<HeldPart['about']>): readonly string[] {
  return identifiersOf(type, value).map((one) => `${one.kind} ${one.value}`);
}

export interface Identified {
  readonly identifiers: readonly Identifier[];
  readonly classes: ReadonlySet<DataClass>;
}

export function identify(part: Pick<HeldPart, 'content' | 'values'>): Identified {
  const found = new Map<string, Identifier>();
  const classes = new Set<DataClass>();
  const add = (type: string, value: string): void => {
    const dataClass = dataClassOfType(type);
    if (dataClass !== null) classes.add(dataClass);
    if (found.size >= MAX_IDENTIFIERS) return;
    for (const one of identifiersOf(type, value)) found.set(`${one.kind} ${one.value}`, one);
  };
  for (const { type, value } of part.values ?? []) add(type, value);
  for (const { type, value } of collectKnown(part.content)) add(type, value);
  for (const text of textsOf(part.content)) {
    const looked = text.slice(0, MAX_TEXT_CHARS);
    for (const { type, start, end, personal } of detect(looked)) if (personal) add(type, looked.slice(start, end));
  }
  return { identifiers: [...found.values()], classes };
}

function identifiersOf(type: string, value: string): readonly Identifier[] {
  switch (type) {
    case 'EMAIL': {
      const email = emailForm(value);
      return email === null ? [] : [{ kind: 'email', value: email }];
    }
    case 'PHONE':
      return phoneForms(value).map((form) => ({ kind: 'phone', value: form }));
    case 'CUSTOMER_ID':
      return [{ kind: 'customer', value }];
    default:
      return [];
  }
}

function textsOf(value: JsonValue): readonly string[] {
  const texts: string[] = [];
  const open: JsonValue[] = [value];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next === 'string') texts.push(next);
    else if (typeof next === 'number' && next >= 100_000) texts.push(String(next));
    else if (typeof next === 'object' && next !== null) open.push(...(Object.values(next) as JsonValue[]));
  }
  return texts;
}
