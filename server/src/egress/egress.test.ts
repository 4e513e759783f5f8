import { once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import type { EgressFlow, EgressSink } from './exchange.ts';
import type { EgressRequest } from './request.ts';
import { closeAll, egressFor, faultOf, keep, limits, NOTHING } from './test/door.ts';
import { httpUpstream, rawUpstream, requestTo } from './test/upstream.ts';

afterEach(closeAll);

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

  test('does not follow a redirect', async () => {
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

describe('where a request may go', () => {
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

describe('when the caller breaks off', () => {
  test('an abort during the reply reaches the upstream as a closed connection', async () => {
    const upstream = keep(
      await rawUpstream((socket) => socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n')),
    );
    const { egress, origin } = egressFor(upstream);
    const leaving = new AbortController();
    const patient = limits({ idleMs: 60_000, totalMs: 60_000 }); // only the abort can end it
    const call = egress.request(requestTo(origin, { signal: leaving.signal, limits: patient }), {
      ...NOTHING,
      onData: () => leaving.abort(),
    });
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
