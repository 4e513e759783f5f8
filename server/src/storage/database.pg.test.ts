import { newTenant, seededRandom, startTcpProxy, type TestDatabase, testDatabase } from '@sallyport/testkit';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { SallyportError, type TenantId, type Tx } from '#core';
import { createDatabase, type Database, type DatabaseOptions, outsideTransaction } from './database.ts';
import { query, sql } from './index.ts';
import { migrations } from './migrations/index.ts';
import { grantSystem, tenantTable } from './roles.ts';
import { isUniqueViolation } from './translate-error.ts';

interface Tables {
  notes: { tenant: string; id: string; text: string; amount: bigint | null };
}

const NOTES = {
  id: '0901-storage-notes',
  sql: `create table notes (tenant text not null, id text not null, text text not null, amount bigint, primary key (tenant, id));
    ${tenantTable('notes')} ${grantSystem('resolver', 'notes', ['select'])}`,
};

const random = seededRandom();
const alpha = newTenant(random);
const beta = newTenant(random);
let base: TestDatabase;
const opened: Database[] = [];

beforeAll(async () => {
  base = await testDatabase([...migrations, NOTES]);
});

afterEach(async () => {
  await Promise.all(opened.splice(0).map((db) => db.close()));
  await base.admin('truncate notes');
});

afterAll(() => base.close());

function open(options: Partial<DatabaseOptions> = {}): Database {
  const db = createDatabase({ url: base.url, poolSize: 2, onFault: () => undefined, ...options });
  opened.push(db);
  return db;
}

const addNote = (tx: Tx, tenant: TenantId, id: string, text = 'hello') =>
  query<Tables>(tx).insertInto('notes').values({ tenant, id, text, amount: null }).execute();
const noteIds = async (db: Database, tenant: TenantId) =>
  (await db.inTenant(tenant, (tx) => query<Tables>(tx).selectFrom('notes').select('id').orderBy('id').execute())).map(({ id }) => id);
const withCode = (code: string, retryable = false) => expect.objectContaining({ code, retryable });

async function asApp<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: base.url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

describe('the tenant wall', () => {
  test('a tenant reads, changes and deletes its own rows only', async () => {
    await base.db.inTenant(alpha, (tx) => addNote(tx, alpha, 'a'));
    await base.db.inTenant(beta, (tx) => addNote(tx, beta, 'b'));
    const touched = await base.db.inTenant(alpha, async (tx) => {
      const updated = await query<Tables>(tx).updateTable('notes').set({ text: 'changed' }).executeTakeFirst();
      const deleted = await query<Tables>(tx).deleteFrom('notes').where('id', '=', 'b').executeTakeFirst();
      return [updated.numUpdatedRows, deleted.numDeletedRows];
    });
    expect(touched).toEqual([1n, 0n]);
    expect(await noteIds(base.db, beta)).toEqual(['b']);
  });

  test('a tenant can not write a row of another tenant', async () => {
    await expect(base.db.inTenant(alpha, (tx) => addNote(tx, beta, 'x'))).rejects.toEqual(withCode('STORAGE_NOT_ALLOWED'));
    expect(await noteIds(base.db, beta)).toEqual([]);
  });

  test('a query without a tenant is an error on a fresh connection and after the connection served a tenant', async () => {
    await asApp(async (client) => {
      await expect(client.query('select * from notes')).rejects.toMatchObject({ code: 'SP001' });
      await client.query('begin');
      await client.query("select set_config('sallyport.tenant', $1, true)", [alpha]);
      await client.query('select * from notes');
      await client.query('commit');
      await expect(client.query('select * from notes')).rejects.toMatchObject({ code: 'SP001' });
    });
  });

  test('something that is no tenant id is refused before a connection is taken', async () => {
    const work = () => Promise.reject(new Error('ran'));
    await expect(base.db.inTenant('' as TenantId, work)).rejects.toEqual(withCode('STORAGE_TENANT_MISSING'));
    await expect(base.db.inTenant("x' or '1'='1" as TenantId, work)).rejects.toEqual(withCode('STORAGE_TENANT_MISSING'));
  });

  test('a system role sees all tenants in what was granted to it and nothing else', async () => {
    await base.db.inTenant(alpha, (tx) => addNote(tx, alpha, 'a'));
    await base.db.inTenant(beta, (tx) => addNote(tx, beta, 'b'));
    const seen = await base.db.asSystem('resolver', (tx) => query<Tables>(tx).selectFrom('notes').select('id').execute());
    expect(seen).toHaveLength(2);
    await expect(base.db.asSystem('resolver', (tx) => query<Tables>(tx).deleteFrom('notes').execute())).rejects.toThrow(/42501/);
    await expect(base.db.asSystem('writer', (tx) => query<Tables>(tx).selectFrom('notes').selectAll().execute())).rejects.toThrow(/42501/);
  });

  test('the rights of a system role end with its transaction', async () => {
    const db = open({ poolSize: 1 });
    await db.inTenant(beta, (tx) => addNote(tx, beta, 'b'));
    await db.asSystem('resolver', (tx) => query<Tables>(tx).selectFrom('notes').selectAll().execute());
    expect(await noteIds(db, alpha)).toEqual([]);
  });

  test('the pool refuses to work as a role that bypasses row security', async () => {
    const db = open({ url: base.adminUrl });
    await expect(db.inTenant(alpha, (tx) => addNote(tx, alpha, 'a'))).rejects.toEqual(withCode('STORAGE_ROLE_TOO_POWERFUL'));
  });
});

describe('a transaction', () => {
  test('commits when the work resolves and rolls back when it throws, keeping the thrown error', async () => {
    const bug = new TypeError('a bug');
    await base.db.inTenant(alpha, (tx) => addNote(tx, alpha, 'kept'));
    const failing = base.db.inTenant(alpha, async (tx) => {
      await addNote(tx, alpha, 'lost');
      throw bug;
    });
    await expect(failing).rejects.toBe(bug);
    expect(await noteIds(base.db, alpha)).toEqual(['kept']);
  });

  test('whose statement failed can not be committed by catching the error', async () => {
    const swallowing = base.db.inTenant(alpha, async (tx) => {
      await addNote(tx, alpha, 'before');
      await addNote(tx, alpha, 'before').catch(() => undefined);
    });
    await expect(swallowing).rejects.toEqual(withCode('STORAGE_TRANSACTION_ABORTED'));
    expect(await noteIds(base.db, alpha)).toEqual([]);
  });

  test('that has ended runs nothing, so a leaked query can not run as the next tenant', async () => {
    const db = open({ poolSize: 1 });
    let leaked: (() => Promise<unknown>) | undefined;
    await db.inTenant(alpha, async (tx) => {
      const builder = query<Tables>(tx).selectFrom('notes').selectAll();
      leaked = () => builder.execute();
    });
    await db.inTenant(beta, async (tx) => {
      await addNote(tx, beta, 'b');
      await expect(leaked?.()).rejects.toEqual(withCode('STORAGE_TRANSACTION_CLOSED'));
    });
  });

  test('is not opened inside another one, neither by inTenant nor by the query builder', async () => {
    const nested = base.db.inTenant(alpha, () => base.db.inTenant(beta, (tx) => addNote(tx, beta, 'b')));
    await expect(nested).rejects.toEqual(withCode('STORAGE_NESTED_TRANSACTION'));
    const built = base.db.inTenant(alpha, (tx) =>
      query<Tables>(tx)
        .transaction()
        .execute(async () => undefined),
    );
    await expect(built).rejects.toEqual(withCode('STORAGE_NESTED_TRANSACTION'));
  });

  test('may start background work that has transactions of its own', async () => {
    await base.db.inTenant(alpha, () => outsideTransaction(() => base.db.inTenant(beta, (tx) => addNote(tx, beta, 'b'))));
    expect(await noteIds(base.db, beta)).toEqual(['b']);
  });

  test('runs statements that were started together in order', async () => {
    await base.db.inTenant(alpha, async (tx) => {
      await Promise.all([addNote(tx, alpha, 'a'), query<Tables>(tx).updateTable('notes').set({ text: 'second' }).execute()]);
    });
    expect(await base.admin('select text from notes')).toEqual([{ text: 'second' }]);
  });

  test('reads bigint columns without loss', async () => {
    const amount = 9_007_199_254_740_993n;
    const rows = await base.db.inTenant(alpha, async (tx) => {
      await query<Tables>(tx).insertInto('notes').values({ tenant: alpha, id: 'a', text: '', amount }).execute();
      return query<Tables>(tx).selectFrom('notes').select('amount').execute();
    });
    expect(rows).toEqual([{ amount }]);
  });
});

describe('faults', () => {
  test('name constraints but never the values of a row', async () => {
    await base.db.inTenant(alpha, (tx) => addNote(tx, alpha, 'jo@example.com'));
    const fault = await base.db.inTenant(alpha, (tx) => addNote(tx, alpha, 'jo@example.com')).catch((error: unknown) => error);
    expect(fault).toEqual(withCode('STORAGE_CONSTRAINT'));
    expect(isUniqueViolation(fault, 'notes_pkey')).toBe(true);
    expect(isUniqueViolation(fault, 'other')).toBe(false);
    const cast = await base.db
      .inTenant(alpha, (tx) => sql`select ${'jo@example.com'}::text::integer`.execute(query(tx)))
      .catch((error: unknown) => error);
    for (const error of [fault, cast] as SallyportError[]) {
      expect(error).toBeInstanceOf(SallyportError);
      const everything = JSON.stringify([
        error,
        error.message,
        error.stack,
        Object.getOwnPropertyNames(error.cause).map((name) => Reflect.get(error.cause as object, name)),
      ]);
      expect(everything).not.toContain('jo@example.com');
    }
  });

  test('a value that can not be sent is not mistaken for a missing server', async () => {
    const circle: { self?: unknown; mail: string } = { mail: 'jo@example.com' };
    circle.self = circle;
    const fault = await base.db.inTenant(alpha, (tx) => sql`select ${circle}::json`.execute(query(tx))).catch((error: unknown) => error);
    expect(fault).toEqual(withCode('STORAGE_QUERY_FAILED'));
    expect(await noteIds(base.db, alpha)).toEqual([]);
  });

  test('a statement that takes too long is cut and may be tried again', async () => {
    const db = open({ limits: { statementTimeoutMs: 50 } });
    const slow = db.inTenant(alpha, (tx) => sql`select pg_sleep(30)`.execute(query(tx)));
    await expect(slow).rejects.toEqual(withCode('STORAGE_TIMEOUT', true));
  });

  test('too many waiting callers are refused at once, and a long wait ends', async () => {
    const db = open({ poolSize: 1, maxWaiting: 1, queueTimeoutMs: 50 });
    let finish: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      finish = resolve;
    });
    let isRunning: () => void = () => undefined;
    const running = new Promise<void>((resolve) => {
      isRunning = resolve;
    });
    const holder = db.inTenant(alpha, async () => {
      isRunning();
      await gate;
    });
    await running;
    const waiting = db.inTenant(alpha, async () => 'never');
    await expect(db.inTenant(alpha, async () => 'never')).rejects.toEqual(withCode('STORAGE_BUSY', true));
    await expect(waiting).rejects.toEqual(withCode('STORAGE_BUSY', true));
    finish();
    await holder;
    expect(await db.inTenant(alpha, async () => 'served again')).toBe('served again');
  });

  test('a lost connection is a retryable fault, rolls back, and the pool recovers', async () => {
    const db = open({ poolSize: 1 });
    const cut = db.inTenant(alpha, async (tx) => {
      await addNote(tx, alpha, 'lost');
      const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(query(tx));
      await base.admin('select pg_terminate_backend($1)', [rows[0]?.pid]);
      await addNote(tx, alpha, 'lost too');
    });
    await expect(cut).rejects.toEqual(withCode('STORAGE_UNAVAILABLE', true));
    expect(await noteIds(db, alpha)).toEqual([]);
  });

  test.each(['withheld', 'passed'] as const)('a connection cut during the commit (%s) says that the outcome is unknown', async (bytes) => {
    const target = new URL(base.url);
    const proxy = await startTcpProxy({ host: target.hostname, port: Number(target.port) });
    target.port = String(proxy.port);
    const db = open({ url: target.href, poolSize: 1 });
    proxy.cutOn('commit', bytes);
    await expect(db.inTenant(alpha, (tx) => addNote(tx, alpha, 'a'))).rejects.toEqual(withCode('STORAGE_COMMIT_UNKNOWN'));
    expect(await noteIds(base.db, alpha)).toEqual(bytes === 'passed' ? ['a'] : []);
    await proxy.close();
  });

  test('a server that is not there is a retryable fault', async () => {
    const proxy = await startTcpProxy({ host: '127.0.0.1', port: 1 });
    await proxy.close();
    const target = new URL(base.url);
    target.port = String(proxy.port);
    const db = open({ url: target.href });
    await expect(db.ping()).rejects.toEqual(withCode('STORAGE_UNAVAILABLE', true));
  });

  test('a wrong password is told apart from a missing server', async () => {
    const target = new URL(base.url);
    target.password = 'wrong';
    await expect(open({ url: target.href }).ping()).rejects.toEqual(withCode('STORAGE_LOGIN_REFUSED'));
  });
});

test('closing waits for the running transaction and refuses new ones', async () => {
  const db = createDatabase({ url: base.url, poolSize: 2, onFault: () => undefined });
  let isRunning: () => void = () => undefined;
  const running = new Promise<void>((resolve) => {
    isRunning = resolve;
  });
  const last = db.inTenant(alpha, async (tx) => {
    isRunning();
    await sql`select pg_sleep(0.05)`.execute(query(tx));
    await addNote(tx, alpha, 'last');
  });
  await running;
  await db.close();
  await last;
  expect(await noteIds(base.db, alpha)).toEqual(['last']);
  await expect(db.inTenant(alpha, async () => 'never')).rejects.toEqual(withCode('STORAGE_CLOSED'));
});
