// The demo shop as a server: authentication by access token, idempotency by header, and the demo-only endpoints
// under /__demo which the attack harness reads. It listens on loopback only and opens no connections itself.

import { randomUUID } from 'node:crypto';
import { type DemoReply, type DemoRequest, serve } from '../http/index.ts';
import { generateShop } from './generate.ts';
import { createHookSender, type Delivery, type HookSender, type ShopHook } from './hook-sender.ts';
import { createLedger, type EffectLedger } from './ledger.ts';
import type { ShopContext } from './operations.ts';
import { type Plant, plant } from './plant.ts';
import { route } from './routes.ts';
import { type Remembered, type ShopSnapshot, stateOf, takeSnapshot } from './snapshot.ts';
import type { Clock, ShopState, Ticket } from './types.ts';

export const DEMO_SHOP_TOKEN = 'demo-shop-token-not-a-secret';

export interface DemoShopOptions {
  /** 0 takes any free port. */
  readonly port: number;
  readonly seed?: number;
  readonly clock?: Clock;
  readonly accessToken?: string;
  /** Who is told of new tickets; `setHook` changes it. */
  readonly hook?: ShopHook;
  /** Goes on where another shop stopped. */
  readonly resume?: ShopSnapshot;
  /** Called after every change and before it is answered, so that a shop that is kept never forgets what it said it did. */
  readonly onChange?: () => void;
  /** Told of every request before it is answered, for a look at what reached the shop. */
  readonly onRequest?: (request: DemoRequest) => void;
}

export interface NewTicket {
  readonly customerId: string;
  readonly subject: string;
  readonly body: string;
}

export interface DemoShop {
  readonly url: string;
  readonly accessToken: string;
  readonly state: ShopState;
  readonly ledger: EffectLedger;
  /** From now on new tickets are delivered there, signed; with `null`, nowhere. */
  setHook(url: string | null, secret?: string): void;
  /** A ticket as a customer opens it; `delivered` settles once it was taken, or nobody takes it. */
  openTicket(ticket: NewTicket): { readonly ticket: Ticket; readonly delivered: Promise<Delivery | null> };
  /** Tells of a ticket once more, as the same delivery: for a shop that stopped before it knew whether it was taken. */
  deliver(ticket: Ticket): Promise<Delivery | null>;
  /** Everything the shop knows, to go on from. */
  snapshot(): ShopSnapshot;
  close(): Promise<void>;
}

export async function startDemoShop(options: DemoShopOptions): Promise<DemoShop> {
  const clock = options.clock ?? { now: () => Date.now() };
  const accessToken = options.accessToken ?? DEMO_SHOP_TOKEN;
  const state = options.resume === undefined ? generateShop(options.seed ?? 1) : stateOf(options.resume);
  const ledger = createLedger(clock, options.resume?.effects);
  const remembered = new Map<string, Remembered>(options.resume?.remembered);
  const hooks = createHookSender(clock, randomUUID);
  hooks.set(options.hook ?? null);
  // Only what names the ticket travels: whoever is told reads the rest at the shop.
  const deliver = (ticket: Ticket): Promise<Delivery | null> =>
    hooks.send({ type: 'ticket.created', data: { id: ticket.id } }, `msg_${ticket.id}_${Date.parse(ticket.created_at)}`);
  const openTicket = (opened: NewTicket): { ticket: Ticket; delivered: Promise<Delivery | null> } => {
    const id = plant(state, clock, { into: 'ticket', ...opened });
    const ticket = id === null ? undefined : state.tickets.get(id);
    if (ticket === undefined) throw new Error('the demo shop has no such customer');
    options.onChange?.();
    return { ticket, delivered: deliver(ticket) };
  };

  const handle = (request: DemoRequest): DemoReply => {
    options.onRequest?.(request);
    if (request.headers['x-shop-access-token'] !== accessToken) {
      return { status: 401, json: { error: 'X-Shop-Access-Token is missing or wrong' } };
    }
    if (request.rawPath.startsWith('/__demo/')) return demoEndpoint(request, { state, ledger, clock, hooks, openTicket });
    // Whoever lost an answer may ask whether its request was done: by the key it sent, which only it knows.
    const lookedUp = /^\/idempotency-keys\/([\w-]{1,80})$/.exec(request.rawPath)?.[1];
    if (request.method === 'GET' && lookedUp !== undefined) {
      const { outcome } = remembered.get(lookedUp) ?? {};
      return outcome === undefined
        ? { status: 404, json: { error: 'no request came with that key' } }
        : { status: 200, json: { key: lookedUp, status: outcome.status, done: outcome.status < 300 } };
    }

    const routed = route(request);
    if (routed === null) return { status: 404, json: { error: 'no such path' } };

    const key = header(request, 'idempotency-key');
    const asked = `${request.method} ${request.rawPath} ${request.body}`;
    const before = key === null ? undefined : remembered.get(key);
    if (before !== undefined) {
      if (before.request !== asked) return { status: 409, json: { error: 'this Idempotency-Key came with another request before' } };
      return { ...before.outcome, headers: { 'idempotent-replayed': 'true' } };
    }
    const shop: ShopContext = { state, ledger, clock, key };
    const outcome = routed.run(shop, routed.args);
    if (key !== null && request.method !== 'GET') remembered.set(key, { request: asked, outcome });
    if (request.method !== 'GET') options.onChange?.();
    return outcome;
  };

  const server = await serve({ name: 'demo shop: invented data, no protection', port: options.port, handle });
  return {
    url: server.url,
    accessToken,
    state,
    ledger,
    setHook: (url, secret = '') => hooks.set(url === null ? null : { url, secret }),
    openTicket,
    deliver,
    snapshot: () => takeSnapshot(state, ledger.after(0), remembered),
    close: async () => {
      hooks.close();
      await server.close();
    },
  };
}

function header(request: DemoRequest, name: string): string | null {
  const value = request.headers[name];
  return typeof value === 'string' && value !== '' ? value : null;
}

interface DemoControls {
  readonly state: ShopState;
  readonly ledger: EffectLedger;
  readonly clock: Clock;
  readonly hooks: HookSender;
  readonly openTicket: DemoShop['openTicket'];
}

function demoEndpoint(request: DemoRequest, { state, ledger, clock, hooks, openTicket }: DemoControls): DemoReply {
  switch (`${request.method} ${request.rawPath}`) {
    case 'GET /__demo/effects':
      return { status: 200, json: { effects: ledger.after(Number(request.query.get('after') ?? 0)) } };
    case 'GET /__demo/world':
      return {
        status: 200,
        json: {
          customers: [...state.customers.values()],
          orders: [...state.orders.values()],
          products: [...state.products.values()],
          tickets: [...state.tickets.values()],
        },
      };
    case 'POST /__demo/plant': {
      const id = plant(state, clock, JSON.parse(request.body) as Plant);
      return id === null ? { status: 404, json: { error: 'no such place' } } : { status: 201, json: { id } };
    }
    case 'PUT /__demo/hook':
      hooks.set(JSON.parse(request.body) as ShopHook | null);
      return { status: 200, json: { set: true } };
    case 'POST /__demo/tickets': {
      const opened = JSON.parse(request.body) as NewTicket;
      if (!state.customers.has(opened.customerId)) return { status: 404, json: { error: 'no such customer' } };
      return { status: 201, json: openTicket(opened).ticket };
    }
    default:
      return { status: 404, json: { error: 'no such demo endpoint' } };
  }
}
