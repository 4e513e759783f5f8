// One installation that is killed again and again in the middle of its calls, and what a stranger then finds: at the shop, in the
// ledger, and in the answers to whoever tries the same call again.

import { fork } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createBindingSigner, DEMO_SHOP_TOKEN, demoShopManifest, generateBindingKey, newRunId, startDemoShop } from '@sallyport/demo';
import pg from 'pg';
import { parse } from 'yaml';
import { createExecutor, createLogger } from '../../server/src/main/index.ts';
import type { TestCluster } from '../cluster.ts';
import { startModelUpstream } from '../model-upstream/index.ts';
import type { KillPoint } from './guard-steps.ts';
import { createServerDatabase } from './server-database.ts';
import { RECOVER_AT_ONCE, type ServerSettings, startOn } from './start-on.ts';

export interface Verdict {
  /** False when the scenario ended before the step was reached. */
  readonly died: boolean;
  readonly refundsAtShop: number;
  readonly changesAtShop: number;
  readonly violations: readonly string[];
  readonly steps: readonly string[];
}

export interface CrashWorld {
  trial(kill: KillPoint | null): Promise<Verdict>;
  close(): Promise<void>;
}

interface Reachable {
  readonly gatewayUrl: string;
  readonly controlUrl: string;
  readonly ownerToken: string;
}

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

const BROKEN_OFF: Answer = Object.freeze({ status: 0, body: {} });
const PROGRAM = join(import.meta.dirname, 'server-process.ts');
const MODEL = 'parrot';

export async function openCrashWorld(cluster: TestCluster): Promise<CrashWorld> {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-crash-'));
  chmodSync(folder, 0o711);
  const shop = await startDemoShop({ port: 0, seed: 1 });
  const model = await startModelUpstream();
  const databaseUrl = await createServerDatabase(cluster);
  const settings: ServerSettings = { folder, databaseUrl, allowPrivate: [new URL(shop.url).host, model.host] };
  const db = new pg.Pool({ connectionString: databaseUrl, max: 2 });
  const pair = generateBindingKey();
  const { workload, key } = await install(settings, { shopUrl: shop.url, modelUrl: model.url, publicKey: pair.publicKeyJwk });
  const signer = createBindingSigner({ workload, privateKey: pair.privateKey });
  const customers = [...shop.state.customers.keys()];
  let trials = 0;

  const trial = async (kill: KillPoint | null): Promise<Verdict> => {
    const nth = trials++;
    const customer = customers[nth % customers.length] as string;
    const order = [...shop.state.orders.values()].find((candidate) => candidate.customer_id === customer)?.id ?? '';
    const run = newRunId(Date.now());
    const before = shop.ledger.size;
    const zip = String(10_000 + nth);

    const call = async (at: Reachable, method: string, path: string, toolCallId: string, body?: unknown): Promise<Answer> =>
      fetchJson(`${at.gatewayUrl}${path}`, method, body, {
        authorization: `Bearer ${key}`,
        'sallyport-binding': signer.sign({ run, customer: { id: customer, assurance: 'session' }, toolCallId }),
      });
    const refund = (at: Reachable) => call(at, 'POST', `/connect/shop/orders/${order}/refunds`, 'refund', { amount: '1.00' });
    const change = (at: Reachable) => call(at, 'PUT', `/connect/shop/customers/${customer}`, 'change', { zip });
    const owner = (at: Reachable, method: string, path: string, body?: unknown) =>
      fetchJson(`${at.controlUrl}${path}`, method, body, { authorization: `Bearer ${at.ownerToken}` });
    const stateOf = async (at: Reachable, approval: string): Promise<string> =>
      String((await call(at, 'GET', `/connect/-/approvals/${approval}`, 'look')).body.state ?? 'gone');

    const child = await startChild(settings, kill);
    const refunded = await refund(child.at);
    await call(child.at, 'GET', `/connect/shop/orders/${order}`, 'read');
    await call(child.at, 'POST', '/v1/chat/completions', 'chat', { model: MODEL, messages: [{ role: 'user', content: 'Where is it?' }] });
    const asked = await change(child.at);
    const approval = typeof asked.body.approval === 'string' ? asked.body.approval : null;
    if (approval !== null) {
      const shown = await owner(child.at, 'GET', `/api/approvals/${approval}`);
      await owner(child.at, 'POST', `/api/approvals/${approval}/approve`, { digest: shown.body.digest });
      for (let state = 'approved'; state === 'approved' || state === 'executing'; ) state = await stateOf(child.at, approval);
    }
    const steps = await child.steps();
    await child.end();
    const died = steps === null;

    const violations: string[] = [];
    const check = (isTrue: boolean, what: string): void => {
      if (!isTrue) violations.push(what);
    };
    const entries = () => shop.ledger.after(before);
    const refunds = () => entries().filter((entry) => entry.kind === 'refund' && entry.object === order).length;
    const changes = () => entries().filter((entry) => entry.kind === 'customer_updated' && entry.fields.zip === zip).length;

    const server = await startOn(settings, { recovery: RECOVER_AT_ONCE });
    try {
      const at = {
        gatewayUrl: `http://127.0.0.1:${server.gateway.port}`,
        controlUrl: `http://127.0.0.1:${server.control.port}`,
        ownerToken: server.ownerToken,
      };
      await server.rooms.recovery.runOnce();
      // The time after which an executor counts as dead passes at once.
      await db.query(`update approvals set claimed_at = claimed_at - interval '1 hour' where state = 'executing'`);
      const executor = createExecutor(
        server.rooms,
        createLogger('error', () => {}),
      );
      // One round frees what the dead process held, the next runs it.
      await executor.sweep();
      await executor.sweep();
      await executor.stop();

      const again = await refund(at);
      check(again.status === 201, `the refund tried again answers ${again.status} ${String(again.body.code)}`);
      if (refunded.status === 201) check(again.body.id === refunded.body.id, 'the refund tried again is another refund');
      check(refunds() === 1, `${refunds()} refunds at the shop`);

      if (approval !== null) {
        const state = await stateOf(at, approval);
        check(['pending', 'done', 'failed', 'unknown'].includes(state), `the approval ends as ${state}`);
        check(state !== 'done' || changes() === 1, `the approval is done with ${changes()} changes at the shop`);
        check(state !== 'failed' || changes() === 0, `the approval failed with ${changes()} changes at the shop`);
        const repeated = await change(at);
        const expected = { done: 200, pending: 403, failed: 403, unknown: 403 }[state];
        check(
          repeated.status === expected,
          `the change tried again answers ${repeated.status} ${String(repeated.body.code)} after ${state}`,
        );
        if (state === 'unknown') {
          check(repeated.body.code === 'ENFORCEMENT_OUTCOME_UNKNOWN', `an unknown change answers ${String(repeated.body.code)}`);
          const effectKey = `run:${workload}:${run}:change`;
          const outcome = changes() === 1 ? 'done' : 'failed';
          const resolved = await owner(at, 'POST', '/api/effects/resolve', { effectKey, outcome });
          check(resolved.status === 200, 'an unknown change could not be resolved');
          check((await stateOf(at, approval)) === outcome, 'a resolved change leaves its approval unfinished');
        }
      }
      check(changes() <= 1, `${changes()} changes at the shop`);
      for (const fault of await ledgerFaults(db, run)) check(false, fault);
      const intents = await intentsOf(db, run);
      check(refunds() === 0 || intents.includes('refunds.create'), 'a refund at the shop without an intent');
      check(changes() === 0 || intents.includes('customers.update'), 'a change at the shop without an intent');
    } finally {
      await server.close();
    }
    return { died, refundsAtShop: refunds(), changesAtShop: changes(), violations, steps: steps ?? [] };
  };

  return {
    trial,
    close: async () => {
      await db.end();
      await shop.close();
      await model.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function install(
  settings: ServerSettings,
  world: { shopUrl: string; modelUrl: string; publicKey: object },
): Promise<{ workload: string; key: string }> {
  const server = await startOn(settings);
  try {
    const owner = async (method: string, path: string, body: unknown): Promise<Record<string, unknown>> => {
      const answer = await fetchJson(`http://127.0.0.1:${server.control.port}${path}`, method, body, {
        authorization: `Bearer ${server.ownerToken}`,
      });
      if (answer.status >= 300) throw new Error(`${path} answers ${answer.status} ${JSON.stringify(answer.body)}`);
      return answer.body;
    };
    const manifest = parse(readFileSync(demoShopManifest, 'utf8'));
    // One effect the shop would do again when asked again.
    delete manifest.operations['customers.update'].idempotencyHeader;
    delete manifest.operations['customers.update'].readBack;
    await owner('PUT', '/api/integrations/shop', {
      kind: 'http',
      baseUrl: world.shopUrl,
      manifest,
      credential: { header: 'x-shop-access-token', secret: DEMO_SHOP_TOKEN },
      autonomy: { 'refunds.create': { currency: 'USD', perCall: '50.00', perCustomerDay: '50.00' } },
    });
    await owner('PUT', '/api/integrations/model', { kind: 'model', baseUrl: world.modelUrl, models: [MODEL] });
    const { kty, crv, x } = world.publicKey as Record<string, string>;
    const made = await owner('POST', '/api/workloads', { name: 'agent', integrations: ['shop', 'model'], publicKey: { kty, crv, x } });
    const { key } = await owner('POST', '/api/keys', { workload: made.id });
    return { workload: made.id as string, key: key as string };
  } finally {
    await server.close();
  }
}

async function startChild(settings: ServerSettings, kill: KillPoint | null) {
  const child = fork(PROGRAM, [JSON.stringify({ ...settings, kill })], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const exited = new Promise<NodeJS.Signals | null>((resolve) => child.once('exit', (_code, signal) => resolve(signal)));
  const told = <T>(): Promise<T> =>
    new Promise((resolve, reject) => {
      child.once('message', (message) => resolve(message as T));
      void exited.then(() => reject(new Error('the process is gone')));
    });
  const ready = await told<{ gatewayPort: number; controlPort: number; ownerToken: string }>();
  const say = (message: string): Promise<{ names: readonly string[] }> => {
    const answer = told<{ names: readonly string[] }>();
    child.send(message, () => {});
    return answer;
  };
  await say('arm');
  return {
    at: {
      gatewayUrl: `http://127.0.0.1:${ready.gatewayPort}`,
      controlUrl: `http://127.0.0.1:${ready.controlPort}`,
      ownerToken: ready.ownerToken,
    },
    /** `null` when it is dead. */
    steps: (): Promise<readonly string[] | null> =>
      child.connected
        ? say('steps').then(
            ({ names }) => names,
            () => null,
          )
        : Promise.resolve(null),
    /** Kills what is still alive, without a word. */
    end: async (): Promise<void> => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

async function fetchJson(url: string, method: string, body: unknown, headers: Record<string, string>): Promise<Answer> {
  try {
    const response = await fetch(url, {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  } catch {
    return BROKEN_OFF;
  }
}

const EVENTS = `(select tenant, type, subject, public::jsonb as facts from event_inbox
  union all select tenant, type, subject, leaf::jsonb -> 'public' from audit_log)`;

async function intentsOf(db: pg.Pool, run: string): Promise<readonly string[]> {
  const { rows } = await db.query<{ operation: string }>(
    `select facts ->> 'operation' as operation from ${EVENTS} e where type = 'enforcement.call.intended' and facts ->> 'run' = $1`,
    [run],
  );
  return rows.map((row) => row.operation);
}

/** Every intent has exactly one outcome. */
async function ledgerFaults(db: pg.Pool, run: string): Promise<readonly string[]> {
  const { rows } = await db.query<{ operation: string; outcomes: string }>(
    `with events as ${EVENTS}
     select i.facts ->> 'operation' as operation, (select count(*) from events o where o.tenant = i.tenant and o.subject = i.subject
       and o.type like 'enforcement.call.%' and o.type <> 'enforcement.call.intended') as outcomes
     from events i where i.type = 'enforcement.call.intended' and i.facts ->> 'run' = $1`,
    [run],
  );
  return rows.filter((row) => Number(row.outcomes) !== 1).map((row) => `an intent of ${row.operation} has ${row.outcomes} outcomes`);
}
