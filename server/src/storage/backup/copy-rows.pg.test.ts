// The COPY protocol: rows in and out as they are, a reader that is slow, and an error that leaves the connection good.

import { type TestDatabase, testDatabase } from '@sallyport/testkit';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrations } from '../migrations/index.ts';
import { copyIn, copyOut } from './copy-rows.ts';

let database: TestDatabase;
let client: pg.Client;
const COUNT = 50_000;
const data = Buffer.from(Array.from({ length: COUNT }, (_, row) => `row ${row} ${'x'.repeat(60)}\\n\n`).join(''));
const stateOf = (work: Promise<unknown>): Promise<unknown> => work.catch((error: { code?: string }) => error.code);

beforeAll(async () => {
  database = await testDatabase(migrations);
  await database.admin('create table copied (value text primary key)');
  client = new pg.Client({ connectionString: database.adminUrl });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await database.close();
});

describe('copy', () => {
  it('takes rows in and gives the same rows out, also to a reader that stops after each piece', async () => {
    expect(await copyIn(client, 'copy copied (value) from stdin', data)).toBe(COUNT);
    const rows: Buffer[] = [];
    for await (const piece of copyOut(client, 'copy (select value from copied order by ctid) to stdout')) {
      rows.push(...piece);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(rows.length).toBe(COUNT);
    expect(Buffer.concat(rows).equals(data)).toBe(true);
  });

  it('says what was refused, writes nothing of it, and goes on', async () => {
    expect(await stateOf(copyIn(client, 'copy copied (value) from stdin', data))).toBe('23505');
    expect(await stateOf(copyIn(client, 'copy missing (value) from stdin', data))).toBe('42P01');
    const read = async (): Promise<void> => {
      for await (const _ of copyOut(client, 'copy missing to stdout')) throw new Error('there are no rows');
    };
    expect(await stateOf(read())).toBe('42P01');
    expect((await client.query('select count(*)::int as rows from copied')).rows).toEqual([{ rows: COUNT }]);
  });

  it('notices that the server went away, in the middle of either', async () => {
    const doomed = new pg.Client({ connectionString: database.adminUrl });
    doomed.on('error', () => undefined);
    await doomed.connect();
    const { rows } = await doomed.query<{ pid: number }>('select pg_backend_pid() as pid');
    const read = async (): Promise<void> => {
      for await (const _ of copyOut(doomed, 'copy (select i, pg_sleep(0.001) from generate_series(1, 1000000) i) to stdout')) {
        await database.admin('select pg_terminate_backend($1)', [rows[0]?.pid]);
      }
    };
    expect(await stateOf(read())).toBe('57P01');
    expect(await copyIn(doomed, 'copy copied (value) from stdin', data).catch((error: Error) => error.name)).toBe('Error');
  });
});
