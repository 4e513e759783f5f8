// Gateway, control plane and worker as three processes over one Postgres: a workflow with an approval runs from end to end through them,
// and each of them may die while the others go on.

import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createServerDatabase } from '../../../testkit/crash/server-database.ts';
import { startOn } from '../../../testkit/crash/start-on.ts';
import { countEffects, openTicket } from '../../../testkit/crash/tickets.ts';
import { startWorkflowChild, type WorkflowChild } from '../../../testkit/crash/workflow-child.ts';
import { temporaryFolder } from '../../../testkit/temporary-folder.ts';
import { approveUntilDone, type DemoUpstreams, installDemo, openDemoUpstreams, waitForRun } from '../../../testkit/workflow-world/index.ts';

/** For what need not take as long as in an installation. */
const SOON = { beatMs: 150, deadAfterMs: 1_500 } as const;
type Part = 'gateway' | 'control' | 'worker';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let upstreams: DemoUpstreams;
let databaseUrl: string;
let db: pg.Pool;
let key: string;
const parts = {} as Record<Part, WorkflowChild>;
const started: WorkflowChild[] = [];

const settings = () => ({ folder: folder.path, databaseUrl, allowPrivate: upstreams.allowPrivate });
async function start(part: Part): Promise<void> {
  parts[part] = await startWorkflowChild({ ...settings(), serve: [part], isAlone: false, timing: SOON });
  started.push(parts[part]);
}
const owner: WorkflowChild['owner'] = (...call) => parts.control.owner(...call);

beforeAll(async () => {
  const cluster = inject('testCluster');
  if (cluster === undefined) throw new Error('this project has no Postgres cluster');
  folder = await temporaryFolder('sallyport-split-');
  upstreams = await openDemoUpstreams();
  databaseUrl = await createServerDatabase(cluster);
  db = new pg.Pool({ connectionString: databaseUrl, max: 1 });
  await start('control');
  await Promise.all([start('worker'), start('gateway')]);
  // Nothing may happen without a person.
  await installDemo(owner, upstreams, 'support-reply', {});
  const { body } = await owner('POST', '/api/workloads', { name: 'desk', integrations: ['demo-model'] });
  key = String((await owner('POST', '/api/keys', { workload: body.id, expiresInDays: 1 })).body.key);
});
afterAll(async () => {
  for (const child of started) await child.kill();
  await db?.end();
  await upstreams?.close();
  await folder?.remove();
});

let tickets = 0;
async function begin() {
  const ticket = openTicket(upstreams.shop, tickets++);
  const { body } = await owner('POST', '/api/workflows/support-reply/runs', { input: { ticket: ticket.ticket } });
  return { ...ticket, run: String(body.id) };
}
const models = async (): Promise<number> =>
  (await fetch(`${parts.gateway.gatewayUrl}/v1/models`, { headers: { authorization: `Bearer ${key}` } })).status;
const answers = (port: number): Promise<boolean> =>
  fetch(`http://127.0.0.1:${port}/healthz`).then(
    () => true,
    () => false,
  );

describe('three processes', () => {
  it('listen only where they are asked to, and run a workflow with approvals from end to end together', async () => {
    expect(await models()).toBe(200);
    expect(parts.worker.gatewayUrl).toBe('http://127.0.0.1:0');
    expect(parts.control.gatewayUrl).toBe('http://127.0.0.1:0');
    expect(await answers(Number(new URL(parts.gateway.gatewayUrl).port))).toBe(true);
    const ticket = await begin();
    expect(await approveUntilDone(owner, ticket.run)).toMatchObject({ state: 'done' });
    expect(countEffects(upstreams.shop, ticket, 0)).toEqual({ refunds: 1, replies: 1 });
    expect(await owner('POST', '/api/demo/start', {})).toMatchObject({ status: 409, body: { code: 'MAIN_DEMO_APART' } });
  });

  it('go on when one of them dies, and when it is started again', async () => {
    const ticket = await begin();
    await parts.gateway.kill();
    await waitForRun(owner, ticket.run, true);
    const again = start('gateway');
    await parts.control.kill();
    await Promise.all([again, start('control')]);
    expect(await models()).toBe(200);
    await parts.worker.kill();
    expect(await models()).toBe(200);
    await start('worker');
    expect(await approveUntilDone(owner, ticket.run)).toMatchObject({ state: 'done' });
    expect(countEffects(upstreams.shop, ticket, 0)).toEqual({ refunds: 1, replies: 1 });
  });

  it('expel whoever says that it is one of them and can not prove it', async () => {
    await db.query(`insert into workflow_executors (executor, seen_at, mark) values ('exe_stranger', now(), repeat('ab', 32))`);
    await db.query(`update workflow_leader set executor = 'exe_stranger', until = now() + interval '1 hour'`);
    for (;;) {
      const { rows } = await db.query(`select dead_at is not null as out from workflow_executors where executor = 'exe_stranger'`);
      if (rows[0]?.out !== false) break;
      await pause(50);
    }
    const ticket = await begin();
    expect(await approveUntilDone(owner, ticket.run)).toMatchObject({ state: 'done' });
  });

  it('refuse to start without what the others share: their Postgres, and their keys', async () => {
    await expect(startOn({ ...settings(), databaseUrl: null, serve: ['worker'] })).rejects.toMatchObject({ code: 'MAIN_CONFIG_INVALID' });
    const other = await temporaryFolder('sallyport-split-other-');
    await expect(startOn({ ...settings(), folder: other.path, serve: ['worker'] })).rejects.toMatchObject({
      code: 'VAULT_KEY_FILE_UNUSABLE',
    });
    await other.remove();
  });
});
