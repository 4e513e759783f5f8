import { once } from 'node:events';
import { inspect } from 'node:util';
import { afterEach, describe, expect, test } from 'vitest';
import { createEgress, type Egress, type EgressDeps } from './egress.ts';
import type { EgressFault } from './errors.ts';
import type { EgressFlow, EgressSink } from './exchange.ts';
import type { EgressLimits, EgressRequest } from './request.ts';
import { clock, httpUpstream, rawUpstream, requestTo, type TestUpstream } from './test/upstream.ts';

const open: AsyncDisposable[] = [];
afterEach(async () => {
  for (const resource of open.splice(0).reverse()) await resource[Symbol.asyncDispose]();
});
function keep<T extends AsyncDisposable>(resource: T): T {
  open.push(resource);
  return resource;
}

function egressFor(upstream: TestUpstream, change: Partial<EgressDeps> = {}): { egress: Egress; origin: string } {
  const deps = {
    clock,
    resolve: async () => ['127.0.0.1'],
    ownAddresses: () => [],
    allowPrivate: [`127.0.0.1:${upstream.port}`, `shop.lan:${upstream.port}`],
  };
  const egress = createEgress({ ...deps, ...change });
  keep({ [Symbol.asyncDispose]: () => egress.close() });
  return { egress, origin: `http://127.0.0.1:${upstream.port}` };
}

const limits = (change: Partial<EgressLimits>): EgressLimits => ({
  connectMs: 5_000,
  headersMs: 5_000,
  idleMs: 5_000,
  totalMs: 10_000,
  maxResponseBytes: 1_000,
  ...change,
});
const NOTHING: EgressSink = { onHead: () => undefined, onData: () => undefined, onEnd: () => undefined };

const faultOf = (promise: Promise<unknown>): Promise<EgressFault> =>
  promise.then(
    () => Promise.reject(new Error('it succeeded')),
    (fault: EgressFault) => fault,
  );

describe('a request', () => {
  test('arrives as it was given, asks for no compression, and its reply comes back whole', async () => {
    const upstream = keep(
      await httpUpstream(async (request, response) => {
        const chunks = [];
        for await (const chunk of request) chunks.push(chunk);
        response.setHeader(
          'x-seen',
          JSON.stringify([
            request.method,
            request.url,
            request.headers.host,
            request.headers['accept-encoding'],
            request.headers.authorization,
          ]),
        );
        response.setHeader('set-cookie', ['a=1', 'b=2']);
        response.writeHead(201).end(`echo ${Buffer.concat(chunks)}`);
      }),
    );
    const { egress, origin } = egressFor(upstream);
    const reply = await egress.requestJson(
      requestTo(origin, { method: 'POST', path: '/v1/x?y=1', headers: { authorization: 'Bearer k' }, body: Buffer.from('hello') }),
    );
    expect(reply.status).toBe(201);
    expect(JSON.parse(reply.headers['x-seen'] as string)).toEqual([
      'POST',
      '/v1/x?y=1',
      `127.0.0.1:${upstream.port}`,
      'identity',
      'Bearer k',
    ]);
    expect(reply.headers['set-cookie']).toEqual(['a=1', 'b=2']);
    expect(Buffer.from(reply.body).toString()).toBe('echo hello');
  });

  test('keeps the name in Host while connecting to the checked address', async () => {
    const upstream = keep(await httpUpstream((request, response) => response.end(request.headers.host)));
    const { egress } = egressFor(upstream);
    const reply = await egress.requestJson(requestTo(`http://shop.lan:${upstream.port}`));
    expect(Buffer.from(reply.body).toString()).toBe(`shop.lan:${upstream.port}`);
  });

  test('[W3] does not follow a redirect', async () => {
    let requests = 0;
    const upstream = keep(
      await httpUpstream((_request, response) => {
        requests += 1;
        response.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data' }).end();
      }),
    );
    const { egress, origin } = egressFor(upstream);
    expect((await egress.requestJson(requestTo(origin))).status).toBe(302);
    expect(requests).toBe(1);
  });

  test('reuses a connection, and a hundred at once all come back', async () => {
    const upstream = keep(await httpUpstream((request, response) => response.end(request.url)));
    const { egress, origin } = egressFor(upstream);
    for (let index = 0; index < 5; index += 1) await egress.requestJson(requestTo(origin));
    expect(upstream.connections()).toBeLessThanOrEqual(2);
    const replies = await Promise.all(
      Array.from({ length: 100 }, (_, index) => egress.requestJson(requestTo(origin, { path: `/${index}` }))),
    );
    expect(replies.map((reply) => Buffer.from(reply.body).toString())).toEqual(Array.from({ length: 100 }, (_, index) => `/${index}`));
  });

  test('the sink can hold the upstream back and let it go on', async () => {
    const upstream = keep(await httpUpstream((_request, response) => response.end(Buffer.alloc(5_000_000, 'x'))));
    const { egress, origin } = egressFor(upstream);
    let flow: EgressFlow | null = null;
    let received = 0;
    let pauses = 0;
    await egress.request(requestTo(origin, { limits: limits({ maxResponseBytes: 5_000_000 }) }), {
      onHead: (_status, _headers, given) => {
        flow = given;
      },
      onData: (chunk) => {
        received += chunk.byteLength;
        pauses += 1;
        flow?.pause();
        setImmediate(() => flow?.resume());
      },
      onEnd: () => undefined,
    });
    expect(received).toBe(5_000_000);
    expect(pauses).toBeGreaterThan(10);
  });

  test('an early hint is passed over and the real head is given once', async () => {
    const upstream = keep(
      await rawUpstream((socket) =>
        socket.write('HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'),
      ),
    );
    const { egress, origin } = egressFor(upstream);
    const heads: number[] = [];
    await egress.request(requestTo(origin), { ...NOTHING, onHead: (status) => heads.push(status) });
    expect(heads).toEqual([200]);
  });

  test('a reply that ends with its connection is marked as unframed', async () => {
    const upstream = keep(await rawUpstream((socket) => socket.end('HTTP/1.1 200 OK\r\n\r\npart')));
    const { egress, origin } = egressFor(upstream);
    let isFramed = true;
    await egress.request(requestTo(origin), {
      ...NOTHING,
      onHead: (_status, _headers, flow) => {
        isFramed = flow.isFramed;
      },
    });
    expect(isFramed).toBe(false);
  });
});

describe('[W3] where a request may go', () => {
  test('a name that resolves to an allowed address first and to metadata next is refused on the next connection', async () => {
    const upstream = keep(await httpUpstream((_request, response) => response.writeHead(200, { connection: 'close' }).end('ok')));
    const answers = [['127.0.0.1'], ['169.254.169.254']];
    const { egress } = egressFor(upstream, { resolve: async () => answers.shift() ?? [] });
    const origin = `http://shop.lan:${upstream.port}`;
    expect((await egress.requestJson(requestTo(origin))).status).toBe(200);
    expect(await faultOf(egress.requestJson(requestTo(origin)))).toMatchObject({
      code: 'EGRESS_ADDRESS_FORBIDDEN',
      sent: false,
      retryable: false,
    });
    expect(upstream.connections()).toBe(1);
  });

  test('a public-looking name that resolves to this machine reaches nothing', async () => {
    const upstream = keep(await httpUpstream((_request, response) => response.end('internal')));
    const { egress } = egressFor(upstream);
    expect(await faultOf(egress.requestJson(requestTo(`https://evil.example:${upstream.port}`)))).toMatchObject({
      code: 'EGRESS_ADDRESS_FORBIDDEN',
      sent: false,
    });
    expect(upstream.connections()).toBe(0);
  });

  test('our own listener is refused although the operator listed it', async () => {
    const upstream = keep(await httpUpstream((_request, response) => response.end('internal')));
    const { egress, origin } = egressFor(upstream, { ownAddresses: () => [{ host: '127.0.0.1', port: upstream.port }] });
    expect(await faultOf(egress.requestJson(requestTo(origin)))).toMatchObject({ code: 'EGRESS_OWN_ADDRESS', sent: false });
    expect(await egress.check(origin)).toMatchObject({ code: 'EGRESS_OWN_ADDRESS' });
    expect(upstream.connections()).toBe(0);
  });

  test('method, path and form are refused before a connection is made', async () => {
    const upstream = keep(await httpUpstream((_request, response) => response.end()));
    const { egress, origin } = egressFor(upstream);
    const codes = [];
    const tries: Partial<EgressRequest>[] = [
      { method: 'TRACE' },
      { destination: { origin, pathPrefix: '/v1' }, path: '/v1/../admin' },
      { destination: { origin: `${origin}/`, pathPrefix: '/' } },
      { destination: { origin: 'http://10.0.0.1:1', pathPrefix: '/' } },
      { headers: { 'x-a': 'b\r\nx-c: d' } },
    ];
    for (const change of tries) codes.push((await faultOf(egress.requestJson(requestTo(origin, change)))).code);
    expect(codes).toEqual([
      'EGRESS_METHOD_FORBIDDEN',
      'EGRESS_PATH_FORBIDDEN',
      'EGRESS_DESTINATION_MALFORMED',
      'EGRESS_PLAINTEXT_FORBIDDEN',
      'EGRESS_REQUEST_INVALID',
    ]);
    expect(upstream.connections()).toBe(0);
  });

  test('check connects, sends nothing and says what is wrong', async () => {
    let requests = 0;
    const upstream = keep(
      await httpUpstream(() => {
        requests += 1;
      }),
    );
    const { egress, origin } = egressFor(upstream, { allowPrivate: [`127.0.0.1:${upstream.port}`, '127.0.0.1:1'] });
    expect(await egress.check(origin)).toBeNull();
    expect(await egress.check('http://127.0.0.1:1')).toMatchObject({ code: 'EGRESS_CONNECT_FAILED' });
    expect(await egress.check('https://user@example.com')).toMatchObject({ code: 'EGRESS_DESTINATION_MALFORMED' });
    expect(requests).toBe(0);
  });
});

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

describe('when the caller breaks off', () => {
  test('an abort during the reply reaches the upstream as a closed connection', async () => {
    const upstream = keep(
      await rawUpstream((socket) => socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n')),
    );
    const { egress, origin } = egressFor(upstream);
    const leaving = new AbortController();
    const call = egress.request(requestTo(origin, { signal: leaving.signal }), { ...NOTHING, onData: () => leaving.abort() });
    expect(await faultOf(call)).toMatchObject({ code: 'EGRESS_ABORTED', sent: true, retryable: false });
    for (const socket of upstream.sockets) await once(socket, 'close');
    expect(upstream.sockets.size).toBe(0);
  });

  test.each(['onHead', 'onData', 'onEnd'] as const)('a sink that throws in %s gets its own error back', async (place) => {
    const upstream = keep(await httpUpstream((_request, response) => response.end('x')));
    const { egress, origin } = egressFor(upstream);
    const own = new Error('screen refused');
    const sink: EgressSink = {
      ...NOTHING,
      [place]: () => {
        throw own;
      },
    };
    await expect(egress.request(requestTo(origin), sink)).rejects.toBe(own);
    expect((await egress.requestJson(requestTo(origin))).status).toBe(200);
  });

  test('closing the door fails what is under way', async () => {
    const upstream = keep(await rawUpstream(() => undefined));
    const { egress, origin } = egressFor(upstream);
    const call = faultOf(egress.requestJson(requestTo(origin)));
    while (upstream.connections() === 0) await new Promise((resolve) => setImmediate(resolve));
    await egress.close();
    expect(await call).toMatchObject({ code: 'EGRESS_CLOSED' });
  });
});

test('a fault holds nothing of the reply it is about', async () => {
  const upstream = keep(await rawUpstream((socket) => socket.end('rubbish with jane@example.com in it\r\n')));
  const { egress, origin } = egressFor(upstream);
  const fault = await faultOf(egress.requestJson(requestTo(origin)));
  expect(fault.code).toBe('EGRESS_REPLY_MALFORMED');
  expect(inspect(fault, { depth: 9, showHidden: true })).not.toContain('jane');
});
