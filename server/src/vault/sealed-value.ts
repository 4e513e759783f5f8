// The bytes of a sealed value: what it begins with, and one layer of it sealed and opened under the key of a subject for one label.
// INVARIANT: a value is bound to tenant, purpose, subject, key, label and layer; any of them changed, it does not open.

import type { KeyObject } from 'node:crypto';
import type { Random, TenantId } from '#core';
import { type Context, decrypt, encrypt, OVERHEAD_BYTES, unreadable } from './envelope.ts';
import { byteOf, FIRST_BYTES, type FormByte, type KeyLabel, labelKey, PLAIN_BYTES, readFormByte } from './labels.ts';
import type { SubjectKeyRow } from './store/keys.ts';

export interface SubjectKey {
  readonly row: SubjectKeyRow;
  readonly key: KeyObject;
  /** Those made of it so far. */
  readonly labelled: Map<KeyLabel, KeyObject>;
}

/** Format byte, id of the subject key, then iv, ciphertext and tag. */
export const KEY_ID_BYTES = 16;
const HEADER_BYTES = 1 + KEY_ID_BYTES;

/** By which a value at rest is told from one that nobody sealed. */
export const SEALED_FORM = Object.freeze({ formats: FIRST_BYTES, leastBytes: HEADER_BYTES + OVERHEAD_BYTES });

export interface Header extends FormByte {
  readonly keyId: string;
}

export function headerOf(sealed: Uint8Array): Header {
  const form = sealed.byteLength < HEADER_BYTES + OVERHEAD_BYTES ? null : readFormByte(sealed[0]);
  if (form === null) throw unreadable();
  return { ...form, keyId: Buffer.from(sealed.subarray(1, HEADER_BYTES)).toString('base64url') };
}

interface Place {
  readonly tenant: TenantId;
  readonly purpose: string;
}

function contextOf({ tenant, purpose }: Place, row: SubjectKey['row'], label: KeyLabel | null, isNested: boolean): Context {
  const place = [tenant, purpose, row.subject, row.id, String(row.tenantKey)] as const;
  return label === null ? ['value', ...place] : ['value v2', ...place, label, isNested ? 'within' : 'whole'];
}

function keyFor(subject: SubjectKey, label: KeyLabel | null): KeyObject {
  if (label === null) return subject.key;
  const known = subject.labelled.get(label) ?? labelKey(subject.key, label);
  subject.labelled.set(label, known);
  return known;
}

export function sealLayer(
  subject: SubjectKey,
  { label, isNested, random, ...place }: Place & { readonly label: KeyLabel; readonly isNested: boolean; readonly random: Random },
  bytes: Uint8Array,
): Buffer {
  const sealed = encrypt(keyFor(subject, label), bytes, contextOf(place, subject.row, label, isNested), random);
  return Buffer.concat([Buffer.of(byteOf(label, isNested)), Buffer.from(subject.row.id, 'base64url'), sealed]);
}

export function unsealLayer(subject: SubjectKey, { sealed, ...place }: Place & { readonly sealed: Uint8Array }): Buffer {
  const { label, isNested } = headerOf(sealed);
  return decrypt(keyFor(subject, label), sealed.subarray(HEADER_BYTES), contextOf(place, subject.row, label, isNested));
}

/** What values sealed under the key of that id, and under no other, may begin with. */
export function prefixesOfKey(id: string): readonly Uint8Array[] {
  return PLAIN_BYTES.map((byte) => Buffer.concat([Buffer.of(byte), Buffer.from(id, 'base64url')]));
}

/** A sealed value under a key that never was. */
export function tombstoneOf(random: Random): Uint8Array {
  return Buffer.concat([Buffer.of(byteOf('content', false)), random.bytes(KEY_ID_BYTES + OVERHEAD_BYTES)]);
}
