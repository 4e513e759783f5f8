// What an erasure does beyond this installation: a vendor that declares how is asked by a call that somebody approved, once, through the one
// door; what became of it is told and never guessed; whom it named is forgotten when the task ends.

import { newRunId } from '@sallyport/demo';
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
