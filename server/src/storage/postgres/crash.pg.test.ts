import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ask, isRoot, type PostgresHome, postgresHome, superviseElsewhere } from '@sallyport/testkit';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createDatabase } from '../database.ts';
import { isPostmasterOf } from './process-identity.ts';
import type { PostgresServer } from './start.ts';
import { backoffMs } from './watchdog.ts';

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

describe('after a crash', () => {
  test('of the database every acknowledged row is there again', async () => {
    home.copyFrom(made);
    const first = await home.start();
    const acknowledged = await writeUntilKilled(first, 200);
    await first.stop();
    const second = await home.start();
    const [row] = await ask<{ n: number }>(second.adminUrl, 'select count(*)::int as n from kept');
    expect(row?.n).toBeGreaterThanOrEqual(acknowledged);
  });

  test('of the supervisor the next one adopts the running database and can stop it', async () => {
    home.copyFrom(made);
    const child = superviseElsewhere(home.path);
    const ready = await child.next();
    if (ready.kind !== 'ready') throw new Error(JSON.stringify(ready));
    await ask(ready.adminUrl, 'create table kept (n int)');
    await child.kill();
    expect(await isAlive(ready.pid)).toBe(true);
    const adopted = await home.start();
    expect(adopted.pid).toBe(ready.pid);
    expect(await ask(adopted.adminUrl, 'select count(*)::int as n from kept')).toEqual([{ n: 0 }]);
    await adopted.stop();
    expect(await isAlive(ready.pid)).toBe(false);
  });

  test('an interrupt from the terminal reaches the server alone: the database ends after it, not under it', async () => {
    home.copyFrom(made);
    const child = superviseElsewhere(home.path);
    const ready = await child.next();
    if (ready.kind !== 'ready') throw new Error(JSON.stringify(ready));
    await child.interruptGroup();
    expect(await ask(ready.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect((await home.start()).pid).toBe(ready.pid);
  });

  test('of both, at once, the next start recovers', async () => {
    home.copyFrom(made);
    const child = superviseElsewhere(home.path);
    const ready = await child.next();
    if (ready.kind !== 'ready') throw new Error(JSON.stringify(ready));
    await ask(ready.adminUrl, 'create table kept as select 1 as n');
    process.kill(ready.pid, 'SIGKILL');
    await child.kill();
    const next = await home.start();
    expect(next.pid).not.toBe(ready.pid);
    expect(await ask(next.adminUrl, 'select n from kept')).toEqual([{ n: 1 }]);
  });

  test('in the middle of making the database the next start makes it anew', async () => {
    const child = superviseElsewhere(home.path);
    for (;;) {
      const making = (await readdir(home.path)).find((name) => name.startsWith('postgres.new-') && !name.endsWith('.password'));
      if (making !== undefined && (await readdir(join(home.path, making))).length > 5) break;
      await new Promise(setImmediate);
    }
    await child.kill();
    const server = await home.start();
    expect(await ask(server.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect((await readdir(home.path)).toSorted()).toEqual(['postgres', 'state']);
  });

  test('a process id that now belongs to another program is neither trusted nor killed', async () => {
    home.copyFrom(made);
    const first = await home.start();
    await first.stop();
    const owner = (await stat(home.dataDir)).uid;
    const stranger = spawn('sleep', ['600'], { ...(isRoot ? { uid: owner, gid: owner } : {}), stdio: 'ignore' });
    await once(stranger, 'spawn');
    const lines = [stranger.pid, home.dataDir, 1, first.address.port, '', '127.0.0.1', '  1  1', 'ready   '];
    await writeFile(join(home.dataDir, 'postmaster.pid'), `${lines.join('\n')}\n`);
    const second = await home.start();
    expect(second.pid).not.toBe(stranger.pid);
    expect(stranger.exitCode ?? stranger.signalCode).toBe(null);
    stranger.kill('SIGKILL');
  });

  test('the lock of a dead supervisor is taken over even when its process id is in use again', async () => {
    home.copyFrom(made);
    const first = await home.start();
    await first.stop();
    await writeFile(join(home.stateDir, 'postgres.lock'), `${process.pid} 1\n`);
    await home.start();
  });
});

describe('the watchdog', () => {
  test('restarts a killed database on the same port and the pool works again', async () => {
    home.copyFrom(made);
    const faults: string[] = [];
    let tellFault: () => void = () => undefined;
    const hasDied = new Promise<void>((resolve) => {
      tellFault = resolve;
    });
    const server = await home.start({
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
    home.copyFrom(made);
    const died = Promise.withResolvers<string>();
    const server = await home.start({ watchdog: { restart: false, onFault: (fault) => died.resolve(fault.message) } });
    process.kill(server.pid as number, 'SIGKILL');
    expect(await died.promise).toContain('it stays down');
    expect(await isAlive(server.pid)).toBe(false);
  });
});
