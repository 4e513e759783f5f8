// What an erasure does beyond this installation: a vendor that declares how is asked by a call that somebody approved, once, through the one
// door; what became of it is told and never guessed; whom it named is forgotten when the task ends.

import { randomUUID } from 'node:crypto';
import { newRunId, signHook } from '@sallyport/demo';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { type GuardedShop, openGuardedShop } from '../../../testkit/crash/guarded-shop.ts';

type Body = Record<string, unknown>;
interface Task {
  readonly id: string;
  readonly vendor: string;
  readonly state: string;
  readonly outcome: string | null;
  readonly code: string | null;
  readonly approval: string | null;
  readonly operation: string | null;
  readonly isCall: boolean;
}

let world: GuardedShop;
let used = 0;

const owner = async (method: string, path: string, body?: unknown): Promise<Body> => {
  const answer = await world.owner(method, path, body);
  if (answer.status >= 300) throw new Error(`${path}: ${answer.status} ${answer.text}`);
  return answer.body;
};
const verified = async (kind: 'export' | 'erase', subject: string): Promise<string> => {
  const { id } = await owner('POST', '/api/privacy/requests', { kind, subject });
  await owner('POST', `/api/privacy/requests/${id}/verify`, { how: 'account' });
  return String(id);
};
const round = (): Promise<void> => world.server.rights.rights.round(world.server.rooms.tenant);
const tasksOf = async (request: string): Promise<readonly Task[]> =>
  (await owner('GET', `/api/privacy/requests/${request}`)).tasks as readonly Task[];
const taskOf = async (request: string): Promise<Task> => {
  const task = (await tasksOf(request)).find(({ vendor }) => vendor === 'shop');
  if (task === undefined) throw new Error('the shop was asked for nothing');
  return task;
};

/** Somebody the shop told us about in a run of a caller elsewhere. */
async function somebody(): Promise<string> {
  const customer = [...world.shop.state.customers.keys()][used++] as string;
  const binding = world.bind(customer, { run: newRunId(Date.now()) });
  const read = await world.call('GET', `/connect/shop/customers/${customer}`, undefined, { binding });
  expect(read.status, read.text).toBe(200);
  await world.server.rooms.sequencer.runOnce();
  return customer;
}

async function erased(customer: string): Promise<{ request: string; receipt: Body }> {
  const request = await verified('erase', `customer:${customer}`);
  const done = await owner('POST', `/api/privacy/requests/${request}/erase`, { confirm: `customer:${customer}` });
  await round();
  return { request, receipt: done.receipt as Body };
}

/** What is still readable of whom open tasks name. */
const sealed = async (request: string): Promise<number> =>
  (await world.db.query('select 1 from governance_tasks where request = $1 and sealed_person is not null', [request])).rows.length;
const deletions = (customer: string) => world.asked.filter((line) => line === `DELETE /customers/${customer}`);

beforeAll(async () => {
  const cluster = inject('testCluster');
  if (cluster === undefined) throw new Error('this project has no Postgres cluster');
  world = await openGuardedShop(cluster);
});
afterEach(() => world.weather(null));
afterAll(() => world?.close());

describe('a vendor that declares how a person is deleted', () => {
  it('is asked once somebody approved exactly that call, and then whom it named is known to nobody here', async () => {
    const customer = await somebody();
    const { request, receipt } = await erased(customer);
    expect([receipt.vendors, receipt.calls]).toEqual([['shop'], ['shop']]);
    const waiting = await taskOf(request);
    expect(waiting).toMatchObject({ state: 'open', outcome: 'waiting', operation: 'customers.delete', isCall: true });
    expect([deletions(customer), world.shop.state.customers.has(customer), await sealed(request)]).toEqual([[], true, 1]);
    const shown = await owner('GET', `/api/approvals/${waiting.approval}`);
    expect(JSON.stringify(shown)).toContain(customer);

    // Erased here: a copy made now is empty, although the call still waits.
    const copy = await owner('POST', `/api/privacy/requests/${await verified('export', `customer:${customer}`)}/export`, {});
    expect((copy.data as Body).held).toEqual({});

    expect(await world.approve(waiting.approval)).toBe('done');
    await round();
    expect(await taskOf(request)).toMatchObject({ state: 'done', outcome: 'done' });
    expect([deletions(customer).length, world.shop.state.customers.has(customer), await sealed(request)]).toEqual([1, false, 0]);
    expect(await owner('GET', `/api/approvals/${waiting.approval}`)).toMatchObject({
      sentence: expect.stringContaining('was erased'),
      state: 'done',
    });
    await round();
    expect(deletions(customer)).toHaveLength(1);
    await world.server.rooms.sequencer.runOnce();
    expect(await owner('GET', `/api/privacy/requests/${request}/receipt`)).toMatchObject({
      tasks: [{ vendor: 'shop', operation: 'customers.delete', state: 'done', outcome: 'done' }],
    });
  });

  it('is asked for once although the process that asked died before it wrote that down', async () => {
    const { request } = await erased(await somebody());
    const { approval } = await taskOf(request);
    await world.db.query('update governance_tasks set outcome = null, approval = null where request = $1', [request]);
    await round();
    expect(await taskOf(request)).toMatchObject({ outcome: 'waiting', approval });
  });

  it('that loses its answer is asked what became of it, and by nobody’s guess is it done', async () => {
    const customer = await somebody();
    const { request } = await erased(customer);
    const { approval } = await taskOf(request);
    const before = world.shop.ledger.size;
    world.weather(({ method, status, body }) => (method === 'DELETE' ? 'drop' : { status, body }));
    expect(await world.approve(approval)).toBe('unknown');
    await round();
    expect(await taskOf(request)).toMatchObject({ state: 'open', outcome: 'unknown' });
    world.weather(null);
    expect(await world.server.rooms.recovery.runOnce()).toBe(1);
    await round();
    expect(await taskOf(request)).toMatchObject({ state: 'done', outcome: 'done' });
    // Sent again under its key when its answer was lost; done once.
    expect(world.shop.ledger.after(before).filter(({ kind }) => kind === 'customer_deleted')).toHaveLength(1);
  });

  it('that answers 500 leaves it unknown until a person says what they found', async () => {
    const customer = await somebody();
    await world.installShop((manifest) => {
      delete (manifest.operations['customers.delete'] as Body).readBack;
    });
    const { request } = await erased(customer);
    const { approval, id } = await taskOf(request);
    world.weather(({ method, status, body }) => (method === 'DELETE' ? { status: 500, body: '{}' } : { status, body }));
    expect(await world.approve(approval)).toBe('unknown');
    await round();
    expect(await taskOf(request)).toMatchObject({ state: 'open', outcome: 'unknown' });
    expect((await world.owner('POST', `/api/privacy/tasks/${id}/again`)).body.code).toBe('GOVERNANCE_TASK_STATE');
    const [effect] = (await owner('GET', '/api/effects/unresolved')).effects as readonly { effectKey: string }[];
    await owner('POST', '/api/effects/resolve', { effectKey: effect?.effectKey, outcome: 'failed' });
    await round();
    expect(await taskOf(request)).toMatchObject({ state: 'open', outcome: 'failed' });
    expect(await sealed(request)).toBe(1);
    expect((await owner('POST', `/api/privacy/tasks/${id}/close`, { note: 'by hand' })).state).toBe('done');
    expect(await sealed(request)).toBe(0);
    await world.installShop();
  });

  it('is not asked when somebody says no, and may be put before somebody again', async () => {
    const customer = await somebody();
    const { request } = await erased(customer);
    const { approval, id } = await taskOf(request);
    await owner('POST', `/api/approvals/${approval}/deny`, { reason: 'They have an open order' });
    await round();
    expect(await taskOf(request)).toMatchObject({ state: 'open', outcome: 'refused' });
    const again = await owner('POST', `/api/privacy/tasks/${id}/again`);
    expect([again.outcome, again.approval === approval]).toEqual(['waiting', false]);
    expect(await world.approve(again.approval)).toBe('done');
    await round();
    expect([(await taskOf(request)).outcome, deletions(customer).length]).toEqual(['done', 1]);
  });

  it('is never asked for a task that somebody closed by hand', async () => {
    const customer = await somebody();
    const { request } = await erased(customer);
    const { approval, id } = await taskOf(request);
    await owner('POST', `/api/privacy/tasks/${id}/close`, { note: 'deleted in their console' });
    const shown = await owner('GET', `/api/approvals/${approval}`);
    await world.owner('POST', `/api/approvals/${approval}/approve`, { digest: shown.digest });
    await world.server.rooms.approvals.sweep();
    await expect.poll(async () => (await owner('GET', `/api/approvals/${approval}`)).state).toBe('failed');
    expect(deletions(customer)).toEqual([]);
  });

  it('of which nothing tells how stays a list for people', async () => {
    await world.installShop((manifest) => {
      delete (manifest as unknown as Body).erases;
    });
    const customer = await somebody();
    const { request, receipt } = await erased(customer);
    expect(receipt.calls).toEqual([]);
    expect(await taskOf(request)).toMatchObject({ state: 'open', outcome: null, isCall: false, operation: 'customers.delete' });
    expect(await sealed(request)).toBe(0);
    await world.installShop();
  });
});

describe('an erasure', () => {
  it('takes what arrives between its first look and the deletion, and tells of both in one receipt', async () => {
    const customer = await somebody();
    const { index } = world.server.rights;
    const { find } = index;
    const email = world.shop.state.customers.get(customer)?.email;
    let late = 0;
    // After the first look, and before anything is deleted: a text of nobody's own, in which their address stands.
    Object.assign(index, {
      find: async (...asked: Parameters<typeof find>) => {
        const found = await find(...asked);
        if (late === 0) {
          const response = await fetch(`http://127.0.0.1:${world.server.control.port}/api/datasets/letters/import?labels=line:product`, {
            method: 'POST',
            headers: { authorization: `Bearer ${world.server.ownerToken}`, 'content-type': 'text/csv' },
            body: `line\nwrite to ${email}\n`,
          });
          late = response.status;
        }
        return found;
      },
    });
    const { request, receipt } = await erased(customer).finally(() => Object.assign(index, { find }));
    expect([late, receipt.items]).toEqual([200, { known_values: 1, datasets: 1 }]);
    expect((await owner('GET', '/api/datasets/letters/rows')).rows).toEqual([]);
    expect((await owner('GET', `/api/privacy/requests/${request}`)).state).toBe('done');
  });

  it('whose process died between its two looks goes on by itself, as whoever began it', async () => {
    const customer = await somebody();
    const { index } = world.server.rights;
    const { find } = index;
    let looks = 0;
    const request = await verified('erase', `customer:${customer}`);
    Object.assign(index, {
      find: async (...asked: Parameters<typeof find>) => {
        looks += 1;
        if (looks === 2) throw new Error('the process died');
        return find(...asked);
      },
    });
    const died = await world.owner('POST', `/api/privacy/requests/${request}/erase`, { confirm: `customer:${customer}` });
    Object.assign(index, { find });
    expect(died.status).toBe(500);
    expect(await owner('GET', `/api/privacy/requests/${request}`)).toMatchObject({ state: 'verified', subject: `customer:${customer}` });
    await round();
    expect(await owner('GET', `/api/privacy/requests/${request}`)).toMatchObject({
      ...{ state: 'done', subject: null, hasReceipt: true },
      closedBy: expect.stringMatching(/^per_/),
    });
    expect(await taskOf(request)).toMatchObject({ outcome: 'waiting' });
  });
});

describe('an opt-out that comes by itself', () => {
  let hook: { readonly path: string; readonly secret: string };
  const deliver = async (type: string, data: unknown, { id = `msg_${randomUUID()}`, secret = hook.secret } = {}) => {
    const body = JSON.stringify({ type, data });
    const headers = {
      'content-type': 'application/json',
      ...signHook(secret, { id, timestampS: Math.floor(Date.now() / 1_000), body }),
    };
    const response = await fetch(`http://127.0.0.1:${world.server.gateway.port}${hook.path}`, { method: 'POST', headers, body });
    return { status: response.status, code: ((await response.json()) as Body).code };
  };
  const read = (customer: string, headers: Record<string, string> = {}) =>
    world.call('GET', `/connect/shop/customers/${customer}`, undefined, { binding: world.bind(customer), headers });
  const check = (query = '') => owner('GET', `/api/opt-outs/check${query}`);
  const next = (): string => [...world.shop.state.customers.keys()][used++] as string;
  const isOut = async (customer: string): Promise<boolean> => {
    const answer = await read(customer);
    expect([200, 403]).toContain(answer.status);
    return answer.body.code === 'ENFORCEMENT_OPTED_OUT' || (answer.body.error as Body | undefined)?.code === 'ENFORCEMENT_OPTED_OUT';
  };

  beforeAll(async () => {
    hook = (await owner('POST', '/api/integrations/shop/hook', {})) as never;
    const declared = { vendor: 'Example Ads', role: 'processor', country: 'US', legalBasis: 'consent', transferBasis: 'scc' };
    await owner('PUT', '/api/flows/destinations/shop', {
      ...declared,
      ...{ purpose: 'Audiences', retentionDays: 30, classes: ['email_address'], uses: ['ad_sharing'] },
    });
  });

  it('by a signed delivery holds at once, is done once however often it comes, and is taken back by another one', async () => {
    const customer = next();
    expect(await isOut(customer)).toBe(false);
    const people = [{ customer, email: world.shop.state.customers.get(customer)?.email }];
    const id = `msg_${randomUUID()}`;
    expect(await deliver('privacy.opt_out', { people, signal: 'gpc' }, { id })).toMatchObject({ status: 202 });
    expect(await isOut(customer)).toBe(true);
    expect(await deliver('privacy.opt_in', { people, uses: ['ad_sharing'] })).toMatchObject({ status: 202 });
    expect(await isOut(customer)).toBe(false);
    // The first one comes again: its sender had no answer. It opts nobody out a second time.
    expect(await deliver('privacy.opt_out', { people, signal: 'gpc' }, { id })).toMatchObject({ status: 200 });
    expect(await isOut(customer)).toBe(false);
  });

  it('is nothing with a wrong signature, in another form, or of more people than one delivery may name', async () => {
    const before = (await owner('GET', '/api/opt-outs')).optOuts;
    const wrong = await deliver(
      'privacy.opt_out',
      { people: [{ customer: 'c1' }] },
      { secret: `whsec_${Buffer.alloc(32, 7).toString('base64')}` },
    );
    expect(wrong).toEqual({ status: 401, code: 'IDENTITY_HOOK_SIGNATURE_INVALID' });
    const many = Array.from({ length: 501 }, (_, at) => ({ customer: `c${at}` }));
    for (const data of [
      {},
      { people: [] },
      { people: [{}] },
      { people: ['c1'] },
      { people: [{ customer: 'c1' }], uses: ['mail'] },
      { people: many },
    ])
      expect(await deliver('privacy.opt_out', data), JSON.stringify(data).slice(0, 80)).toEqual({
        status: 400,
        code: 'GATEWAY_REQUEST_INVALID',
      });
    expect((await owner('GET', '/api/opt-outs')).optOuts).toEqual(before);
  });

  it('by the signal of a browser that the caller passes on, is refused there and then and remembered', async () => {
    const customer = next();
    expect(await isOut(customer)).toBe(false);
    expect((await read(customer, { 'sec-gpc': '0' })).status).toBe(200);
    expect((await read(customer, { 'sec-gpc': '1' })).status).toBe(403);
    expect(await isOut(customer)).toBe(true);
  });

  it('was honoured in every call the log tells of, or the check says where it was not', async () => {
    const customer = next();
    await world.server.rooms.sequencer.runOnce();
    const before = await check('?use=ad_sharing');
    expect(before).toMatchObject({ breaches: [], isWhole: true });
    expect(Number(before.runs)).toBeGreaterThan(2);
    expect(Number(before.honoured)).toBeGreaterThan(1);
    await owner('POST', '/api/opt-outs', { customers: [customer], uses: ['ad_sharing'], source: 'gpc' });
    // A guard that does not keep them out is found out afterwards, by what it wrote itself.
    world.breakGuard((deps) => ({
      optOuts: { ...deps.optOuts, names: async () => false, filtered: async (_tenant, value) => ({ value, isWhole: false }) },
    }));
    const run = newRunId(Date.now());
    await world.call('GET', `/connect/shop/customers/${customer}`, undefined, { binding: world.bind(customer, { run }) });
    world.breakGuard(null);
    await world.server.rooms.sequencer.runOnce();
    await expect
      .poll(async () => (await check('?use=ad_sharing')).breaches)
      .toEqual([{ run, integration: 'shop', use: 'ad_sharing', at: expect.any(String) }]);
    expect(await check('?use=sale')).toMatchObject({ calls: 0, breaches: [] });
    expect((await world.owner('GET', '/api/opt-outs/check?use=mail')).status).toBe(400);
  });

  it('to limit the use of sensitive data holds towards what is declared for that, and towards nothing else', async () => {
    const [limited, signalled] = [next(), next()];
    expect((await deliver('privacy.opt_out', { people: [{ customer: limited }], signal: 'limit' })).status).toBe(202);
    expect((await deliver('privacy.opt_out', { people: [{ customer: signalled }], signal: 'gpc' })).status).toBe(202);
    expect([await isOut(limited), await isOut(signalled)]).toEqual([false, true]);
    await owner('PUT', '/api/flows/destinations/shop', { vendor: 'Example', country: 'US', uses: ['sensitive'], optOutField: 'gpc' });
    // A browser's signal, or a shop's record of it, is about sale and sharing.
    world.weather(({ status, body }) => ({ status, body: body.replace('"id":', '"gpc":true,"id":') }));
    expect([await isOut(limited), await isOut(signalled)]).toEqual([true, false]);
    world.weather(null);
    expect((await read(signalled, { 'sec-gpc': '1' })).status).toBe(200);
    const asked = world.asked.length;
    expect(await isOut(limited)).toBe(true);
    expect(world.asked.length).toBe(asked);
    expect((await deliver('privacy.opt_in', { people: [{ customer: limited }], signal: 'limit' })).status).toBe(202);
    expect(await isOut(limited)).toBe(false);
    await owner('DELETE', '/api/flows/destinations/shop');
  });

  it.each([
    ['ad_sharing', 'gpc'],
    ['sensitive', 'limit'],
  ])(
    '[D8] is in no input of a workflow signed for %s after the signal %s, which the events of its runs are asked for',
    async (use, signal) => {
      const [customer, other] = [next(), next()];
      const name = `audience-${signal}`;
      await world.installShop((manifest) => {
        Object.assign(manifest.operations['customers.list'] ?? {}, { effect: 'read' });
      });
      const files = {
        'workflow.yaml': `apiVersion: sallyport.dev/v1
kind: Workflow
name: ${name}
owner: Test
purpose: An audience
trigger: { kind: manual }
dataUse: [${use}]
uses:
  integrations: { shop: [customers.list] }
steps:
  - id: audience
    call: { integration: shop, operation: customers.list }
`,
      };
      const { hash } = await owner('POST', '/api/workflows', { files });
      for (const verb of ['approve', 'publish']) await owner('POST', `/api/workflows/${name}/${verb}`, { hash });
      /** Its id, and which of the two stand in what it was given. */
      const ran = async (): Promise<[string, readonly string[]]> => {
        const { id } = await owner('POST', `/api/workflows/${name}/runs`, { input: {} });
        await expect.poll(async () => (await owner('GET', `/api/workflow-runs/${String(id)}`)).state, { timeout: 10_000 }).toBe('done');
        const { text } = await world.owner('GET', `/api/runs/${String(id)}/content`);
        await world.server.rooms.sequencer.runOnce();
        return [String(id), [customer, other].filter((one) => text.includes(`\\"${one}\\"`))];
      };
      // A list short enough that the run keeps it whole.
      world.weather(({ status, body, path }) => {
        if (path !== '/customers') return { status, body };
        const { customers } = JSON.parse(body) as { customers: readonly Body[] };
        return { status, body: JSON.stringify({ customers: customers.filter(({ id }) => id === customer || id === other) }) };
      });
      const calls = async (): Promise<number> => Number((await check(`?use=${use}`)).calls);
      const mine = async (run: string): Promise<unknown> =>
        ((await check(`?use=${use}`)).breaches as readonly Body[]).filter((one) => one.run === run);

      expect((await ran())[1]).toEqual([customer, other]);
      expect((await deliver('privacy.opt_out', { people: [{ customer }], signal })).status).toBe(202);
      const before = await calls();
      const [kept, who] = await ran();
      expect([who, await calls(), await mine(kept)]).toEqual([[other], before + 1, []]);
      // The question is one that can be answered with a no.
      world.breakGuard((deps) => ({
        optOuts: { ...deps.optOuts, names: async () => false, filtered: async (_tenant, value) => ({ value, isWhole: false }) },
      }));
      const [given, whoever] = await ran();
      world.breakGuard(null);
      expect([whoever, await mine(given)]).toEqual([[customer, other], [expect.objectContaining({ use, integration: 'shop' })]]);
      await world.installShop();
    },
  );
});
