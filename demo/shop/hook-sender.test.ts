import { createHmac } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type DemoRequest, type RunningServer, serve } from '../http/index.ts';
import { type DemoShop, startDemoShop } from './index.ts';

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
let shop: DemoShop;
let receiver: RunningServer;
const heard: DemoRequest[] = [];
/** Statuses it answers with, one after the other; then 202. */
let answers: number[] = [];

beforeAll(async () => {
  shop = await startDemoShop({ port: 0 });
  receiver = await serve({
    name: 'receiver',
    port: 0,
    handle: (request) => {
      heard.push(request);
      return { status: answers.shift() ?? 202, json: { runs: [] } };
    },
  });
});
afterEach(() => {
  heard.length = 0;
  answers = [];
});
afterAll(async () => {
  await shop.close();
  await receiver.close();
});

const open = () => shop.openTicket({ customerId: 'c101', subject: 'Refund', body: 'Please refund 5.00.' });

describe('a new ticket of the demo shop', () => {
  test('is delivered by its id alone, signed as the standard says', async () => {
    shop.setHook(`${receiver.url}/hooks/demo-shop`, SECRET);
    const { ticket, delivered } = open();
    expect(await delivered).toMatchObject({ attempts: 1, status: 202 });
    const [request] = heard as [DemoRequest];
    expect(request.rawPath).toBe('/hooks/demo-shop');
    expect(JSON.parse(request.body)).toMatchObject({ type: 'ticket.created', data: { id: ticket.id } });
    expect(request.body).not.toContain('refund');
    const { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': signature } = request.headers;
    const expected = createHmac('sha256', Buffer.alloc(32, 7)).update(`${id}.${at}.${request.body}`).digest('base64');
    expect(signature).toBe(`v1,${expected}`);
  });

  test('is delivered again until it is taken, under the same id', async () => {
    shop.setHook(`${receiver.url}/hooks/demo-shop`, SECRET);
    answers = [503, 429];
    expect(await open().delivered).toMatchObject({ attempts: 3 });
    expect(new Set(heard.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(new Set(heard.map(({ body }) => body)).size).toBe(1);
  });

  test('goes nowhere without a hook, and no further once the receiver wants no more', async () => {
    shop.setHook(null);
    expect(await open().delivered).toBe(null);
    shop.setHook(`${receiver.url}/hooks/demo-shop`, SECRET);
    answers = [410];
    expect(await open().delivered).toBe(null);
    expect(heard.length).toBe(1);
  });
});
