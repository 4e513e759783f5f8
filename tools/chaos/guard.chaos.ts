// Chaos for the guard: a whole server is killed with SIGKILL at a random step of its calls (a refund, a read, a model call, an approved
// change), started again, and asked the same again. Effects are counted at the shop, intents and outcomes in the ledger.

import { startTestCluster } from '../../testkit/cluster.ts';
import { openCrashWorld } from '../../testkit/crash/crash-world.ts';
import { allKillPoints } from '../../testkit/crash/kill-points.ts';
import { seededRandom } from '../../testkit/index.ts';
import type { ChaosOptions, ChaosReport } from './scenario.ts';

export const name = 'guard';

const DEFAULT_KILLS = 200;

export async function run({ seed, trials, log }: ChaosOptions): Promise<ChaosReport> {
  const kills = trials ?? DEFAULT_KILLS;
  const random = seededRandom(seed);
  const cluster = await startTestCluster();
  const counts = { struck: 0, twice: 0, violations: 0 };
  let slowestMs = 0;
  try {
    const world = await openCrashWorld(cluster);
    try {
      const points = allKillPoints((await world.trial(null)).steps);
      for (let nth = 0; nth < kills; nth += 1) {
        const bytes = random.bytes(4);
        const at = points[Buffer.from(bytes).readUInt32BE() % points.length];
        if (at === undefined) throw new Error('a scenario has steps');
        const startedAt = performance.now();
        const verdict = await world.trial(at);
        slowestMs = Math.max(slowestMs, performance.now() - startedAt);
        if (verdict.died) counts.struck += 1;
        if (verdict.refundsAtShop > 1 || verdict.changesAtShop > 1) counts.twice += 1;
        counts.violations += verdict.violations.length;
        for (const violation of verdict.violations) log(`killed ${at.moment} step ${at.step}: ${violation}`);
        if ((nth + 1) % 10 === 0) log(`${nth + 1} of ${kills}, ${counts.struck} struck`);
      }
    } finally {
      await world.close();
    }
  } finally {
    await cluster.stop();
  }
  return {
    rounds: kills,
    results: [
      {
        metric: 'kills that struck',
        value: counts.struck,
        unit: 'kills',
        target: `>= ${Math.floor(kills * 0.8)}`,
        pass: counts.struck >= kills * 0.8,
      },
      { metric: 'effects done twice', value: counts.twice, unit: 'effects', target: 0, pass: counts.twice === 0 },
      { metric: 'broken promises', value: counts.violations, unit: 'findings', target: 0, pass: counts.violations === 0 },
      { metric: 'slowest trial', value: Math.round(slowestMs), unit: 'ms', target: null, pass: null },
    ],
  };
}
