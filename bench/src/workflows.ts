// What a step of a run costs beside a step of raw DBOS on the same Postgres: one run at a time, steps that call nobody. Ours checks hash and
// signature, opens the journal, writes a sealed row, an event of the ledger and the engine's record; a raw step writes DBOS's record only.

import { fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { startTestCluster } from '../../testkit/cluster.ts';
import { createServerDatabase } from '../../testkit/crash/server-database.ts';
import { startWorkflowChild } from '../../testkit/crash/workflow-child.ts';
import { temporaryFolder } from '../../testkit/temporary-folder.ts';
import type { BenchOptions } from './gateway.ts';
import { describeMachine, nodeVersion } from './machine.ts';
import { atMost, type BenchReport, figure, median, ratio } from './report.ts';

const STEPS = 30;
const WANTED_RATIO = 1.5;
const PEER = join(import.meta.dirname, '..', 'peers', 'raw-dbos.ts');

const WORKFLOW = [
  'apiVersion: sallyport.dev/v1',
  'kind: Workflow',
  'name: steps',
  'owner: bench',
  'purpose: Steps that call nobody.',
  'trigger: { kind: manual, inputs: {} }',
  'uses: { integrations: {} }',
  'steps:',
  ...Array.from({ length: STEPS }, (_, nth) => `  - { id: s${nth}, emit: { event: counted, facts: { n: "${nth}" } } }`),
  '',
].join('\n');

/** Milliseconds a step took, in each run of one round. */
type Round = (seconds: number) => Promise<readonly number[]>;

interface Subject {
  readonly round: Round;
  close(): Promise<void>;
}

export async function benchWorkflows({ rounds, seconds, progress }: BenchOptions): Promise<BenchReport> {
  const cluster = await startTestCluster();
  const opened: { close(): Promise<void> }[] = [];
  try {
    const sallyport = await startSallyport(await createServerDatabase(cluster));
    opened.push(sallyport);
    const raw = await startRaw(await createServerDatabase(cluster));
    opened.push(raw);
    const subjects: Record<string, Round> = { sallyport: sallyport.round, raw: raw.round('empty'), row: raw.round('row') };
    const medians: Record<string, number[]> = {};
    for (const round of Object.values(subjects)) await round(1);
    const names = Object.keys(subjects);
    for (let nth = 0; nth < rounds; nth += 1) {
      for (let turn = 0; turn < names.length; turn += 1) {
        // The order rotates, so that none is always first.
        const name = names[(turn + nth) % names.length] as string;
        const times = await (subjects[name] as Round)(seconds);
        const middle = median(times) as number;
        medians[name] = [...(medians[name] ?? []), middle];
        progress(`round ${nth + 1} ${name}: ${middle.toFixed(2)} ms a step over ${times.length} runs`);
      }
    }
    const of = (name: string): number | null => median(medians[name] ?? []);
    return {
      name: 'workflows',
      machine: describeMachine(),
      versions: {
        node: nodeVersion(),
        dbos: dbosVersion(),
        postgres: await version(cluster.adminUrl),
      },
      rounds,
      results: [
        figure('a step of ours', of('sallyport'), 'ms'),
        figure('a step of raw DBOS that does nothing', of('raw'), 'ms'),
        figure('a step of raw DBOS that writes one row of its own', of('row'), 'ms'),
        figure('ours over raw DBOS', ratio(of('sallyport'), of('raw')), 'x', atMost(WANTED_RATIO)),
        figure('ours over raw DBOS with a row of its own', ratio(of('sallyport'), of('row')), 'x'),
      ],
      notes: [`${STEPS} steps a run, one run at a time; Postgres is durable (fsync) and shared by all`],
    };
  } finally {
    for (const one of opened.reverse()) await one.close();
    await cluster.stop();
  }
}

/** The package does not export its own description. */
function dbosVersion(): string {
  const entry = fileURLToPath(import.meta.resolve('@dbos-inc/dbos-sdk'));
  const root = entry.slice(0, entry.lastIndexOf('/dist/'));
  return (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version;
}

async function version(adminUrl: string): Promise<string> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  const { rows } = await client.query<{ server_version: string }>('show server_version');
  await client.end();
  return rows[0]?.server_version ?? 'unknown';
}

async function startSallyport(databaseUrl: string): Promise<Subject> {
  const folder = await temporaryFolder('sallyport-bench-workflows-');
  const child = await startWorkflowChild({ folder: folder.path, databaseUrl, allowPrivate: [], isAlone: false });
  const db = new pg.Pool({ connectionString: databaseUrl, max: 1 });
  const must = async (method: string, path: string, body?: unknown): Promise<Record<string, unknown>> => {
    const answer = await child.owner(method, path, body);
    if (answer.status >= 300) throw new Error(`${path} answers ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  const { hash } = await must('POST', '/api/workflows', { files: { 'workflow.yaml': WORKFLOW } });
  await must('POST', '/api/workflows/steps/approve', { hash });
  await must('POST', '/api/workflows/steps/publish', { hash });
  const once = async (): Promise<number> => {
    const { id } = await must('POST', '/api/workflows/steps/runs', { input: {} });
    for (;;) {
      // The journal says when each step was written; asking for the end of the run takes no part in it.
      const { rows } = await db.query<{ state: string; steps: number; ms: number | null }>(
        `select r.state, count(s.*)::int as steps, (extract(epoch from max(s.recorded_at) - min(s.recorded_at)) * 1000)::float8 as ms
         from workflow_runs r left join workflow_steps s on s.run = r.id where r.id = $1 group by r.state`,
        [id],
      );
      const row = rows[0];
      if (row?.state === 'done' && row.steps === STEPS && row.ms !== null) return row.ms / (STEPS - 1);
      if (row !== undefined && row.state !== 'running') throw new Error(`the run ended as ${row.state} after ${row.steps} steps`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  return {
    round: async (seconds) => {
      const until = performance.now() + seconds * 1_000;
      const times: number[] = [];
      do times.push(await once());
      while (performance.now() < until);
      return times;
    },
    close: async () => {
      await child.kill();
      await db.end();
      await folder.remove();
    },
  };
}

async function startRaw(databaseUrl: string) {
  const child = fork(PEER, [databaseUrl], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const told = (): Promise<{ readonly times: readonly number[] }> =>
    new Promise((resolve, reject) => {
      child.once('message', (message) => resolve(message as { times: readonly number[] }));
      void exited.then(() => reject(new Error('raw DBOS ended')));
    });
  await told();
  return {
    round:
      (mode: 'empty' | 'row'): Round =>
      async (seconds) => {
        const answer = told();
        child.send({ mode, seconds, steps: STEPS });
        return (await answer).times;
      },
    close: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
