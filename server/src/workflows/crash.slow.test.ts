// kill -9 in the middle of runs, at real steps of real processes: after the next start each run ends, with one refund and one reply.

import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { chosenKillPoints } from '../../../testkit/crash/kill-points.ts';
import { openWorkflowCrash, type WorkflowCrash } from '../../../testkit/crash/workflow-crash.ts';

const KILLS = 28;
/** Runs that share a process, each held at its own step when it is killed. */
const PER_PROCESS = 5;

let world: WorkflowCrash;

beforeAll(async () => {
  const cluster = inject('testCluster');
  if (cluster === undefined) throw new Error('this project has no Postgres cluster');
  world = await openWorkflowCrash(cluster);
});
afterAll(() => world?.close());

it('a run whose process is killed at any step goes on after the next start, with exactly one refund and one reply', async () => {
  const { steps, verdict: whole } = await world.wholeRun();
  expect(whole).toMatchObject({ state: 'done null', refunds: 1, replies: 1 });
  const points = chosenKillPoints(steps, KILLS);
  const startedAt = performance.now();
  const verdicts = await world.trials(points, PER_PROCESS);
  const wrong = verdicts.filter(({ state, refunds, replies }) => state !== 'done null' || refunds !== 1 || replies !== 1);
  const struck = verdicts.filter(({ isStruck }) => isStruck).length;
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  console.log(`crash: ${struck} of ${verdicts.length} runs killed exactly at their step, of ${steps.length} steps, in ${seconds} s`);
  expect(wrong).toEqual([]);
  expect(verdicts).toHaveLength(points.length);
  expect(struck).toBeGreaterThanOrEqual(KILLS * 0.8);
});
