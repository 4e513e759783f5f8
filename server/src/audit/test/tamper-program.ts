// Tampers as a program of its own, with a Postgres of its own: `{"trials":N,"seed":S}` as argument, one JSON report as the last line of output.

import { argv, stderr, stdout } from 'node:process';
import { startTestCluster } from '../../../../testkit/cluster.ts';
import { openLab } from './ledger-lab.ts';
import { runTampers } from './tamper-trials.ts';

/** A third of them on the live ledger, the others on exports. */
const LIVE_SHARE = 3;

const { trials, seed } = JSON.parse(argv[2] as string) as { trials: number; seed: number };
const cluster = await startTestCluster();
try {
  const lab = await openLab({ cluster });
  try {
    const live = Math.ceil(trials / LIVE_SHARE);
    const report = await runTampers(lab, { live, zip: trials - live, seed, log: (line) => stderr.write(`${line}\n`) });
    stdout.write(`${JSON.stringify(report)}\n`);
  } finally {
    await lab.close();
  }
} finally {
  await cluster.stop();
}
