// Signs a delivery as Standard Webhooks says (standardwebhooks.com): HMAC-SHA256 over "id.timestamp.body" under a `whsec_` secret.

import { createHmac } from 'node:crypto';

export interface HookToSign {
  /** The same on every attempt to deliver. */
  readonly id: string;
  /** Of this attempt, in seconds. */
  readonly timestampS: number;
  /** Exactly what is sent. */
  readonly body: string;
}

/** The three headers of a delivery. */
export function signHook(secret: string, { id, timestampS, body }: HookToSign): Record<string, string> {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestampS}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': String(timestampS), 'webhook-signature': `v1,${signature}` };
}
