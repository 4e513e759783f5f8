// What the doctor says of a database server that may lose data, whose roles can do too much, or whose clock is another one.

import { chmodSync, chownSync, copyFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type PostgresHome, postgresHome, startUnsafePostgres, type UnsafePostgres } from '@sallyport/testkit';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inspectWire, migrate, useExternalPostgres } from '#storage';
import type { Check } from './command-io.ts';
import { allMigrations } from './compose/database.ts';
import { runDoctor } from './doctor.ts';
import { inspectDatabase } from './doctor-database.ts';
import { foldersOf } from './folders.ts';
import { loadConfig } from './load-config.ts';
import { toPostgres } from './plain-text/wires.ts';
import { systemClock, systemRandom } from './world.ts';

let home: PostgresHome;
/** A server as an operator would run one: safe ones get their settings from it, and the tests change what can be changed while it runs. */
let server: UnsafePostgres;

const HOUR_MS = 3_600_000;

async function admin(text: string): Promise<void> {
  const client = new pg.Client({ connectionString: server.adminUrl });
  await client.connect();
  await client.query(text).finally(() => client.end());
}

function configFor(adminUrl: string) {
  const env = { DATABASE_URL: adminUrl, SALLYPORT_DATA_DIR: `${home.path}/data`, SALLYPORT_SECRETS_DIR: `${home.path}/secrets` };
  const config = loadConfig({ flags: { '--gateway-port': '0', '--control-port': '0' }, env, file: null });
  return { config, folders: foldersOf(config, { isRoot: false, home: home.path }) };
}

async function look(shiftMs = 0): Promise<ReadonlyMap<string, Check>> {
  const { config, folders } = configFor(server.adminUrl);
  const clock = { now: () => systemClock.now() + shiftMs };
  return new Map((await inspectDatabase(config, folders, clock)).map((check) => [check.name, check]));
}

/** Does it, looks, and undoes it. */
async function during(text: string, undo: string): Promise<ReadonlyMap<string, Check>> {
  await admin(text);
  return look().finally(() => admin(undo));
}

const failures = (checks: ReadonlyMap<string, Check>): readonly string[] =>
  [...checks.values()].filter(({ ok }) => !ok).map(({ name }) => name);

beforeAll(async () => {
  home = await postgresHome('sallyport doctor ');
  await (await home.start()).stop();
  server = await startUnsafePostgres(home, {});
  await admin('drop role sallyport_app');
  const external = await useExternalPostgres({ adminUrl: server.adminUrl, random: systemRandom });
  await migrate({ adminUrl: external.adminUrl, migrations: allMigrations });
});

afterAll(async () => {
  await server.stop();
  await home.close();
});

describe('the doctor', () => {
  it('finds nothing wrong with a server that keeps its defaults, and says so in JSON too', async () => {
    expect(failures(await look())).toEqual([]);
    const lines: string[] = [];
    const io = { out: (text: string) => lines.push(text), err: () => undefined };
    expect(await runDoctor(configFor(server.adminUrl).config, true, io)).toBe(0);
    const report = JSON.parse(lines.join('\n')) as { ok: boolean; checks: Check[] };
    expect(report.ok).toBe(true);
    expect(report.checks.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['database durability', 'database roles', 'ledger clock']),
    );
  });

  it.each([
    ['alter role sallyport_app set synchronous_commit = off', 'alter role sallyport_app reset all', 'ALTER ROLE sallyport_app SET'],
    ['alter database sallyport set synchronous_commit = off', 'alter database sallyport reset all', 'ALTER DATABASE ... SET'],
    [
      'alter role sallyport_app in database sallyport set synchronous_commit = off',
      'alter role sallyport_app in database sallyport reset all',
      'ALTER ROLE sallyport_app IN DATABASE ... SET',
    ],
    ['create role other; alter role other set synchronous_commit = off', 'drop role other', 'switched off by ALTER ROLE other SET'],
    ['create unlogged table quick (id int)', 'drop table quick', 'the table quick is unlogged'],
  ])('refuses what may lose data: %s', async (text, undo, where) => {
    const checks = await during(text, undo);
    expect(failures(checks)).toContain('database durability');
    expect(checks.get('database durability')?.detail).toContain('STORAGE_UNSAFE_SETTINGS: ');
    expect(checks.get('database durability')?.detail).toContain(where);
  });

  it.each([
    ['alter role sallyport_app superuser', 'alter role sallyport_app nosuperuser', 'sallyport_app is a superuser'],
    ['alter role sallyport_app bypassrls', 'alter role sallyport_app nobypassrls', 'sallyport_app bypasses row security'],
    ['alter role sallyport_sequencer bypassrls', 'alter role sallyport_sequencer nobypassrls', 'sallyport_sequencer bypasses row security'],
    ['alter role sallyport_app replication', 'alter role sallyport_app noreplication', 'copy the whole server by replication'],
    [
      'create role inner_one bypassrls; create role outer_one; grant inner_one to outer_one; grant outer_one to sallyport_resolver with inherit false, set true',
      'drop role outer_one; drop role inner_one',
      'sallyport_resolver can become inner_one, which bypasses row security',
    ],
    [
      'alter table instances owner to sallyport_app',
      'alter table instances owner to sallyport_admin',
      'sallyport_app owns tables (instances)',
    ],
    [
      'create role keeper; alter table instances owner to keeper; grant keeper to sallyport_app',
      'alter table instances owner to sallyport_admin; drop role keeper',
      'sallyport_app can become keeper, which owns tables (instances)',
    ],
  ])('refuses what could pass the walls: %s', async (text, undo, power) => {
    const checks = await during(text, undo);
    expect(failures(checks)).toContain('database roles');
    expect(checks.get('database roles')?.detail).toContain(power);
  });

  it('refuses a tenant table without walls', async () => {
    const checks = await during('create table open_one (tenant text not null primary key)', 'drop table open_one');
    expect(failures(checks)).toEqual(['tenant walls']);
    expect(checks.get('tenant walls')?.detail).toContain('public.open_one has row security switched off');
  });

  it('compares the clocks of the machine, of the database and of the ledger', async () => {
    expect(failures(await look(-HOUR_MS))).toEqual(['database clock']);
    expect((await look(-HOUR_MS)).get('database clock')?.detail).toContain('60 minutes ahead of this machine');
    await admin("insert into audit_checkpoint (epoch, size, note, signed_at) values (1, 1, 'x', clock_timestamp())");
    const behind = await look(-HOUR_MS);
    expect(failures(behind)).toEqual(['database clock', 'ledger clock']);
    expect(behind.get('ledger clock')?.detail).toContain('MAIN_CLOCK_SET_BACK: The newest entry of the ledger is dated 60 minutes after');
    const ahead = await look(400 * 24 * HOUR_MS);
    expect(ahead.get('ledger clock')?.detail).toContain('MAIN_CLOCK_SET_FORWARD: The newest entry of the ledger is 400 days old');
    expect(failures(await look())).toEqual([]);
  });

  it('refuses a server that was started with its durability off; and connections to one with TLS are what Postgres sees of them', async () => {
    await server.stop();
    // A key that the server's user may read and nobody else.
    const [cert, key] = ['upstream.pem', 'upstream.key'].map((name) => join(home.dataDir, name)) as [string, string];
    const { uid, gid } = statSync(home.dataDir);
    for (const path of [cert, key]) {
      copyFileSync(join(import.meta.dirname, '../egress/test', basename(path)), path);
      chmodSync(path, 0o600);
      chownSync(path, uid, gid);
    }
    const off = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };
    server = await startUnsafePostgres(home, { ...off, ssl: 'on', ssl_cert_file: cert, ssl_key_file: key });
    const shown = async (query: string) => {
      const { url } = await useExternalPostgres({ adminUrl: `${server.adminUrl}${query}`, random: systemRandom });
      const wire = await inspectWire(url);
      const { state, warnings } = toPostgres(url, wire);
      return [wire.isTls, state, warnings.map(({ grade }) => grade)];
    };
    expect(await shown('?sslmode=disable')).toEqual([false, 'clear_here', []]);
    expect(await shown('?sslmode=no-verify')).toEqual([true, 'sealed', ['advice']]);
    await expect(shown('?sslmode=verify-full')).rejects.toMatchObject({ code: expect.stringMatching(/^STORAGE_/) });
    const checks = await look();
    expect(failures(checks)).toEqual(['database durability']);
    for (const name of ['fsync', 'synchronous_commit', 'full_page_writes']) {
      expect(checks.get('database durability')?.detail).toContain(`${name} is off (the command line of the server)`);
    }
  });
});
