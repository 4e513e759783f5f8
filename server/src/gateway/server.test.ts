// The HTTP server alone, over real sockets: what it answers before there is a call, and that it never waits for ever.
// The guard is handed in; these tests give it one that says yes, and count what reaches it.

import { connect, type Socket } from 'node:net';
import { fixedClock, newTenant, seededRandom } from '@sallyport/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import type { Received } from '#core';
import { enforcementCodes, type Reply } from '#enforcement';
import { gatewayCodes } from './errors.ts';
import { MAX_CHAT_BODY_BYTES, MAX_CONNECT_BODY_BYTES, type Timeouts } from './limits.ts';
import { createGateway, type Gateway, type GatewayDeps } from './server.ts';

const CHAT = JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'hi' }] });
const random = seededRandom(1);
let open: { gateway: Gateway; sockets: Socket[] } | null = null;

interface Running {
  readonly port: number;
  readonly received: Received[];
  readonly faults: string[];
  /** Opens a connection; everything it reads until the other side ends it. */
  dial(...writes: (string | Uint8Array)[]): { socket: Socket; all: Promise<string>; first: Promise<string> };
}

async function start(guard?: (received: Received, reply: Reply) => Promise<void>, timeouts?: Partial<Timeouts>): Promise<Running> {
  const received: Received[] = [];
  const faults: string[] = [];
  const deps: GatewayDeps = {
    clock: fixedClock(),
    random,
    codes: { ...gatewayCodes, ...enforcementCodes },
    at: { origins: () => ['http://127.0.0.1:4800'], issuer: () => 'http://localhost:4810' },
    guard: async (call, { reply }) => {
      received.push(call);
      if (guard !== undefined) await guard(call, reply);
      else {
        reply.begin(200, 'application/json');
        reply.write('{"ok":true}');
        reply.end();
      }
      return { kind: 'released', status: 200 };
    },
    listModels: async () => [{ id: 'm', integration: 'i' }],
    approvalResult: async () => ({ state: 'pending' }),
    hooks: {
      tenant: newTenant(random),
      verify: () => null,
      sha256: () => 'ab'.repeat(32),
      admit: () => null,
      accept: async () => ({ runs: [], isNew: true }),
      refused: () => {},
    },
    onFault: (code) => faults.push(code),
    ...(timeouts === undefined ? {} : { timeouts }),
  };
  const gateway = createGateway(deps);
  const { port } = await gateway.listen('127.0.0.1', 0);
  const sockets: Socket[] = [];
  open = { gateway, sockets };
  return {
    port,
    received,
    faults,
    dial: (...writes) => {
      const socket = connect(port, '127.0.0.1');
      sockets.push(socket);
      let text = '';
      const first = new Promise<string>((resolve) => socket.once('data', (chunk) => resolve(chunk.toString('utf8'))));
      const all = new Promise<string>((resolve) => {
        socket.on('data', (chunk) => {
          text += chunk.toString('utf8');
        });
        socket.on('error', () => {});
        socket.on('close', () => resolve(text));
      });
      for (const bytes of writes) socket.write(bytes);
      return { socket, all, first };
    },
  };
}

afterEach(async () => {
  const closing = open;
  open = null;
  for (const socket of closing?.sockets ?? []) socket.destroy();
  await closing?.gateway.close();
});

const request = (line: string, headers: readonly string[] = [], body = ''): string =>
  `${[`${line} HTTP/1.1`, 'host: x', ...headers, ...(body === '' ? [] : [`content-length: ${Buffer.byteLength(body)}`])].join('\r\n')}\r\n\r\n${body}`;
const post = (body: string, ...headers: string[]): string =>
  request('POST /v1/chat/completions', ['content-type: application/json', ...headers], body);
const closing = 'connection: close';
const statusOf = (text: string): number => Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0);
const codeOf = (text: string): string => {
  const body = JSON.parse(text.slice(text.indexOf('\r\n\r\n') + 4)) as { code?: string; error?: { code: string } };
  return body.code ?? body.error?.code ?? '';
};

describe('the data plane before there is a call', () => {
  it.each([
    ['an unknown route', request('GET /nowhere', [closing]), 404, 'GATEWAY_ROUTE_UNKNOWN'],
    ['a wrong method', request('PUT /v1/chat/completions', [closing]), 405, 'GATEWAY_METHOD_NOT_ALLOWED'],
    ['a tunnel', request('CONNECT example.com:443'), 405, 'GATEWAY_METHOD_NOT_ALLOWED'],
    ['an expectation it can not meet', request('POST /v1/chat/completions', [closing, 'expect: magic']), 417, 'GATEWAY_EXPECTATION'],
    ['no HTTP at all', 'GARBAGE\r\n\r\n', 400, 'GATEWAY_REQUEST_MALFORMED'],
    ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400, 'GATEWAY_REQUEST_MALFORMED'],
    [
      'a length and chunks together',
      request('POST /v1/chat/completions', ['content-length: 3', 'transfer-encoding: chunked']),
      400,
      'GATEWAY_REQUEST_MALFORMED',
    ],
    ['two lengths', request('POST /v1/chat/completions', ['content-length: 3', 'content-length: 4']), 400, 'GATEWAY_REQUEST_MALFORMED'],
    [
      'chunks that are none',
      request('POST /v1/chat/completions', ['transfer-encoding: chunked'], '').concat('zz\r\n'),
      400,
      'GATEWAY_REQUEST_MALFORMED',
    ],
    ['headers without end', request('GET /v1/models', [`x-long: ${'a'.repeat(20_000)}`]), 431, 'GATEWAY_HEADER_TOO_LARGE'],
    [
      'a header twice, in whatever case',
      request('GET /v1/models', [closing, 'authorization: Bearer a', 'AUTHORIZATION: Bearer b']),
      400,
      'GATEWAY_HEADER_INVALID',
    ],
    ['a compressed body', post(CHAT, closing, 'content-encoding: gzip'), 415, 'GATEWAY_CONTENT_TYPE'],
    [
      'a connector body that is no JSON type',
      request('POST /connect/shop/x', [closing, 'content-type: text/plain'], '{}'),
      415,
      'GATEWAY_CONTENT_TYPE',
    ],
    ['a query that is not percent-encoded', request('GET /connect/shop/x?a=%ff', [closing]), 400, 'GATEWAY_REQUEST_INVALID'],
    [
      'a declared length beyond the bound',
      request('POST /v1/chat/completions', [closing, `content-length: ${MAX_CHAT_BODY_BYTES + 1}`]),
      413,
      'GATEWAY_BODY_TOO_LARGE',
    ],
    ['an approval id that is none', request('GET /connect/-/approvals/x', [closing]), 404, 'GATEWAY_ROUTE_UNKNOWN'],
  ])('answers %s with a code', async (_name, bytes, status, code) => {
    const server = await start();
    const { first } = server.dial(bytes);
    const text = await first;
    expect([statusOf(text), codeOf(text)]).toEqual([status, code]);
    expect(server.received).toEqual([]);
  });

  it('throws away the rest of an oversize body, and the connection goes on', async () => {
    const server = await start();
    const body = 'a'.repeat(MAX_CONNECT_BODY_BYTES + 500_000);
    const headers = ['content-type: application/json', 'transfer-encoding: chunked'];
    const { all } = server.dial(
      request('POST /connect/shop/x', headers),
      `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
      request('GET /healthz', [closing]),
    );
    const replies = (await all).split('HTTP/1.1 ').slice(1);
    expect(replies.map((text) => text.slice(0, 3))).toEqual(['413', '200']);
    expect(server.received).toEqual([]);
  });

  it('answers pipelined requests in order', async () => {
    const server = await start();
    const { all } = server.dial(post(CHAT) + request('GET /v1/models') + post('{') + request('GET /healthz', [closing]));
    const replies = (await all).split('HTTP/1.1 ').slice(1);
    expect(replies.map((text) => text.slice(0, 3))).toEqual(['200', '200', '400', '200']);
    expect(server.received.length).toBe(1);
  });

  it('answers a client that closes its own side early', async () => {
    const server = await start();
    const { socket, all } = server.dial(post(CHAT));
    socket.end();
    expect(statusOf(await all)).toBe(200);
  });
});

describe('slow and leaving clients', () => {
  const SHORT: Partial<Timeouts> = { requestMs: 40, headersMs: 40, checkEveryMs: 10 };

  it.each([
    ['never sends the rest of its body', post(CHAT).slice(0, -5)],
    ['never ends its headers', 'POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\n'],
    ['stalls inside a chunk', request('POST /v1/chat/completions', ['transfer-encoding: chunked']).concat('10\r\n{"mod')],
  ])('tells a client that %s, and closes', async (_name, bytes) => {
    const server = await start(undefined, SHORT);
    const text = await server.dial(bytes).all;
    expect([statusOf(text), codeOf(text)]).toEqual([408, 'GATEWAY_BODY_SLOW']);
    expect(server.received).toEqual([]);
  });

  it('closes a connection on which nothing moves', async () => {
    const aborted = Promise.withResolvers<void>();
    const server = await start(
      async (call) => {
        await new Promise<void>((resolve) => call.signal.addEventListener('abort', () => resolve()));
        aborted.resolve();
      },
      { idleMs: 40 },
    );
    expect(await server.dial(post(CHAT)).all).toBe('');
    await aborted.promise;
  });

  it('tells the guard when its caller leaves, and forgets bodies that never became whole', async () => {
    const entered = Promise.withResolvers<void>();
    const aborted = Promise.withResolvers<void>();
    const server = await start(async (call) => {
      entered.resolve();
      await new Promise<void>((resolve) => call.signal.addEventListener('abort', () => resolve()));
      aborted.resolve();
    });
    server.dial(post(CHAT).slice(0, -5)).socket.end();
    const whole = server.dial(post(CHAT));
    await entered.promise;
    whole.socket.destroy();
    await aborted.promise;
    expect(server.received.length).toBe(1);
  });

  it('never writes an error into a reply that has begun', async () => {
    let release = (): void => {};
    const server = await start(async (_call, reply) => {
      reply.begin(200, 'text/event-stream');
      reply.write('data: 1\n\n');
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      reply.end();
    });
    const { socket, first, all } = server.dial(post(CHAT));
    await first;
    socket.write('GARBAGE\r\n\r\n');
    const text = await all;
    release();
    expect(text.split('HTTP/1.1').length).toBe(2);
    expect(text).not.toContain('GATEWAY_');
  });
});

describe('a shutdown', () => {
  it('lets a call under way end, then closes its kept-alive connection', async () => {
    let release = (): void => {};
    const entered = Promise.withResolvers<void>();
    const server = await start(async (_call, reply) => {
      entered.resolve();
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      reply.begin(200, 'application/json');
      reply.write('{"ok":true}');
      reply.end();
    });
    const { all } = server.dial(post(CHAT));
    await entered.promise;
    const closed = open?.gateway.close();
    release();
    await closed;
    open = null;
    expect(await all).toContain('{"ok":true}');
  });

  it('closes the connection of a stream that had begun, too', async () => {
    let release = (): void => {};
    const server = await start(async (_call, reply) => {
      reply.begin(200, 'text/event-stream');
      reply.write('data: 1\n\n');
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      reply.end();
    });
    const { first, all } = server.dial(post(CHAT));
    await first;
    const closed = open?.gateway.close();
    release();
    await closed;
    open = null;
    expect(statusOf(await all)).toBe(200);
  });
});
