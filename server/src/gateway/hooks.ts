// Signed deliveries: `POST /hooks/<integration>`, or `/hooks/<tenant>/<integration>` beside the first tenant (standardwebhooks.com).
// INVARIANT: nothing of a body is read as anything before its signature was found good over exactly those bytes.

import type { IncomingMessage } from 'node:http';
import {
  isJsonFault,
  isObject,
  isPublicName,
  isRefusal,
  type JsonObject,
  parseId,
  parseStrictJson,
  type Refusal,
  type RunId,
  refuse,
  type TenantId,
} from '#core';
import type { HookSource, PresentedHook } from '#identity';
import { readBody } from './body.ts';
import { MAX_HOOK_BODY_BYTES, MAX_HOOK_HEADER_CHARS, MAX_JSON_DEPTH } from './limits.ts';

/** What carries a delivery on, in the order in which it is asked. */
export interface HookPorts {
  /** Whose deliveries come without the name of a tenant. */
  readonly tenant: TenantId;
  verify(source: HookSource, presented: PresentedHook): Refusal | null;
  /** Whether this integration may bring one more now. */
  admit(source: HookSource): Refusal | null;
  accept(delivery: HookSource & HookDelivery): Promise<{ readonly runs: readonly RunId[]; readonly isNew: boolean } | Refusal>;
  /** SHA-256 in hex. */
  sha256(bytes: Uint8Array): string;
  /** Told of each delivery that came no further than its signature or its form. */
  refused(source: HookSource, refusal: Refusal): void;
}

export interface HookDelivery {
  readonly id: string;
  readonly event: string;
  readonly raw: Uint8Array;
  readonly body: JsonObject;
  /** Which signature it carried: the Shopify one does not cover the event. */
  readonly form: 'standard' | 'shopify';
}

export interface HookAnswer {
  readonly status: 200 | 202;
  readonly runs: readonly RunId[];
}

const SHOPIFY_HMAC = 'x-shopify-hmac-sha256';
const TARGET = /^\/hooks\/(?:(ten_[0-9a-f-]{36})\/)?([a-z0-9][a-z0-9-]{0,62})$/;
/** The id and the signed text have no other dot than the ones between their parts. */
const ID = /^[A-Za-z0-9_-]{1,128}$/;
const TIMESTAMP = /^[1-9][0-9]{0,11}$/;
const EVENT = /^[A-Za-z0-9][A-Za-z0-9._/-]{0,99}$/;

export async function receiveHook(ports: HookPorts, request: IncomingMessage, path: string): Promise<HookAnswer | Refusal> {
  const source = sourceOf(ports, path);
  if (isRefusal(source)) return source;
  const isShopify = request.headers[SHOPIFY_HMAC] !== undefined;
  const presented = await (isShopify ? readShopify(ports, request) : readPresented(request));
  if (isRefusal(presented)) return told(ports, source, presented);
  const unproven = ports.verify(source, presented) ?? ports.admit(source);
  if (unproven !== null) return told(ports, source, unproven);
  const body = isShopify ? decodeShopify(request, presented.body) : decodeDelivery(presented.body);
  if (isRefusal(body)) return told(ports, source, body);
  const delivered = await ports.accept({
    ...source,
    ...{ id: presented.id, raw: presented.body, form: isShopify ? 'shopify' : 'standard' },
    ...body,
  });
  return isRefusal(delivered) ? delivered : { status: delivered.isNew ? 202 : 200, runs: delivered.runs };
}

function told(ports: HookPorts, source: HookSource, refusal: Refusal): Refusal {
  ports.refused(source, refusal);
  return refusal;
}

function sourceOf(ports: HookPorts, path: string): HookSource | Refusal {
  const [, tenant, integration] = TARGET.exec(path) ?? [];
  const of = tenant === undefined ? ports.tenant : parseId('ten', tenant);
  if (integration === undefined || of === null) return refuse('GATEWAY_ROUTE_UNKNOWN', 'Deliver to /hooks/<integration>.');
  return { tenant: of, integration };
}

async function readJsonBody(request: IncomingMessage): Promise<Uint8Array | Refusal> {
  const type = request.headers['content-type'] ?? '';
  if (!/^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i.test(type))
    return refuse('GATEWAY_CONTENT_TYPE', 'Send the delivery as application/json.');
  return readBody(request, MAX_HOOK_BODY_BYTES);
}

async function readPresented(request: IncomingMessage): Promise<PresentedHook | Refusal> {
  const id = headerOf(request, 'webhook-id', ID);
  const timestamp = headerOf(request, 'webhook-timestamp', TIMESTAMP);
  const signatures = headerOf(request, 'webhook-signature', /^\S/);
  for (const header of [id, timestamp, signatures]) if (isRefusal(header)) return header;
  const body = await readJsonBody(request);
  if (isRefusal(body)) return body;
  return { id: String(id), timestampS: Number(timestamp), signatures: String(signatures), body };
}

/**
 * Shopify signs the body and nothing else, so that whoever has one delivery could bring it again under another id: it is known by its body.
 * shopify.dev/docs/apps/build/webhooks/subscribe/https
 */
async function readShopify(ports: Pick<HookPorts, 'sha256'>, request: IncomingMessage): Promise<PresentedHook | Refusal> {
  const signatures = headerOf(request, SHOPIFY_HMAC, /^[A-Za-z0-9+/]{43}=$/);
  if (isRefusal(signatures)) return signatures;
  const body = await readJsonBody(request);
  if (isRefusal(body)) return body;
  return { form: 'shopify', id: `shopify-${ports.sha256(body).slice(0, 48)}`, timestampS: 0, signatures, body };
}

/** The topic is not signed either: what it makes of a body is checked against the body by whoever acts on it. */
function decodeShopify(request: IncomingMessage, raw: Uint8Array): { readonly event: string; readonly body: JsonObject } | Refusal {
  const topic = headerOf(request, 'x-shopify-topic', EVENT);
  if (isRefusal(topic)) return topic;
  const data = parseStrictJson(raw, { maxBytes: MAX_HOOK_BODY_BYTES, maxDepth: MAX_JSON_DEPTH });
  if (isJsonFault(data)) return refuse('GATEWAY_BODY_INVALID', 'The delivery is not strict JSON.', { fault: data.code, at: data.at });
  if (!isObject(data) || !isPublicName(topic))
    return refuse('GATEWAY_REQUEST_INVALID', 'The delivery lacks an object, or holds it in another form.', { field: 'an object' });
  return { event: topic, body: { type: topic, data } };
}

function headerOf(request: IncomingMessage, name: string, form: RegExp): string | Refusal {
  const value = request.headers[name];
  if (value === undefined || value === '')
    return refuse('GATEWAY_HOOK_UNSIGNED', `The delivery has no ${name} header; sign it as Standard Webhooks says.`, { header: name });
  if (typeof value === 'string' && value.length <= MAX_HOOK_HEADER_CHARS && form.test(value)) return value;
  return refuse('GATEWAY_HEADER_INVALID', `The header ${name} is not in the form it should have.`, { header: name });
}

/** Members we do not know are the sender's business; the event's name and its data are what we read. */
export function decodeDelivery(raw: Uint8Array): { readonly event: string; readonly body: JsonObject } | Refusal {
  const body = parseStrictJson(raw, { maxBytes: MAX_HOOK_BODY_BYTES, maxDepth: MAX_JSON_DEPTH });
  if (isJsonFault(body)) return refuse('GATEWAY_BODY_INVALID', 'The delivery is not strict JSON.', { fault: body.code, at: body.at });
  const wrong = (field: string): Refusal =>
    refuse('GATEWAY_REQUEST_INVALID', `The delivery lacks ${field}, or holds it in another form.`, { field });
  if (!isObject(body)) return wrong('an object');
  const { type, data } = body;
  // It stands in the log for ever, so a form of a name is not enough: a telephone number is none.
  if (typeof type !== 'string' || !EVENT.test(type) || !isPublicName(type)) return wrong('type');
  return isObject(data) ? { event: type, body } : wrong('data');
}
