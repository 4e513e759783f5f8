// The rows the engine stands on, on a real Postgres: a move is written whole or not at all, once, and only by the process that has the run;
// only the leader declares dead, and nobody who beats; what finished runs knew goes after its time.

import { fixedClock, newTenant, seededRandom, type TestDatabase, testDatabase } from '@sallyport/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { migrations as approvals } from '#approvals';
import { migrations as audit } from '#audit';
import { newId, type RunId, type TenantId } from '#core';
import { migrations as enforcement } from '#enforcement';
import { createInstanceProof, migrations as identity } from '#identity';
import { migrations as limits } from '#limits';
import { appendEvents, migrations as storage } from '#storage';
import { migrations as vault } from '#vault';
import { type Holding, LostRun, runStep, type Write } from './datasource.ts';
import { eraseOldRuns } from './erase-runs.ts';
import { createHeartbeat } from './heartbeat.ts';
import { createLeader } from './leader.ts';
import { migrations as workflows } from './migrations/index.ts';
import { takeRun } from './store/ownership.ts';
import { insertRun, recordPhase } from './store/runs.ts';

const TIMING = { beatMs: 2_000, deadAfterMs: 8_000 };
const clock = fixedClock();
const random = seededRandom();
let test: TestDatabase;
let tenant: TenantId;
let run: RunId;

beforeAll(async () => {
  test = await testDatabase([...storage, ...vault, ...identity, ...limits, ...approvals, ...audit, ...enforcement, ...workflows]);
});
afterAll(() => test?.close());
beforeEach(async () => {
  await test.admin('delete from workflow_executors');
  await test.admin('delete from workflow_leader');
  await test.admin('delete from workflow_runs');
  tenant = newTenant(random);
  run = newId('run', clock, random);
  await test.admin(`insert into workflows (tenant, name) values ($1, 'reply')`, [tenant]);
  const sealedInput = Buffer.from('sealed input');
  await test.db.inTenant(tenant, (tx) =>
    insertRun(tx, { tenant, id: run, workflow: 'reply', hash: 'h', sealedInput, by: 'somebody', trigger: 'person', atMs: clock.now() }),
  );
});

const proof = createInstanceProof(random.bytes(32));
const heartbeat = (executor: string) => createHeartbeat({ database: test.db, clock, executor, proof, timing: TIMING });
const silence = (executor: string, seconds: number) =>
  test.admin(`update workflow_executors set seen_at = now() - make_interval(secs => $2) where executor = $1`, [executor, seconds]);
const moves = async () => (await test.admin<{ moves: number }>('select moves from workflow_runs where id = $1', [run]))[0]?.moves;
const phases = async () => (await test.admin('select phase from workflow_steps where run = $1', [run])).length;

async function hold(executor: string): Promise<Holding> {
  const held = await test.db.inTenant(tenant, (tx) => takeRun(tx, { tenant, run }, executor));
  if (held === null || held === 'gone') throw new Error(`the run can not be taken: ${held}`);
  return { database: test.db, tenant, run, executor, held };
}

/** Writes a row of the journal and then does what `after` does. */
const writing =
  (after: () => void = () => {}) =>
  (write: Write) =>
    write(async (tx) => {
      const entry = {
        tenant,
        run,
        step: 'a',
        phase: 'call',
        nth: 0,
        outcome: 'done',
        code: null,
        approval: null,
        atMs: clock.now(),
      } as const;
      const notes = { kind: 'call', integration: null, operation: null, call: null } as const;
      await recordPhase(tx, { ...entry, notes, sealedValue: Buffer.from('sealed value') });
      after();
      return 'moved';
    });

describe('a move', () => {
  beforeEach(() => heartbeat('one').join());

  it('is written together with the engine’s record of it, and not done again after a crash that kept the engine from noting it', async () => {
    const holding = await hold('one');
    expect(await runStep({ holding, move: writing() }, 0)).toBe('moved');
    expect([await moves(), await phases()]).toEqual([1, 1]);
    const again = { holding: await hold('one'), move: () => Promise.reject(new Error('done again')) };
    expect(await runStep(again, 0)).toBe('moved');
  });

  it('that throws after it wrote leaves neither', async () => {
    const holding = await hold('one');
    const fails = writing(() => {
      throw new Error('after writing');
    });
    await expect(runStep({ holding, move: fails }, 0)).rejects.toThrow('after writing');
    expect([await moves(), await phases()]).toEqual([0, 0]);
  });

  it('whose commit was answered by nobody is known to be written, and the next one is not lost', async () => {
    const holding = await hold('one');
    const unanswered = async (write: Write) => {
      await writing()(write);
      return writing(() => {
        throw new Error('written twice');
      })(write);
    };
    expect(await runStep({ holding, move: unanswered }, 0)).toBe('moved');
    expect(await moves()).toBe(1);
  });

  it('of a process that lost the run writes nothing', async () => {
    const holding = await hold('one');
    await heartbeat('two').join();
    await silence('one', 60);
    await test.admin(`update workflow_executors set dead_at = now() where executor = 'one'`);
    await hold('two');
    await expect(runStep({ holding, move: writing() }, 0)).rejects.toBeInstanceOf(LostRun);
    expect([await moves(), await phases()]).toEqual([0, 0]);
  });

  it('can not be made by a process that was declared dead, nor for a run that is gone', async () => {
    await test.admin(`update workflow_executors set dead_at = now() where executor = 'one'`);
    const take = (id: RunId) => test.db.inTenant(tenant, (tx) => takeRun(tx, { tenant, run: id }, 'one'));
    expect(await take(run)).toBeNull();
    expect(await take(newId('run', clock, random))).toBe('gone');
  });
});

describe('processes that run workflows', () => {
  const recovered: string[] = [];
  const revived: string[] = [];
  const leader = (executor: string) =>
    createLeader({
      database: test.db,
      executor,
      proof,
      timing: TIMING,
      recover: async (dead) => void recovered.push(...dead),
      revive: async (stray) => void revived.push(stray.run),
    });
  beforeEach(async () => {
    recovered.length = 0;
    revived.length = 0;
    await heartbeat('one').join();
    await heartbeat('two').join();
  });

  it('are declared dead by the leader after eight seconds of silence, once, and can not beat any more', async () => {
    await silence('two', 7);
    expect(await leader('one').watch()).toBe(0);
    await silence('two', 9);
    expect(await leader('one').watch()).toBe(1);
    expect(await leader('one').watch()).toBe(0);
    expect(recovered).toEqual(['two']);
    const two = heartbeat('two');
    expect(await two.beat()).toBe(false);
    expect(two.isAlive()).toBe(false);
  });

  it('are watched by one of them at a time: another one leads when the lease of the first is over, and a dead one never', async () => {
    await leader('one').watch();
    await silence('one', 60);
    expect(await leader('two').watch()).toBe(0);
    expect(recovered).toEqual([]);
    await test.admin(`update workflow_leader set until = now() - interval '1 second'`);
    expect(await leader('two').watch()).toBe(1);
    expect(recovered).toEqual(['one']);
    await test.admin(`update workflow_leader set until = now() - interval '1 second'`);
    expect(await leader('one').watch()).toBe(0);
    expect((await test.admin(`select executor, term::int from workflow_leader`))[0]).toEqual({ executor: 'two', term: 2 });
  });

  it('are expelled when their row does not carry the mark of this installation, and neither hold a run nor the lead', async () => {
    const stranger = createInstanceProof(random.bytes(32));
    await createHeartbeat({ database: test.db, clock, executor: 'stranger', proof: stranger, timing: TIMING }).join();
    await test.admin(`insert into workflow_executors (executor, seen_at) values ('unmarked', now())`);
    // Another's mark, copied under a new name.
    await test.admin(
      `insert into workflow_executors (executor, seen_at, mark) select 'copied', now(), mark from workflow_executors where executor = 'two'`,
    );
    await test.admin(`insert into workflow_leader (executor, term, until) values ('stranger', 9, now() + interval '1 hour')`);
    expect(await test.db.inTenant(tenant, (tx) => takeRun(tx, { tenant, run }, 'stranger'))).not.toBeNull();
    expect(await leader('one').watch()).toBe(3);
    expect(recovered.toSorted()).toEqual(['copied', 'stranger', 'unmarked']);
    expect((await test.admin(`select executor from workflow_leader`))[0]).toEqual({ executor: 'one' });
    for (const name of ['stranger', 'unmarked', 'copied']) {
      expect(await test.db.inTenant(tenant, (tx) => takeRun(tx, { tenant, run }, name))).toBeNull();
    }
    expect(await heartbeat('two').beat()).toBe(true);
    // Nobody of that name ever joined: the lease is free.
    await test.admin(`update workflow_leader set executor = 'nobody', until = now() + interval '1 hour'`);
    await leader('two').watch();
    expect((await test.admin(`select executor from workflow_leader`))[0]).toEqual({ executor: 'two' });
  });

  it('lead for no longer than a lease: a forged one, in the name of a dead or a living process, holds nobody up', async () => {
    await heartbeat('one').leave();
    const { watch } = leader('two');
    const leads = async () => (await test.admin(`select executor, until < now() + interval '1 minute' as is from workflow_leader`))[0];
    await test.admin(`insert into workflow_leader (executor, term, until) values ('one', 9, now() + interval '1 year')`);
    await watch();
    expect(await leads()).toEqual({ executor: 'two', is: true });
    await heartbeat('three').join();
    await test.admin(`update workflow_leader set executor = 'three', until = now() + interval '1 year'`);
    await watch();
    expect(await leads()).toEqual({ executor: 'two', is: true });
  });

  it('are handed on at once when they leave, and again when handing on failed', async () => {
    await heartbeat('two').leave();
    const failing = createLeader({
      database: test.db,
      executor: 'one',
      proof,
      timing: TIMING,
      recover: () => Promise.reject(new Error('the engine is away')),
      revive: async () => {},
    });
    await expect(failing.watch()).rejects.toThrow('the engine is away');
    expect(await leader('one').watch()).toBe(1);
    expect(recovered).toEqual(['two']);
  });

  it('begin runs that nobody has after some seconds, and no run that a living one has', async () => {
    await test.admin(`update workflow_runs set started_at = now() where id = $1`, [run]);
    await leader('one').watch();
    await test.admin(`update workflow_runs set started_at = now() - interval '10 seconds' where id = $1`, [run]);
    await hold('two');
    await leader('one').watch();
    expect(revived).toEqual([]);
    await test.admin(`update workflow_runs set executor = null where id = $1`, [run]);
    await leader('one').watch();
    expect(revived).toEqual([run]);
  });

  it('know by themselves that they were silent for too long', async () => {
    const one = heartbeat('one');
    await one.beat();
    expect(one.isAlive()).toBe(true);
    clock.advance(TIMING.deadAfterMs);
    expect(one.isAlive()).toBe(false);
    await one.beat();
    expect(one.isAlive()).toBe(true);
  });
});

describe('what a finished run knew', () => {
  it('is erased after its time with the engine’s notes of it, and nothing of a younger or an open one', async () => {
    await heartbeat('one').join();
    await runStep({ holding: await hold('one'), move: writing() }, 0);
    const forgotten: string[] = [];
    const shredded: string[] = [];
    const erase = () =>
      eraseOldRuns(
        {
          database: test.db,
          clock,
          random,
          events: { appendIn: appendEvents },
          engine: { forget: async (runs) => void forgotten.push(...runs) },
          shred: async (_tx, _tenant, runs) => void shredded.push(...runs),
        },
        1_000,
      );
    const knows = async () =>
      (
        await test.admin(
          `select r.sealed_input is not null as input, s.sealed_value is not null as value, s.outcome from workflow_runs r
           join workflow_steps s on s.run = r.id where r.id = $1`,
          [run],
        )
      )[0];
    expect(await erase()).toBe(0);
    await test.admin(`update workflow_runs set state = 'done', finished_at = $2 where id = $1`, [run, new Date(clock.now())]);
    expect(await erase()).toBe(0);
    expect(await knows()).toEqual({ input: true, value: true, outcome: 'done' });
    clock.advance(1_001);
    expect(await erase()).toBe(1);
    expect(await erase()).toBe(0);
    expect(await knows()).toEqual({ input: false, value: false, outcome: 'done' });
    expect(forgotten).toEqual([run]);
    const events = await test.admin(`select type, public from event_inbox where tenant = $1 and type = 'workflows.runs.erased'`, [tenant]);
    expect(events).toHaveLength(1);
  });
});
