// The webhook: each checkpoint is posted to one address, signed after Standard Webhooks (`v1`, HMAC-SHA256 over "id.timestamp.body").
// The same checkpoint always has the same id, so that a receiver that gets it twice can tell.

import { createHash, createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { type Clock, formatTime } from '#core';
import { parseCheckpoint } from '../signing/note.ts';
import { type Anchor, type AnchorPost, faultCode, type SignedCheckpoint } from './anchor.ts';

const SECRET = /^whsec_([A-Za-z0-9+/]{32,128}={0,2})$/;
const MIN_SECRET_BYTES = 24;
const MAX_SECRET_BYTES = 64;

export interface WebhookDeps {
  readonly url: string;
  readonly key: KeyObject;
  readonly post: AnchorPost;
  readonly clock: Clock;
}

/** `null` for a text that is no secret of the standard's form. */
export function webhookKey(secret: string): KeyObject | null {
  const text = SECRET.exec(secret)?.[1] ?? '';
  const bytes = Buffer.from(text, 'base64');
  const isSecret = bytes.length >= MIN_SECRET_BYTES && bytes.length <= MAX_SECRET_BYTES && bytes.toString('base64') === text;
  return isSecret ? createSecretKey(bytes) : null;
}

/** The headers of one attempt to deliver `body`: the same message keeps its id, and each attempt is signed anew. */
export function webhookHeaders(
  key: KeyObject,
  { id, atMs, body }: { readonly id: string; readonly atMs: number; readonly body: Uint8Array },
): Readonly<Record<string, string>> {
  const timestamp = Math.floor(atMs / 1_000);
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64');
  return {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': `v1,${signature}`,
  };
}

function messageOf({ epoch, size, note, signedAtMs }: SignedCheckpoint): { id: string; body: Buffer } {
  const checkpoint = parseCheckpoint(note.slice(0, note.indexOf('\n\n') + 1));
  const data = { origin: checkpoint?.origin ?? null, epoch, size, root: checkpoint?.root.toString('base64') ?? null, note };
  const body = Buffer.from(JSON.stringify({ type: 'audit.checkpoint.signed', timestamp: formatTime(signedAtMs), data }));
  return { id: `msg_${createHash('sha256').update(note).digest('hex').slice(0, 32)}`, body };
}

export function createWebhookAnchor({ url, key, post, clock }: WebhookDeps): Anchor {
  return {
    name: 'webhook',
    kind: 'webhook',
    isRequired: true,
    async push(checkpoint) {
      const { id, body } = messageOf(checkpoint);
      const headers = webhookHeaders(key, { id, atMs: clock.now(), body });
      try {
        const { status } = await post({ url, headers, body });
        return status >= 200 && status < 300 ? { kind: 'seen', cosignature: null } : { kind: 'fault', code: 'AUDIT_WEBHOOK_REFUSED' };
      } catch (fault) {
        return { kind: 'fault', code: faultCode(fault) };
      }
    },
  };
}
