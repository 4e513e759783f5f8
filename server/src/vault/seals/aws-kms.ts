// The key file sealed by AWS KMS: Encrypt and Decrypt over its JSON protocol, signed with Signature Version 4 by ourselves.
// INVARIANT: what is sealed is bound to the key's id by the encryption context, so one installation's file opens in no other's place.

import { createHash, createHmac } from 'node:crypto';
import type { Clock, JsonObject } from '#core';
import { vaultFault } from '../envelope.ts';
import type { Seal } from '../key-file.ts';
import { bytesOf, callService, type KeyServiceCall, originOf, word } from './key-service.ts';

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string | null;
}

export interface AwsKms {
  readonly call: KeyServiceCall;
  readonly credentials: () => AwsCredentials | null;
  readonly clock: Clock;
}

const REGION = /^[a-z]{2}(?:-[a-z]+)+-\d$/;
/** A key's id, its ARN, or an alias. */
const KEY =
  /^(?:arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:(?:key|alias)\/[A-Za-z0-9/_-]{1,250}|alias\/[A-Za-z0-9/_-]{1,250}|(?:mrk-)?[0-9a-f-]{32,36})$/;
const TYPE = 'application/x-amz-json-1.1';

const sha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');
const hmac = (key: Buffer | string, text: string): Buffer => createHmac('sha256', key).update(text, 'utf8').digest();

/** Headers of the request, the signature among them. */
export function signRequest(
  { url, target, body, region, atMs }: { url: string; target: string; body: string; region: string; atMs: number },
  { accessKeyId, secretAccessKey, sessionToken }: AwsCredentials,
): Record<string, string> {
  const moment = new Date(atMs).toISOString().replaceAll(/[-:]|\.\d{3}/g, '');
  const day = moment.slice(0, 8);
  const { host, pathname } = new URL(url);
  const signed: Record<string, string> = {
    'content-type': TYPE,
    host,
    'x-amz-date': moment,
    ...(sessionToken === null ? {} : { 'x-amz-security-token': sessionToken }),
    'x-amz-target': target,
  };
  const names = Object.keys(signed).join(';');
  const lines = Object.entries(signed).map(([name, value]) => `${name}:${value}\n`);
  const request = ['POST', pathname, '', lines.join(''), names, sha256(body)].join('\n');
  const scope = `${day}/${region}/kms/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', moment, scope, sha256(request)].join('\n');
  const key = ['kms', 'aws4_request'].reduce((made, part) => hmac(made, part), hmac(hmac(`AWS4${secretAccessKey}`, day), region));
  const { host: _host, ...headers } = signed;
  const signature = hmac(key, text).toString('hex');
  return {
    ...headers,
    authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`,
  };
}

/** The partition of China has hosts of its own. */
export const awsKmsOrigin = (region: string): string => `https://kms.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;

function placeOf(seal: Seal): { url: string; region: string; key: string } {
  const { region, key, endpoint } = seal;
  if (typeof region !== 'string' || !REGION.test(region) || typeof key !== 'string' || !KEY.test(key))
    throw vaultFault('VAULT_KMS_REFUSED', 'the key or its region is not named as AWS names them');
  const origin = typeof endpoint === 'string' ? originOf(endpoint) : awsKmsOrigin(region);
  return { url: `${origin}/`, region, key };
}

async function ask(
  { call, credentials, clock }: AwsKms,
  seal: Seal,
  action: 'Encrypt' | 'Decrypt',
  input: JsonObject,
): Promise<JsonObject> {
  const { url, region, key } = placeOf(seal);
  const held = credentials();
  if (held === null) throw vaultFault('VAULT_KEY_SEALED', 'aws-kms; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY');
  const body = JSON.stringify({ KeyId: key, ...input });
  const headers = signRequest({ url, target: `TrentService.${action}`, body, region, atMs: clock.now() }, held);
  return callService(call, { url, headers, body }, ({ __type: type }) =>
    word(typeof type === 'string' ? type.split('#').at(-1) : undefined),
  );
}

const contextOf = (keyId: string): JsonObject => ({ 'sallyport:key': keyId });

export async function sealByAws(kms: AwsKms, seal: Seal, keyId: string, key: Uint8Array): Promise<{ seal: Seal; sealed: Uint8Array }> {
  const answer = await ask(kms, seal, 'Encrypt', { Plaintext: Buffer.from(key).toString('base64'), EncryptionContext: contextOf(keyId) });
  return { seal, sealed: bytesOf(answer.CiphertextBlob) };
}

export async function openByAws(kms: AwsKms, seal: Seal, keyId: string, sealed: Uint8Array): Promise<Uint8Array> {
  const answer = await ask(kms, seal, 'Decrypt', {
    CiphertextBlob: Buffer.from(sealed).toString('base64'),
    EncryptionContext: contextOf(keyId),
  });
  return bytesOf(answer.Plaintext);
}
