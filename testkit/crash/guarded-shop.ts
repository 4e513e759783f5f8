// The demo shop and a scripted model behind a whole server: a bound agent, a plain caller and an owner, with a way to break the shop
// between the two and to look into the ledger and behind the walls of the database.

import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type BindingSigner,
  createBindingSigner,
  type DemoShop,
  demoShopManifest,
  generateBindingKey,
  newRunId,
  SHOP_HOST,
  startDemoShop,
} from '@sallyport/demo';
import pg from 'pg';
import { parse } from 'yaml';
import type { GuardDeps } from '../../server/src/enforcement/index.ts';
import type { Server } from '../../server/src/main/index.ts';
import { findRunningPostgres } from '../../server/src/storage/index.ts';
import type { TestCluster } from '../cluster.ts';
import { type ModelUpstream, startModelUpstream } from '../model-upstream/index.ts';
import { createServerDatabase } from './server-database.ts';
import { RECOVER_AT_ONCE, startOn } from './start-on.ts';

/** What stands between the guard and the shop: how it treats the next answer to an effect or to a read. */
export type Weather = (answer: {
  method: string;
  path: string;
  status: number;
  body: string;
  token: string;
}) => { readonly status: number; readonly body: string; readonly headers?: Readonly<Record<string, string>> } | 'drop';

export interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly text: string;
  readonly headers: Headers;
}

export interface CallOptions {
  readonly key?: string;
  /** Absent: a bound call for this customer in a run of its own. `null`: a plain call. */
  readonly binding?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface GuardedShop {
  readonly server: Server;
  /** Of the data and the secrets. */
  readonly folder: string;
  readonly shop: DemoShop;
  readonly model: ModelUpstream;
  readonly db: pg.Pool;
  readonly log: readonly string[];
  readonly token: string;
  readonly agent: Caller;
  readonly plain: Caller;
  /** Requests the shop got, GETs included. */
  readonly asked: readonly string[];
  weather(next: Weather | null): void;
  /** Breaks ports of the guard until called with `null`. */
  breakGuard(how: ((deps: GuardDeps) => Partial<GuardDeps>) | null): void;
  installShop(change?: (manifest: Manifest) => void): Promise<void>;
  workload(name: string, bound: boolean): Promise<Caller>;
  bind(customer: string, origin?: { run?: string; toolCallId?: string | null }): string;
  call(method: string, path: string, body?: unknown, options?: CallOptions): Promise<Answer>;
  owner(method: string, path: string, body?: unknown): Promise<Answer>;
  /** Approves, and waits for the end. */
  approve(approval: unknown): Promise<string>;
  result(approval: unknown, key?: string): Promise<Answer>;
  events(subject: unknown): Promise<readonly { readonly type: string; readonly facts: Record<string, unknown> }[]>;
  close(): Promise<void>;
}

export interface Caller {
  readonly workload: string;
  readonly key: string;
  readonly keyId: string;
  readonly signer: BindingSigner | null;
}

export interface Manifest {
  operations: Record<string, Record<string, unknown>>;
}

export const MODEL = 'scripted';

/** `embedded`: on a database of its own kind, which the server itself runs; it can be killed without harm to other tests. */
export async function openGuardedShop(
  cluster: TestCluster | 'embedded',
  seams: { readonly clock?: { now(): number } } = {},
): Promise<GuardedShop> {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-guard-'));
  chmodSync(folder, 0o711);
  const token = `shop-token-${Date.now().toString(36)}-not-a-secret`;
  const shop = await startDemoShop({ port: 0, seed: 1, accessToken: token });
  const between = await startBetween(shop);
  const model = await startModelUpstream();
  const databaseUrl = cluster === 'embedded' ? null : await createServerDatabase(cluster);
  const log: string[] = [];
  let broken: ((deps: GuardDeps) => Partial<GuardDeps>) | null = null;
  const decorateGuard = (deps: GuardDeps): GuardDeps =>
    new Proxy(deps, { get: (real, port) => Reflect.get(broken === null ? real : { ...real, ...broken(real) }, port) });
  const server = await startOn(
    { folder, databaseUrl, allowPrivate: [between.host, model.host] },
    { decorateGuard, recovery: RECOVER_AT_ONCE, ...seams },
    (line) => log.push(line),
  );
  const db = new pg.Pool({ connectionString: databaseUrl ?? (await embeddedUrl(folder)), max: 2 });
  db.on('error', () => {}); // its connections end with a server that is killed
  const gatewayUrl = `http://127.0.0.1:${server.gateway.port}`;
  const controlUrl = `http://127.0.0.1:${server.control.port}`;

  const owner = (method: string, path: string, body?: unknown): Promise<Answer> =>
    request(`${controlUrl}${path}`, method, body, { authorization: `Bearer ${server.ownerToken}` });
  const must = async (method: string, path: string, body?: unknown): Promise<Record<string, unknown>> => {
    const answer = await owner(method, path, body);
    if (answer.status >= 300) throw new Error(`${method} ${path} answers ${answer.status} ${answer.text}`);
    return answer.body;
  };
  const installShop = async (change: (manifest: Manifest) => void = () => {}): Promise<void> => {
    const manifest = parse(readFileSync(demoShopManifest, 'utf8')) as Manifest;
    change(manifest);
    await must('PUT', '/api/integrations/shop', {
      kind: 'http',
      baseUrl: between.url,
      manifest,
      linkHosts: [SHOP_HOST],
      credential: { header: 'x-shop-access-token', secret: token },
      autonomy: {
        'refunds.create': { currency: 'USD', perCall: '50.00', perCustomerDay: '50.00' },
        'messages.send': { timesPerCustomerDay: 50 },
      },
    });
  };
  const workload = async (name: string, bound: boolean): Promise<Caller> => {
    const pair = generateBindingKey();
    const { kty, crv, x } = pair.publicKeyJwk as Record<string, string>;
    const made = await must('POST', '/api/workloads', {
      name,
      integrations: ['shop', 'model'],
      ...(bound ? { publicKey: { kty, crv, x } } : {}),
    });
    const key = await must('POST', '/api/keys', { workload: made.id });
    return {
      workload: made.id as string,
      key: key.key as string,
      keyId: key.id as string,
      signer: bound ? createBindingSigner({ workload: made.id as string, privateKey: pair.privateKey }) : null,
    };
  };

  await installShop();
  await must('PUT', '/api/integrations/model', { kind: 'model', baseUrl: model.url, models: [MODEL], linkHosts: [SHOP_HOST] });
  const agent = await workload('agent', true);
  const plain = await workload('plain', false);

  const call = (method: string, path: string, body?: unknown, options: CallOptions = {}): Promise<Answer> =>
    request(`${gatewayUrl}${path}`, method, body, {
      authorization: `Bearer ${options.key ?? (options.binding === null ? plain.key : agent.key)}`,
      ...(typeof options.binding === 'string' ? { 'sallyport-binding': options.binding } : {}),
      ...options.headers,
    });
  const result = (approval: unknown, key: string = agent.key): Promise<Answer> =>
    call('GET', `/connect/-/approvals/${String(approval)}`, undefined, { key });

  return {
    server,
    folder,
    shop,
    model,
    db,
    log,
    token,
    agent,
    plain,
    asked: between.asked,
    weather: between.set,
    breakGuard: (how) => {
      broken = how;
    },
    installShop,
    workload,
    bind: (customer, { run = newRunId(Date.now()), toolCallId = null } = {}) =>
      (agent.signer as BindingSigner).sign({ run, customer: { id: customer, assurance: 'session' }, toolCallId }),
    call,
    owner,
    result,
    approve: async (approval) => {
      const shown = await must('GET', `/api/approvals/${String(approval)}`);
      await must('POST', `/api/approvals/${String(approval)}/approve`, { digest: shown.digest });
      for (;;) {
        const { state } = await must('GET', `/api/approvals/${String(approval)}`);
        if (state !== 'approved' && state !== 'executing') return state as string;
      }
    },
    events: async (subject) => {
      const { rows } = await db.query<{ type: string; facts: Record<string, unknown> }>(
        `select type, facts from (
           select type, public::jsonb as facts, occurred_at, event_id from event_inbox where subject = $1
           union all select type, leaf::jsonb -> 'public', occurred_at, event_id from audit_log where subject = $1
         ) as told order by occurred_at, event_id`,
        [subject],
      );
      return rows;
    },
    close: async () => {
      await server.close();
      await db.end();
      await between.close();
      await shop.close();
      await model.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function embeddedUrl(folder: string): Promise<string> {
  const place = { dataDir: join(folder, 'data', 'postgres'), stateDir: join(folder, 'data', 'state') };
  const found = await findRunningPostgres({ ...place, host: process });
  if (found === null) throw new Error('the embedded server does not run');
  return found.adminUrl;
}

/** A forwarder in front of the shop that can lose or change what the shop answered. */
async function startBetween(shop: DemoShop) {
  let weather: Weather | null = null;
  const asked: string[] = [];
  const server = createServer((incoming, response) => {
    const chunks: Uint8Array[] = [];
    incoming.on('data', (chunk: Uint8Array) => chunks.push(chunk));
    incoming.on('end', () => {
      const { method = 'GET', url = '/' } = incoming;
      asked.push(`${method} ${url}`);
      forward(method, url, Buffer.concat(chunks), incoming.headers as Record<string, string>, response).catch(() => response.destroy());
    });
  });
  async function forward(method: string, url: string, body: Uint8Array, headers: Record<string, string>, response: ServerResponse) {
    const kept = Object.entries(headers).filter(([name]) => !['host', 'connection', 'content-length', 'transfer-encoding'].includes(name));
    const reply = await fetch(`${shop.url}${url}`, {
      method,
      headers: Object.fromEntries(kept),
      ...(body.byteLength === 0 ? {} : { body: Buffer.from(body) }),
    });
    const answer = { status: reply.status, body: await reply.text() };
    const changed = weather === null ? answer : weather({ method, path: url, ...answer, token: headers['x-shop-access-token'] ?? '' });
    if (changed === 'drop') {
      response.destroy();
      return;
    }
    response.writeHead(changed.status, { 'content-type': 'application/json', ...('headers' in changed ? changed.headers : {}) });
    response.end(changed.body);
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    host,
    url: `http://${host}`,
    asked,
    set: (next: Weather | null) => {
      weather = next;
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function request(url: string, method: string, body: unknown, headers: Readonly<Record<string, string>>): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  let parsed: Record<string, unknown> = {};
  try {
    parsed = JSON.parse(text) as Record<string, unknown>;
  } catch {
    // A stream, or nothing.
  }
  return { status: response.status, body: parsed, text, headers: response.headers };
}
