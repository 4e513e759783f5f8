import { inspect } from 'node:util';
import { afterEach, describe, expect, test } from 'vitest';
import type { EgressSink } from './exchange.ts';
import { closeAll, egressFor, faultOf, keep, limits, NOTHING } from './test/door.ts';
import { httpUpstream, rawUpstream, requestTo } from './test/upstream.ts';

afterEach(closeAll);

describe('when the upstream misbehaves', () => {
  test.each([
    ['closes without a word', '', { code: 'EGRESS_UPSTREAM_CLOSED', retryable: true }],
    ['speaks another protocol', '220 mail.example ESMTP\r\n', { code: 'EGRESS_REPLY_MALFORMED', retryable: false }],
    ['cuts a counted body', 'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf', { code: 'EGRESS_REPLY_TRUNCATED' }],
    ['cuts a chunked body', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n', { code: 'EGRESS_REPLY_TRUNCATED' }],
    ['announces too much', 'HTTP/1.1 200 OK\r\ncontent-length: 1001\r\n\r\n', { code: 'EGRESS_REPLY_TOO_LARGE', retryable: false }],
    [
      'sends too much',
      `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3e9\r\n${'x'.repeat(1001)}\r\n0\r\n\r\n`,
      { code: 'EGRESS_REPLY_TOO_LARGE' },
    ],
    [
      'compresses unasked',
      'HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 2\r\n\r\nxx',
      { code: 'EGRESS_REPLY_ENCODED', retryable: false },
    ],
    ['compresses in transfer', 'HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n', { code: 'EGRESS_REPLY_ENCODED' }],
    ['gives two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nxxx', { code: 'EGRESS_REPLY_MALFORMED' }],
    [
      'gives length and chunks',
      'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
      { code: 'EGRESS_REPLY_MALFORMED' },
    ],
    ['sends huge headers', `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(70_000)}\r\n\r\n`, { code: 'EGRESS_REPLY_HEADERS_TOO_LARGE' }],
    ['sends many headers', `HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(201)}\r\n`, { code: 'EGRESS_REPLY_HEADERS_TOO_LARGE' }],
    [
      'switches protocols unasked',
      'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n',
      { code: 'EGRESS_UPSTREAM_CLOSED' },
    ],
  ])('it %s: a coded fault, and the caller knows the request was sent', async (_what, bytes, expected) => {
    const upstream = keep(await rawUpstream((socket) => socket.end(bytes)));
    const { egress, origin } = egressFor(upstream);
    const data: Uint8Array[] = [];
    const sink: EgressSink = { ...NOTHING, onData: (chunk) => data.push(chunk), onEnd: () => expect.unreachable() };
    const fault = await faultOf(egress.request(requestTo(origin, { limits: limits({}) }), sink));
    expect(fault).toMatchObject({ ...expected, sent: true, name: 'EgressFault' });
    expect(Buffer.concat(data).byteLength).toBeLessThanOrEqual(1_000);
  });

  test('a reset in the middle of a body is a fault, not an end', async () => {
    const upstream = keep(
      await rawUpstream((socket) => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf', () => socket.resetAndDestroy());
      }),
    );
    const { egress, origin } = egressFor(upstream);
    const fault = await faultOf(egress.requestJson(requestTo(origin)));
    expect(['EGRESS_REPLY_TRUNCATED', 'EGRESS_UPSTREAM_CLOSED']).toContain(fault.code);
    expect(fault.sent).toBe(true);
  });

  test('an effect whose connection dies is sent once and never repeated', async () => {
    let requests = 0;
    const upstream = keep(
      await rawUpstream((socket) => {
        requests += 1;
        socket.destroy();
      }),
    );
    const { egress, origin } = egressFor(upstream);
    const fault = await faultOf(egress.requestJson(requestTo(origin, { method: 'POST', body: Buffer.from('{}') })));
    expect(fault).toMatchObject({ code: 'EGRESS_UPSTREAM_CLOSED', sent: true });
    expect(requests).toBe(1);
  });

  test('a half-closed upstream still gives its reply', async () => {
    const upstream = keep(await rawUpstream((socket) => socket.end('HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok')));
    const { egress, origin } = egressFor(upstream);
    expect(Buffer.from((await egress.requestJson(requestTo(origin))).body).toString()).toBe('ok');
  });

  test('silence before the head, within the body and over all each have their own limit', async () => {
    const silent = keep(await rawUpstream(() => undefined));
    const stalling = keep(await rawUpstream((socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf')));
    const a = egressFor(silent);
    const b = egressFor(stalling);
    expect(await faultOf(a.egress.requestJson(requestTo(a.origin, { limits: limits({ headersMs: 30 }) })))).toMatchObject({
      code: 'EGRESS_HEADERS_TIMEOUT',
      sent: true,
    });
    expect(await faultOf(b.egress.requestJson(requestTo(b.origin, { limits: limits({ idleMs: 30 }) })))).toMatchObject({
      code: 'EGRESS_IDLE_TIMEOUT',
      sent: true,
    });
    expect(await faultOf(a.egress.requestJson(requestTo(a.origin, { limits: limits({ totalMs: 30 }) })))).toMatchObject({
      code: 'EGRESS_TOTAL_TIMEOUT',
      sent: true,
    });
  });

  test('a drip of early hints can not keep a call alive past its total limit', async () => {
    const upstream = keep(
      await rawUpstream((socket) => {
        const drip = setInterval(() => socket.write('HTTP/1.1 103 Early Hints\r\n\r\n'), 5);
        socket.on('close', () => clearInterval(drip));
      }),
    );
    const { egress, origin } = egressFor(upstream);
    expect(await faultOf(egress.requestJson(requestTo(origin, { limits: limits({ headersMs: 50, totalMs: 100 }) })))).toMatchObject({
      sent: true,
    });
  });
});

describe('when nothing can have been sent', () => {
  test('a refused connection says so', async () => {
    const upstream = await httpUpstream((_request, response) => response.end());
    const { egress, origin } = egressFor(upstream);
    await upstream[Symbol.asyncDispose]();
    expect(await faultOf(egress.requestJson(requestTo(origin)))).toMatchObject({
      code: 'EGRESS_CONNECT_FAILED',
      sent: false,
      retryable: true,
    });
  });

  test('a resolver that fails or never answers says so', async () => {
    const upstream = keep(await httpUpstream((_request, response) => response.end()));
    const origin = `http://shop.lan:${upstream.port}`;
    const failing = egressFor(upstream, { resolve: () => Promise.reject(new Error('SERVFAIL')) });
    expect(await faultOf(failing.egress.requestJson(requestTo(origin)))).toMatchObject({
      code: 'EGRESS_DNS_FAILED',
      sent: false,
      retryable: true,
    });
    const hanging = egressFor(upstream, { resolve: () => new Promise(() => undefined) });
    const fault = await faultOf(hanging.egress.requestJson(requestTo(origin, { limits: limits({ connectMs: 30 }) })));
    expect(fault).toMatchObject({ code: 'EGRESS_CONNECT_TIMEOUT', sent: false });
    expect(upstream.connections()).toBe(0);
  });

  test('a caller that left while its request waited for a connection is not sent for', async () => {
    let release: (addresses: readonly string[]) => void = () => undefined;
    const bodies: string[] = [];
    const upstream = keep(
      await httpUpstream((request, response) => {
        bodies.push(request.url ?? '');
        response.end();
      }),
    );
    const { egress } = egressFor(upstream, {
      resolve: () =>
        new Promise((resolve) => {
          release = resolve;
        }),
    });
    const origin = `http://shop.lan:${upstream.port}`;
    const leaving = new AbortController();
    const gone = faultOf(egress.requestJson(requestTo(origin, { path: '/gone', signal: leaving.signal })));
    leaving.abort();
    expect(await gone).toMatchObject({ code: 'EGRESS_ABORTED', sent: false });
    release(['127.0.0.1']);
    const staying = egress.requestJson(requestTo(origin, { path: '/staying' }));
    release(['127.0.0.1']);
    await staying;
    expect(bodies).toEqual(['/staying']);
    expect(await faultOf(egress.requestJson(requestTo(origin, { signal: leaving.signal })))).toMatchObject({
      code: 'EGRESS_ABORTED',
      sent: false,
    });
  });

  test('a closed door stays closed', async () => {
    const upstream = keep(await httpUpstream((_request, response) => response.end()));
    const { egress, origin } = egressFor(upstream);
    await egress.close();
    expect(await faultOf(egress.requestJson(requestTo(origin)))).toMatchObject({ code: 'EGRESS_CLOSED', sent: false });
  });
});

test('a fault holds nothing of the reply it is about', async () => {
  const upstream = keep(await rawUpstream((socket) => socket.end('rubbish with jane@example.com in it\r\n')));
  const { egress, origin } = egressFor(upstream);
  const fault = await faultOf(egress.requestJson(requestTo(origin)));
  expect(fault.code).toBe('EGRESS_REPLY_MALFORMED');
  expect(inspect(fault, { depth: 9, showHidden: true })).not.toContain('jane');
});
