// What a KMS answers, and how a call to it may end: told by a code, never with what was sent or received in it.

import { findOwnRecord, type JsonObject, type JsonValue } from '#core';
import { vaultFault } from '../envelope.ts';

/** One call over the outbound door. */
export type KeyServiceCall = (request: {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}) => Promise<{ readonly status: number; readonly body: string }>;

/** Names of errors are words; anything else is not repeated. */
const WORD = /^[A-Za-z][A-Za-z0-9]{2,63}$/;

export const word = (value: JsonValue | undefined): string => (typeof value === 'string' && WORD.test(value) ? value : 'no reason given');

/** The service's address, which somebody typed. */
export function originOf(address: string): string {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '')
    throw vaultFault('VAULT_KMS_REFUSED', 'its endpoint is no address of the form https://host');
  return url.origin;
}

/** What it answered, when it did; a refusal is told by its name alone. */
export async function callService(
  call: KeyServiceCall,
  request: Parameters<KeyServiceCall>[0],
  reasonOf: (body: JsonObject) => string,
): Promise<JsonObject> {
  let answer: Awaited<ReturnType<KeyServiceCall>>;
  try {
    answer = await call(request);
  } catch (error) {
    throw vaultFault('VAULT_KMS_UNREACHABLE', (error as { code?: string }).code);
  }
  const body = findOwnRecord(answer.body) as JsonObject | null;
  if (answer.status >= 500) throw vaultFault('VAULT_KMS_UNREACHABLE', `status ${answer.status}`);
  if (answer.status >= 400)
    throw vaultFault('VAULT_KMS_REFUSED', `status ${answer.status}, ${body === null ? 'no reason given' : reasonOf(body)}`);
  if (answer.status !== 200 || body === null) throw vaultFault('VAULT_KMS_UNREACHABLE', `status ${answer.status}`);
  return body;
}

const BASE64 = /^[A-Za-z0-9+/]{1,16384}={0,2}$/;

export function bytesOf(value: JsonValue | undefined): Buffer {
  if (typeof value !== 'string' || !BASE64.test(value)) throw vaultFault('VAULT_KMS_UNREACHABLE', 'not the answer that was asked for');
  return Buffer.from(value, 'base64');
}
