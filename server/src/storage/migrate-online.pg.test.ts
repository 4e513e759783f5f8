// Migrating while servers work: steps outside a transaction, killed and continued, and two releases side by side on one database.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { type TestDatabase, testDatabase } from '@sallyport/testkit';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { keepReplica, type Migration, migrate, migrations, type StepProgress } from './index.ts';
import { migrationHash } from './migration-list.ts';

let base: TestDatabase;
const children: ChildProcess[] = [];
const clients: pg.Client[] = [];

beforeEach(async () => {
  base = await testDatabase([]);
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const client of clients.splice(0)) await client.end().catch(() => undefined); // some were ended by their test
  await base.close();
});

const run = (list: readonly Migration[], options: { release?: number; replica?: string; patienceMs?: number } = {}) => {
  const progress: StepProgress[] = [];
  return migrate({ adminUrl: base.adminUrl, migrations: list, onProgress: (step) => progress.push(step), ...options }).then((report) => ({
    ...report,
    progress,
  }));
};

function elsewhere(list: readonly Migration[], release = 1): { child: ChildProcess; lines: AsyncIterator<string> } {
  const script = resolve(import.meta.dirname, '../../../testkit/migrate-here.ts');
  const child = spawn(process.execPath, [script, base.adminUrl, JSON.stringify(list), String(release)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  return { child, lines: createInterface({ input: child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]() };
}

async function connect(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: base.adminUrl });
  client.on('error', () => undefined); // the database is dropped under it at the end
  await client.connect();
  clients.push(client);
  return client;
}

async function until(client: pg.Client, condition: string): Promise<void> {
  while ((await client.query<{ yes: boolean }>(`select (${condition}) as yes`)).rows[0]?.yes !== true);
}

const ROWS = 5_000;
const TABLE: Migration = {
  id: '0901-storage-table',
  sql: `create table things (id int primary key, doubled int); insert into things (id) select generate_series(1, ${ROWS});
    create table things_order (seen text)`,
};
const INDEX: Migration = {
  id: '0902-storage-index',
  sql: '',
  steps: [{ kind: 'index', name: 'things_doubled', sql: 'create index concurrently things_doubled on things (doubled)' }],
};
const FILL: Migration = {
  id: '0903-storage-fill',
  sql: 'grant select, update on things to sallyport_installer',
  steps: [
    {
      kind: 'batches',
      name: 'double',
      as: 'installer',
      sql: `with part as (select id from things where id > coalesce(nullif($1, '')::int, 0) order by id limit $2),
        changed as (update things t set doubled = coalesce(doubled, 0) + part.id * 2 from part where t.id = part.id returning t.id)
        select max(id)::text as place, count(*)::int as done from changed`,
    },
  ],
};
const CHECKED: Migration = {
  id: '0904-storage-checked',
  sql: 'alter table things add constraint things_even check (doubled % 2 = 0) not valid',
  steps: [{ kind: 'validate', table: 'things', name: 'things_even' }],
};

describe('a step outside a transaction', () => {
  test('builds an index, fills rows and validates a constraint, says how far it is, and is done once', async () => {
    const report = await run([...migrations, TABLE, INDEX, FILL, CHECKED]);
    expect(report.progress.filter(({ step }) => step === 'double').map(({ done }) => done)).toEqual([1000, 2000, 3000, 4000, 5000, 1]);
    expect(await base.admin(`select count(*)::int as n from things where doubled = id * 2`)).toEqual([{ n: ROWS }]);
    expect(await base.admin(`select convalidated as ok from pg_constraint where conname = 'things_even'`)).toEqual([{ ok: true }]);
    expect(await base.admin(`select indisvalid as ok from pg_index where indexrelid = 'things_doubled'::regclass`)).toEqual([{ ok: true }]);
    const again = await run([...migrations, TABLE, INDEX, FILL, CHECKED]);
    expect([again.applied, again.progress]).toEqual([[], []]);
  });

  test('killed while it builds an index leaves a broken one, which the next run drops and builds again', async () => {
    await run([TABLE]);
    const blocker = await connect();
    await blocker.query('begin; update things set doubled = 0 where id = 1');
    const { child } = elsewhere([TABLE, INDEX]);
    const onlooker = await connect();
    await until(onlooker, "exists (select 1 from pg_index where indexrelid = to_regclass('things_doubled') and not indisvalid)");
    child.kill('SIGKILL');
    await once(child, 'exit');
    await onlooker.query("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'sallyport-migrate'");
    await blocker.query('rollback');
    await until(
      onlooker,
      "not exists (select 1 from pg_stat_activity where application_name = 'sallyport-migrate' and datname = current_database())",
    );
    expect(await base.admin(`select indisvalid as ok from pg_index where indexrelid = 'things_doubled'::regclass`)).toEqual([
      { ok: false },
    ]);
    const report = await run([TABLE, INDEX]);
    expect([report.applied, report.progress.at(-1)]).toEqual([[], expect.objectContaining({ step: 'things_doubled', done: 1, total: 1 })]);
    expect(await base.admin(`select indisvalid as ok from pg_index where indexrelid = 'things_doubled'::regclass`)).toEqual([{ ok: true }]);
  });

  test('killed while it fills rows goes on at its place and does no row twice', async () => {
    await run([...migrations, TABLE]);
    const blocker = await connect();
    await blocker.query('begin; update things set doubled = null where id = 3500');
    const { child, lines } = elsewhere([...migrations, TABLE, FILL]);
    for (;;) {
      const { value } = await lines.next();
      if ((JSON.parse(value as string) as StepProgress).done === 3_000) break;
    }
    child.kill('SIGKILL');
    await once(child, 'exit');
    await blocker.query('rollback');
    const report = await run([...migrations, TABLE, FILL]);
    expect(report.progress.map(({ done }) => done)).toEqual([4000, 5000, 1]);
    expect(await base.admin(`select count(*)::int as n from things where doubled = id * 2`)).toEqual([{ n: ROWS }]);
  });

  test('two processes at once do not wait for each other in a circle', async () => {
    await run([TABLE]);
    const blocker = await connect();
    await blocker.query('begin; update things set doubled = 0 where id = 1');
    const both = [elsewhere([TABLE, INDEX]), elsewhere([TABLE, INDEX])];
    const ended = both.map(({ child }) => once(child, 'exit'));
    await until(
      await connect(),
      "(select count(*) from pg_stat_activity where application_name = 'sallyport-migrate' and datname = current_database()) = 2",
    );
    await blocker.query('rollback');
    expect(await Promise.all(ended)).toEqual([
      [0, null],
      [0, null],
    ]);
  });

  test('is part of what is locked: another step is another migration', () => {
    const [step] = INDEX.steps ?? [];
    expect(migrationHash(INDEX)).not.toBe(migrationHash({ ...INDEX, steps: [] }));
    expect(migrationHash(INDEX)).not.toBe(migrationHash({ ...INDEX, phase: 'contract' }));
    expect(step).toBeDefined();
  });

  test.each([
    ['an index that is not built concurrently', { kind: 'index', name: 'a_b', sql: 'create index a_b on a (b)' }],
    ['an index of another name', { kind: 'index', name: 'a_b', sql: 'create index concurrently a_c on a (b)' }],
    ['a backfill that takes no place', { kind: 'batches', name: 'fill', as: 'installer', sql: 'update a set b = 1' }],
  ] as const)('refuses %s', async (_name, step) => {
    await expect(run([{ id: '0901-storage-bad', sql: '', steps: [step] }])).rejects.toMatchObject({ code: 'STORAGE_MIGRATION_INVALID' });
  });

  test('waits for a table that is in use without making others wait behind it for long, and gets it', async () => {
    await run([TABLE]);
    const reader = await connect();
    await reader.query('begin; select count(*) from things');
    const widening = run([TABLE, { id: '0905-storage-wide', sql: 'alter table things add column wide text' }]);
    const other = await connect();
    await until(other, "exists (select 1 from pg_locks where relation = 'things'::regclass and not granted)");
    // Stands behind the migration in the queue, and is served as soon as that gives up for a moment.
    expect((await other.query('select count(*)::int as n from things')).rows).toEqual([{ n: ROWS }]);
    await reader.query('rollback');
    expect((await widening).applied).toEqual(['0905-storage-wide']);
  });
});

describe('two releases on one database', () => {
  const OLD = [...migrations, TABLE];
  const EXPAND: Migration = { id: '0905-storage-wide', sql: 'alter table things add column wide text' };
  const CONTRACT: Migration = { id: '0906-storage-narrow', phase: 'contract', sql: 'alter table things drop column doubled' };
  const LATER: Migration = { id: '0907-storage-later', sql: 'create table later (id int)' };
  const quick = { patienceMs: 50 };

  test('the older one starts and works on what the next has added, and says what it does not know', async () => {
    await run(OLD, { release: 4 });
    await run([...OLD, EXPAND], { release: 5 });
    const started = await run(OLD, { release: 4 });
    expect(started).toMatchObject({ applied: [], ahead: [EXPAND.id] });
  });

  test('one that is two releases behind is refused', async () => {
    await run([...OLD, EXPAND, LATER], { release: 6 });
    await expect(run(OLD, { release: 4 })).rejects.toMatchObject({ code: 'STORAGE_MIGRATION_UNKNOWN' });
  });

  test('taking something away waits for the older ones to end, and then the older ones start no more', async () => {
    await run(OLD, { release: 4 });
    await run([...OLD, EXPAND], { release: 5 });
    const faults: unknown[] = [];
    const older = keepReplica({
      db: base.db,
      identity: { replica: 'one', release: 4 },
      onRetired: (fault) => faults.push(fault),
      onFault: (fault) => faults.push(fault),
    });
    await until(await connect(), "exists (select 1 from storage_replicas where replica = 'one')");
    const next = [...OLD, EXPAND, CONTRACT];
    await expect(run(next, { release: 5, replica: 'two', ...quick })).rejects.toMatchObject({
      code: 'STORAGE_MIGRATION_WAITS',
      message: expect.stringContaining('1 of release 4'),
    });
    const waiting = run(next, { release: 5, replica: 'two' });
    await older.close();
    expect((await waiting).applied).toEqual([CONTRACT.id]);
    await expect(run([...OLD, EXPAND], { release: 4 })).rejects.toMatchObject({ code: 'STORAGE_MIGRATION_UNKNOWN' });
    expect(faults).toEqual([]);
  });

  test('a server two releases older that still runs holds back additions too', async () => {
    await run(OLD, { release: 4, replica: 'one' });
    await expect(run([...OLD, EXPAND], { release: 6, replica: 'two', ...quick })).rejects.toMatchObject({
      code: 'STORAGE_MIGRATION_WAITS',
    });
    expect((await run([...OLD, EXPAND], { release: 5, replica: 'two', ...quick })).applied).toEqual([EXPAND.id]);
  });

  test('a server that was paused while it was left behind is told to stop by its next beat', async () => {
    await run(OLD, { release: 4, replica: 'one' });
    await base.admin("update storage_replicas set seen_at = clock_timestamp() - interval '1 minute'");
    await run([...OLD, CONTRACT], { release: 5, replica: 'two', ...quick });
    const retired = Promise.withResolvers<{ code: string; message: string }>();
    const paused = keepReplica({
      db: base.db,
      identity: { replica: 'one', release: 4 },
      onRetired: retired.resolve,
      onFault: retired.reject,
    });
    expect(await retired.promise).toMatchObject({ code: 'STORAGE_MIGRATION_UNKNOWN', message: expect.stringContaining(CONTRACT.id) });
    await paused.close();
  });

  test('a process of the older release, started by itself, works beside the newer one', async () => {
    await run([...OLD, EXPAND], { release: 2, replica: 'two' });
    const { child, lines } = elsewhere(OLD, 1);
    const exit = once(child, 'exit');
    expect(JSON.parse((await lines.next()).value as string)).toMatchObject({ applied: [], ahead: [EXPAND.id] });
    expect(await exit).toEqual([0, null]);
  });
});
