// Chaos for workflows: processes are killed with SIGKILL while runs of the support template are at random steps, each at its own, and
// started again. Refunds and replies are counted at the shop.

import { startTestCluster } from '../../testkit/cluster.ts';
import { allKillPoints } from '../../testkit/crash/kill-points.ts';
import { openWorkflowCrash, type RunVerdict } from '../../testkit/crash/workflow-crash.ts';
import { seededRandom } from '../../testkit/index.ts';
import type { ChaosOptions, ChaosReport, ChaosResult } from './scenario.ts';

export const name = 'workflows';

const DEFAULT_RUNS = 200;
/** Runs that share a process and its death. */
const PER_PROCESS = 5;
const BATCH = 50;

export async function run({ seed, trials, log }: ChaosOptions): Promise<ChaosReport> {
  const wanted = trials ?? DEFAULT_RUNS;
  const random = seededRandom(seed);
  const cluster = await startTestCluster();
  const verdicts: RunVerdict[] = [];
  let steps = 0;
  try {
    const world = await openWorkflowCrash(cluster);
    try {
      const whole = await world.wholeRun();
      steps = whole.steps.length;
      const points = allKillPoints(whole.steps);
      while (verdicts.length < wanted) {
        const chosen = Array.from({ length: Math.min(BATCH, wanted - verdicts.length) }, () => {
          const point = points[random.below(points.length)];
          if (point === undefined) throw new Error('a run has steps');
          return point;
        });
        verdicts.push(...(await world.trials(chosen, PER_PROCESS)));
        log(`${verdicts.length} of ${wanted}, ${verdicts.filter(({ isStruck }) => isStruck).length} struck at their step`);
      }
      for (const verdict of verdicts.filter(isWrong)) log(`wrong: ${JSON.stringify(verdict)}`);
    } finally {
      await world.close();
    }
  } finally {
    await cluster.stop();
  }
  const none = (metric: string, isFound: (verdict: RunVerdict) => boolean): ChaosResult => {
    const value = verdicts.filter(isFound).length;
    return { metric, value, unit: 'runs', target: 0, pass: value === 0 };
  };
  const struck = verdicts.filter(({ isStruck }) => isStruck).length;
  const effects = verdicts.reduce((total, { refunds }) => total + refunds, 0);
  return {
    rounds: verdicts.length,
    results: [
      { metric: 'steps of a run', value: steps, unit: 'steps', target: null, pass: null },
      { metric: 'runs killed at their step', value: struck, unit: 'runs', target: `>= ${wanted * 0.8}`, pass: struck >= wanted * 0.8 },
      { metric: 'refunds', value: effects, unit: 'effects', target: wanted, pass: effects === wanted },
      none('refunded more than once', ({ refunds }) => refunds > 1),
      none('replied more than once', ({ replies }) => replies > 1),
      none('without refund or reply', ({ refunds, replies }) => refunds === 0 || replies === 0),
      none('not ended as they should', ({ state }) => state !== 'done null'),
    ],
  };
}

const isWrong = ({ state, refunds, replies }: RunVerdict): boolean => state !== 'done null' || refunds !== 1 || replies !== 1;
