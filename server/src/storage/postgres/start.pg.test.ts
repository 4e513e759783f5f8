import { readdir, readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { ask, isRoot, NOBODY, type PostgresHome, postgresHome, superviseElsewhere, temporaryFolder } from '@sallyport/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { findRunningPostgres } from './find-running.ts';
import { isPostmasterOf } from './process-identity.ts';

let home: PostgresHome;
/** A stopped server that most tests start from, because making one takes the better part of a second. */
let made: PostgresHome;

beforeAll(async () => {
  made = await postgresHome('sallyport made ');
  await (await made.start()).stop();
});
beforeEach(async () => {
  home = await postgresHome('sallyport sup ');
});
afterEach(() => home.close());
afterAll(() => made.close());

const isAlive = (pid: number | null) => isPostmasterOf(process, pid as number, home.dataDir);

describe('the embedded server', () => {
  test('starts on a path with spaces, keeps its data and its port over a restart, and really ends', async () => {
    const first = await home.start();
    await ask(first.adminUrl, 'create table kept (n int)');
    await first.stop();
    expect(await isAlive(first.pid)).toBe(false);
    const second = await home.start();
    expect(await ask(second.adminUrl, 'select count(*)::int as n from kept')).toEqual([{ n: 0 }]);
    expect(second.url).toBe(first.url);
  });

  test('is durable, listens on the loopback address only, and asks everybody for a password', async () => {
    home.copyFrom(made);
    const server = await home.start();
    const wanted = "'fsync', 'full_page_writes', 'synchronous_commit', 'listen_addresses', 'unix_socket_directories', 'data_checksums'";
    const rows = await ask<{ name: string; setting: string }>(
      server.adminUrl,
      `select name, setting from pg_settings where name in (${wanted})`,
    );
    expect(Object.fromEntries(rows.map((row) => [row.name, row.setting]))).toEqual({
      fsync: 'on',
      full_page_writes: 'on',
      synchronous_commit: 'on',
      data_checksums: 'on',
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
    });
    for (const [role, password] of [
      ['sallyport_admin', 'wrong'],
      ['sallyport_admin', ''],
      ['postgres', 'postgres'],
    ]) {
      const url = new URL(server.adminUrl);
      url.username = role ?? '';
      url.password = password ?? '';
      await expect(ask(url.href, 'select 1')).rejects.toThrow();
    }
    expect(await ask(server.url, 'select current_user as name, rolsuper as super from pg_roles where rolname = current_user')).toEqual([
      { name: 'sallyport_app', super: false },
    ]);
  });

  test('keeps its passwords in a file of mode 0600 and out of its log', async () => {
    const server = await home.start();
    const state = join(home.stateDir, 'postgres.json');
    expect((await stat(state)).mode & 0o777).toBe(0o600);
    expect((await stat(home.stateDir)).mode & 0o777).toBe(0o700);
    await ask(server.adminUrl, "select 'jo@example.com'::int").catch(() => undefined);
    await server.stop();
    const log = await readFile(join(home.stateDir, 'postgres.log'), 'utf8');
    expect(log).toContain('database system is ready');
    expect(log).not.toContain('jo@example.com');
    for (const secret of Object.values(JSON.parse(await readFile(state, 'utf8')) as Record<string, unknown>)) {
      if (typeof secret === 'string') expect(log).not.toContain(secret);
    }
    expect((await readdir(home.path)).toSorted()).toEqual(['postgres', 'state']);
  });

  test('takes another port when somebody else has taken its own', async () => {
    home.copyFrom(made);
    const first = await home.start();
    await first.stop();
    const squatter = createServer();
    await new Promise<void>((resolve) => squatter.listen(first.address.port, '127.0.0.1', resolve));
    const second = await home.start();
    expect(second.address.port).not.toBe(first.address.port);
    expect(await ask(second.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    squatter.close();
  });

  test('is supervised by one process at a time', async () => {
    home.copyFrom(made);
    const first = await home.start();
    await expect(home.start()).rejects.toMatchObject({ code: 'STORAGE_START_LOCKED' });
    expect(await isAlive(first.pid)).toBe(true);
  });

  test('is found by a command that only looks, and not found when it does not run', async () => {
    home.copyFrom(made);
    const options = { dataDir: home.dataDir, stateDir: home.stateDir, host: process };
    expect(await findRunningPostgres(options)).toBe(null);
    const server = await home.start();
    const found = await findRunningPostgres(options);
    expect(found).toMatchObject({ url: server.url, adminUrl: server.adminUrl, pid: server.pid });
    await server.stop();
    expect(await findRunningPostgres(options)).toBe(null);
  });
});

describe('as a normal user', () => {
  test('everything works without any privilege', async () => {
    if (!isRoot) return console.log('covered by the other tests: they already run as a normal user');
    const own = await temporaryFolder('sallyport nobody ', NOBODY);
    const child = superviseElsewhere(own.path, { uid: NOBODY });
    const ready = await child.next();
    if (ready.kind !== 'ready') throw new Error(JSON.stringify(ready));
    expect(await ask(ready.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect((await stat(join(own.path, 'postgres'))).uid).toBe(NOBODY);
    await child.kill();
    const next = superviseElsewhere(own.path, { uid: NOBODY });
    expect(await next.next()).toMatchObject({ kind: 'ready', pid: ready.pid });
    await next.stop();
    await own.remove();
  });

  test('as root the database runs under an unprivileged account', async () => {
    home.copyFrom(made);
    if (!isRoot) return console.log('needs root');
    const server = await home.start();
    const status = await readFile(`/proc/${server.pid}/status`, 'utf8');
    expect(/^Uid:\t(\d+)\t(\d+)/m.exec(status)?.slice(1)).not.toContain('0');
    expect(/^Groups:[ \t]*(.*)$/m.exec(status)?.[1]?.trim()).toBe('');
  });
});
