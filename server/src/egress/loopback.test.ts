import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createLoopbackClient } from './loopback.ts';

describe('the client for our own control plane', () => {
  it.each([
    'http://localhost:4810',
    'http://10.0.0.1:80',
    'https://127.0.0.1:1',
    'http://127.0.0.1.example.com:1',
    'http://u@127.0.0.1:1',
    'http://[::2]:1',
  ])('reaches this machine only, not %s', (origin) => {
    expect(() => createLoopbackClient(origin)).toThrow('this machine only');
  });

  it('follows no redirect and hands over status and body', async () => {
    const server = createServer((_request, response) => response.writeHead(302, { location: 'http://192.0.2.1/' }).end('moved'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const client = createLoopbackClient(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const reply = await client.send({ method: 'GET', path: '/', headers: {}, body: null });
    expect([reply.status, await reply.text()]).toEqual([302, 'moved']);
    await client.close();
    await new Promise((resolve) => server.close(resolve));
    const gone = createLoopbackClient('http://127.0.0.1:1');
    await expect(gone.send({ method: 'GET', path: '/', headers: {}, body: null })).rejects.toMatchObject({ code: 'EGRESS_CONNECT_FAILED' });
    await gone.close();
  });
});
