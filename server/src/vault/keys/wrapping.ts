// How one key is wrapped by others: a tenant key by the key file's key, a subject key by the tenant key and the epoch together.
// INVARIANT: a wrapped key is bound to its place; and from the first epoch on a subject key opens with neither of its two keys alone.

import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import type { Random } from '#core';
import { decrypt, encrypt, KEY_BYTES, unreadable, unwrapKey, vaultFault, wrapKey } from '../envelope.ts';
import type { SubjectKeyRow } from '../store/keys.ts';
import type { HeldKeys } from './held-keys.ts';

export interface TenantKey {
  readonly version: number;
  readonly wrapping: KeyObject;
  /** Finds equal texts of the tenant again; stays the same for all versions. */
  readonly index: Buffer;
}

const indexOf = (wrapping: KeyObject): Buffer =>
  Buffer.from(hkdfSync('sha256', wrapping.export(), Buffer.alloc(0), 'sallyport blind index v1', KEY_BYTES));

const tenantContext = (tenant: string, version: number, kek: string): ['tenant key', ...string[]] => [
  'tenant key',
  tenant,
  String(version),
  kek,
];

/** The first version carries its index in itself, later ones beside it, since that must not change. */
export function openTenantRow(
  held: Pick<HeldKeys, 'kek'>,
  tenant: string,
  row: { version: number; kek: string; wrapped: Uint8Array },
): TenantKey {
  const kek = held.kek(row.kek);
  if (kek === null) throw vaultFault('VAULT_KEY_FILE_UNUSABLE', 'it is not the file this tenant\u2019s key was wrapped with');
  const bytes = decrypt(kek, row.wrapped, tenantContext(tenant, row.version, row.kek));
  if (bytes.byteLength !== KEY_BYTES && bytes.byteLength !== 2 * KEY_BYTES) throw unreadable();
  const wrapping = createSecretKey(bytes.subarray(0, KEY_BYTES));
  const index = bytes.byteLength === KEY_BYTES ? indexOf(wrapping) : Buffer.from(bytes.subarray(KEY_BYTES));
  bytes.fill(0);
  return { version: row.version, wrapping, index };
}

export function sealTenantKey(
  kek: { readonly id: string; readonly key: KeyObject },
  tenant: string,
  key: TenantKey,
  random: Random,
): Buffer {
  const isFirst = indexOf(key.wrapping).equals(key.index);
  const bytes = Buffer.concat(isFirst ? [key.wrapping.export()] : [key.wrapping.export(), key.index]);
  const sealed = encrypt(kek.key, bytes, tenantContext(tenant, key.version, kek.id), random);
  bytes.fill(0);
  return sealed;
}

/** Of the first version of a tenant's key. */
export const firstTenantKey = (wrapping: KeyObject): TenantKey => ({ version: 1, wrapping, index: indexOf(wrapping) });

/** What wraps the subject keys of a tenant in an epoch: made of both, so that either being destroyed is enough. */
export function epochWrapping(tenant: TenantKey, epoch: KeyObject | null): KeyObject {
  if (epoch === null) return tenant.wrapping; // epoch 0: as before there were epochs
  return createSecretKey(
    new Uint8Array(hkdfSync('sha256', tenant.wrapping.export(), epoch.export(), 'sallyport subject keys v2', KEY_BYTES)),
  );
}

type Wrapped = Omit<SubjectKeyRow, 'wrapped' | 'generation'>;

const subjectContext = (tenant: string, row: Wrapped): ['subject key' | 'subject key v2', ...string[]] => {
  const place = [tenant, row.subject, row.id, String(row.tenantKey)] as const;
  return row.epoch === 0 && row.wrapKey === row.tenantKey
    ? ['subject key', ...place]
    : ['subject key v2', ...place, String(row.wrapKey), String(row.epoch)];
};

export const wrapSubjectKey = (wrapping: KeyObject, tenant: string, row: Wrapped, key: KeyObject, random: Random): Buffer =>
  wrapKey(wrapping, key, subjectContext(tenant, row), random);

export const unwrapSubjectKey = (wrapping: KeyObject, tenant: string, row: Wrapped & Pick<SubjectKeyRow, 'wrapped'>): KeyObject =>
  unwrapKey(wrapping, row.wrapped, subjectContext(tenant, row));
