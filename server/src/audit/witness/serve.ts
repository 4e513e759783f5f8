// The witness's HTTP listener: POST /add-checkpoint and GET /<origin hash>/checkpoint. It reads a bounded body, asks the witness, and says
// what it said. It opens no connection of its own.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MAX_BODY_BYTES } from './request.ts';
import type { Answer, Witness } from './witness.ts';

export interface WitnessServer {
  readonly host: string;
  readonly port: number;
  /** Answers what is under way, then closes. */
  close(): Promise<void>;
}

export interface ServeOptions {
  readonly host: string;
  readonly port: number;
  readonly onFault: (fault: unknown) => void;
}

/** Logs send a request a second at most; this leaves room for many logs and none for a crowd. */
const MAX_CONNECTIONS = 128;
const REQUEST_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_MS = 65_000;
const MONITORED = /^\/([0-9a-f]{64})\/checkpoint$/;

const PLAIN = 'text/plain; charset=utf-8';

interface Reply extends Answer {
  readonly headers?: Readonly<Record<string, string>>;
}

const say = (status: number, text: string, headers: Readonly<Record<string, string>> = {}): Reply => ({
  status,
  type: PLAIN,
  body: `${text}\n`,
  headers,
});

async function readBody(request: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function answer(witness: Witness, request: IncomingMessage): Promise<Reply> {
  const path = request.url ?? '';
  if (path === '/add-checkpoint') {
    if (request.method !== 'POST') return say(405, 'add-checkpoint takes POST.', { allow: 'POST' });
    const body = await readBody(request);
    // The rest of it is not read, so the connection can not be used again.
    return body === null ? say(413, 'The request is too large.', { connection: 'close' }) : witness.addCheckpoint(body);
  }
  const hash = MONITORED.exec(path)?.[1];
  if (hash === undefined) return say(404, 'There is nothing here.');
  if (request.method !== 'GET' && request.method !== 'HEAD') return say(405, 'A checkpoint is read with GET.', { allow: 'GET, HEAD' });
  const note = await witness.checkpoint(hash);
  return note === null ? say(404, 'This witness has not cosigned a checkpoint of that log.') : { status: 200, type: PLAIN, body: note };
}

function send(response: ServerResponse, { status, type, body, headers }: Reply): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body), 'cache-control': 'no-store', ...headers });
  response.end(body);
}

export async function serveWitness(witness: Witness, options: ServeOptions): Promise<WitnessServer> {
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: REQUEST_TIMEOUT_MS }, (request, response) => {
    answer(witness, request).then(
      (reply) => send(response, reply),
      (fault: unknown) => {
        if (request.destroyed && !request.complete) return;
        options.onFault(fault);
        send(response, say(500, 'The witness can not answer now.'));
      },
    );
  });
  server.maxConnections = MAX_CONNECTIONS;
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return {
    host: options.host,
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
  };
}
