import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { newEvent, newTenant, seededRandom, type TemporaryFolder, temporaryFolder, testEvents } from '@sallyport/testkit';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { appendEvents, assertRowSecurity, createDatabase, migrate, migrations } from '../index.ts';
import { useExternalPostgres } from './external.ts';
import { type PostgresServer, startPostgres } from './start.ts';

const random = { bytes: (count: number) => randomBytes(count) };
let folder: TemporaryFolder;
let server: PostgresServer;
const ADMIN_PASSWORD = 'an operator chose this one';

async function asSuperuser(text: string): Promise<void> {
  const client = new pg.Client({ connectionString: server.adminUrl });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}

function urlOf(user: string, database: string, password = ADMIN_PASSWORD): string {
  const url = new URL(server.adminUrl);
  url.username = user;
  url.password = encodeURIComponent(password);
  url.pathname = `/${database}`;
  return url.href;
}

beforeAll(async () => {
  folder = await temporaryFolder('sallyport external ');
  const place = { dataDir: join(folder.path, 'postgres'), stateDir: join(folder.path, 'state') };
  server = await startPostgres({ ...place, host: process, random, log: () => undefined });
  // A server as an operator would hand it over: nothing of ours on it, and a login that is no superuser.
  await asSuperuser('drop role sallyport_app');
  await asSuperuser(`create role operator login createrole password '${ADMIN_PASSWORD}'`);
  await asSuperuser(`create role bystander login password '${ADMIN_PASSWORD}'`);
  await asSuperuser('create database shop owner operator');
  await asSuperuser('create database small owner bystander');
  await asSuperuser('create database second owner operator');
});

afterAll(async () => {
  await server.stop();
  await folder.remove();
});

describe('a database server given by DATABASE_URL', () => {
  test('whose login may not create roles is refused with what to do', async () => {
    await expect(useExternalPostgres({ adminUrl: urlOf('bystander', 'small'), random })).rejects.toMatchObject({
      code: 'STORAGE_ROLES_NOT_PERMITTED',
      message: expect.stringContaining('CREATEROLE'),
    });
  });

  test('needs no superuser: roles, migrations, walls and events all work', async () => {
    const external = await useExternalPostgres({ adminUrl: urlOf('operator', 'shop'), random });
    await migrate({ adminUrl: external.adminUrl, migrations });
    const db = createDatabase({ url: external.url, poolSize: 2, events: testEvents, onFault: () => undefined });
    const seeded = seededRandom();
    const tenant = newTenant(seeded);
    await db.inTenant(tenant, (tx) => appendEvents(tx, [newEvent(seeded, tenant)]));
    await assertRowSecurity(db);
    await db.close();
  });

  test('gives the same login to every replica, and keeps the password from the login itself', async () => {
    const [one, two] = await Promise.all([1, 2].map(() => useExternalPostgres({ adminUrl: urlOf('operator', 'shop'), random })));
    expect(one?.url).toBe(two?.url);
    const client = new pg.Client({ connectionString: one?.url });
    await client.connect();
    await expect(client.query('select * from storage_app_login')).rejects.toMatchObject({ code: '42501' });
    await expect(client.query('select * from storage_migrations')).rejects.toMatchObject({ code: '42501' });
    await expect(client.query('create table mine (id text)')).rejects.toMatchObject({ code: '42501' });
    await expect(client.query('create temporary table event_inbox (id text)')).rejects.toMatchObject({ code: '42501' });
    await client.end();
  });

  test('is not shared between two installations', async () => {
    await expect(useExternalPostgres({ adminUrl: urlOf('operator', 'second'), random })).rejects.toMatchObject({
      code: 'STORAGE_ROLE_IN_USE',
    });
  });

  test.each([
    ['a wrong password', () => urlOf('operator', 'shop', 'wrong'), 'STORAGE_LOGIN_REFUSED'],
    ['a missing database', () => urlOf('operator', 'nowhere'), 'STORAGE_LOGIN_REFUSED'],
    ['a closed port', () => 'postgresql://operator:x@127.0.0.1:1/shop', 'STORAGE_UNAVAILABLE'],
    ['something that is no URL', () => 'host=db user=me', 'STORAGE_LOGIN_REFUSED'],
    ['a URL of something else', () => 'https://example.com/db', 'STORAGE_LOGIN_REFUSED'],
  ])('%s is told in our words and without the password', async (_name, url, code) => {
    const fault = await useExternalPostgres({ adminUrl: url(), random }).catch((error: unknown) => error);
    expect(fault).toMatchObject({ code });
    expect(String(fault)).not.toContain(ADMIN_PASSWORD);
    expect(String(fault)).not.toContain('wrong');
  });
});
