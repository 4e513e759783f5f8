// Two server processes on one database and one folder, and what the database says of them: who lives, who has a run, who watches.

import pg from 'pg';
import type { TestCluster } from '../cluster.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { type DemoUpstreams, installDemo, openDemoUpstreams } from '../workflow-world/index.ts';
import { createServerDatabase } from './server-database.ts';
import { startWorkflowChild, type WorkflowChild } from './workflow-child.ts';
import type { WorkflowProcessOptions } from './workflow-process.ts';

export interface ExecutorRow {
  readonly executor: string;
  readonly isDead: boolean;
  /** From its last beat to the moment its runs were handed on; `null` while they were not. */
  readonly silentMs: number | null;
}

export interface TwoServers {
  readonly upstreams: DemoUpstreams;
  /** Another process. The first one installs the demo. */
  start(timing?: WorkflowProcessOptions['timing']): Promise<WorkflowChild>;
  executors(): Promise<readonly ExecutorRow[]>;
  ownerOf(run: string): Promise<string | null>;
  leader(): Promise<{ readonly executor: string; readonly term: number } | null>;
  /** As if another version had begun the run. */
  makeOlder(run: string): Promise<void>;
  close(): Promise<void>;
}

export async function openTwoServers(cluster: TestCluster): Promise<TwoServers> {
  const folder = await temporaryFolder('sallyport-two-servers-');
  const upstreams = await openDemoUpstreams();
  const databaseUrl = await createServerDatabase(cluster);
  const settings = { folder: folder.path, databaseUrl, allowPrivate: upstreams.allowPrivate };
  const db = new pg.Pool({ connectionString: databaseUrl, max: 1 });
  const children: WorkflowChild[] = [];
  return {
    upstreams,
    start: async (timing) => {
      const child = await startWorkflowChild({ ...settings, isAlone: false, ...(timing === undefined ? {} : { timing }) });
      children.push(child);
      if (children.length === 1) await installDemo(child.owner, upstreams);
      return child;
    },
    executors: async () => {
      const { rows } = await db.query<{ executor: string; dead: boolean; silent: number | null }>(
        `select executor, dead_at is not null as dead, (extract(epoch from recovered_at - seen_at) * 1000)::float8 as silent
         from workflow_executors order by seen_at`,
      );
      return rows.map(({ executor, dead, silent }) => ({ executor, isDead: dead, silentMs: silent }));
    },
    ownerOf: async (run) =>
      (await db.query<{ executor: string | null }>('select executor from workflow_runs where id = $1', [run])).rows[0]?.executor ?? null,
    leader: async () => {
      const { rows } = await db.query<{ executor: string; term: string }>('select executor, term from workflow_leader');
      return rows[0] === undefined ? null : { executor: rows[0].executor, term: Number(rows[0].term) };
    },
    makeOlder: async (run) =>
      void (await db.query(`update dbos.workflow_status set application_version = 'older' where workflow_uuid = $1`, [run])),
    close: async () => {
      for (const child of children) await child.kill();
      await db.end();
      await upstreams.close();
      await folder.remove();
    },
  };
}
