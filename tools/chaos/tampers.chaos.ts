// Tampers with the ledger: as superuser of the live database, with the log's key in hand for the last kinds, and on exported zips. Every one
// must be found offline, for the right reason and with its place. The trials are a program of the audit room.

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { ChaosOptions, ChaosReport } from './scenario.ts';

export const name = 'tampers';

const PROGRAM = join(import.meta.dirname, '..', '..', 'server', 'src', 'audit', 'test', 'tamper-program.ts');
const DEFAULT_TRIALS = 1_000;

interface TamperReport {
  readonly live: number;
  readonly zip: number;
  readonly found: number;
  readonly missed: readonly string[];
  readonly controls: readonly string[];
  readonly kinds: number;
}

async function runProgram(settings: { trials: number; seed: number }): Promise<TamperReport> {
  const child = spawn(process.execPath, [PROGRAM, JSON.stringify(settings)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let last = '';
  createInterface({ input: child.stdout }).on('line', (line) => {
    last = line;
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`the tampers with the seed ${settings.seed} ended with ${code}`);
  return JSON.parse(last) as TamperReport;
}

export async function run({ seed, trials, log }: ChaosOptions): Promise<ChaosReport> {
  const wanted = trials ?? DEFAULT_TRIALS;
  const report = await runProgram({ trials: wanted, seed });
  for (const line of [...report.missed, ...report.controls]) log(line);
  return {
    rounds: report.live + report.zip,
    results: [
      { metric: 'tampers on the live ledger', value: report.live, unit: 'tampers', target: null, pass: null },
      { metric: 'tampers on exports', value: report.zip, unit: 'tampers', target: null, pass: null },
      { metric: 'kinds', value: report.kinds, unit: 'kinds', target: null, pass: null },
      {
        metric: 'found with the right reason and place',
        value: report.found,
        unit: 'tampers',
        target: wanted,
        pass: report.found === wanted,
      },
      { metric: 'missed', value: report.missed.length, unit: 'tampers', target: 0, pass: report.missed.length === 0 },
      { metric: 'untampered packs refused', value: report.controls.length, unit: 'packs', target: 0, pass: report.controls.length === 0 },
    ],
  };
}
