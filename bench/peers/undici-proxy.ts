// The bare floor of a proxy in Node: node:http in, undici Pool.dispatch out, bytes passed through, nothing looked at.
// What the guard costs is measured against it. Loopback only.

import { createServer } from 'node:http';
import process from 'node:process';
import { Pool } from 'undici';

const [port = '0', upstream = ''] = process.argv.slice(2);
const pool = new Pool(upstream, { connections: 128, pipelining: 1 });

createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const body = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
    const headers = { 'content-type': request.headers['content-type'] ?? 'application/json', accept: request.headers.accept ?? '*/*' };
    pool.dispatch(
      { path: request.url ?? '/', method: request.method as 'POST', headers, body: body.length === 0 ? null : body },
      {
        onRequestStart() {},
        onResponseStart(_controller, status, answered) {
          const length = answered['content-length'];
          const sized = length === undefined ? {} : { 'content-length': String(length) };
          response.writeHead(status, { 'content-type': String(answered['content-type'] ?? ''), ...sized });
        },
        onResponseData(_controller, chunk) {
          response.write(chunk);
        },
        onResponseEnd() {
          response.end();
        },
        onResponseError() {
          if (!response.headersSent) response.writeHead(502);
          response.end();
        },
      },
    );
  });
}).listen(Number(port), '127.0.0.1');
