// Two real processes on one Postgres: the one that has the runs dies or is stopped, and the other one ends them.

import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import type { KillPoint } from '../../../testkit/crash/guard-steps.ts';
import { countEffects, openTicket } from '../../../testkit/crash/tickets.ts';
import { openTwoServers, type TwoServers } from '../../../testkit/crash/two-servers.ts';
import type { WorkflowChild } from '../../../testkit/crash/workflow-child.ts';
import { waitForRun } from '../../../testkit/workflow-world/index.ts';

/** For what need not take as long as in an installation. */
const SOON = { beatMs: 150, deadAfterMs: 1_500 } as const;
/** The promise of an installation, from the last beat to the moment the runs were handed on. */
const TAKEOVER_MS = 15_000;

let world: TwoServers;
let first: WorkflowChild;
let tickets = 0;

beforeAll(async () => {
  const cluster = inject('testCluster');
  if (cluster === undefined) throw new Error('this project has no Postgres cluster');
  world = await openTwoServers(cluster);
  first = await world.start();
});
afterAll(() => world?.close());

async function begin(child: WorkflowChild) {
  const ticket = openTicket(world.upstreams.shop, tickets++);
  const { body } = await child.owner('POST', '/api/workflows/support-reply/runs', { input: { ticket: ticket.ticket } });
  return { ...ticket, run: String(body.id) };
}

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await pause(50);
}

const living = async () => (await world.executors()).filter(({ isDead }) => !isDead).map(({ executor }) => executor);

it('the runs of a process killed at any step are ended by the other one within 15 seconds, with one refund and one reply each', async () => {
  await first.arm([null]);
  const whole = await begin(first);
  await waitForRun(first.owner, whole.run);
  const steps = (await first.traces())[0]?.names ?? [];
  const spread = [0.1, 0.3, 0.5, 0.7, 0.9].map((part): KillPoint => ({ step: Math.floor(part * steps.length), moment: 'after' }));
  const sends = steps.flatMap((name, step): KillPoint[] => (name === 'egress.request' ? [{ step, moment: 'during' }] : []));
  const points = [...spread, ...sends];
  const older: KillPoint = { step: 3, moment: 'before' };
  await first.arm([...points, older]);
  const second = await world.start();
  const [mine] = await living();
  const held = new Promise<void>((resolve) =>
    first.onHeld((runs) => {
      if (runs.filter(({ isHeld }) => isHeld).length === points.length + 1) resolve();
    }),
  );
  const runs = [];
  for (const _ of points) runs.push(await begin(first));
  const olderRun = (await begin(first)).run;
  await held;
  await world.makeOlder(olderRun);
  expect(new Set(await Promise.all(runs.map(({ run }) => world.ownerOf(run))))).toEqual(new Set([mine]));
  await first.kill();
  const ended = await Promise.all(runs.map(({ run }) => waitForRun(second.owner, run)));
  expect(ended.map(({ state, code }) => `${state} ${code}`)).toEqual(points.map(() => 'done null'));
  // What another version began and no process of it has is not read as something it does not say.
  expect(await waitForRun(second.owner, olderRun)).toMatchObject({ state: 'stopped', code: 'WORKFLOWS_INTERPRETER_CHANGED' });
  for (const run of runs) expect(countEffects(world.upstreams.shop, run, 0)).toEqual({ refunds: 1, replies: 1 });
  const dead = (await world.executors()).find(({ executor }) => executor === mine);
  console.log(`takeover: runs handed on ${Math.round(dead?.silentMs ?? 0)} ms after the last beat, ${points.length} runs`);
  expect(dead?.isDead).toBe(true);
  expect(dead?.silentMs).toBeGreaterThanOrEqual(8_000);
  expect(dead?.silentMs).toBeLessThanOrEqual(TAKEOVER_MS);
  await second.kill();
});

it('a living process keeps its runs, and one that was stopped for too long goes on under another name', async () => {
  const owner = await world.start(SOON);
  await until(async () => (await living()).length === 1);
  const other = await world.start(SOON);
  await until(async () => (await living()).length === 2);
  const [mine] = await living();
  await owner.arm([{ step: 5, moment: 'before' }]);
  const held = new Promise<void>((resolve) => owner.onHeld(() => resolve()));
  const run = await begin(owner);
  await held;
  const holder = await world.ownerOf(run.run);
  // Whoever watches looks many times, and takes nothing.
  for (let beats = 0; beats < 20; beats += 1) {
    const before = await world.executors();
    await until(async () => JSON.stringify(await world.executors()) === JSON.stringify(before) && (await world.leader()) !== null);
    await pause(SOON.beatMs);
  }
  expect(await world.ownerOf(run.run)).toBe(holder);
  expect((await living()).length).toBe(2);

  owner.signal('SIGSTOP');
  const ended = await waitForRun(other.owner, run.run);
  expect(ended).toMatchObject({ state: 'done', code: null });
  expect(await world.ownerOf(run.run)).not.toBe(holder);
  owner.signal('SIGCONT');
  await until(async () => (await living()).length === 2);
  expect(await living()).not.toContain(holder);
  await owner.arm([null]);
  const next = await begin(owner);
  expect(await waitForRun(owner.owner, next.run)).toMatchObject({ state: 'done', code: null });
  for (const one of [run, next]) expect(countEffects(world.upstreams.shop, one, 0)).toEqual({ refunds: 1, replies: 1 });
  expect(mine).toBeDefined();
});
