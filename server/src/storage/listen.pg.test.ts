import { newTenant, seededRandom, startTcpProxy, type TestDatabase, testDatabase } from '@sallyport/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDatabase } from './database.ts';
import { migrations, notify } from './index.ts';

const tenant = newTenant(seededRandom());
let base: TestDatabase;

beforeAll(async () => {
  base = await testDatabase(migrations);
});
afterAll(() => base.close());

/** Collects payloads and lets a test await the next ones. */
function inbox() {
  const heard: string[] = [];
  let wake: () => void = () => undefined;
  return {
    heard,
    push(payload: string) {
      heard.push(payload);
      wake();
    },
    async until(count: number): Promise<readonly string[]> {
      while (heard.length < count)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      return heard;
    },
  };
}

const say = (channel: string, payload: string) => base.db.inTenant(tenant, (tx) => notify(tx, channel, payload));
const never = () => {
  throw new Error('the feed was lost');
};

describe('a feed of notifications', () => {
  test('brings what was committed, in order, and nothing that was rolled back', async () => {
    const box = inbox();
    const stop = await base.db.listen('one', box.push, never);
    const rolledBack = base.db.inTenant(tenant, async (tx) => {
      await notify(tx, 'one', 'rolled back');
      throw new Error('no');
    });
    await expect(rolledBack).rejects.toThrow('no');
    await say('one', 'first');
    await say('other', 'elsewhere');
    await say('one', 'second');
    expect(await box.until(2)).toEqual(['first', 'second']);
    await stop();
  });

  test('ends for one listener while another on the same channel goes on', async () => {
    const [left, stayed] = [inbox(), inbox()];
    const leave = await base.db.listen('shared', left.push, never);
    const stop = await base.db.listen('shared', stayed.push, never);
    await leave();
    await say('shared', 'later');
    expect(await stayed.until(1)).toEqual(['later']);
    expect(left.heard).toEqual([]);
    await stop();
  });

  test('that breaks tells every listener once, and listening again works', async () => {
    const db = createDatabase({ url: base.url, poolSize: 1, onFault: () => undefined });
    const lost: string[] = [];
    const bothLost = new Promise<void>((resolve) => {
      const note = (name: string) => () => {
        lost.push(name);
        if (lost.length === 2) resolve();
      };
      void db
        .listen('a', () => undefined, note('a'))
        .then(() => db.listen('b', () => undefined, note('b')))
        .then(() => base.admin("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'sallyport-listen'"));
    });
    await bothLost;
    expect(lost.toSorted()).toEqual(['a', 'b']);
    const box = inbox();
    await db.listen('a', box.push, never);
    await say('a', 'back');
    expect(await box.until(1)).toEqual(['back']);
    await db.close();
    expect(lost).toHaveLength(2);
  });

  test('that goes silent without closing is noticed and reported lost', async () => {
    const target = new URL(base.url);
    const proxy = await startTcpProxy({ host: target.hostname, port: Number(target.port) });
    target.port = String(proxy.port);
    const faults: string[] = [];
    const db = createDatabase({ url: target.href, poolSize: 1, onFault: (fault) => faults.push(fault.code) });
    const lost = new Promise<void>((resolve, reject) => {
      db.listen('silent', () => undefined, resolve).then(() => proxy.freeze(), reject);
    });
    await lost;
    expect(faults).toEqual(['STORAGE_UNAVAILABLE']);
    await proxy.close();
    await db.close();
  });

  test('takes plain channel names and short payloads only', async () => {
    await expect(base.db.listen('x; drop table y', () => undefined, never)).rejects.toMatchObject({ code: 'STORAGE_QUERY_FAILED' });
    await expect(say('X', '')).rejects.toMatchObject({ code: 'STORAGE_QUERY_FAILED' });
    await expect(say('x', 'é'.repeat(4_000))).rejects.toMatchObject({ code: 'STORAGE_QUERY_FAILED' });
  });
});
