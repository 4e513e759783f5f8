// The connector surface over HTTP: what a caller without any SDK sends and reads. Refusals are problems with a code and the call's id,
// an effect waits for a person and then happens once, and the shop sees our request, never the caller's.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createBindingSigner, generateBindingKey, newRunId } from '@sallyport/demo';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type GuardedModel, startGuardedModel } from '../../../testkit/model-upstream/behind-gateway.ts';
import * as reply from '../../../testkit/model-upstream/index.ts';

const SHOP_SECRET = 'shop-credential-of-the-test';
const manifest: unknown = parse(readFileSync(join(import.meta.dirname, '../connectors/example-shop.manifest.yaml'), 'utf8'));
const PRODUCT = { product: { id: '7', title: 'Mug', description: 'Blue', updated_at: '1' } };

interface Answer {
  readonly status: number;
  readonly type: string | null;
  readonly call: string;
  readonly body: Record<string, unknown>;
}

let guarded: GuardedModel;
let shop: reply.ModelUpstream;
let key = '';
let otherKey = '';
let signer: ReturnType<typeof createBindingSigner>;

async function makeKey(name: string, publicKey: object | null = null): Promise<{ workload: string; key: string }> {
  const workload = await guarded.test.owner('POST', '/api/workloads', { name, integrations: ['shop'], publicKey });
  const made = await guarded.test.owner('POST', '/api/keys', { workload: workload.body.id });
  return { workload: workload.body.id as string, key: made.body.key as string };
}

beforeAll(async () => {
  shop = await reply.startModelUpstream();
  guarded = await startGuardedModel([shop.host]);
  const put = await guarded.test.owner('PUT', '/api/integrations/shop', {
    kind: 'http',
    baseUrl: shop.url,
    manifest,
    credential: { header: 'X-Shop-Token', secret: SHOP_SECRET },
  });
  expect(put.status).toBe(200);
  const pair = generateBindingKey();
  const { kty, crv, x } = pair.publicKeyJwk as { kty: string; crv: string; x: string };
  const made = await makeKey('caller', { kty, crv, x });
  key = made.key;
  otherKey = (await makeKey('other')).key;
  signer = createBindingSigner({ workload: made.workload, privateKey: pair.privateKey });
});
afterAll(async () => {
  await guarded?.close();
  await shop?.close();
});
beforeEach(() => shop.reset());

async function send(method: string, path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  const response = await fetch(`${guarded.test.gatewayUrl}/connect${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    call: response.headers.get('x-sallyport-call') ?? '',
    body: (await response.json()) as Record<string, unknown>,
  };
}

const bound = (customer: string, toolCallId: string): Record<string, string> => ({
  'sallyport-binding': signer.sign({ run: newRunId(Date.now()), customer: { id: customer, assurance: 'session' }, toolCallId }),
});

describe('reads through a connector', () => {
  it('answer with the shop’s own JSON, with our credential and without the caller’s key', async () => {
    shop.next(reply.json(PRODUCT));
    const read = await send('GET', '/shop/products/7', undefined, { 'x-extra': 'from the caller' });
    expect([read.status, read.body]).toEqual([200, PRODUCT]);
    expect(shop.requests.map((request) => `${request.method} ${request.path}`)).toEqual(['GET /v1/products/7']);
    const headers = shop.requests[0]?.rawHeaders.join('\n') ?? '';
    expect(shop.requests[0]?.headers['x-shop-token']).toBe(SHOP_SECRET);
    expect(headers).not.toContain(key);
    expect(headers).not.toContain('x-extra');
    const events = await guarded.events(read.call);
    expect(events.map((event) => event.type).sort()).toEqual(['enforcement.call.completed', 'enforcement.call.intended']);
  });

  it('give a customer’s own order and nobody else’s', async () => {
    const order = { order: { id: '5', customer_id: '42', total: '10.00', updated_at: '1' } };
    shop.next(reply.json(order), reply.json(order));
    const own = await send('GET', '/shop/orders/5', undefined, bound('42', 'call_1'));
    expect([own.status, own.body]).toEqual([200, order]);
    const foreign = await send('GET', '/shop/orders/5', undefined, bound('43', 'call_2'));
    expect([foreign.status, foreign.type]).toEqual([403, 'application/problem+json']);
    expect(JSON.stringify(foreign.body)).not.toContain('10.00');
  });

  it.each([
    ['an operation the manifest lacks', 'GET', '/shop/warehouses', 403],
    ['a method it lacks', 'DELETE', '/shop/products/7', 403],
    ['an argument it lacks', 'GET', '/shop/products/7?fields=all', 403],
    ['a path that climbs', 'GET', '/shop/products/%2e%2e', 403],
    ['an integration outside the key', 'GET', '/provider/models', 403],
    ['an integration that does not exist', 'GET', '/nowhere/x', 403],
  ])('refuse %s as a problem with code and call', async (_name, method, path, status) => {
    const refused = await send(method, path);
    expect([refused.status, refused.type, refused.body.title]).toEqual([
      status,
      'application/problem+json',
      expect.stringMatching(/^Refused|Invalid/),
    ]);
    expect(refused.body).toMatchObject({ type: `urn:sallyport:code:${refused.body.code}`, call: refused.call, status });
    expect(shop.requests).toEqual([]);
  });

  it.each([
    ['a redirect', () => reply.raw('', { location: 'https://example.com/' }, 302)],
    ['no JSON', () => reply.raw('<html>', { 'content-type': 'text/html' })],
    ['a connection that breaks', () => reply.halfClosed('{"product":')],
    ['compressed bytes', () => reply.gzipped(PRODUCT)],
    ['JSON with a key twice', () => reply.raw('{"product":{},"product":{}}', { 'content-type': 'application/json' })],
  ])('are withheld with a code when the shop answers with %s', async (_name, script) => {
    shop.next(script());
    const read = await send('GET', '/shop/products/7/reviews');
    expect(read.status).toBeGreaterThanOrEqual(400);
    expect(read.body.code).toMatch(/^[A-Z_]+$/);
    expect(read.body.call).toBe(read.call);
  });
});

describe('effects through a connector', () => {
  const message = { recipient: 'nobody@example.com', subject: 'Hello', body: 'Your mug is on its way.' };

  it('wait for a person, then happen once, and their result is read by id with the same key only', async () => {
    const waiting = await send('POST', '/shop/messages', message);
    expect([waiting.status, waiting.body.code]).toEqual([403, 'ENDORSEMENT_REQUIRED']);
    expect(shop.requests).toEqual([]);
    const approval = waiting.body.approval as string;
    expect(waiting.body.result).toBe(`/connect/-/approvals/${approval}`);
    expect((await send('GET', `/-/approvals/${approval}`)).body.state).toBe('pending');
    const stranger = await send('GET', `/-/approvals/${approval}`, undefined, { authorization: `Bearer ${otherKey}` });
    expect(stranger.status).toBeGreaterThanOrEqual(400);

    shop.next(reply.json({ id: 'msg_1' }, 201));
    const arrived = shop.arrived();
    const shown = await guarded.test.owner('GET', `/api/approvals/${approval}`);
    const decided = await guarded.test.owner('POST', `/api/approvals/${approval}/approve`, { digest: shown.body.digest });
    expect(decided.status).toBe(200);
    const request = await arrived;
    expect([request.method, request.path, request.json()]).toEqual(['POST', '/v1/messages', message]);
    expect(request.headers['idempotency-key']).toMatch(/^[0-9a-f]{40}$/);
    let result = await send('GET', `/-/approvals/${approval}`);
    while (result.body.state === 'approved' || result.body.state === 'executing') result = await send('GET', `/-/approvals/${approval}`);
    expect(result.body).toMatchObject({ state: 'done' });
    expect(JSON.stringify(result.body)).toContain('msg_1');

    const again = await guarded.test.owner('POST', `/api/approvals/${approval}/approve`, { digest: shown.body.digest });
    expect(again.status).toBeGreaterThanOrEqual(400);
    expect(shop.requests.length).toBe(1);
  });

  it.each([
    ['a field the operation lacks', { ...message, bcc: 'all@example.com' }],
    ['a field of another type', { ...message, subject: ['x'] }],
    ['a field left out', { recipient: message.recipient }],
    ['a placeholder in place of a value', { ...message, body: 'Dear <PERSON_1>' }],
    ['an image from elsewhere', { ...message, body: '![x](https://example.org/?d=1)' }],
  ])('are refused with %s, before a person is asked', async (_name, body) => {
    const before = await guarded.test.owner('GET', '/api/approvals');
    const refused = await send('POST', '/shop/messages', body);
    expect([refused.status, refused.type]).toEqual([403, 'application/problem+json']);
    expect(refused.body.code).not.toBe('ENDORSEMENT_REQUIRED');
    expect(await guarded.test.owner('GET', '/api/approvals')).toEqual(before);
    expect(shop.requests).toEqual([]);
  });

  it('are not taken without a key, with a wrong one, or with another workload’s statement', async () => {
    for (const headers of [
      { authorization: '' },
      { authorization: 'Bearer sp_wrong' },
      { authorization: `Bearer ${otherKey}`, ...bound('42', 'call_9') },
    ]) {
      const refused = await send('POST', '/shop/messages', message, headers);
      expect(refused.status).toBeGreaterThanOrEqual(401);
      expect(refused.status).toBeLessThan(404);
      expect(refused.body.code).toMatch(/^IDENTITY_/);
    }
    expect(shop.requests).toEqual([]);
  });
});

describe('what stays behind', () => {
  it('is one outcome a call, and neither a key nor the credential in any log line or table', async () => {
    const calls = Object.values(Object.groupBy(await guarded.events(), (event) => event.subject)).map((list) => list ?? []);
    expect(calls.length).toBeGreaterThan(10);
    for (const list of calls) {
      expect(list.filter((event) => event.type !== 'enforcement.call.intended').length, JSON.stringify(list)).toBe(1);
    }
    const kept = `${await guarded.stored()}\n${guarded.test.log.join('\n')}`;
    for (const secret of [key, otherKey, SHOP_SECRET, 'nobody@example.com', 'Your mug is on its way.']) expect(kept).not.toContain(secret);
  });
});
