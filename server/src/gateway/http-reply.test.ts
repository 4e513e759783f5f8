import { createServer, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import type { CallId } from '#core';
import { HttpReply } from './http-reply.ts';

const CALL = 'call_01939999-9999-7999-8999-999999999999' as CallId;

/** What a caller reads, chunk by chunk, when `write` answers. */
async function answered(write: (reply: HttpReply, response: ServerResponse) => void): Promise<string> {
  const server = createServer((_request, response) => write(new HttpReply(response, CALL), response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return await new Promise<string>((resolve, reject) => {
      const { port } = server.address() as AddressInfo;
      const asked = request({ port, host: '127.0.0.1', agent: false }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () => resolve(text));
        response.on('error', reject);
      });
      asked.on('error', reject);
      asked.end();
    });
  } finally {
    server.close();
  }
}

describe('a streamed reply', () => {
  test('keeps the order of texts and bytes, within a turn and over turns', async () => {
    const text = await answered((reply) => {
      reply.begin(200, 'text/event-stream; charset=utf-8');
      reply.write('data: 1\n\n');
      reply.write(Buffer.from('data: größer\n\n'));
      setImmediate(() => {
        reply.write('data: 3\n\n');
        reply.write('data: 4\n\n');
        reply.end();
      });
    });
    expect(text).toBe('data: 1\n\ndata: größer\n\ndata: 3\n\ndata: 4\n\n');
  });

  test('leaves before an error that is written past it in the same turn', async () => {
    const text = await answered((reply, response) => {
      reply.begin(200, 'text/event-stream');
      reply.write('data: words\n\n');
      reply.flush();
      response.end('data: error\n\n');
    });
    expect(text).toBe('data: words\n\ndata: error\n\n');
  });

  test('leaves by the end of the turn in which it was written, without waiting for more', async () => {
    const text = await answered((reply, response) => {
      reply.begin(200, 'text/event-stream');
      reply.write('data: words\n\n');
      setImmediate(() => response.end('after\n\n'));
    });
    expect(text).toBe('data: words\n\nafter\n\n');
  });

  test('tells a fast upstream to wait while the caller does not read', async () => {
    let waited = false;
    await answered((reply, response) => {
      reply.begin(200, 'text/event-stream');
      expect(reply.write('x'.repeat(4_000_000))).toBe(true);
      reply.flush();
      waited = !reply.write('y');
      expect(response.writableNeedDrain).toBe(true);
      reply.end();
    });
    expect(waited).toBe(true);
  });
});

test('a whole reply leaves with its length, whatever it was written in', async () => {
  const text = await answered((reply) => {
    reply.begin(200, 'application/json');
    reply.write('{"a":');
    reply.write(Buffer.from('1}'));
    reply.end();
  });
  expect(text).toBe('{"a":1}');
});
