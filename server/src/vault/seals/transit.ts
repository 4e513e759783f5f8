// The key file sealed by the transit engine of HashiCorp Vault or OpenBao: encrypt and decrypt, bound to the key's id by associated data.

import { isObject, type JsonObject } from '#core';
import { vaultFault } from '../envelope.ts';
import type { Seal } from '../key-file.ts';
import { bytesOf, callService, type KeyServiceCall, originOf } from './key-service.ts';

export interface Transit {
  readonly call: KeyServiceCall;
  readonly token: () => string | null;
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9_./-]{0,126}[A-Za-z0-9]$/;
const CIPHERTEXT = /^vault:v\d{1,9}:[A-Za-z0-9+/=]{16,16384}$/;

async function ask({ call, token }: Transit, seal: Seal, action: 'encrypt' | 'decrypt', input: JsonObject): Promise<JsonObject> {
  const { address, mount, key, namespace } = seal;
  const isNamed = typeof address === 'string' && typeof mount === 'string' && NAME.test(mount) && typeof key === 'string' && NAME.test(key);
  if (!isNamed || mount.includes('..') || key.includes('/'))
    throw vaultFault('VAULT_KMS_REFUSED', 'the mount or the key is not named as Vault names them');
  const held = token();
  if (held === null) throw vaultFault('VAULT_KEY_SEALED', 'transit; set transitTokenFile or VAULT_TOKEN');
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    'x-vault-request': 'true',
    'x-vault-token': held,
    ...(typeof namespace === 'string' ? { 'x-vault-namespace': namespace } : {}),
  };
  const url = `${originOf(address)}/v1/${mount}/${action}/${key}`;
  const answer = await callService(call, { url, headers, body: JSON.stringify(input) }, ({ errors }) =>
    // Free text: only that there is some.
    Array.isArray(errors) && errors.length > 0 ? 'it says why in its own log' : 'no reason given',
  );
  if (!isObject(answer.data ?? null)) throw vaultFault('VAULT_KMS_UNREACHABLE', 'not the answer that was asked for');
  return answer.data as JsonObject;
}

const boundTo = (keyId: string): JsonObject => ({ associated_data: Buffer.from(`sallyport:${keyId}`, 'utf8').toString('base64') });

export async function sealByTransit(
  transit: Transit,
  seal: Seal,
  keyId: string,
  key: Uint8Array,
): Promise<{ seal: Seal; sealed: Uint8Array }> {
  const { ciphertext } = await ask(transit, seal, 'encrypt', { plaintext: Buffer.from(key).toString('base64'), ...boundTo(keyId) });
  if (typeof ciphertext !== 'string' || !CIPHERTEXT.test(ciphertext))
    throw vaultFault('VAULT_KMS_UNREACHABLE', 'not the answer that was asked for');
  return { seal, sealed: Buffer.from(ciphertext, 'utf8') };
}

export async function openByTransit(transit: Transit, seal: Seal, keyId: string, sealed: Uint8Array): Promise<Uint8Array> {
  const { plaintext } = await ask(transit, seal, 'decrypt', { ciphertext: Buffer.from(sealed).toString('utf8'), ...boundTo(keyId) });
  return bytesOf(plaintext);
}
