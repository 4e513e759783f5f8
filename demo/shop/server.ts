// The demo shop as a server: authentication by access token, idempotency by header, and the demo-only endpoints
// under /__demo which the attack harness reads. It listens on loopback only and opens no connections itself.

import { type DemoReply, type DemoRequest, serve } from '../http/index.ts';
import { generateShop } from './generate.ts';
import { createLedger, type EffectLedger } from './ledger.ts';
import type { Outcome, ShopContext } from './operations.ts';
import { type Plant, plant } from './plant.ts';
import { route } from './routes.ts';
import type { Clock, ShopState } from './types.ts';

export const DEMO_SHOP_TOKEN = 'demo-shop-token-not-a-secret';

export interface DemoShopOptions {
  /** 0 takes any free port. */
  readonly port: number;
  readonly seed?: number;
  readonly clock?: Clock;
  readonly accessToken?: string;
}

export interface DemoShop {
  readonly url: string;
  readonly accessToken: string;
  readonly state: ShopState;
  readonly ledger: EffectLedger;
  close(): Promise<void>;
}

interface Remembered {
  readonly request: string;
  readonly outcome: Outcome;
}

export async function startDemoShop(options: DemoShopOptions): Promise<DemoShop> {
  const clock = options.clock ?? { now: () => Date.now() };
  const accessToken = options.accessToken ?? DEMO_SHOP_TOKEN;
  const state = generateShop(options.seed ?? 1);
  const ledger = createLedger(clock);
  const remembered = new Map<string, Remembered>();

  const handle = (request: DemoRequest): DemoReply => {
    if (request.headers['x-shop-access-token'] !== accessToken) {
      return { status: 401, json: { error: 'X-Shop-Access-Token is missing or wrong' } };
    }
    if (request.rawPath.startsWith('/__demo/')) return demoEndpoint(request, state, ledger, clock);
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
    return outcome;
  };

  const server = await serve({ name: 'demo shop: invented data, no protection', port: options.port, handle });
  return { url: server.url, accessToken, state, ledger, close: server.close };
}

function header(request: DemoRequest, name: string): string | null {
  const value = request.headers[name];
  return typeof value === 'string' && value !== '' ? value : null;
}

function demoEndpoint(request: DemoRequest, state: ShopState, ledger: EffectLedger, clock: Clock): DemoReply {
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
    default:
      return { status: 404, json: { error: 'no such demo endpoint' } };
  }
}
