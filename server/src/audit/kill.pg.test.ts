// The ledger under kill -9, on a cluster of its own because a killed backend restarts the whole server.

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import type { TrialReport } from './test/ledger-trial.ts';

it('[PROMISE-1] loses, skips, doubles and contradicts nothing when sequencers, writers and a Postgres backend are killed', async () => {
  const trial = join(import.meta.dirname, 'test', 'ledger-trial.ts');
  const { stdout } = await promisify(execFile)('node', [trial, JSON.stringify({ kills: 7, seed: 9 })], { maxBuffer: 2 ** 26 });
  const report = JSON.parse(stdout.trimEnd().split('\n').at(-1) as string) as TrialReport;
  console.log(report);
  expect(report).toMatchObject({ kills: 7, lost: 0, gaps: 0, duplicates: 0, equivocations: 0, rootMismatches: 0, packsRefused: 0 });
  expect(report.acked).toBeGreaterThan(100);
  expect(report.backendKills).toBeGreaterThan(0);
  expect(report.sealed).toBeGreaterThanOrEqual(report.acked);
  expect(Object.keys(report.faults).filter((code) => !code.startsWith('STORAGE_'))).toEqual([]);
});
