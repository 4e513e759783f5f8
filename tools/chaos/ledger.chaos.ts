// Chaos for the ledger: a whole installation serves 16 callers while its program, its Postgres, or both are killed with SIGKILL at random
// instants. Then every answered call must be in the ledger, every effect at the shop must have its intent, and no two checkpoints disagree.

import { type LedgerChaosReport, runLedgerChaos } from '../../testkit/crash/ledger-chaos.ts';
import type { ChaosOptions, ChaosReport, ChaosResult } from './scenario.ts';

export const name = 'ledger';

const DEFAULT_KILLS = 200;

export async function run({ seed, trials, log }: ChaosOptions): Promise<ChaosReport> {
  const kills = trials ?? DEFAULT_KILLS;
  const report = await runLedgerChaos({ kills, seed, log });
  log(JSON.stringify(report));
  return { rounds: kills, results: resultsOf(report) };
}

function resultsOf(report: LedgerChaosReport): readonly ChaosResult[] {
  const shown = (metric: string, value: number, unit: string): ChaosResult => ({ metric, value, unit, target: null, pass: null });
  const none = (metric: string, value: number, unit: string): ChaosResult => ({ metric, value, unit, target: 0, pass: value === 0 });
  const some = (metric: string, value: number, unit: string): ChaosResult => ({ metric, value, unit, target: '> 0', pass: value > 0 });
  return [
    shown('kills of the program', report.kills.program, 'kills'),
    shown('kills of Postgres', report.kills.postgres, 'kills'),
    shown('kills of both', report.kills.both, 'kills'),
    some('calls answered', report.acked, 'calls'),
    some('effects at the shop', report.effects, 'effects'),
    some('events sealed', report.sealed, 'events'),
    some('checkpoints seen', report.checkpoints, 'checkpoints'),
    none('answered calls lost from the ledger', report.lost, 'calls'),
    none('gaps in the sequence', report.gaps, 'numbers'),
    none('events twice', report.duplicates, 'events'),
    none('effects without an intent', report.effectsWithoutIntent, 'effects'),
    none('effects twice', report.effectsTwice, 'effects'),
    none('intents without an outcome', report.intentsWithoutOutcome, 'intents'),
    none('intents with two outcomes', report.intentsWithTwoOutcomes, 'intents'),
    none('equivocating checkpoints', report.equivocations, 'checkpoints'),
    none('checkpoints with another root', report.rootMismatches, 'checkpoints'),
    shown('slowest recovery', report.slowestRecoveryMs, 'ms'),
  ];
}
