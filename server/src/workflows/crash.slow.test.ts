// kill -9 in the middle of a run, at real steps of a real process: after the next start the run ends, with one refund and one reply.

import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { chosenKillPoints } from '../../../testkit/crash/kill-points.ts';
import { openWorkflowCrash, type WorkflowCrash } from '../../../testkit/crash/workflow-crash.ts';

const KILLS = 14;

let world: WorkflowCrash;

beforeAll(async () => {
  const cluster = inject('testCluster');
  if (cluster === undefined) throw new Error('this project has no Postgres cluster');
  world = await openWorkflowCrash(cluster);
});
afterAll(() => world?.close());

it('a run whose process is killed at any step goes on after the next start, with exactly one refund and one reply', async () => {
  const whole = await world.trial(null);
  expect(whole).toMatchObject({ died: false, state: 'done null', refunds: 1, replies: 1 });
  const { steps } = whole;
  const found: string[] = [];
  let died = 0;
  for (const point of chosenKillPoints(steps, KILLS)) {
    const verdict = await world.trial(point);
    if (verdict.died) died += 1;
    const { state, refunds, replies } = verdict;
    if (state !== 'done null' || refunds !== 1 || replies !== 1) {
      found.push(`killed ${point.moment} ${point.step} ${steps[point.step]}: ${state}, ${refunds} refunds, ${replies} replies`);
    }
  }
  console.log(`crash: ${died} of ${KILLS} kills struck in ${steps.length} steps`);
  expect(found).toEqual([]);
  expect(died).toBeGreaterThanOrEqual(10);
});
