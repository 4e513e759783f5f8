// A database of its own for a test file, cloned from a template that holds the migrations it asked for.

import { createHash, randomBytes } from 'node:crypto';
import type { EventCatalogue } from '../server/src/core/index.ts';
import type { Database, Migration } from '../server/src/storage/index.ts';
import type { TestCluster } from './cluster.ts';
import { testCatalogue } from './find-events.ts';

export interface TestDatabase {
  readonly db: Database;
  /** The server's role on this database. */
  readonly url: string;
  /** The administrator on this database: looks behind the walls. */
  readonly adminUrl: string;
  /** Runs SQL as the administrator, past nothing: row security is forced on owners too, superusers see all. */
  admin<Row extends Record<string, unknown>>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  /** Faults the pool reported on its own. */
  readonly faults: readonly unknown[];
  close(): Promise<void>;
}

export interface TestDatabaseOptions {
  readonly poolSize?: number;
  /** Absent: the cluster of the vitest run. */
  readonly cluster?: TestCluster;
  /** Absent: the events of the product and those of `newEvent`. */
  readonly events?: EventCatalogue;
}

async function clusterOfRun(): Promise<TestCluster> {
  const { inject } = await import('vitest');
  const cluster = inject('testCluster');
  if (cluster === undefined) throw new Error('no Postgres for this test: name the file *.pg.test.ts so that it runs in the pg project');
  return cluster;
}

function onDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}

async function connect(url: string) {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return client;
}

function templateName(migrations: readonly Migration[]): string {
  const hash = createHash('sha256');
  for (const migration of migrations) hash.update(`${migration.id}\0${migration.sql}\0`);
  return `template_${hash.digest('hex').slice(0, 24)}`;
}

const TEMPLATE_LOCK = 7_255_901_490;

/** Builds the template once per list of migrations, whichever worker comes first. */
async function ensureTemplate(cluster: TestCluster, migrations: readonly Migration[]): Promise<string> {
  const { migrate } = await import('../server/src/storage/index.ts');
  const name = templateName(migrations);
  const admin = await connect(cluster.adminUrl);
  try {
    await admin.query(`select pg_advisory_lock(${TEMPLATE_LOCK})`);
    const { rows } = await admin.query('select 1 from pg_database where datname = $1', [name]);
    if (rows.length > 0) return name;
    await admin.query(`drop database if exists ${name}_new`);
    await admin.query(`create database ${name}_new`);
    await migrate({ adminUrl: onDatabase(cluster.adminUrl, `${name}_new`), migrations });
    await admin.query(`alter database ${name}_new rename to ${name}`);
    return name;
  } finally {
    await admin.end();
  }
}

/** A fresh database with these migrations, migrated once per run and cloned from then on. */
export async function testDatabase(migrations: readonly Migration[], options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const { createDatabase } = await import('../server/src/storage/index.ts');
  const cluster = options.cluster ?? (await clusterOfRun());
  const template = await ensureTemplate(cluster, migrations);
  const name = `test_${randomBytes(8).toString('hex')}`;
  const creator = await connect(cluster.adminUrl);
  await creator.query(`create database ${name} template ${template}`);
  await creator.end();

  const url = onDatabase(cluster.appUrl, name);
  const adminUrl = onDatabase(cluster.adminUrl, name);
  const faults: unknown[] = [];
  const events = options.events ?? (await testCatalogue());
  const db = createDatabase({ url, poolSize: options.poolSize ?? 8, events, onFault: (fault) => faults.push(fault) });
  return {
    db,
    url,
    adminUrl,
    faults,
    async admin<Row extends Record<string, unknown>>(text: string, values: readonly unknown[] = []) {
      const client = await connect(adminUrl);
      try {
        return (await client.query<Row>(text, [...values])).rows;
      } finally {
        await client.end();
      }
    },
    async close() {
      await db.close();
      const dropper = await connect(cluster.adminUrl);
      await dropper.query(`drop database ${name} with (force)`);
      await dropper.end();
    },
  };
}
