// A decision on an approval wakes the run that waits for it, whoever wrote the decision, and no other run.

import { fixedClock, newTenant, seededRandom, type TestDatabase, testDatabase } from '@sallyport/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { migrations as approvals } from '#approvals';
import { migrations as audit } from '#audit';
import { newId } from '#core';
import { migrations as enforcement } from '#enforcement';
import { migrations as identity } from '#identity';
import { migrations as limits } from '#limits';
import { migrations as storage } from '#storage';
import { migrations as vault } from '#vault';
import { createApprovalFeed } from './approval-feed.ts';
import { migrations as workflows } from './migrations/index.ts';
import { createPauses } from './pauses.ts';

const HOUR_MS = 3_600_000;
const clock = fixedClock();
const random = seededRandom();
let test: TestDatabase;

beforeAll(async () => {
  test = await testDatabase([...storage, ...vault, ...identity, ...limits, ...approvals, ...audit, ...enforcement, ...workflows]);
});
afterAll(() => test?.close());

it('wakes the run whose step waits for the approval that changed', async () => {
  const tenant = newTenant(random);
  const [mine, other] = [newId('run', clock, random), newId('run', clock, random)];
  const [asked, unrelated] = [newId('apr', clock, random), newId('apr', clock, random)];
  await test.admin(`insert into workflows (tenant, name) values ($1, 'reply')`, [tenant]);
  for (const [run, approval] of [
    [mine, asked],
    [other, unrelated],
  ]) {
    await test.admin(
      `insert into workflow_runs (tenant, id, workflow, hash, state, sealed_input, started_at, started_by) values ($1, $2, 'reply', 'h', 'running', '', now(), 'p')`,
      [tenant, run],
    );
    await test.admin(
      `insert into workflow_steps (tenant, run, step, phase, nth, outcome, approval, recorded_at) values ($1, $2, 's', 'call', 0, 'waiting', $3, now())`,
      [tenant, run, approval],
    );
    await test.admin(
      `insert into approvals (tenant, id, call, workload, integration, operation, digest, sealed_sentence, sealed_call, evidence, state, requested_at, expires_at)
       values ($1, $2, 'c', 'w', 'shop', 'o', $2, '', '', '{}', 'pending', now(), now())`,
      [tenant, approval],
    );
  }
  const pauses = createPauses();
  for (const run of [mine, other]) pauses.open(run);
  const feed = createApprovalFeed({
    database: test.db,
    pauses,
    onFault: (fault) => {
      throw fault;
    },
  });
  await feed.open();
  // Opening wakes everybody: what happened before was not heard.
  await Promise.all([pauses.sleep(mine, HOUR_MS), pauses.sleep(other, HOUR_MS)]);
  let isOtherAwake = false;
  void pauses.sleep(other, HOUR_MS).then(() => {
    isOtherAwake = true;
  });
  const woken = pauses.sleep(mine, HOUR_MS);
  await test.admin(`update approvals set state = 'denied' where id = $1`, [asked]);
  await woken;
  expect(isOtherAwake).toBe(false);
  await feed.close();
});
