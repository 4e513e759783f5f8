// Serves the store over HTTP on a free port and counts what it saw and what took effect.

import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import * as reads from './reads.ts';
import { type Store, StoreError } from './types.ts';
import * as writes from './writes.ts';

type Tool = (store: Store, args: Readonly<Record<string, unknown>>) => unknown;

/** A test's callers send well-formed arguments, or the tool answers with its own error. */
function tool<A>(work: (store: Store, args: A) => unknown): Tool {
  return (store, args) => work(store, args as A);
}

const READS: Readonly<Record<string, Tool>> = {
  find_user_id_by_email: tool<{ email: string }>((store, { email }) => reads.findByEmail(store, email)),
  find_user_id_by_name_zip: tool(reads.findByName),
  get_user_details: tool<{ user_id: string }>((store, { user_id }) => reads.userOf(store, user_id)),
  get_order_details: tool<{ order_id: string }>((store, { order_id }) => reads.orderOf(store, order_id)),
  get_product_details: tool<{ product_id: string }>((store, { product_id }) => reads.productOf(store, product_id)),
  list_all_product_types: (store) => reads.productTypes(store),
};
const WRITES: Readonly<Record<string, Tool>> = {
  cancel_pending_order: tool(writes.cancelOrder),
  exchange_delivered_order_items: tool(writes.exchangeItems),
  modify_pending_order_items: tool(writes.modifyItems),
  modify_pending_order_payment: tool(writes.modifyPayment),
  modify_pending_order_address: tool(writes.modifyOrderAddress),
  modify_user_address: tool(writes.modifyUserAddress),
  return_delivered_order_items: tool(writes.returnItems),
};

export interface StoreCall {
  readonly tool: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly ok: boolean;
}

export interface RetailStore {
  readonly url: string;
  /** Every call that reached the store, in order. */
  readonly calls: readonly StoreCall[];
  /** Writes that took effect. */
  readonly effects: readonly StoreCall[];
  /** The data as it was at the start; counters are cleared too. */
  reset(): void;
  isKnown(tool: string): boolean;
  /** Calls a tool directly, as the shop's own staff would. */
  call(tool: string, args: Readonly<Record<string, unknown>>): StoreCall;
  close(): Promise<void>;
}

/** Tool arguments are small. */
const MAX_BODY_BYTES = 64 * 1024;

export async function startRetailStore(options: { folder: string }): Promise<RetailStore> {
  const file = (name: string): string => readFileSync(join(options.folder, name), 'utf8');
  const sources = { users: file('users.json'), orders: file('orders.json'), products: file('products.json') };
  const load = (): Store => ({
    users: JSON.parse(sources.users),
    orders: JSON.parse(sources.orders),
    products: JSON.parse(sources.products),
  });
  let store = load();
  let calls: StoreCall[] = [];

  const answer = (name: string, args: Readonly<Record<string, unknown>>): { status: number; body: unknown } => {
    const work = READS[name] ?? WRITES[name];
    if (work === undefined) return { status: 404, body: { error: 'unknown tool' } };
    try {
      const body = work(store, args);
      calls.push({ tool: name, args, ok: true });
      return { status: 200, body };
    } catch (error) {
      calls.push({ tool: name, args, ok: false });
      if (error instanceof StoreError) return { status: error.status, body: { error: error.message } };
      throw error;
    }
  };

  const server = createServer((request, response) => {
    void readJson(request)
      .then((args) => answer((request.url ?? '').replace('/tools/', ''), args))
      .catch(() => ({ status: 400, body: { error: 'bad request' } }))
      .then(({ status, body }) => {
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(JSON.stringify(body));
      });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get calls() {
      return calls;
    },
    get effects() {
      return calls.filter((call) => call.ok && WRITES[call.tool] !== undefined);
    },
    isKnown: (name) => READS[name] !== undefined || WRITES[name] !== undefined,
    reset: () => {
      store = load();
      calls = [];
    },
    call: (name, args) => {
      answer(name, args);
      return calls[calls.length - 1] as StoreCall;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function readJson(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.byteLength;
    if (size > MAX_BODY_BYTES) throw new Error('too large');
    chunks.push(chunk);
  }
  return JSON.parse(Buffer.concat(chunks).toString('utf8') || '{}') as Record<string, unknown>;
}
