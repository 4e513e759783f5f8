import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { isRoot, NOBODY, superviseElsewhere, type TemporaryFolder, temporaryFolder } from '@sallyport/testkit';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createDatabase } from '../database.ts';
import { findRunningPostgres } from './find-running.ts';
import { isPostmasterOf } from './process-identity.ts';
import { type PostgresOptions, type PostgresServer, startPostgres } from './start.ts';
import { backoffMs } from './watchdog.ts';

let folder: TemporaryFolder;
let home: string;
/** A stopped server that most tests start from, because making one takes the better part of a second. */
let made: TemporaryFolder;
const servers: PostgresServer[] = [];

beforeAll(async () => {
  made = await temporaryFolder('sallyport made ');
  home = made.path;
  await (await start()).stop();
  servers.length = 0;
});

beforeEach(async () => {
  folder = await temporaryFolder('sallyport sup ');
  home = folder.path;
});

afterAll(() => made.remove());

/** Copies the prepared server, owners and modes included. */
function useMade(): void {
  execFileSync('cp', ['-a', join(made.path, '.'), home]);
}

afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
  await folder.remove();
});

const dataDir = () => join(home, 'postgres');
const stateDir = () => join(home, 'state');

async function start(options: Partial<PostgresOptions> = {}): Promise<PostgresServer> {
  const random = { bytes: (count: number) => randomBytes(count) };
  const server = await startPostgres({ dataDir: dataDir(), stateDir: stateDir(), host: process, random, log: () => undefined, ...options });
  servers.push(server);
  return server;
}

async function stop(server: PostgresServer): Promise<void> {
  servers.splice(servers.indexOf(server), 1);
  await server.stop();
}

async function ask<Row extends pg.QueryResultRow>(url: string, text: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
}

/** Commits rows until the server is killed under it; returns how many were acknowledged. */
async function writeUntilKilled(server: PostgresServer, killAfter: number): Promise<number> {
  const client = new pg.Client({ connectionString: server.adminUrl });
  client.on('error', () => undefined);
  await client.connect();
  await client.query('create table if not exists kept (n int)');
  let acknowledged = 0;
  try {
    for (;;) {
      await client.query('insert into kept values ($1)', [acknowledged]);
      acknowledged += 1;
      if (acknowledged === killAfter) process.kill(server.pid as number, 'SIGKILL');
    }
  } catch {
    return acknowledged;
  }
}

const isAlive = (pid: number | null) => isPostmasterOf(process, pid as number, dataDir());

describe('the embedded server', () => {
  test('starts on a path with spaces, keeps its data and its port over a restart, and really ends', async () => {
    const first = await start();
    await ask(first.adminUrl, 'create table kept (n int)');
    await stop(first);
    expect(await isAlive(first.pid)).toBe(false);
    const second = await start();
    expect(await ask(second.adminUrl, 'select count(*)::int as n from kept')).toEqual([{ n: 0 }]);
    expect(second.url).toBe(first.url);
  });

  test('is durable, listens on the loopback address only, and asks everybody for a password', async () => {
    useMade();
    const server = await start();
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
    const server = await start();
    const state = join(stateDir(), 'postgres.json');
    expect((await stat(state)).mode & 0o777).toBe(0o600);
    expect((await stat(stateDir())).mode & 0o777).toBe(0o700);
    await ask(server.adminUrl, "select 'jo@example.com'::int").catch(() => undefined);
    await stop(server);
    const log = await readFile(join(stateDir(), 'postgres.log'), 'utf8');
    expect(log).toContain('database system is ready');
    expect(log).not.toContain('jo@example.com');
    for (const secret of Object.values(JSON.parse(await readFile(state, 'utf8')) as Record<string, unknown>)) {
      if (typeof secret === 'string') expect(log).not.toContain(secret);
    }
    expect((await readdir(home)).toSorted()).toEqual(['postgres', 'state']);
  });

  test('takes another port when somebody else has taken its own', async () => {
    useMade();
    const first = await start();
    await stop(first);
    const squatter = createServer();
    await new Promise<void>((resolve) => squatter.listen(first.address.port, '127.0.0.1', resolve));
    const second = await start();
    expect(second.address.port).not.toBe(first.address.port);
    expect(await ask(second.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    squatter.close();
  });

  test('is supervised by one process at a time', async () => {
    useMade();
    const first = await start();
    await expect(start()).rejects.toMatchObject({ code: 'STORAGE_START_LOCKED' });
    expect(await isAlive(first.pid)).toBe(true);
  });

  test('is found by a command that only looks, and not found when it does not run', async () => {
    useMade();
    const options = { dataDir: dataDir(), stateDir: stateDir(), host: process };
    expect(await findRunningPostgres(options)).toBe(null);
    const server = await start();
    const found = await findRunningPostgres(options);
    expect(found).toMatchObject({ url: server.url, adminUrl: server.adminUrl, pid: server.pid });
    await stop(server);
    expect(await findRunningPostgres(options)).toBe(null);
  });
});

describe('after a crash', () => {
  test('of the database every acknowledged row is there again', async () => {
    useMade();
    const first = await start();
    const acknowledged = await writeUntilKilled(first, 200);
    await stop(first);
    const second = await start();
    const [row] = await ask<{ n: number }>(second.adminUrl, 'select count(*)::int as n from kept');
    expect(row?.n).toBeGreaterThanOrEqual(acknowledged);
  });

  test('of the supervisor the next one adopts the running database and can stop it', async () => {
    useMade();
    const child = superviseElsewhere(home);
    const ready = await child.next();
    if (ready.kind !== 'ready') throw new Error(JSON.stringify(ready));
    await ask(ready.adminUrl, 'create table kept (n int)');
    await child.kill();
    expect(await isAlive(ready.pid)).toBe(true);
    const adopted = await start();
    expect(adopted.pid).toBe(ready.pid);
    expect(await ask(adopted.adminUrl, 'select count(*)::int as n from kept')).toEqual([{ n: 0 }]);
    await stop(adopted);
    expect(await isAlive(ready.pid)).toBe(false);
  });

  test('an interrupt from the terminal reaches the server alone: the database ends after it, not under it', async () => {
    useMade();
    const child = superviseElsewhere(home);
    const ready = await child.next();
    if (ready.kind !== 'ready') throw new Error(JSON.stringify(ready));
    await child.interruptGroup();
    expect(await ask(ready.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect((await start()).pid).toBe(ready.pid);
  });

  test('of both, at once, the next start recovers', async () => {
    useMade();
    const child = superviseElsewhere(home);
    const ready = await child.next();
    if (ready.kind !== 'ready') throw new Error(JSON.stringify(ready));
    await ask(ready.adminUrl, 'create table kept as select 1 as n');
    process.kill(ready.pid, 'SIGKILL');
    await child.kill();
    const next = await start();
    expect(next.pid).not.toBe(ready.pid);
    expect(await ask(next.adminUrl, 'select n from kept')).toEqual([{ n: 1 }]);
  });

  test('in the middle of making the database the next start makes it anew', async () => {
    const child = superviseElsewhere(home);
    for (;;) {
      const making = (await readdir(home)).find((name) => name.startsWith('postgres.new-') && !name.endsWith('.password'));
      if (making !== undefined && (await readdir(join(home, making))).length > 5) break;
      await new Promise(setImmediate);
    }
    await child.kill();
    const server = await start();
    expect(await ask(server.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect((await readdir(home)).toSorted()).toEqual(['postgres', 'state']);
  });

  test('a process id that now belongs to another program is neither trusted nor killed', async () => {
    useMade();
    const first = await start();
    await stop(first);
    const owner = (await stat(dataDir())).uid;
    const stranger = spawn('sleep', ['600'], { ...(isRoot ? { uid: owner, gid: owner } : {}), stdio: 'ignore' });
    await once(stranger, 'spawn');
    const lines = [stranger.pid, dataDir(), 1, first.address.port, '', '127.0.0.1', '  1  1', 'ready   '];
    await writeFile(join(dataDir(), 'postmaster.pid'), `${lines.join('\n')}\n`);
    const second = await start();
    expect(second.pid).not.toBe(stranger.pid);
    expect(stranger.exitCode ?? stranger.signalCode).toBe(null);
    stranger.kill('SIGKILL');
  });

  test('the lock of a dead supervisor is taken over even when its process id is in use again', async () => {
    useMade();
    const first = await start();
    await stop(first);
    await writeFile(join(stateDir(), 'postgres.lock'), `${process.pid} 1\n`);
    await start();
  });
});

describe('the watchdog', () => {
  test('restarts a killed database on the same port and the pool works again', async () => {
    useMade();
    const faults: string[] = [];
    let tellFault: () => void = () => undefined;
    const hasDied = new Promise<void>((resolve) => {
      tellFault = resolve;
    });
    const server = await start({
      watchdog: {
        restart: true,
        onFault: (fault) => {
          faults.push(fault.code);
          tellFault();
        },
      },
    });
    const db = createDatabase({ url: server.url, poolSize: 1, onFault: () => undefined });
    await db.ping();
    const killed = server.pid;
    process.kill(killed as number, 'SIGKILL');
    await hasDied;
    while (
      server.pid === killed ||
      !(await db.ping().then(
        () => true,
        () => false,
      ))
    )
      await new Promise(setImmediate);
    expect(faults).toEqual(['STORAGE_POSTGRES_DIED']);
    await db.close();
  });

  test('waits longer after each death in a row, up to a bound', () => {
    expect([1, 2, 3, 4, 20].map(backoffMs)).toEqual([500, 1_000, 2_000, 4_000, 30_000]);
  });

  test('only reports when it is not asked to restart', async () => {
    useMade();
    const died = Promise.withResolvers<string>();
    const server = await start({ watchdog: { restart: false, onFault: (fault) => died.resolve(fault.message) } });
    process.kill(server.pid as number, 'SIGKILL');
    expect(await died.promise).toContain('it stays down');
    expect(await isAlive(server.pid)).toBe(false);
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
    useMade();
    if (!isRoot) return console.log('needs root');
    const server = await start();
    const status = await readFile(`/proc/${server.pid}/status`, 'utf8');
    expect(/^Uid:\t(\d+)\t(\d+)/m.exec(status)?.slice(1)).not.toContain('0');
    expect(/^Groups:[ \t]*(.*)$/m.exec(status)?.[1]?.trim()).toBe('');
  });
});
