// Deliveries over real sockets, up to where the rooms below begin: what is read of one, in which order it is asked, what is recorded.

import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { fixedClock, newTenant, seededRandom } from '@sallyport/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newId, type RunId, refuse, type TenantId } from '#core';
import { gatewayCodes } from './errors.ts';
import type { HookPorts } from './hooks.ts';
import { MAX_HOOK_BODY_BYTES } from './limits.ts';
import { createGateway, type Gateway } from './server.ts';

const random = seededRandom(7);
const clock = fixedClock();
const tenant: TenantId = newTenant(random);
const run: RunId = newId('run', clock, random);
const BODY = JSON.stringify({ type: 'ticket.created', timestamp: '2030-01-01T00:00:00Z', data: { id: 't101' } });
const SIGNED = ['webhook-id: msg_1', 'webhook-timestamp: 1893456000', 'webhook-signature: v1,abc'];

let gateway: Gateway;
let port: number;
/** What was asked, in order. */
let asked: string[];
let accepted: Parameters<HookPorts['accept']>[0][];
let ports: HookPorts;

beforeEach(async () => {
  asked = [];
  accepted = [];
  ports = {
    tenant,
    verify: (source, presented) => {
      asked.push(`verify ${source.integration} ${presented.id} ${presented.body.byteLength}`);
      return presented.signatures === 'v1,abc' ? null : refuse('GATEWAY_HOOK_UNSIGNED', 'Not signed.');
    },
    sha256: (bytes) => createHash('sha256').update(bytes).digest('hex'),
    admit: ({ integration }) => {
      asked.push('admit');
      return integration === 'busy' ? refuse('GATEWAY_STOPPING', 'Too fast.', { retryAfterMs: 1_500 }) : null;
    },
    accept: async (delivery) => {
      accepted.push(delivery);
      return { runs: [run], isNew: accepted.length === 1 };
    },
    refused: (source, { code }) => asked.push(`refused ${source.integration} ${code}`),
  };
  gateway = createGateway({
    clock,
    random,
    codes: gatewayCodes,
    at: { origins: () => ['http://127.0.0.1:4800'], issuer: () => 'http://localhost:4810' },
    guard: async () => ({ kind: 'released', status: 200 }),
    listModels: async () => [],
    approvalResult: async () => ({}),
    hooks: ports,
    onFault: () => {},
    timeouts: { requestMs: 40, headersMs: 40, checkEveryMs: 10 },
  });
  ({ port } = await gateway.listen('127.0.0.1', 0));
});
afterEach(() => gateway.close());

function send(bytes: string | Uint8Array): Promise<{ status: number; code: string; text: string }> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString('utf8');
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      const body = text.slice(text.indexOf('\r\n\r\n') + 4);
      resolve({
        status: Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0),
        code: body === '' ? '' : ((JSON.parse(body) as { code?: string }).code ?? ''),
        text,
      });
    });
    socket.write(bytes);
  });
}
interface Change {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: readonly string[];
  readonly body?: string | Uint8Array;
}
function deliver({ path = '/hooks/shop', method = 'POST', headers = SIGNED, body = BODY }: Change = {}) {
  const typed = headers.some((line) => line.startsWith('content-type')) ? [] : ['content-type: application/json'];
  const lines = [`${method} ${path} HTTP/1.1`, 'host: x', 'connection: close', ...typed, ...headers];
  return send(
    Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n`), Buffer.from(body)]),
  );
}
const without = (name: string): string[] => SIGNED.filter((line) => !line.startsWith(name));

describe('a delivery', () => {
  it('is asked for its signature first, and then given on with the bytes that were signed', async () => {
    const answer = await deliver();
    expect([answer.status, answer.text.split('\r\n\r\n')[1]]).toEqual([202, JSON.stringify({ runs: [run] })]);
    expect(asked).toEqual([`verify shop msg_1 ${BODY.length}`, 'admit']);
    expect(accepted).toMatchObject([{ tenant, integration: 'shop', id: 'msg_1', event: 'ticket.created', body: JSON.parse(BODY) }]);
    expect(Buffer.from(accepted[0]?.raw ?? []).toString()).toBe(BODY);
    expect((await deliver()).status).toBe(200);
  });

  it('of another tenant names it in its path', async () => {
    const other = newTenant(random);
    await deliver({ path: `/hooks/${other}/shop` });
    expect(accepted).toMatchObject([{ tenant: other, integration: 'shop' }]);
  });

  it('that comes too fast is told when to come again', async () => {
    const answer = await deliver({ path: '/hooks/busy' });
    expect([answer.status, /\r\nretry-after: (\d+)/i.exec(answer.text)?.[1]]).toEqual([503, '2']);
    expect([accepted, asked.at(-1)]).toEqual([[], 'refused busy GATEWAY_STOPPING']);
  });
});

describe('a delivery that is none', () => {
  const CASES: readonly (readonly [string, Change, string])[] = [
    ['has no id', { headers: without('webhook-id') }, 'GATEWAY_HOOK_UNSIGNED'],
    ['has no timestamp', { headers: without('webhook-timestamp') }, 'GATEWAY_HOOK_UNSIGNED'],
    ['has no signature', { headers: without('webhook-signature') }, 'GATEWAY_HOOK_UNSIGNED'],
    ['has two ids', { headers: [...SIGNED, 'Webhook-Id: msg_2'] }, 'GATEWAY_HEADER_INVALID'],
    ['has two timestamps', { headers: [...SIGNED, 'webhook-timestamp: 1'] }, 'GATEWAY_HEADER_INVALID'],
    ['has two signatures in two headers', { headers: [...SIGNED, 'WEBHOOK-SIGNATURE: v1,abc'] }, 'GATEWAY_HEADER_INVALID'],
    ['has an id with a dot', { headers: ['webhook-id: a.b', ...without('webhook-id')] }, 'GATEWAY_HEADER_INVALID'],
    ['has an id without end', { headers: [`webhook-id: ${'a'.repeat(200)}`, ...without('webhook-id')] }, 'GATEWAY_HEADER_INVALID'],
    ['has a time that is no number', { headers: ['webhook-timestamp: 1e9', ...without('webhook-timestamp')] }, 'GATEWAY_HEADER_INVALID'],
    ['has a time before all', { headers: ['webhook-timestamp: -5', ...without('webhook-timestamp')] }, 'GATEWAY_HEADER_INVALID'],
    [
      'has signatures without end',
      { headers: [`webhook-signature: ${'v1,abc '.repeat(200)}`, ...without('webhook-signature')] },
      'GATEWAY_HEADER_INVALID',
    ],
    ['has another content type', { headers: [...SIGNED, 'content-type: text/plain'] }, 'GATEWAY_CONTENT_TYPE'],
    ['is compressed', { headers: [...SIGNED, 'content-encoding: gzip'] }, 'GATEWAY_CONTENT_TYPE'],
    ['is larger than the bound', { body: Buffer.alloc(MAX_HOOK_BODY_BYTES + 1, 0x20) }, 'GATEWAY_BODY_TOO_LARGE'],
  ];
  it.each(CASES)('is refused before its signature is looked at when it %s', async (_what, change, code) => {
    const answer = await deliver(change);
    expect([answer.code, accepted]).toEqual([code, []]);
    expect(asked.filter((line) => !line.startsWith('refused'))).toEqual([]);
  });

  it.each([
    ['no JSON', 'hello', 'GATEWAY_BODY_INVALID'],
    ['a key twice', '{"type":"a.b","data":{"id":"t1","id":"t2"}}', 'GATEWAY_BODY_INVALID'],
    ['a key twice by escapes', '{"type":"a.b","data":{"id":"t1","\\u0069d":"t2"}}', 'GATEWAY_BODY_INVALID'],
    ['a prototype', '{"type":"a.b","data":{},"__proto__":{}}', 'GATEWAY_BODY_INVALID'],
    ['a number that changes', '{"type":"a.b","data":{"id":12345678901234567890}}', 'GATEWAY_BODY_INVALID'],
    ['deep nesting', `{"type":"a.b","data":{"x":${'['.repeat(200)}${']'.repeat(200)}}}`, 'GATEWAY_BODY_INVALID'],
    ['a list', '[]', 'GATEWAY_REQUEST_INVALID'],
    ['no type', '{"data":{}}', 'GATEWAY_REQUEST_INVALID'],
    ['a type that is no name', '{"type":"ticket created; drop","data":{}}', 'GATEWAY_REQUEST_INVALID'],
    ['a type that is a number', '{"type":"2125550128","data":{}}', 'GATEWAY_REQUEST_INVALID'],
    ['no data', '{"type":"a.b","data":"t101"}', 'GATEWAY_REQUEST_INVALID'],
  ])('is refused and recorded although it is signed when it holds %s', async (_what, body, code) => {
    expect([(await deliver({ body })).code, accepted]).toEqual([code, []]);
    expect(asked.at(-1)).toBe(`refused shop ${code}`);
  });

  it('is not read as JSON when its signature is wrong', async () => {
    const headers = [...without('webhook-signature'), 'webhook-signature: v1,xyz'];
    const answers = [await deliver({ headers }), await deliver({ headers, body: 'no json' })];
    expect(answers.map(({ status, code }) => [status, code])).toEqual([
      [401, 'GATEWAY_HOOK_UNSIGNED'],
      [401, 'GATEWAY_HOOK_UNSIGNED'],
    ]);
    expect([asked.includes('admit'), accepted]).toEqual([false, []]);
  });

  it.each([
    '/hooks/',
    '/hooks/Shop',
    '/hooks/shop/',
    '/hooks/../connect/shop',
    '/hooks/shop%2f',
    '/hooks/ten_1/shop',
    `/hooks/${'a'.repeat(80)}`,
  ])('has no such place: %s', async (path) => {
    expect(await deliver({ path })).toMatchObject({ status: 404, code: 'GATEWAY_ROUTE_UNKNOWN' });
    expect(asked).toEqual([]);
  });

  it('is posted, not looked at', async () => {
    expect(await deliver({ method: 'GET' })).toMatchObject({ status: 405, code: 'GATEWAY_METHOD_NOT_ALLOWED' });
  });

  it('that never becomes whole is told so and asked nothing', async () => {
    const head = `POST /hooks/shop HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n${SIGNED.join('\r\n')}\r\n`;
    const answers = await Promise.all([
      send(`${head}content-length: 50\r\n\r\n{"type"`),
      send(`${head}transfer-encoding: chunked\r\n\r\n10\r\n{"typ`),
    ]);
    expect(answers.map(({ status, code }) => [status, code])).toEqual([
      [408, 'GATEWAY_BODY_SLOW'],
      [408, 'GATEWAY_BODY_SLOW'],
    ]);
    expect(accepted).toEqual([]);
    expect(asked.some((line) => line.startsWith('verify'))).toBe(false);
  });
});
