// Following a channel through cuts: what is missed is read, what is doubted is read anew, and a loss is visible while it lasts.

import { startTcpProxy, type TestDatabase, testDatabase } from '@sallyport/testkit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Following, type FollowOptions, follow } from './follow.ts';
import { createDatabase, type Database, migrations } from './index.ts';

const CHANNEL = 'storage_test';
const clock = { now: () => 7 };

let base: TestDatabase;
let db: Database;
let feed: Following | null;
let heard: string[];
let reads: number;
let losses: number;
let faults: unknown[];

beforeEach(async () => {
  base = await testDatabase(migrations);
  db = createDatabase({ url: base.url, poolSize: 2, onFault: () => undefined });
  [heard, reads, losses, faults, feed] = [[], 0, 0, [], null];
});
afterEach(async () => {
  await feed?.close();
  await db.close();
  await base.close();
});

const start = async (options: Partial<FollowOptions> = {}): Promise<Following> => {
  feed = await follow({
    db,
    clock,
    channel: CHANNEL,
    hear: (payload) => void heard.push(payload),
    reload: () => {
      reads += 1;
    },
    onLost: () => {
      losses += 1;
    },
    onFault: (fault) => faults.push(fault),
    ...options,
  });
  return feed;
};
const say = (payload: string) => base.admin('select pg_notify($1, $2)', [CHANNEL, payload]);
const until = async (isTrue: () => boolean): Promise<void> => {
  while (!isTrue()) await new Promise(setImmediate);
};
const cut = () =>
  base.admin(
    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'sallyport-listen' and datname = current_database()",
  );

describe('following a channel', () => {
  test('reads once, hears what comes, and stops', async () => {
    const following = await start();
    expect([reads, following.lostAtMs]).toEqual([1, null]);
    await say('one');
    await until(() => heard.length === 1);
    await following.close();
    await say('two');
    await db.ping();
    expect([heard, reads, losses, faults]).toEqual([['one'], 1, 0, []]);
  });

  test('through cut connections: each loss is told, seen while it lasts, and followed by a read', async () => {
    let release = (): void => undefined;
    let held: Promise<void> | undefined;
    const following = await start({
      reload: async () => {
        reads += 1;
        await held;
      },
    });
    for (const nth of [1, 2]) {
      held = new Promise((resolve) => {
        release = resolve;
      });
      await cut();
      await until(() => reads === nth + 1);
      expect([losses, following.lostAtMs]).toEqual([nth, 7]);
      release();
      await until(() => following.lostAtMs === null);
    }
    await say('again');
    await until(() => heard.length === 1);
  });

  test('what can not be taken in is read anew', async () => {
    const following = await start({
      hear: async (payload) => {
        if (payload === 'odd') throw new Error('odd');
        heard.push(payload);
      },
    });
    await say('odd');
    await until(() => reads === 2 && following.lostAtMs === null);
    await say('even');
    await until(() => heard.length === 1);
    expect([faults.length, losses]).toEqual([1, 1]);
  });

  test('a read that fails is tried again, and until it succeeds the feed counts as lost', async () => {
    let fails = 3;
    const lost: (number | null)[] = [];
    const following: Awaited<ReturnType<typeof start>> = await start({
      reload: () => {
        reads += 1;
        if (reads > 1) lost.push(following.lostAtMs);
        if (reads > 1 && fails-- > 0) throw new Error('away');
      },
    });
    await cut();
    await until(() => reads === 5 && following.lostAtMs === null);
    expect([lost, faults.length]).toEqual([[7, 7, 7, 7], 3]);
  });

  test('the first read decides the start: a fault of it is thrown, and nothing is left listening', async () => {
    await expect(
      start({
        reload: () => {
          throw new Error('no such table');
        },
      }),
    ).rejects.toThrow('no such table');
    await say('one');
    await db.ping();
    expect(heard).toEqual([]);
  });

  test('a server that stops answering is a loss as well, and closing does not wait for it', async () => {
    const { hostname, port } = new URL(base.url);
    const proxy = await startTcpProxy({ host: hostname, port: Number(port) });
    const through = new URL(base.url);
    through.port = String(proxy.port);
    const far = createDatabase({ url: through.href, poolSize: 1, onFault: () => undefined });
    const following = await start({ db: far });
    proxy.freeze();
    await until(() => following.lostAtMs !== null);
    expect(losses).toBe(1);
    await proxy.close();
    await following.close();
    await far.close();
  });
});
