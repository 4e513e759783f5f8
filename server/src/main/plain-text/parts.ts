// What places and ways of the picture are made with.

import type { PlainTextPlace, PlainTextWarning } from '#control';
import type { Detail, Hop, Judged } from './wires.ts';

export interface Place extends Omit<PlainTextPlace, 'evidence'> {
  readonly evidence: readonly Detail[];
}

export interface Picture {
  readonly places: readonly Place[];
  readonly hops: readonly Hop[];
}

export const fault = (text: string): PlainTextWarning => ({ grade: 'fault', text });
export const advice = (text: string): PlainTextWarning => ({ grade: 'advice', text });
export const built = (text: string): Detail => ({ by: 'product', text });
export const seen = (text: string): Detail => ({ by: 'measured', text });
export const set = (text: string): Detail => ({ by: 'setting', text });
export const count = (number: number, one: string, many: string): string => `${number} ${number === 1 ? one : many}`;

type Said = Judged & Partial<Pick<Place, 'name' | 'classes' | 'inClear'>>;
export const place = (id: string, kind: Place['kind'], said: Said): Place => ({ id, kind, name: null, classes: [], inClear: [], ...said });
export const hop = (from: string, to: string, judged: Judged): Hop => ({ id: `${from} ${to}`, from, to, ...judged });

/** How the key file is sealed. */
export const WAYS: Readonly<Record<string, string>> = {
  file: 'nothing but its mode: whoever reads it has the key',
  passphrase: 'a passphrase (scrypt)',
  'aws-kms': 'AWS KMS',
  transit: 'the transit engine of Vault or OpenBao',
};
