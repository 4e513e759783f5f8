// Sample parts of this process: reachable for requests of sample data, while they are served, and for nothing else.

import { afterEach, describe, expect, test } from 'vitest';
import { closeAll, egressFor, faultOf, keep } from './test/door.ts';
import { httpUpstream, requestTo } from './test/upstream.ts';

afterEach(closeAll);

describe('a sample part', () => {
  test('is reached by sample data only, also when a connection to it is open already, and not once it is closed', async () => {
    const upstream = keep(await httpUpstream((_request, response) => response.end('sample')));
    let parts = [`127.0.0.1:${upstream.port}`];
    const { egress, origin } = egressFor(upstream, { allowPrivate: [], sampleParts: () => parts });
    const ordinary = requestTo(origin);
    const sample = requestTo(origin, { destination: { origin, pathPrefix: '/', isSample: true } });
    expect((await faultOf(egress.requestJson(ordinary))).code).toBe('EGRESS_PLAINTEXT_FORBIDDEN');
    expect((await egress.requestJson(sample)).status).toBe(200);
    expect((await faultOf(egress.requestJson(ordinary))).code).toBe('EGRESS_PLAINTEXT_FORBIDDEN');
    expect((await egress.check(origin))?.code).toBe('EGRESS_PLAINTEXT_FORBIDDEN');
    expect(await egress.check(origin, { isSample: true })).toBeNull();
    parts = [];
    for (const socket of upstream.sockets) socket.destroy();
    expect((await egress.check(origin, { isSample: true }))?.code).toBe('EGRESS_PLAINTEXT_FORBIDDEN');
    expect((await faultOf(egress.requestJson(sample))).code).not.toBe('');
    expect(upstream.connections()).toBe(2);
  });

  test('opens nothing else: our own listeners and other ports stay refused', async () => {
    const upstream = keep(await httpUpstream((_request, response) => response.end('own')));
    const { egress, origin } = egressFor(upstream, {
      allowPrivate: [],
      ownAddresses: () => [{ host: '127.0.0.1', port: upstream.port }],
      sampleParts: () => [`127.0.0.1:${upstream.port}`],
    });
    expect((await egress.check(origin, { isSample: true }))?.code).toBe('EGRESS_OWN_ADDRESS');
    expect((await egress.check('http://127.0.0.1:4999', { isSample: true }))?.code).toBe('EGRESS_PLAINTEXT_FORBIDDEN');
  });
});
