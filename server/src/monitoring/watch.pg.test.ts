import { newTenant } from '@sallyport/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { takeLease } from '#audit';
import { newId, type PersonPrincipal, type TenantId } from '#core';
import { query, sql } from '#storage';
import { type Alert, createAlerts } from './alerts.ts';
import { createDeliver, type DeliverDeps } from './deliver.ts';
import { BURST } from './rules.ts';
import { findAlert, listAlerts } from './store/alerts.ts';
import { openWatchedLog, type WatchedLog } from './test/watched-log.ts';

let log: WatchedLog;
let tenant: TenantId;
let [me, other] = ['', ''];
beforeAll(async () => {
  log = await openWatchedLog();
});
beforeEach(() => {
  tenant = newTenant(log.random);
  [me, other] = [newId('per', log.clock, log.random), newId('per', log.clock, log.random)];
});
afterAll(() => log?.close());

const all = { rule: null, severity: null, isOpen: null, actors: null, before: null, limit: 100 } as const;
const alerts = () => log.database.db.inTenant(tenant, (tx) => listAlerts(tx, tenant, all));
const rules = async () => (await alerts()).map(({ rule, times }) => `${rule} ${times}`);

async function consider(): Promise<void> {
  await log.seal();
  while ((await log.watch().runOnce()) > 0) await log.seal();
}

describe('the watch over the log', () => {
  test('raises an alert when somebody gives rights to themselves, and a notice when to another', async () => {
    await log.write('identity.grant.created', { tenant, actor: me, subject: other, public: { role: 'admin', isSelf: false } });
    await consider();
    expect(await alerts()).toMatchObject([{ rule: 'powers_given', severity: 'notice', subject: other }]);
    await log.write('identity.grant.created', { tenant, actor: `person:${me}`, subject: me, public: { role: 'admin', isSelf: true } });
    await consider();
    const alert = (await alerts()).find(({ rule }) => rule === 'self_grant');
    expect(alert).toMatchObject({ rule: 'self_grant', severity: 'critical', facts: { role: 'admin' }, subject: me, times: 1 });
    // The row names nobody: who acted is the pseudonym of the log, which an erasure takes away.
    expect(alert?.actor).toMatch(/^act_/);
    expect([...(await log.actorsBehind(tenant, [alert?.actor ?? ''])).values()]).toEqual([`person:${me}`]);
  });

  test('hides no right behind an earlier and lesser one: only the same for the same somebody is counted up', async () => {
    const third = newId('per', log.clock, log.random);
    const give = (subject: string, role: string) =>
      log.write('identity.grant.created', { tenant, actor: me, subject, public: { role, isSelf: false } });
    await give(other, 'operator');
    await give(other, 'operator');
    await give(other, 'security');
    await give(third, 'security');
    await consider();
    const told = (await alerts()).map(
      ({ subject, facts, times }) => `${subject === third ? 'third' : 'other'} ${String(facts.role)} ${times}`,
    );
    expect(told.sort()).toEqual(['other operator 2', 'other security 1', 'third security 1']);
  });

  test('considers every event once, whoever is at it at the same time and whoever starts anew', async () => {
    for (let nth = 0; nth < 25; nth += 1) await log.write('identity.recovery_code.used', { tenant, actor: me, subject: me });
    await log.seal();
    await Promise.all([log.watch().runOnce(), log.watch().runOnce(), log.watch().runOnce()]);
    await consider();
    expect((await alerts()).map((one) => one.seq).sort((a, b) => a - b)).toEqual(Array.from({ length: 25 }, (_, nth) => nth));
    await log.write('identity.recovery_code.used', { tenant, actor: me, subject: me });
    await consider();
    expect(await alerts()).toHaveLength(26);
    const told = await log.database.admin<{ n: number }>(
      "select count(*)::int as n from audit_log where tenant = $1 and type = 'monitoring.alert.raised'",
      [tenant],
    );
    expect(told[0]?.n).toBe(26);
  });

  test('writes nothing of a page when it can not write all of it, and everything the next time', async () => {
    await log.write('identity.recovery_code.used', { tenant, actor: me, subject: me });
    await log.write('identity.recovery_code.used', { tenant, actor: me, subject: me });
    await log.seal();
    let asked = 0;
    const broken = log.watch({
      isOutsideHours: () => false,
      random: {
        bytes: (count) => {
          asked += 1;
          if (asked > 2) throw new Error('the process dies');
          return log.random.bytes(count);
        },
      },
    });
    await broken.runOnce();
    expect(await alerts()).toEqual([]);
    await consider();
    expect(await alerts()).toHaveLength(2);
  });

  test('passes by a leaf that is not in the form of the ledger, and goes on', async () => {
    await log.write('identity.recovery_code.used', { tenant, actor: me, subject: me });
    await log.write('identity.recovery_code.used', { tenant, actor: me, subject: me });
    await log.seal();
    await log.database.admin(
      `set session_replication_role = 'replica'; update audit_log set leaf = '{"v":1' where tenant = '${tenant}' and seq = 0`,
    );
    await consider();
    expect((await alerts()).map((one) => one.seq)).toEqual([1]);
  });

  test('gathers a burst of refused calls of one key into one alert, and does not count what a person is asked about', async () => {
    const refused = (code: string, actor: string) =>
      log.write('enforcement.call.refused', { tenant, actor, public: { code, integration: 'shop' } as never });
    const workload = newId('wkl', log.clock, log.random);
    for (let nth = 0; nth < BURST + 5; nth += 1) await refused('ENDORSEMENT_REQUIRED', workload);
    for (let nth = 0; nth < BURST - 1; nth += 1) await refused('POLICY_NO_RULE', workload);
    await consider();
    expect(await rules()).toEqual([]);
    for (let nth = 0; nth < 4; nth += 1) await refused('POLICY_NO_RULE', workload);
    await consider();
    expect(await rules()).toEqual(['denied_burst 4']);
    // Spread over hours, the same number is no burst.
    const slow = newId('wkl', log.clock, log.random);
    for (let nth = 0; nth < BURST + 5; nth += 1) {
      log.clock.advance(60_000);
      await refused('POLICY_NO_RULE', slow);
    }
    await consider();
    expect(await rules()).toEqual(['denied_burst 4']);
  });

  test('tells a first privileged act only after the first week of a log, and acts outside hours at once', async () => {
    const make = (type: string) => log.write(type, { tenant, actor: me, subject: newId('key', log.clock, log.random) });
    await make('identity.key.created');
    await consider();
    expect(await rules()).toEqual([]);
    log.clock.advance(8 * 24 * 3_600_000);
    await make('identity.key.created');
    await consider();
    expect(await rules()).toEqual([]);
    await make('workflows.version.published');
    await consider();
    expect(await rules()).toEqual(['first_time 1']);
    await make('identity.key.created');
    await log.seal();
    await log.watch({ isOutsideHours: (of) => of === tenant }).runOnce();
    expect((await rules()).sort()).toEqual(['first_time 1', 'off_hours 1']);
  });

  test('comes round to every tenant, however many are busy all the time', async () => {
    const tenants = Array.from({ length: 70 }, () => newTenant(log.random));
    const watch = log.watch();
    for (let round = 0; round < 2; round += 1) {
      for (const of of tenants) await log.write('identity.recovery_code.used', { tenant: of, actor: me, subject: me });
      await log.seal();
      await watch.runOnce();
    }
    const told = await log.database.admin<{ n: number }>(
      "select count(distinct tenant)::int as n from monitoring_alerts where rule = 'recovery_code' and tenant = any($1)",
      [tenants],
    );
    expect(told[0]?.n).toBe(70);
  });

  test('keeps its rows from whoever has the server’s role: they can not be deleted, nor say something else', async () => {
    await log.write('identity.recovery_code.used', { tenant, actor: me, subject: me });
    await consider();
    const { ask } = await import('@sallyport/testkit');
    const wall = `select set_config('sallyport.tenant', '${tenant}', false)`;
    for (const change of [
      'delete from monitoring_alerts',
      "update monitoring_alerts set rule = 'x'",
      'delete from monitoring_cursor',
      'update monitoring_alerts set seq = 1',
    ]) {
      await expect(ask(log.database.url, `${wall}; ${change}`)).rejects.toThrow(/permission denied/);
    }
  });
});

test('the role of the watch sees how far each log is, and can neither seal nor take the jobs of the sequencer away', async () => {
  const { db } = log.database;
  const lease = (job: string) => db.asSystem('watcher', (tx) => takeLease(tx, { job, holder: 'somebody', forMs: 60_000 }));
  expect(await lease('alerts')).toBe(true);
  await expect(lease('keeper')).rejects.toThrow(/42501/);
  const attempt = (statement: string) => db.asSystem('watcher', (tx) => sql.raw(statement).execute(query(tx)));
  await attempt('select tenant, size from audit_tree');
  for (const statement of [
    'select * from audit_log',
    'select * from event_inbox',
    `insert into audit_log (tenant) values ('${tenant}')`,
    'update audit_tree set size = 0',
    'delete from monitoring_alerts',
    'update monitoring_cursor set next_seq = 1000000',
  ])
    await expect(attempt(statement), statement).rejects.toThrow(/42501/);
});

test('emergency access is not taken note of by whoever has it, also where another person gave it', async () => {
  const facts = { person: me, role: 'security', expiresAt: '2027-02-21T00:51:24.237Z' };
  await log.write('identity.break_glass.opened', { tenant, actor: other, subject: 'bgl_1', public: facts });
  await consider();
  const [alert] = await alerts();
  const { acknowledge } = createAlerts({
    ...{ db: log.database.db, clock: log.clock, random: log.random, actorsBehind: log.actorsBehind },
    hasOthers: async () => true,
    sealNote: async () => Buffer.from(''),
    sealChange: async () => Buffer.from(''),
  });
  const holder = { tenant, person: me } as unknown as PersonPrincipal;
  expect(await acknowledge(holder, alert?.id ?? '', null)).toMatchObject({ code: 'MONITORING_ALERT_OWN' });
});

describe('alerts on their way to the webhook', () => {
  const deliver = (post: DeliverDeps['post'], details: DeliverDeps['details'] = async () => null) =>
    createDeliver({
      ...{ db: log.database.db.forRoom('monitoring'), clock: log.clock, post, details },
      find: async (of, id) => {
        const row = await log.database.db.inTenant(of, (tx) => findAlert(tx, of, id));
        return row === null ? null : ({ ...row, by: null } satisfies Alert);
      },
    });
  const raised = async (times: number) => {
    for (let nth = 0; nth < times; nth += 1) await log.write('identity.recovery_code.used', { tenant, actor: me, subject: me });
    await consider();
  };

  test('one whose sealed details can not be opened goes without them, and keeps none behind it back', async () => {
    while ((await deliver(async () => undefined).runOnce()) > 0);
    await raised(2);
    const sent: string[] = [];
    const broken = deliver(
      async ({ id }) => void sent.push(id),
      async (_tenant, seq) => {
        if (seq === 0) throw new Error('the row was damaged');
        return null;
      },
    );
    expect(await broken.runOnce()).toBe(2);
    expect(sent).toHaveLength(2);
  });

  test('a receiver that does not answer is asked once in a round, so that the log is considered meanwhile', async () => {
    while ((await deliver(async () => undefined).runOnce()) > 0);
    await raised(3);
    let asked = 0;
    const away = deliver(async () => {
      asked += 1;
      throw new Error('no answer');
    });
    expect(await away.runOnce()).toBe(0);
    expect(asked).toBe(1);
    // Another one the next time: none waits behind one that is never taken.
    await away.runOnce();
    expect((await alerts()).filter(({ deliveryFault }) => deliveryFault !== null)).toHaveLength(2);
  });
});
