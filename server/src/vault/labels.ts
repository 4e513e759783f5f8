// The labels that have a key of their own, and which of them a purpose is of. A value is sealed with a key made of its subject's key for its
// label alone: one that gets out opens this subject's values of this label and no others. The one table of purposes and labels.

import { createSecretKey, type KeyObject } from 'node:crypto';
import { expand } from './keys/derive.ts';

/** The number of each stands in sealed values: add at the end, never change one. */
const NUMBERS = { restricted: 1, personal_id: 2, personal: 3, content: 4, tokens: 5 } as const;
export type KeyLabel = keyof typeof NUMBERS;
export const KEY_LABELS = Object.keys(NUMBERS) as readonly KeyLabel[];

interface OfPurpose {
  readonly begins: string;
  readonly label: KeyLabel;
  /** The ledger has hashes of the sealed bytes, so they are never sealed anew. */
  readonly isCommitted?: true;
}

/** What is not named here is content. The longest beginning that fits counts. */
const PURPOSES: readonly OfPurpose[] = [
  // What opens other systems.
  { begins: 'credential', label: 'restricted' },
  { begins: 'hook.secret', label: 'restricted' },
  { begins: 'identity.provider', label: 'restricted' },
  { begins: 'governance_planted', label: 'restricted' },
  // Who somebody is.
  { begins: 'identity.profile', label: 'personal_id' },
  { begins: 'audit_link.', label: 'personal_id' },
  { begins: 'governance_requests.', label: 'personal_id' },
  { begins: 'governance_tasks.', label: 'personal_id' },
  { begins: 'governance_breaches.sealed_people', label: 'personal_id' },
  { begins: 'workflow_runs.sealed_customer', label: 'personal_id' },
  // What is about somebody, field by field.
  { begins: 'dataset.', label: 'personal' },
  { begins: 'governance_holds.', label: 'personal' },
  { begins: 'governance_breach', label: 'personal' },
  { begins: 'alert.note', label: 'personal' },
  // Values that placeholders and tokens stand for.
  { begins: 'known values', label: 'tokens' },
  { begins: 'vault_tokens', label: 'tokens' },
  { begins: 'token', label: 'tokens' },
  { begins: 'event.change', label: 'content', isCommitted: true },
];

const found = (purpose: string): OfPurpose | undefined =>
  PURPOSES.filter(({ begins }) => purpose.startsWith(begins)).toSorted((left, right) => right.begins.length - left.begins.length)[0];

export const labelOf = (purpose: string): KeyLabel => found(purpose)?.label ?? 'content';
export const isCommitted = (purpose: string): boolean => found(purpose)?.isCommitted === true;

/** Of the key of a subject; the same each time. */
export function labelKey(subjectKey: KeyObject, label: KeyLabel): KeyObject {
  const bytes = subjectKey.export();
  const derived = expand(bytes, `sallyport label key v1: ${label}`);
  bytes.fill(0);
  const key = createSecretKey(derived);
  derived.fill(0);
  return key;
}

// ---- how a sealed value begins ----

/** Forms of sealed values, oldest first. In 1 one key of the subject seals every label. */
export type Form = 1 | 2;
export const NEWEST_FORM: Form = 2;

export interface FormByte {
  readonly form: Form;
  /** What it opens to is sealed again, under another key. */
  readonly isNested: boolean;
  /** Null in form 1. */
  readonly label: KeyLabel | null;
}

const SECOND = 0x20;
const NESTED = 0x08;

export const byteOf = (label: KeyLabel, isNested: boolean): number => SECOND | (isNested ? NESTED : 0) | NUMBERS[label];

/** Null: no form of ours. */
export function readFormByte(byte: number | undefined): FormByte | null {
  if (byte === 1 || byte === 2) return { form: 1, isNested: byte === 2, label: null };
  if (byte === undefined || (byte & 0xf0) !== SECOND) return null;
  const label = KEY_LABELS.find((one) => NUMBERS[one] === (byte & 0x07));
  return label === undefined ? null : { form: 2, isNested: (byte & NESTED) !== 0, label };
}

/** Each first byte that a value which is not nested may have. */
export const PLAIN_BYTES: readonly number[] = [1, ...KEY_LABELS.map((label) => byteOf(label, false))];
/** And any value. */
export const FIRST_BYTES: readonly number[] = [...PLAIN_BYTES, 2, ...KEY_LABELS.map((label) => byteOf(label, true))];
