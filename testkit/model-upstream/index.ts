// A model provider for tests: speaks the chat completion protocol over real HTTP by script, and keeps what reached it.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type RecordedRequest, recordRequest } from './recorded-request.ts';
import { type HttpReply, parrot, type Reply, type Script } from './replies.ts';

export type { RecordedRequest } from './recorded-request.ts';
export * from './replies.ts';

export interface ModelUpstream {
  /** Base URL with the path prefix of the protocol. */
  readonly url: string;
  readonly host: string;
  /** Every request whose body arrived whole, in order. */
  readonly requests: readonly RecordedRequest[];
  /** Connections that are open now. */
  readonly connections: number;
  /** Answers the next requests in turn, each script once; without any it repeats the last words. */
  next(...scripts: readonly Script[]): void;
  /** Forgets requests and scripts. */
  reset(): void;
  /** Resolves when the next request has arrived whole. */
  arrived(): Promise<RecordedRequest>;
  /** Resolves when a caller leaves before its reply is complete; counts from the last reset. */
  abandoned(): Promise<void>;
  close(): Promise<void>;
}

export async function startModelUpstream(): Promise<ModelUpstream> {
  let requests: RecordedRequest[] = [];
  let scripts: Script[] = [];
  let left = 0;
  const arrivals: ((request: RecordedRequest) => void)[] = [];
  const departures: (() => void)[] = [];
  const sockets = new Set<Socket>();

  const onLeave = (): void => {
    const waiting = departures.shift();
    if (waiting === undefined) left += 1;
    else waiting();
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body: Uint8Array[] = [];
    for await (const chunk of request) body.push(chunk as Uint8Array);
    const head = { method: request.method ?? '', path: request.url ?? '', rawHeaders: request.rawHeaders, headers: request.headers };
    const recorded = recordRequest(head, Buffer.concat(body));
    requests.push(recorded);
    response.on('close', () => {
      if (!response.writableFinished && !broken.has(response)) onLeave();
    });
    const script = scripts.shift() ?? parrot;
    for (const tell of arrivals.splice(0)) tell(recorded);
    await write(typeof script === 'function' ? script(recorded) : script, response);
  };

  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    // A caller may leave at any moment; what is left of the script is then nobody's.
    answer(request, response).catch(() => response.destroy());
  });
  server.on('connection', (socket) => {
    socket.setNoDelay(true);
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    url: `http://${host}/v1`,
    host,
    get requests() {
      return requests;
    },
    get connections() {
      return sockets.size;
    },
    next: (...more) => {
      scripts.push(...more);
    },
    reset: () => {
      requests = [];
      scripts = [];
      left = 0;
    },
    arrived: () => new Promise((resolve) => arrivals.push(resolve)),
    abandoned: () => {
      if (left > 0) {
        left -= 1;
        return Promise.resolve();
      }
      return new Promise((resolve) => departures.push(resolve));
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** Replies that the script itself broke off. */
const broken = new WeakSet<ServerResponse>();

async function write(reply: Reply, response: ServerResponse): Promise<void> {
  if (reply.ending === 'break') broken.add(response);
  if (reply.kind === 'wire') {
    const { socket } = response;
    if (reply.bytes.byteLength > 0) await flushed((done) => socket?.write(reply.bytes, done));
    if (reply.ending === 'break') socket?.destroySoon();
    return;
  }
  await writeHttp(reply, response);
}

async function writeHttp(reply: HttpReply, response: ServerResponse): Promise<void> {
  response.writeHead(reply.status, reply.headers);
  response.flushHeaders();
  for (const chunk of reply.chunks) await flushed((done) => response.write(chunk, done));
  if (reply.ending === 'end') response.end();
  if (reply.ending === 'break') response.socket?.destroySoon();
}

function flushed(start: (done: (fault?: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => start((fault) => (fault === undefined || fault === null ? resolve() : reject(fault))));
}
