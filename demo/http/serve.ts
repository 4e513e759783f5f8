// A loopback HTTP server for demo programs: collects a bounded body, hands over one plain request, writes one plain reply.
// It must never listen beyond loopback: what it serves is deliberately unsafe.

import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';

/** Generous for a demo, small enough that a runaway client can not fill the memory. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;

export interface DemoRequest {
  readonly method: string;
  /** As received: still percent-encoded, without the query. */
  readonly rawPath: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface DemoReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json: unknown;
}

/** Takes over the response itself, e.g. for a stream. */
export type TakeOver = (response: ServerResponse) => void;

export interface RunningServer {
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

export interface ServeOptions {
  /** Shown in the `x-sallyport-demo` header of every reply. */
  readonly name: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly handle: (request: DemoRequest) => DemoReply | TakeOver;
}

export async function serve(options: ServeOptions): Promise<RunningServer> {
  const server = createServer((request, response) => {
    response.setHeader('x-sallyport-demo', options.name);
    collect(request, MAX_BODY_BYTES).then(
      (body) => answer(options, request, response, body),
      () => send(response, { status: 413, json: { error: 'body too large or broken off' } }),
    );
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the demo server has no TCP address');
  return {
    url: `http://127.0.0.1:${address.port}`,
    port: address.port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answer(options: ServeOptions, request: IncomingMessage, response: ServerResponse, body: string): void {
  const target = request.url ?? '/';
  const mark = target.indexOf('?');
  const reply = options.handle({
    method: request.method ?? 'GET',
    rawPath: mark < 0 ? target : target.slice(0, mark),
    query: new URLSearchParams(mark < 0 ? '' : target.slice(mark + 1)),
    headers: request.headers,
    body,
  });
  if (typeof reply === 'function') reply(response);
  else send(response, reply);
}

function send(response: ServerResponse, reply: DemoReply): void {
  if (response.destroyed) return;
  const text = JSON.stringify(reply.json);
  response.writeHead(reply.status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    ...reply.headers,
  });
  response.end(text);
}

function collect(request: IncomingMessage, maxBytes: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > maxBytes) reject(new Error('too large'));
      else chunks.push(chunk);
    });
    request.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
    request.on('error', reject);
    request.on('close', () => reject(new Error('closed')));
  });
}
