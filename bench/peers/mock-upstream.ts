// The upstream of the gateway benches: a model and a shop that answer at once with fixed bytes, straight on sockets, so that
// as little as possible of the measured time is its own. It understands just enough HTTP/1.1 for that. Loopback only.

import { createServer, type Socket } from 'node:net';
import process from 'node:process';
import { REPLY_TEXT } from '../src/bodies.ts';

const STREAM_CHUNKS = 20;

function respond(status: string, json: unknown): Buffer {
  const body = JSON.stringify(json);
  return Buffer.from(`HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
}

const COMPLETION = respond('200 OK', {
  id: 'chatcmpl-bench',
  object: 'chat.completion',
  created: 1_790_000_000,
  model: 'bench-model',
  choices: [{ index: 0, message: { role: 'assistant', content: REPLY_TEXT }, logprobs: null, finish_reason: 'stop' }],
  usage: { prompt_tokens: 250, completion_tokens: 60, total_tokens: 310 },
  system_fingerprint: 'fp_bench',
});

const ORDER = {
  id: '1001',
  customer_id: 'c101',
  updated_at: '2026-09-01T00:00:00.000Z',
  currency: 'USD',
  total: '900000.00',
  refunded: '0.00',
  payment_method: { id: 'pm_c101_1', brand: 'visa', last4: '4242' },
  shipping_address: { address1: '12 Harbour Row', city: 'Millbrook Falls', zip: '54321', country: 'US' },
  notes: [],
  refunds: [],
};
let looks = 0;
/** Each look finds a little less to pay back, as at a shop that pays: one remainder pays once. */
const order = (): Buffer => respond('200 OK', { ...ORDER, refundable: (900_000 - (looks++ % 10_000_000) / 100).toFixed(2) });

const CUSTOMER = respond('200 OK', { id: 'c101', email: 'dagny.fennimore@example.com', updated_at: '2026-09-01T00:00:00.000Z' });
const REFUND = respond('201 Created', { id: 'ref_1', order_id: '1001', amount: '0.01', currency: 'USD', destination: 'pm_c101_1' });
const MODELS = respond('200 OK', { object: 'list', data: [{ id: 'bench-model', object: 'model' }] });

const STREAM_HEAD = Buffer.from(
  'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ncache-control: no-cache\r\ntransfer-encoding: chunked\r\n\r\n',
);
const STREAM: readonly Buffer[] = streamChunks();

function streamChunks(): readonly Buffer[] {
  const head = { id: 'chatcmpl-bench', object: 'chat.completion.chunk', created: 1_790_000_000, model: 'bench-model' };
  const size = Math.ceil(REPLY_TEXT.length / STREAM_CHUNKS);
  const events = Array.from({ length: STREAM_CHUNKS }, (_, nth) => {
    const content = REPLY_TEXT.slice(nth * size, (nth + 1) * size);
    const last = nth === STREAM_CHUNKS - 1;
    return `data: ${JSON.stringify({ ...head, choices: [{ index: 0, delta: { content }, finish_reason: last ? 'stop' : null }] })}\n\n`;
  });
  return [...events, 'data: [DONE]\n\n'].map((event) => Buffer.from(`${Buffer.byteLength(event).toString(16)}\r\n${event}\r\n`));
}
const STREAM_END = Buffer.from('0\r\n\r\n');

function serveSocket(socket: Socket): void {
  socket.setNoDelay(true);
  let held: Buffer = Buffer.alloc(0);
  let streaming = false;
  const next = (): void => {
    while (!streaming) {
      const headEnd = held.indexOf('\r\n\r\n');
      if (headEnd < 0) return;
      const head = held.toString('latin1', 0, headEnd);
      const bodyLength = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
      const end = headEnd + 4 + bodyLength;
      if (held.length < end) return;
      const body = held.subarray(headEnd + 4, end);
      held = held.subarray(end);
      if (body.includes('"stream":true')) stream();
      else socket.write(answer(head));
    }
  };
  const stream = (): void => {
    streaming = true;
    socket.write(STREAM_HEAD);
    let sent = 0;
    const push = (): void => {
      if (socket.destroyed) return;
      if (sent < STREAM.length) {
        socket.write(STREAM[sent++] as Buffer);
        setImmediate(push);
        return;
      }
      socket.write(STREAM_END);
      streaming = false;
      next();
    };
    push();
  };
  socket.on('data', (chunk) => {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    next();
  });
  socket.on('error', () => socket.destroy());
}

function answer(head: string): Buffer {
  const [method, path = ''] = head.split(' ', 2);
  if (path.endsWith('/chat/completions')) return COMPLETION;
  if (path.endsWith('/models')) return MODELS;
  if (path.endsWith('/refunds') && method === 'POST') return REFUND;
  if (path.startsWith('/customers')) return CUSTOMER;
  return order();
}

const port = Number(process.argv[2] ?? 0);
createServer({ keepAlive: true }, serveSocket).listen(port, '127.0.0.1');
