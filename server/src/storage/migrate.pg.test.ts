import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { type TestDatabase, testDatabase } from '@sallyport/testkit';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { lockOf, type Migration, migrate, migrations } from './index.ts';
import { migrationHash, sortMigrations } from './migration-list.ts';

const ONE: Migration = { id: '0901-storage-one', sql: 'create table one (id int); insert into one values (1)' };
const TWO: Migration = { id: '0902-storage-two', sql: 'create table two (id int)' };
const THREE: Migration = { id: '0903-storage-three', sql: 'create table three (id int)' };

let base: TestDatabase;
const children: ChildProcess[] = [];

beforeEach(async () => {
  base = await testDatabase([]);
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await base.close();
});

const run = (list: readonly Migration[], lock = lockOf(list)) => migrate({ adminUrl: base.adminUrl, migrations: list, lock });
const applied = async () => (await base.admin<{ id: string }>('select id from storage_migrations order by id')).map(({ id }) => id);
const tables = async () =>
  (
    await base.admin<{ name: string }>(
      "select relname as name from pg_class where relkind = 'r' and relname in ('one', 'two', 'three') order by 1",
    )
  ).map(({ name }) => name);

function migrateElsewhere(list: readonly Migration[]): ChildProcess {
  const script = resolve(import.meta.dirname, '../../../testkit/migrate-here.ts');
  const child = spawn(process.execPath, [script, base.adminUrl, JSON.stringify(list)], { stdio: 'ignore' });
  children.push(child);
  return child;
}

/** Holds a lock in the database until it is let go, and tells when others wait. */
async function gate() {
  const client = new pg.Client({ connectionString: base.adminUrl });
  await client.connect();
  await client.query('select pg_advisory_lock(1)');
  return {
    /** Until this many statements in the database wait for a lock of any kind. */
    async untilWaiting(count: number) {
      for (;;) {
        const { rows } = await client.query<{ n: number }>(
          'select count(*)::int as n from pg_locks l join pg_stat_activity a using (pid) where not l.granted and a.datname = current_database()',
        );
        if ((rows[0]?.n ?? 0) >= count) return;
      }
    },
    async untilConnected(name: string, count: number) {
      for (;;) {
        const { rows } = await client.query<{ n: number }>(
          'select count(*)::int as n from pg_stat_activity where application_name = $1 and datname = current_database()',
          [name],
        );
        if ((rows[0]?.n ?? 0) >= count) return;
      }
    },
    open: () => client.end(),
  };
}

describe('migrating', () => {
  test('applies what is missing in order, once', async () => {
    expect(await run([TWO, ONE])).toEqual({ applied: [ONE.id, TWO.id], present: 0, ahead: [] });
    expect(await run([ONE, TWO, THREE])).toEqual({ applied: [THREE.id], present: 2, ahead: [] });
    expect(await run([ONE, TWO, THREE])).toEqual({ applied: [], present: 3, ahead: [] });
    expect(await base.admin('select count(*)::int as n from one')).toEqual([{ n: 1 }]);
  });

  test('fills a gap that another room left below', async () => {
    await run([ONE, THREE]);
    expect(await run([ONE, TWO, THREE])).toEqual({ applied: [TWO.id], present: 2, ahead: [] });
  });

  test('keeps what was applied before a failing migration, nothing of the failing one, and continues there', async () => {
    const broken: Migration = { id: TWO.id, sql: 'create table two (id int); select 1/0' };
    await expect(run([ONE, broken, THREE])).rejects.toMatchObject({
      code: 'STORAGE_MIGRATION_FAILED',
      message: expect.stringContaining(TWO.id),
    });
    expect(await tables()).toEqual(['one']);
    expect(await run([ONE, TWO, THREE])).toEqual({ applied: [TWO.id, THREE.id], present: 1, ahead: [] });
  });

  test('killed in the middle of a migration leaves no half and the next run completes it', async () => {
    const held = await gate();
    const slow: Migration = { id: TWO.id, sql: 'create table two (id int); select pg_advisory_xact_lock(1)' };
    const child = migrateElsewhere([ONE, slow, THREE]);
    await held.untilWaiting(1);
    child.kill('SIGKILL');
    await once(child, 'exit');
    await held.open();
    expect(await run([ONE, slow, THREE])).toEqual({ applied: [TWO.id, THREE.id], present: 1, ahead: [] });
    expect(await applied()).toEqual([ONE.id, TWO.id, THREE.id]);
  });

  test('by two processes at once ends well in both', async () => {
    const held = await gate();
    const slow: Migration = { id: TWO.id, sql: 'create table two (id int); select pg_advisory_xact_lock(1)' };
    const children = [migrateElsewhere([ONE, slow, THREE]), migrateElsewhere([ONE, slow, THREE])];
    const ended = children.map((child) => once(child, 'exit'));
    // One waits in its migration, the other asks again and again for its turn.
    await held.untilWaiting(1);
    await held.untilConnected('sallyport-migrate', 2);
    await held.open();
    expect(await Promise.all(ended)).toEqual([
      [0, null],
      [0, null],
    ]);
    expect(await applied()).toEqual([ONE.id, TWO.id, THREE.id]);
  });

  test('refuses a database that a newer version has migrated, untouched', async () => {
    await run([ONE, THREE]);
    await expect(run([ONE, TWO])).rejects.toMatchObject({ code: 'STORAGE_MIGRATION_UNKNOWN', message: expect.stringContaining(THREE.id) });
    expect(await tables()).toEqual(['one', 'three']);
  });

  test('refuses a migration that was edited after it was applied, untouched', async () => {
    await run([ONE]);
    const edited: Migration = { ...ONE, sql: `${ONE.sql};` };
    await expect(run([edited, TWO])).rejects.toMatchObject({ code: 'STORAGE_MIGRATION_EDITED', message: expect.stringContaining(ONE.id) });
    expect(await tables()).toEqual(['one']);
  });

  test('refuses a migration that differs from the lock or is not in it, before connecting', async () => {
    const nowhere = { adminUrl: 'postgresql://127.0.0.1:1/none', migrations: [ONE] };
    await expect(migrate({ ...nowhere, lock: { [ONE.id]: migrationHash(TWO) } })).rejects.toMatchObject({
      code: 'STORAGE_MIGRATION_EDITED',
    });
    await expect(migrate({ ...nowhere, lock: {} })).rejects.toMatchObject({ code: 'STORAGE_MIGRATION_EDITED' });
  });

  test('refuses a migration that ends its own transaction', async () => {
    await expect(run([{ id: ONE.id, sql: 'commit; begin; create table one (id int)' }])).rejects.toMatchObject({
      code: 'STORAGE_MIGRATION_INVALID',
    });
    expect(await tables()).toEqual([]);
  });

  test.each([
    ['a malformed id', [{ id: '1-x', sql: '' }]],
    ['an id with SQL in it', [{ id: "0001-x'; drop table y", sql: '' }]],
    ['a number used twice', [ONE, { id: '0901-vault-other', sql: '' }]],
  ])('refuses %s', (_name, list) => {
    expect(() => sortMigrations(list)).toThrow(expect.objectContaining({ code: 'STORAGE_MIGRATION_INVALID' }));
  });

  test('the migrations of storage run on an empty database and are locked', async () => {
    expect((await run(migrations)).applied).toEqual(migrations.map(({ id }) => id));
  });
});
