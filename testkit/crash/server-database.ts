// A database of its own for a whole server, on the cluster of the run, whose server role is the one the cluster has.

import { randomBytes } from 'node:crypto';
import pg from 'pg';
import type { TestCluster } from '../cluster.ts';

/** The administrator's URL of the new database: what `DATABASE_URL` would say. */
export async function createServerDatabase(cluster: TestCluster): Promise<string> {
  const name = `server_${randomBytes(6).toString('hex')}`;
  const url = new URL(cluster.adminUrl);
  const role = new URL(cluster.appUrl);
  await run(url.href, (client) => client.query(`create database ${name}`));
  url.pathname = `/${name}`;
  await run(url.href, async (client) => {
    await client.query('create table storage_app_login (role text primary key, password text not null)');
    await client.query('insert into storage_app_login values ($1, $2)', [role.username, decodeURIComponent(role.password)]);
  });
  return url.href;
}

async function run(url: string, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await work(client).finally(() => client.end());
}
