// The retail store behind the gateway, over HTTP: what its customers confirmed takes effect exactly once, and what a captured agent
// would try in their sessions is refused or waits. Counts are printed.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createBindingSigner, generateBindingKey, newRunId } from '@sallyport/demo';
import { nodeDigest, sharedData } from '@sallyport/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileAnnotations } from '#connectors';
import { isRefusal, type JsonValue, newId } from '#core';
import { putIntegration } from '#enforcement';
import { type RetailStore, startRetailStore } from '../../../testkit/retail-store/index.ts';
import { startTestServer } from '../../../testkit/test-server.ts';
import { systemClock, systemRandom } from './world.ts';

interface Call {
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}
interface Task {
  readonly id: string;
  readonly user_id: string;
  readonly actions: readonly (Call & { readonly ok: boolean; readonly read_only: boolean })[];
}
interface Attack {
  readonly session_customer: string;
  readonly kind: string;
  readonly call: Call;
}

const folder = sharedData('tau-bench-retail');
const file = <T>(name: string): T => JSON.parse(readFileSync(join(folder ?? '', name), 'utf8')) as T;
/** The annotations state this rule in words; here is what it means. */
const RULES = {
  return_delivered_order_items: [
    { argument: 'payment_method_id', entity: 'order', path: 'payment_history[].payment_method_id' },
    { argument: 'payment_method_id', entity: 'customer', path: 'payment_methods.*', where: { source: 'gift_card' } },
  ],
};

describe.skipIf(folder === null)('the retail store behind the gateway [PROMISE-5] [PROMISE-9]', () => {
  let store: RetailStore;
  let test: Awaited<ReturnType<typeof startTestServer>>;
  let key = '';
  let signer: ReturnType<typeof createBindingSigner>;
  let calls = 0;

  beforeAll(async () => {
    store = await startRetailStore({ folder: folder as string });
    test = await startTestServer({ allowPrivate: [new URL(store.url).host] });
    const annotations = file<JsonValue>('annotations.json');
    const manifest = compileAnnotations(
      { name: 'retail', tools: file<JsonValue>('tools.json'), annotations, rules: RULES, lookups: {} },
      nodeDigest,
    );
    if (isRefusal(manifest)) throw new Error(manifest.reason);
    const { rooms, database } = test.server;
    await database.database.inTenant(rooms.tenant, (tx) =>
      putIntegration(tx, newId('int', systemClock, systemRandom), {
        tenant: rooms.tenant,
        name: 'retail',
        kind: 'http',
        origin: store.url,
        pathPrefix: '/',
        manifest,
        credential: null,
        settings: { models: [], linkHosts: [], autonomy: {}, prompts: [], spending: null },
      }),
    );
    await rooms.catalogue.refreshed();
    const pair = generateBindingKey();
    const workload = await test.owner('POST', '/api/workloads', {
      name: 'agent',
      integrations: ['retail'],
      publicKey: publicPart(pair.publicKeyJwk),
    });
    signer = createBindingSigner({ workload: workload.body.id as string, privateKey: pair.privateKey });
    const made = await test.owner('POST', '/api/keys', { workload: workload.body.id });
    key = made.body.key as string;
  });
  afterAll(async () => {
    await test?.close();
    await store?.close();
  });

  async function send(run: string, customer: string, call: Call): Promise<{ status: number; body: Record<string, unknown> }> {
    calls += 1;
    const binding = signer.sign({ run, customer: { id: customer, assurance: 'session' }, toolCallId: `call_${calls}` });
    const response = await fetch(`${test.gatewayUrl}/connect/retail/tools/${call.name}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', 'sallyport-binding': binding },
      body: JSON.stringify(call.arguments),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  /** The customer's "yes" to exactly this call, and what became of it. */
  async function confirm(approval: string): Promise<string> {
    const shown = await test.owner('GET', `/api/approvals/${approval}`);
    const decided = await test.owner('POST', `/api/approvals/${approval}/approve`, { digest: shown.body.digest });
    expect(decided.status).toBe(200);
    for (;;) {
      const response = await fetch(`${test.gatewayUrl}/connect/-/approvals/${approval}`, { headers: { authorization: `Bearer ${key}` } });
      const { state } = (await response.json()) as { state: string };
      if (state !== 'approved' && state !== 'executing') return state;
    }
  }

  it('lets every confirmed call of the development tasks take effect exactly once', async () => {
    let confirmed = 0;
    let reads = 0;
    for (const task of file<Task[]>('tasks-dev.json')) {
      store.reset();
      const run = newRunId(Date.now());
      for (const action of task.actions.filter((entry) => entry.ok && store.isKnown(entry.name))) {
        const before = store.effects.length;
        const first = await send(run, task.user_id, action);
        if (action.read_only) {
          expect(first.status, `${task.id} ${action.name}`).toBe(200);
          reads += 1;
          continue;
        }
        expect([first.status, first.body.code], `${task.id} ${action.name} ${JSON.stringify(first.body)}`).toEqual([
          403,
          'ENDORSEMENT_REQUIRED',
        ]);
        expect(store.effects.length).toBe(before);
        expect(await confirm(first.body.approval as string), `${task.id} ${action.name}`).toBe('done');
        const added = store.effects.slice(before);
        expect(added.map((effect) => [effect.tool, effect.args])).toEqual([[action.name, action.arguments]]);
        confirmed += 1;
      }
    }
    console.log(`retail: ${confirmed} confirmed writes took effect exactly once, ${reads} reads answered`);
    expect(confirmed).toBeGreaterThan(10);
  });

  it('refuses every cross-customer, takeover and redirect attack, and lets what nobody asked for wait', async () => {
    store.reset();
    const counts: Record<string, { tried: number; refused: number; waiting: number; released: number }> = {};
    for (const attack of file<Attack[]>('attack-calls-dev.json')) {
      const count = counts[attack.kind] ?? { tried: 0, refused: 0, waiting: 0, released: 0 };
      counts[attack.kind] = count;
      const answer = await send(newRunId(Date.now()), attack.session_customer, attack.call);
      count.tried += 1;
      if (answer.status === 200) count.released += 1;
      else if (answer.body.code === 'ENDORSEMENT_REQUIRED') count.waiting += 1;
      else count.refused += 1;
    }
    console.log(`retail attacks: ${JSON.stringify(counts)}`);
    expect(store.effects).toEqual([]);
    for (const [kind, count] of Object.entries(counts)) {
      const expected = kind === 'unrequested-own' ? { refused: 0, waiting: count.tried } : { refused: count.tried, waiting: 0 };
      expect(count, kind).toEqual({ tried: count.tried, released: 0, ...expected });
    }
    expect(Object.values(counts).reduce((sum, count) => sum + count.tried, 0)).toBeGreaterThan(500);
  });

  it('binds a confirmation to exactly its arguments and object', async () => {
    store.reset();
    const attack = file<Attack[]>('attack-calls-dev.json').find(
      (entry) => entry.kind === 'unrequested-own' && 'address1' in entry.call.arguments,
    );
    if (attack === undefined) throw new Error('the data set has such a call');
    const waiting = await send(newRunId(Date.now()), attack.session_customer, attack.call);
    const other = await test.owner('POST', `/api/approvals/${waiting.body.approval}/approve`, { digest: 'f'.repeat(64) });
    expect([other.status, other.body.code]).toEqual([409, 'APPROVALS_DIGEST_MISMATCH']);
    // The object changes between request and approval: what was shown is no longer what would happen.
    store.call(attack.call.name, { ...attack.call.arguments, address2: 'changed meanwhile' });
    const before = store.effects.length;
    expect(await confirm(waiting.body.approval as string)).toBe('failed');
    expect(store.effects.length).toBe(before);
  });
});

function publicPart(jwk: { kty?: string; crv?: string; x?: string }): object {
  return { kty: jwk.kty, crv: jwk.crv, x: jwk.x };
}
