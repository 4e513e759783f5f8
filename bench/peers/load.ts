// Our own load generator, for machines without wrk: fixed connections, one request at a time on each, raw sockets.
// Prints the same line of JSON as peers/wrk.lua. Arguments: url, connections, seconds, body file, header file, pool file or `-`, offset.

import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import process from 'node:process';
import { createReplyReader } from '../src/reply-reader.ts';

const [url = '', connections = '1', seconds = '1', bodyFile = '', headerFile = '', poolFile = '-', offset = '0'] = process.argv.slice(2);
const target = new URL(url);
const body = readFileSync(bodyFile);
const fixed = readFileSync(headerFile, 'utf8')
  .split('\n')
  .filter((line) => line !== '');
const pool =
  poolFile === '-'
    ? []
    : readFileSync(poolFile, 'utf8')
        .split('\n')
        .filter((line) => line !== '');
const head = [
  `POST ${target.pathname} HTTP/1.1`,
  `host: ${target.host}`,
  'content-type: application/json',
  `content-length: ${body.length}`,
  ...fixed,
].join('\r\n');
const plain = Buffer.concat([Buffer.from(`${head}\r\n\r\n`), body]);

const latenciesUs: number[] = [];
let failed = 0;
let at = Number(offset);
const startedAt = process.hrtime.bigint();
const endsAt = startedAt + BigInt(Number(seconds) * 1e9);

function nextRequest(): Buffer {
  if (pool.length === 0) return plain;
  const binding = pool[at++];
  return binding === undefined ? plain : Buffer.concat([Buffer.from(`${head}\r\nsallyport-binding: ${binding}\r\n\r\n`), body]);
}

function run(): Promise<void> {
  return new Promise((resolve) => {
    const socket: Socket = connect(Number(target.port), target.hostname);
    socket.setNoDelay(true);
    let sentAt = 0n;
    const send = (): void => {
      if (process.hrtime.bigint() >= endsAt) {
        socket.destroy();
        return;
      }
      sentAt = process.hrtime.bigint();
      socket.write(nextRequest());
    };
    const reader = createReplyReader((status) => {
      latenciesUs.push(Number((process.hrtime.bigint() - sentAt) / 1000n));
      if (status < 200 || status > 299) failed++;
      send();
    });
    socket.on('connect', send);
    socket.on('data', (chunk) => reader.push(chunk));
    socket.on('error', () => {
      failed++;
    });
    socket.on('close', () => resolve());
  });
}

await Promise.all(Array.from({ length: Number(connections) }, run));
latenciesUs.sort((one, two) => one - two);
const percentile = (share: number): number => latenciesUs[Math.min(latenciesUs.length - 1, Math.floor(latenciesUs.length * share))] ?? 0;
const durationUs = Number((process.hrtime.bigint() - startedAt) / 1000n);
process.stdout.write(
  `${JSON.stringify({ requests: latenciesUs.length, durationUs, failed, p50Us: percentile(0.5), p99Us: percentile(0.99) })}\n`,
);
