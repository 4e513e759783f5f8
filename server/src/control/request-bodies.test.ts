// Bodies over real connections: one that does not come is cut off, a file may take its time as long as it comes, and what nobody reads goes by.

import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { refuse } from '#core';
import type { ControlPorts } from './ports.ts';
import { endSlowBody, fileOf, passBy } from './request-bodies.ts';
import { createControlServer } from './server.ts';

let server: Server;
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

async function serve(work: (raw: IncomingMessage) => Promise<string>): Promise<number> {
  server = createServer((raw, reply) => {
    work(raw).then(
      (text) => reply.end(text),
      () => raw.destroy(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}
const post = (port: number) => request({ host: '127.0.0.1', port, method: 'POST', headers: { 'transfer-encoding': 'chunked' } });
async function textOf(sent: ReturnType<typeof post>): Promise<string> {
  const [reply] = (await once(sent, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of reply) text += String(chunk);
  return text;
}

describe('a body', () => {
  it('that does not end is cut off, and one that has come is not', async () => {
    const port = await serve(async (raw) => {
      endSlowBody(raw, 50);
      for await (const _ of raw);
      return 'whole';
    });
    const quick = post(port);
    quick.end('{}');
    expect(await textOf(quick)).toBe('whole');
    const slow = post(port);
    slow.write('{');
    await expect(once(slow, 'response')).rejects.toThrow();
  });

  it('of a file is read piece by piece, and cut off when nothing comes', async () => {
    const pieces: string[] = [];
    const port = await serve(async (raw) => {
      for await (const piece of fileOf(raw, 200)) pieces.push(Buffer.from(piece).toString());
      return pieces.join('|');
    });
    const sent = post(port);
    sent.write('one');
    await expect.poll(() => pieces).toEqual(['one']);
    sent.end('two');
    expect(await textOf(sent)).toBe('one|two');
    const stuck = post(port);
    stuck.write('three');
    await expect(once(stuck, 'response')).rejects.toThrow();
  });

  it('that nobody reads on goes by, so that the answer is read', async () => {
    const port = await serve(async (raw) => {
      for await (const _ of fileOf(raw, 5_000)) break;
      await passBy(raw);
      return 'refused';
    });
    const sent = post(port);
    const answer = textOf(sent);
    for (let nth = 0; nth < 64; nth += 1) if (!sent.write(Buffer.alloc(65_536))) await once(sent, 'drain');
    sent.end();
    expect(await answer).toBe('refused');
  });

  it('of a file by somebody who may send none is cut off like any other', async () => {
    const ports = new Proxy(
      { authenticateSession: async () => refuse('CONTROL_SIGN_IN_REQUIRED', 'Sign in.'), consoleFiles: null, onFault: () => undefined },
      { get: (of, name) => of[name as keyof typeof of] ?? {} },
    ) as unknown as ControlPorts;
    const control = createControlServer(ports, {}, null, 200);
    const { port } = await control.listen('127.0.0.1', 0);
    try {
      const sent = request({
        ...{ host: '127.0.0.1', port, method: 'POST', path: '/api/datasets/mine/import', agent: false },
        headers: { 'transfer-encoding': 'chunked', 'content-type': 'text/csv', authorization: 'Bearer nobody', connection: 'keep-alive' },
      });
      sent.on('error', () => undefined);
      const trickle = setInterval(() => sent.write('a'), 20);
      sent.once('close', () => clearInterval(trickle));
      const [reply] = (await once(sent, 'response')) as [IncomingMessage];
      expect(reply.statusCode).toBeGreaterThanOrEqual(400);
      reply.resume();
      await once(sent, 'close');
    } finally {
      await control.close();
    }
  }, 5_000);
});
