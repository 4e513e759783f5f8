// Both planes against requests that two servers would read differently, values that try to become headers, pages that try to frame or
// borrow the console, and the headers every answer carries. Raw bytes over real sockets.

import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../../../testkit/test-server.ts';
import { inspectRunning } from './doctor-security.ts';

let test: TestServer;
let planes: Readonly<Record<'gateway' | 'control', number>>;

beforeAll(async () => {
  test = await startTestServer({ allowPrivate: [] });
  planes = { gateway: test.server.gateway.port, control: test.server.control.port };
});
afterAll(() => test?.close());

/** Everything that comes back until the other side, or half a second of silence, ends it. */
function send(port: number, bytes: string): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(Buffer.from(bytes, 'latin1')));
    socket.setTimeout(500, () => socket.destroy());
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(text));
  });
}

/** Documents that say in public how tokens are made and checked. */
const PUBLIC: ReadonlySet<string> = new Set(['/.well-known/oauth-authorization-server', '/oauth/jwks']);

const statusesOf = (text: string): readonly number[] => [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map((match) => Number(match[1]));

/** What a proxy in front might have taken for the body: read as a request of its own, it would be answered with 200. */
const HIDDEN = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n';
const ambiguous: readonly (readonly [string, string])[] = [
  ['a length and chunks', `Content-Length: ${HIDDEN.length + 5}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
  ['two lengths', 'Content-Length: 0\r\nContent-Length: 6\r\n\r\n'],
  ['one length said twice in a line', 'Content-Length: 0, 6\r\n\r\n'],
  ['a length with a sign', 'Content-Length: +0\r\n\r\n'],
  ['a length in hexadecimal', 'Content-Length: 0x0\r\n\r\n'],
  ['a negative length', 'Content-Length: -1\r\n\r\n'],
  ['a coding nobody knows', 'Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n'],
  ['chunks that are not the last coding', 'Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n'],
  ['two codings in two lines', 'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n'],
  ['a space before the colon', 'Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n'],
  ['a folded line', 'Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n'],
  ['a control character in the coding', 'Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n'],
  ['a NUL in a header', 'X-Thing: a\0b\r\n\r\n'],
  ['a bare carriage return in a header', 'X-Thing: a\rTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  ['a header name that is none', 'X Thing: a\r\n\r\n'],
  ['a chunk size beyond all numbers', 'Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n'],
  ['a chunk size that is none', 'Transfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n'],
  ['a chunk that does not end where it says', 'Transfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n'],
  ['a line feed inside a chunk extension', 'Transfer-Encoding: chunked\r\n\r\n0;a=\nb\r\n\r\n'],
];

describe('a request that two servers would read differently', () => {
  for (const plane of ['gateway', 'control'] as const) {
    it.each(ambiguous)(`is refused by the ${plane} with what follows it: %s`, async (_name, rest) => {
      const path = plane === 'gateway' ? '/v1/chat/completions' : '/api/session';
      const text = await send(planes[plane], `POST ${path} HTTP/1.1\r\nHost: localhost\r\n${rest}${HIDDEN}`);
      expect(new Set(statusesOf(text))).toEqual(new Set([400]));
      expect(text).not.toContain('"status":"ok"');
    });

    it(`is refused by the ${plane} without a host, with two hosts, and in another protocol`, async () => {
      const close = 'Connection: close\r\n\r\n';
      const statuses = await Promise.all(
        [
          `GET /healthz HTTP/1.1\r\n${close}`,
          `GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n${close}`,
          `GET /healthz HTTP/1.7\r\nHost: localhost\r\n${close}`,
          'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
          'GET /healthz\r\n\r\n',
        ].map(async (bytes) => statusesOf(await send(planes[plane], bytes))),
      );
      expect(statuses).toEqual([[400], [400], [400], [400], [400]]);
    });
  }
});

describe('a value that tries to become a header', () => {
  it('stays a value, in a path, a query, a header and a body', async () => {
    const split = '%0d%0aset-cookie:%20planted=1%0d%0a%0d%0aHTTP/1.1%20200%20OK';
    for (const [plane, path] of [
      ['gateway', `/connect/${split}/x`],
      ['gateway', `/connect/-/approvals/${split}`],
      ['gateway', `/hooks/${split}`],
      ['control', `/${split}`],
      ['control', `/api/workflows/${split}`],
      ['control', `/api/events?q=${split}`],
    ] as const) {
      const token = plane === 'control' ? `Authorization: Bearer ${test.server.ownerToken}\r\n` : '';
      const text = await send(planes[plane], `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${token}Connection: close\r\n\r\n`);
      const head = text.slice(0, text.indexOf('\r\n\r\n')).toLowerCase();
      expect(statusesOf(text), path).toHaveLength(1);
      expect(head, path).not.toContain('planted');
    }
  });

  it('changes no method: what claims to be another one is what its first line says', async () => {
    const before = (await test.owner('GET', '/api/workloads')).body;
    const claims = 'X-HTTP-Method-Override: POST\r\nX-HTTP-Method: POST\r\nX-Method-Override: POST\r\n';
    const token = `Authorization: Bearer ${test.server.ownerToken}\r\n`;
    const text = await send(
      planes.control,
      `GET /api/workloads?_method=POST HTTP/1.1\r\nHost: localhost\r\n${token}${claims}Connection: close\r\n\r\n`,
    );
    expect(statusesOf(text)).toEqual([200]);
    expect((await test.owner('GET', '/api/workloads')).body).toEqual(before);
  });
});

describe('every answer', () => {
  it('of the control plane forbids framing, sniffing and keeping, on every route and on what is none', async () => {
    const faults: string[] = [];
    for (const { method, path } of [...test.server.controlRoutes, { method: 'GET', path: '/nowhere' }, { method: 'PUT', path: '/api/x' }]) {
      const response = await fetch(`${test.controlUrl}${path.replaceAll(/:\w+/g, 'x')}`, { method, redirect: 'manual' });
      await response.arrayBuffer();
      const header = (name: string): string => response.headers.get(name) ?? '';
      if (header('x-content-type-options') !== 'nosniff') faults.push(`${method} ${path}: sniffing`);
      if (header('x-frame-options') !== 'DENY') faults.push(`${method} ${path}: framing`);
      if (!header('content-security-policy').includes("frame-ancestors 'none'")) faults.push(`${method} ${path}: policy`);
      if (header('access-control-allow-origin') !== '' && !PUBLIC.has(path)) faults.push(`${method} ${path}: other origins`);
      if (header('server') !== '' || header('x-powered-by') !== '') faults.push(`${method} ${path}: says what it runs`);
    }
    expect(faults).toEqual([]);
  });

  it('of the gateway opens nothing to other origins and names no software', async () => {
    for (const path of ['/healthz', '/v1/models', '/connect/x/y', '/hooks/x', '/nowhere']) {
      const response = await fetch(`${test.gatewayUrl}${path}`, { headers: { origin: 'https://evil.example' } });
      await response.arrayBuffer();
      for (const name of ['access-control-allow-origin', 'access-control-allow-credentials', 'server', 'x-powered-by'])
        expect([path, name, response.headers.get(name)]).toEqual([path, name, null]);
    }
  });
});

describe('the doctor of security', () => {
  it('asks the running server, and says who has no passkey and that nothing was drilled', async () => {
    const findings = await inspectRunning((path) => test.owner('GET', path), Date.UTC(2026, 10, 23));
    const grades = Object.fromEntries(findings.map(({ name, grade }) => [name, grade]));
    expect(grades).toEqual({
      passkeys: 'fault',
      people: 'advice',
      'separation of duties': 'ok',
      alerts: expect.any(String),
      'API keys': 'ok',
      ledger: 'ok',
      'restore drill': 'advice',
    });
  });
});
