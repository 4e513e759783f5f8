// A whole installation under load from 16 callers, whose program, Postgres, or both are killed with SIGKILL at random instants; then what a
// stranger finds: at the shop, in the ledger, and in every checkpoint that was ever seen. Nothing of our own log decides.

import { fork } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  createBindingSigner,
  DEMO_SHOP_TOKEN,
  type DemoShop,
  demoShopManifest,
  generateBindingKey,
  newRunId,
  startDemoShop,
} from '@sallyport/demo';
import pg from 'pg';
import { parse } from 'yaml';
import { findRunningPostgres } from '../../server/src/storage/index.ts';
import { startModelUpstream } from '../model-upstream/index.ts';
import { seededRandom } from '../ports.ts';
import { type LedgerFindings, lookAtLedger } from './ledger-findings.ts';
import { RECOVER_AT_ONCE, type ServerSettings, startOn } from './start-on.ts';

export interface LedgerChaosOptions {
  readonly kills: number;
  readonly seed: number;
  readonly log?: (line: string) => void;
}

export interface LedgerChaosReport extends LedgerFindings {
  readonly kills: Readonly<Record<Victim, number>>;
  /** Calls that were answered with success. */
  readonly acked: number;
  /** Effects the shop saw. */
  readonly effects: number;
  /** Calls that were answered with a refusal, by code: nothing was done for them. */
  readonly refused: Readonly<Record<string, number>>;
  readonly slowestRecoveryMs: number;
}

const VICTIMS = ['program', 'postgres', 'both'] as const;
type Victim = (typeof VICTIMS)[number];

const CALLERS = 16;
/** Between being healthy again and the next kill. */
const MAX_PAUSE_MS = 600;
/** A caller that was refused asks again a little later, as clients do. */
const REFUSED_PAUSE_MS = 20;
const RECOVERY_TIMEOUT_MS = 60_000;
const PROGRAM = join(import.meta.dirname, 'server-process.ts');
const MODEL = 'parrot';

/** One answered call: the id the gateway gave it, and what it was. */
export interface Acked {
  readonly call: string;
  readonly isEffect: boolean;
}

interface Running {
  readonly at: { readonly gatewayUrl: string; readonly controlUrl: string; readonly ownerToken: string };
  readonly exited: Promise<unknown>;
  kill(): void;
}

export async function runLedgerChaos({ kills, seed, log = () => {} }: LedgerChaosOptions): Promise<LedgerChaosReport> {
  const random = seededRandom(seed);
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-ledger-chaos-'));
  chmodSync(folder, 0o711);
  const shop = await startDemoShop({ port: 0, seed: 1 });
  const model = await startModelUpstream();
  const settings: ServerSettings = { folder, databaseUrl: null, allowPrivate: [new URL(shop.url).host, model.host] };
  const notes = new Set<string>();
  const remember = (): void => {
    try {
      notes.add(readFileSync(join(folder, 'secrets', 'ledger-checkpoint'), 'utf8'));
    } catch {
      // Nothing was signed yet.
    }
  };
  let program = await startProgram(settings);
  const callers = createCallers(shop, await install(program, { shopUrl: shop.url, modelUrl: model.url }), () => program.at.gatewayUrl);
  const struck: Record<Victim, number> = { program: 0, postgres: 0, both: 0 };
  let slowestRecoveryMs = 0;
  try {
    for (let nth = 0; nth < kills; nth += 1) {
      await sleep(random.below(MAX_PAUSE_MS));
      remember();
      const victim = VICTIMS[random.below(VICTIMS.length)] as Victim;
      const startedAt = performance.now();
      if (victim !== 'program') killPostmaster(folder);
      if (victim !== 'postgres') {
        program.kill();
        await program.exited;
        program = await startProgram(settings);
      }
      struck[victim] += 1;
      await callers.untilAnswered(RECOVERY_TIMEOUT_MS);
      slowestRecoveryMs = Math.max(slowestRecoveryMs, performance.now() - startedAt);
      if ((nth + 1) % 10 === 0)
        log(`${nth + 1} of ${kills}: ${callers.acked.length} calls answered, ${shop.ledger.size} effects at the shop`);
    }
    await callers.stop();
    remember();
    program.kill();
    await program.exited;
    const findings = await inTheEnd(settings, shop, callers.acked, notes);
    return {
      kills: struck,
      acked: callers.acked.length,
      effects: shop.ledger.size,
      refused: Object.fromEntries(callers.refused),
      slowestRecoveryMs: Math.round(slowestRecoveryMs),
      ...findings,
    };
  } finally {
    await callers.stop();
    program.kill();
    await program.exited;
    await stopPostgres(settings);
    await shop.close();
    await model.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The last program recovers what the dead ones left and seals everything; then the database is read from outside. */
async function inTheEnd(
  settings: ServerSettings,
  shop: DemoShop,
  acked: readonly Acked[],
  notes: ReadonlySet<string>,
): Promise<LedgerFindings> {
  const server = await startOn(settings, { recovery: RECOVER_AT_ONCE });
  try {
    while ((await server.rooms.recovery.runOnce()) > 0);
    // Effects whose answer was lost are asked for at the shop.
    while ((await server.rooms.sequencer.runOnce()) > 0);
    const running = await findRunningPostgres({
      dataDir: join(settings.folder, 'data/postgres'),
      stateDir: join(settings.folder, 'data/state'),
      host: process,
    });
    if (running === null) throw new Error('the database is gone in the end');
    const db = new pg.Pool({ connectionString: running.adminUrl, max: 1 });
    try {
      return await lookAtLedger(db, { acked, effects: shop.ledger.after(0), notes });
    } finally {
      await db.end();
    }
  } finally {
    await server.close();
  }
}

async function startProgram(settings: ServerSettings): Promise<Running> {
  const child = fork(PROGRAM, [JSON.stringify({ ...settings, kill: null })], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const exited = new Promise<unknown>((resolve) => child.once('exit', resolve));
  const told = new Promise<{ gatewayPort: number; controlPort: number; ownerToken: string }>((resolve, reject) => {
    child.once('message', (message) => resolve(message as never));
    void exited.then(() => reject(new Error('the program ended before it served')));
  });
  const { gatewayPort, controlPort, ownerToken } = await told;
  return {
    at: { gatewayUrl: `http://127.0.0.1:${gatewayPort}`, controlUrl: `http://127.0.0.1:${controlPort}`, ownerToken },
    exited,
    kill: () => child.kill('SIGKILL'),
  };
}

/** The postmaster and, with it, every backend: they notice its death themselves. */
function killPostmaster(folder: string): void {
  try {
    process.kill(Number(readFileSync(join(folder, 'data/postgres/postmaster.pid'), 'utf8').split('\n')[0]), 'SIGKILL');
  } catch {
    // It was down already.
  }
}

async function stopPostgres(settings: ServerSettings): Promise<void> {
  killPostmaster(settings.folder);
}

async function install(program: Running, world: { shopUrl: string; modelUrl: string }): Promise<Installed> {
  const owner = async (method: string, path: string, body: unknown): Promise<Record<string, unknown>> => {
    const response = await fetch(`${program.at.controlUrl}${path}`, {
      method,
      headers: { authorization: `Bearer ${program.at.ownerToken}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const answer = (await response.json()) as Record<string, unknown>;
    if (response.status >= 300) throw new Error(`${path} answers ${response.status} ${JSON.stringify(answer)}`);
    return answer;
  };
  await owner('PUT', '/api/integrations/shop', {
    kind: 'http',
    baseUrl: world.shopUrl,
    manifest: parse(readFileSync(demoShopManifest, 'utf8')),
    credential: { header: 'x-shop-access-token', secret: DEMO_SHOP_TOKEN },
    autonomy: { 'messages.send': { timesPerCustomerDay: 100_000 } },
  });
  await owner('PUT', '/api/integrations/model', { kind: 'model', baseUrl: world.modelUrl, models: [MODEL] });
  const pair = generateBindingKey();
  const { kty, crv, x } = pair.publicKeyJwk as Record<string, string>;
  const made = await owner('POST', '/api/workloads', { name: 'load', integrations: ['shop', 'model'], publicKey: { kty, crv, x } });
  const { key } = await owner('POST', '/api/keys', { workload: made.id });
  return { key: String(key), signer: createBindingSigner({ workload: String(made.id), privateKey: pair.privateKey }) };
}

interface Installed {
  readonly key: string;
  readonly signer: ReturnType<typeof createBindingSigner>;
}

/** Sixteen loops of model calls, reads and messages; each call is made once and never again, whatever becomes of it. */
function createCallers(shop: DemoShop, { key, signer }: Installed, gateway: () => string) {
  const acked: Acked[] = [];
  const refused = new Map<string, number>();
  let isStopped = false;

  async function callOnce(caller: number, turn: number): Promise<void> {
    const customer = [...shop.state.customers.values()][caller % shop.state.customers.size];
    const order = [...shop.state.orders.values()].find((each) => each.customer_id === customer?.id);
    if (customer === undefined || order === undefined) throw new Error('a demo customer has an order');
    const binding = signer.sign({
      run: newRunId(Date.now()),
      customer: { id: customer.id, assurance: 'session' },
      toolCallId: `turn-${turn}`,
    });
    const headers = { authorization: `Bearer ${key}`, 'sallyport-binding': binding, 'content-type': 'application/json' };
    const message = { customer_id: customer.id, recipient: customer.email, body: `Note ${caller}-${turn}: it is on its way.` };
    const chat = { model: MODEL, messages: [{ role: 'user', content: `Where is it? (${caller}-${turn})` }] };
    const [method, path, body] = [
      ['POST', '/connect/shop/messages', message],
      ['GET', `/connect/shop/orders/${order.id}`, null],
      ['POST', '/v1/chat/completions', chat],
    ][turn % 3] as [string, string, object | null];
    const response = await fetch(`${gateway()}${path}`, { method, headers, ...(body === null ? {} : { body: JSON.stringify(body) }) });
    const answer = await response.text();
    if (response.status >= 300) {
      const code = /"code":"([A-Z_]+)"/.exec(answer)?.[1] ?? String(response.status);
      refused.set(code, (refused.get(code) ?? 0) + 1);
      await sleep(REFUSED_PAUSE_MS);
      return;
    }
    acked.push({ call: response.headers.get('x-sallyport-call') ?? '', isEffect: path.endsWith('/messages') });
  }

  async function loop(caller: number): Promise<void> {
    for (let turn = caller; !isStopped; turn += 1) {
      try {
        await callOnce(caller, turn);
      } catch {
        // Nobody serves just now.
        await sleep(20);
      }
    }
  }
  const loops = Array.from({ length: CALLERS }, (_, caller) => loop(caller));

  return {
    acked,
    refused,
    /** Until the next calls are answered, an effect among them. */
    async untilAnswered(timeoutMs: number): Promise<void> {
      const deadline = performance.now() + timeoutMs;
      const from = acked.length;
      while (!acked.slice(from).some((call) => call.isEffect)) {
        if (performance.now() > deadline) throw new Error(`no effect was answered within ${timeoutMs} ms after a kill`);
        await sleep(10);
      }
    },
    async stop(): Promise<void> {
      isStopped = true;
      await Promise.all(loops);
    },
  };
}
