// The seal of a passkey's row: keyed under a key that is not in the database, so that writing there makes nobody a passkey.

import type { PasskeyRow } from '../store/passkeys.ts';
import { type Hasher, sameHash } from '../workloads/tokens.ts';

type Sealed = Pick<PasskeyRow, 'tenant' | 'id' | 'person' | 'credential' | 'publicKey' | 'rp'>;

export function sealPasskey(hasher: Pick<Hasher, 'keyed'>, { tenant, id, person, credential, publicKey, rp }: Sealed): Buffer {
  return hasher.keyed('passkey', JSON.stringify([tenant, id, person, credential, publicKey.toString('base64url'), rp]));
}

export function isSealed(hasher: Pick<Hasher, 'keyed'>, row: Sealed & Pick<PasskeyRow, 'seal'>): boolean {
  return sameHash(row.seal, sealPasskey(hasher, row));
}
