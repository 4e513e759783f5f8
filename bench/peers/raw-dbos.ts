// Raw DBOS on a database of its own: a workflow of steps that do nothing, or that write one row of their own. Started with an IPC channel;
// answers `{mode, seconds, steps}` with the milliseconds a step took in each run.

import { DBOS } from '@dbos-inc/dbos-sdk';
import pg from 'pg';

interface Order {
  readonly mode: 'empty' | 'row';
  readonly seconds: number;
  readonly steps: number;
}

const url = process.argv[2] ?? '';
const pool = new pg.Pool({ connectionString: url, max: 4 });
await pool.query('create table if not exists journal (run text, step integer, body jsonb, primary key (run, step))');

const flow = DBOS.registerWorkflow(
  async (mode: Order['mode'], steps: number): Promise<number> => {
    let firstMs = 0;
    for (let nth = 0; nth < steps; nth += 1) {
      await DBOS.runStep(
        async () => {
          if (mode === 'row') await pool.query('insert into journal values ($1, $2, $3)', [DBOS.workflowID, nth, '{"facts":{"n":1}}']);
          return 'moved';
        },
        { name: 'move' },
      );
      if (nth === 0) firstMs = performance.now();
    }
    return (performance.now() - firstMs) / (steps - 1);
  },
  { name: 'bench' },
);

const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
DBOS.setConfig({ name: 'bench', systemDatabaseUrl: url, logger: quiet });
await DBOS.launch();

process.on('message', async (message) => {
  const { mode, seconds, steps } = message as Order;
  const until = performance.now() + seconds * 1_000;
  const times: number[] = [];
  do times.push(await (await DBOS.startWorkflow(flow)(mode, steps)).getResult());
  while (performance.now() < until);
  process.send?.({ times });
});
process.on('disconnect', () => process.exit(0));
process.send?.({ ready: true });
