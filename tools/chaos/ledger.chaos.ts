// Chaos for the ledger: sequencers, writers and Postgres backends are killed with SIGKILL; then every acknowledged event must be in the
// ledger exactly once and no two signed checkpoints may contradict each other. The trial itself is a program of the audit room.

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { ChaosOptions, ChaosReport, ChaosResult } from './scenario.ts';

export const name = 'ledger';

const TRIAL = join(import.meta.dirname, '..', '..', 'server', 'src', 'audit', 'test', 'ledger-trial.ts');
const DEFAULT_KILLS = 200;
/** Kills of one trial: each trial starts with a fresh cluster, ledger and key. */
const KILLS_PER_TRIAL = 25;

type Trial = Readonly<Record<string, number>>;

async function runTrial(kills: number, seed: number): Promise<Trial> {
  const child = spawn(process.execPath, [TRIAL, JSON.stringify({ kills, seed })], { stdio: ['ignore', 'pipe', 'inherit'] });
  let last = '';
  createInterface({ input: child.stdout }).on('line', (line) => {
    last = line;
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`the trial with seed ${seed} ended with ${code}`);
  return JSON.parse(last) as Trial;
}

export async function run({ seed, trials, log }: ChaosOptions): Promise<ChaosReport> {
  const kills = trials ?? DEFAULT_KILLS;
  const done: Trial[] = [];
  for (let killed = 0; killed < kills; killed += KILLS_PER_TRIAL) {
    const trial = await runTrial(Math.min(KILLS_PER_TRIAL, kills - killed), seed + killed);
    log(JSON.stringify(trial));
    done.push(trial);
  }
  const sum = (metric: string): number => done.reduce((total, trial) => total + (trial[metric] ?? 0), 0);
  const none = (metric: string, unit: string): ChaosResult => ({ metric, value: sum(metric), unit, target: 0, pass: sum(metric) === 0 });
  const shown = (metric: string, unit: string): ChaosResult => ({ metric, value: sum(metric), unit, target: null, pass: null });
  const slowest = Math.max(...done.map((trial) => trial.slowestRecoveryMs ?? 0));
  return {
    rounds: kills,
    results: [
      shown('acked', 'events'),
      shown('backendKills', 'kills'),
      none('lost', 'events'),
      none('gaps', 'numbers'),
      none('duplicates', 'events'),
      shown('checkpoints', 'notes'),
      none('equivocations', 'notes'),
      none('rootMismatches', 'notes'),
      none('packsRefused', 'packs'),
      { metric: 'slowestRecoveryMs', value: slowest, unit: 'ms', target: null, pass: null },
    ],
  };
}
