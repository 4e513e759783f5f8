// Recovery over a real database: what dead processes left is closed once, by one of those who look, wherever their intents are.

import { fixedClock, newTenant, partialEvents, seededRandom, type TestDatabase, testCatalogue, testDatabase } from '@sallyport/testkit';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { migrations as audit } from '#audit';
import { type CallId, newId, type TenantId } from '#core';
import { createInstanceProof } from '#identity';
import { appendEvents, migrations as storage } from '#storage';
import { migrations as enforcement } from './migrations/index.ts';
import { createRecovery, type RecoveryDeps } from './recover.ts';
import { createEffectStore } from './store/effects.ts';

const clock = fixedClock();
const random = seededRandom();
const effects = createEffectStore();
let database: TestDatabase;
let tenant: TenantId;
let other: TenantId;
let finished: string[] = [];

beforeAll(async () => {
  database = await testDatabase([...storage, ...audit, ...enforcement], { events: partialEvents(await testCatalogue()) });
});
afterAll(() => database?.close());
beforeEach(async () => {
  tenant = newTenant(random);
  other = newTenant(random);
  finished = [];
  await database.admin('delete from instances');
});

const proof = createInstanceProof(random.bytes(32));
function recovery(instance: string, change: Partial<RecoveryDeps> = {}) {
  return createRecovery({
    database: database.db,
    effects,
    events: { appendIn: appendEvents },
    execution: { finish: async (_tx, { approval, outcome }) => void finished.push(`${approval} ${outcome}`) },
    clock,
    random,
    instance,
    proof,
    ask: async () => 0,
    onFault: (fault) => {
      throw fault;
    },
    timing: { deadAfterMs: 10_000, beatMs: 3_600_000 },
    ...change,
  });
}
const writes = (of: TenantId, events: readonly { type: string; call: CallId; instance: string; atMs?: number }[]): Promise<void> =>
  database.db.inTenant(of, (tx) =>
    appendEvents(
      tx,
      events.map(({ type, call, instance, atMs }) => ({
        id: newId('evt', clock, random),
        tenant: of,
        type: `enforcement.call.${type}`,
        occurredAtMs: atMs ?? clock.now(),
        actor: 'wkl',
        subject: call,
        public: { instance, integration: 'shop', operation: 'orders.get' },
        sealed: null,
      })),
    ),
  );
/** As the sequencer leaves them; the shape of the sealed row is what recovery reads. */
const seal = (of: TenantId): Promise<unknown> =>
  database.admin(
    `with moved as (delete from event_inbox where tenant = $1 returning *)
     insert into audit_log (tenant, seq, event_id, type, occurred_at, subject, leaf, leaf_hash)
     select tenant, sequence, event_id, type, occurred_at, subject, jsonb_build_object('public', public::jsonb)::text, sha256('x') from moved`,
    [of],
  );
const unresolved = async (of: TenantId): Promise<readonly string[]> => {
  const rows = await database.admin<{ subject: string }>(
    `select subject from event_inbox where tenant = $1 and type = 'enforcement.call.unresolved' order by subject`,
    [of],
  );
  return rows.map((row) => row.subject);
};
const call = (): CallId => newId('call', clock, random);
const claim = (key: string, instance: string, approval: string | null = null): Promise<unknown> =>
  database.db.inTenant(tenant, (tx) =>
    effects.claim(tx, {
      tenant,
      effectKey: key,
      call: call(),
      digest: 'd',
      integration: 'shop',
      operation: 'refunds.create',
      approval,
      reservation: null,
      instance,
      createdAtMs: clock.now(),
    }),
  );

it('[PROMISE-1] closes every open intent of a dead process, in the inbox and in the sealed ledger, of every tenant, and no other', async () => {
  const [sealed, sealedDone, open, done, living, theirs, ancient] = [call(), call(), call(), call(), call(), call(), call()];
  await recovery('proc_dead').beat();
  await writes(tenant, [
    { type: 'intended', call: sealed, instance: 'proc_dead' },
    { type: 'intended', call: sealedDone, instance: 'proc_dead' },
    { type: 'intended', call: ancient, instance: 'proc_dead', atMs: clock.now() - 3_600_000 },
  ]);
  await seal(tenant);
  await writes(tenant, [
    { type: 'completed', call: sealedDone, instance: 'proc_dead' },
    { type: 'intended', call: open, instance: 'proc_dead' },
    { type: 'intended', call: done, instance: 'proc_dead' },
    { type: 'refused', call: done, instance: 'proc_dead' },
    { type: 'intended', call: living, instance: 'proc_living' },
  ]);
  await writes(other, [{ type: 'intended', call: theirs, instance: 'proc_dead' }]);
  clock.advance(10_001);
  await recovery('proc_living').beat();

  expect(await recovery('proc_new').runOnce()).toBe(3);
  expect(await unresolved(tenant)).toEqual([sealed, open].sort());
  expect(await unresolved(other)).toEqual([theirs]);
  expect(await database.admin('select instance from instances')).toEqual([{ instance: 'proc_living' }]);
  expect(await recovery('proc_new').runOnce()).toBe(0);
});

it('leaves alone who beats, and who has not been silent for long enough', async () => {
  const mine = call();
  await recovery('proc_slow').beat();
  await writes(tenant, [{ type: 'intended', call: mine, instance: 'proc_slow' }]);
  clock.advance(9_999);
  expect(await recovery('proc_new').runOnce()).toBe(0);
  clock.advance(1);
  expect(await recovery('proc_new').runOnce()).toBe(1);
  expect(await unresolved(tenant)).toEqual([mine]);
});

it('writes one event when two processes find the same dead one, and goes on where one of them dies too', async () => {
  const calls = Array.from({ length: 30 }, call);
  await recovery('proc_dead').beat();
  await writes(
    tenant,
    calls.map((one) => ({ type: 'intended', call: one, instance: 'proc_dead' })),
  );
  clock.advance(20_000);
  const failing = recovery('proc_c', {
    events: {
      appendIn: async () => {
        throw new Error('dies here');
      },
    },
  });
  await expect(failing.runOnce()).rejects.toThrow();
  expect(await unresolved(tenant)).toEqual([]);
  const counts = await Promise.all([recovery('proc_a').runOnce(), recovery('proc_b').runOnce()]);
  expect(counts[0] + counts[1]).toBe(30);
  expect(await unresolved(tenant)).toEqual([...calls].sort());
});

it('handles more intents than one round takes', async () => {
  await recovery('proc_dead').beat();
  await writes(
    tenant,
    Array.from({ length: 1_001 }, () => ({ type: 'intended', call: call(), instance: 'proc_dead' })),
  );
  clock.advance(20_000);
  expect(await recovery('proc_new').runOnce()).toBe(1_001);
  expect(new Set(await unresolved(tenant)).size).toBe(1_001);
});

it('[PROMISE-9] shows a stranded effect as unknown, and ends the approval it ran for', async () => {
  await recovery('proc_dead').beat();
  await claim('approval:apr_1', 'proc_dead', 'apr_1');
  await claim('approval:apr_2', 'proc_dead', 'apr_2');
  await database.admin(`update effects set state = 'done' where approval = 'apr_2' and tenant = '${tenant}'`);
  clock.advance(20_000);
  expect(await recovery('proc_new').runOnce()).toBe(1);
  expect((await database.db.inTenant(tenant, (tx) => effects.listUnresolved(tx, tenant))).map((row) => row.approval)).toEqual(['apr_1']);
  expect(finished.sort()).toEqual(['apr_1 unknown', 'apr_2 done']);
});

it('decides more stranded effects than callers may wait for the database', async () => {
  const many = 300;
  await database.db.inTenant(tenant, async (tx) => {
    for (let nth = 0; nth < many; nth += 1) {
      const rest = { digest: 'd', integration: 'shop', operation: 'refunds.create', approval: null, reservation: null };
      await effects.claim(tx, { tenant, effectKey: `many-${nth}`, call: call(), instance: 'proc_gone', createdAtMs: clock.now(), ...rest });
    }
  });
  await recovery('proc_alive').beat();
  expect(await recovery('proc_alive').runOnce()).toBe(many);
  expect(await unresolved(tenant)).toHaveLength(many);
});

it('[PROMISE-9] gives an unknown row to one call only, and nothing of it to the call before', async () => {
  await claim('key', 'proc_a');
  const row = await database.db.inTenant(tenant, (tx) => effects.find(tx, tenant, 'key'));
  if (row === null) throw new Error('it was claimed');
  const settle = (of: CallId, state: 'done' | 'unknown') =>
    database.db.inTenant(tenant, (tx) => effects.settle(tx, { tenant, effectKey: 'key', call: of, state, result: null }));
  const take = () => {
    const taker = call();
    const taken = { from: { ...row, state: 'unknown' as const }, call: taker, approval: null, reservation: null, instance: 'proc_b' };
    return database.db.inTenant(tenant, (tx) => effects.takeOver(tx, taken)).then((isMine) => (isMine ? taker : null));
  };
  expect(await take()).toBeNull();
  expect(await settle(row.call, 'unknown')).toBe(true);
  const takers = (await Promise.all(Array.from({ length: 8 }, take))).filter((taker) => taker !== null);
  expect(takers).toHaveLength(1);
  expect(await settle(row.call, 'done')).toBe(false);
  await database.db.inTenant(tenant, (tx) => effects.release(tx, { tenant, effectKey: 'key', call: row.call }));
  expect(await settle(takers[0] as CallId, 'done')).toBe(true);
});
