import { newEvent, newTenant, seededRandom, startTcpProxy, type TestDatabase, testDatabase } from '@sallyport/testkit';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { insertEvents } from './append-events.ts';
import { createDatabase, type Database } from './database.ts';
import { migrations } from './migrations/index.ts';

const random = seededRandom();
const alpha = newTenant(random);
let base: TestDatabase;
const opened: Database[] = [];

beforeAll(async () => {
  base = await testDatabase(migrations);
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((db) => db.close()));
  await base.admin('truncate event_inbox');
});
afterAll(() => base.close());

function open(url: string): Database {
  const db = createDatabase({ url, poolSize: 2, onFault: () => undefined });
  opened.push(db);
  return db;
}

const one = () => insertEvents([base.db.checkEvent(newEvent(random, alpha))]);
const count = async () => (await base.admin('select event_id from event_inbox')).length;

test('a statement runs as its system role, which may do no more than migrations granted', async () => {
  const db = open(base.url);
  await db.runAlone('writer', one());
  expect(await count()).toBe(1);
  const reading = { name: 'read', text: 'select * from event_inbox', values: [] };
  const removing = { name: 'remove', text: 'delete from event_inbox', values: [] };
  for (const statement of [reading, removing]) await expect(db.runAlone('writer', statement)).rejects.toThrow(/42501/);
  // Another role on the same database has its own connections, and its own walls.
  await expect(db.runAlone('authenticator', one())).rejects.toThrow(/42501/);
  await db.runAlone('writer', one());
  expect(await count()).toBe(2);
});

test('two statements in one are refused, and neither runs', async () => {
  const db = open(base.url);
  const two = { name: 'two', text: 'select 1; reset role', values: [] };
  await expect(db.runAlone('writer', two)).rejects.toMatchObject({ code: 'STORAGE_QUERY_FAILED' });
  await expect(db.runAlone('writer', { name: 'read', text: 'select * from event_inbox', values: [] })).rejects.toThrow(/42501/);
});

test('a login that could pass the walls is refused here too', async () => {
  await expect(open(base.adminUrl).runAlone('writer', one())).rejects.toMatchObject({ code: 'STORAGE_ROLE_TOO_POWERFUL' });
  expect(await count()).toBe(0);
});

test.each(['passed', 'withheld'] as const)(
  'a connection cut during the commit, statement %s, leaves its outcome open and is not used again',
  async (bytes) => {
    const target = new URL(base.url);
    const proxy = await startTcpProxy({ host: target.hostname, port: Number(target.port) });
    target.port = String(proxy.port);
    const db = open(target.href);
    await db.runAlone('writer', one());
    const marked = base.db.checkEvent(newEvent(random, alpha, { subject: 'the_marked_one' }));
    proxy.cutOn('the_marked_one', bytes);
    await expect(db.runAlone('writer', insertEvents([marked]))).rejects.toMatchObject({ code: 'STORAGE_COMMIT_UNKNOWN' });
    expect(await count()).toBe(bytes === 'passed' ? 2 : 1);
    await db.runAlone('writer', one());
    expect(await count()).toBe(bytes === 'passed' ? 3 : 2);
    await db.close();
    await proxy.close();
  },
);

test('a server that is not there is no unknown commit', async () => {
  const proxy = await startTcpProxy({ host: '127.0.0.1', port: 1 });
  await proxy.close();
  const target = new URL(base.url);
  target.port = String(proxy.port);
  await expect(open(target.href).runAlone('writer', one())).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
});

test('closing waits for the running statement and refuses new ones', async () => {
  const db = createDatabase({ url: base.url, poolSize: 1, onFault: () => undefined });
  const last = db.runAlone('writer', one());
  await db.close();
  await last;
  expect(await count()).toBe(1);
  await expect(db.runAlone('writer', one())).rejects.toMatchObject({ code: 'STORAGE_CLOSED' });
});
