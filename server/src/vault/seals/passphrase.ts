// The key file sealed by a passphrase: scrypt (RFC 7914) makes the key, AES-256-GCM seals with it. Nothing here remembers the passphrase.

import { createSecretKey, scrypt } from 'node:crypto';
import type { Random } from '#core';
import { decrypt, encrypt, KEY_BYTES, vaultFault } from '../envelope.ts';
import type { Seal } from '../key-file.ts';

/** 128 MiB and some tenths of a second on one core: what a guess costs too. */
const COST = { N: 2 ** 17, r: 8, p: 1 } as const;
const SALT_BYTES = 16;
const MIN_CHARS = 12;
const MAX_CHARS = 1_024;
/** A file could name costs that no machine pays, or none at all. */
const LOWEST_N = 2 ** 14;
const HIGHEST_N = 2 ** 20;

function derive(passphrase: string, salt: Buffer, { N, r, p }: { N: number; r: number; p: number }): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const maxmem = 256 * N * r;
  // The same letters are typed in different forms on different machines.
  scrypt(passphrase.normalize('NFKC'), salt, KEY_BYTES, { N, r, p, maxmem }, (error, key) =>
    error === null ? resolve(key) : reject(error),
  );
  return promise;
}

export function checkPassphrase(passphrase: string): string {
  if (passphrase.length < MIN_CHARS || passphrase.length > MAX_CHARS) throw vaultFault('VAULT_PASSPHRASE_UNFIT');
  return passphrase;
}

export async function sealByPassphrase(
  passphrase: string,
  keyId: string,
  key: Uint8Array,
  random: Random,
): Promise<{ seal: Seal; sealed: Uint8Array }> {
  const salt = Buffer.from(random.bytes(SALT_BYTES));
  const made = createSecretKey(await derive(checkPassphrase(passphrase), salt, COST));
  const seal = { by: 'passphrase', salt: salt.toString('base64url'), ...COST };
  return { seal, sealed: encrypt(made, key, ['key file', keyId, JSON.stringify(seal)], random) };
}

export async function openByPassphrase(passphrase: string, seal: Seal, keyId: string, sealed: Uint8Array): Promise<Uint8Array> {
  const { salt, N, r, p } = seal;
  const isKnown = typeof salt === 'string' && typeof N === 'number' && N >= LOWEST_N && N <= HIGHEST_N && r === COST.r && p === COST.p;
  if (!isKnown) throw vaultFault('VAULT_KEY_FILE_UNUSABLE', 'its seal is of a kind this version does not know');
  const made = createSecretKey(await derive(passphrase, Buffer.from(salt, 'base64url'), { N, r, p }));
  try {
    return decrypt(made, sealed, ['key file', keyId, JSON.stringify({ by: 'passphrase', salt, N, r, p })]);
  } catch {
    throw vaultFault('VAULT_PASSPHRASE_WRONG');
  }
}
