// `npm run verify`: runs the long measurements and records each with the hash of its sources in docs/measurements.
// With --check it runs nothing and says which records are missing or stale. A run without a report is never recorded.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hashInputs, lastReport, type MeasurementRecord } from './record.ts';
import { MEASUREMENTS, type Measurement } from './table.ts';

const FOLDER = 'docs/measurements';
const MAX_OUTPUT_BYTES = 256 * 1024 * 1024;

type State = 'fresh' | 'stale' | 'missing';

export function stateOf(root: string, measurement: Measurement): State {
  const file = join(root, FOLDER, `${measurement.name}.json`);
  if (!existsSync(file)) return 'missing';
  const record = JSON.parse(readFileSync(file, 'utf8')) as MeasurementRecord;
  return record.sourceHash === hashInputs(root, measurement).hash ? 'fresh' : 'stale';
}

/** Faults of one run; none when it was recorded and every metric with a target reached it. */
export function measure(root: string, measurement: Measurement): readonly string[] {
  const [program = '', ...args] = measurement.command;
  const source = hashInputs(root, measurement);
  const startedAt = performance.now();
  const child = spawnSync(program === 'node' ? process.execPath : program, args, {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: MAX_OUTPUT_BYTES,
  });
  const seconds = Math.round((performance.now() - startedAt) / 100) / 10;
  const report = lastReport(child.stdout ?? '');
  if (report === null) return [`${measurement.name} printed no report (exit code ${child.status})`];
  if (source.hash !== hashInputs(root, measurement).hash) return [`${measurement.name}: its sources changed while it ran`];
  const record: MeasurementRecord = {
    name: measurement.name,
    command: measurement.command.join(' '),
    date: new Date().toISOString(),
    seconds,
    exitCode: child.status ?? 1,
    sourceHash: source.hash,
    files: source.files,
    report,
  };
  mkdirSync(join(root, FOLDER), { recursive: true });
  writeFileSync(join(root, FOLDER, `${measurement.name}.json`), `${JSON.stringify(record, null, 2)}\n`);
  const missed = report.results.filter((result) => result.pass === false);
  return [
    ...(child.status === 0 ? [] : [`${measurement.name} ended with exit code ${child.status}`]),
    ...missed.map((result) => `${measurement.name}: ${result.metric} is ${result.value} ${result.unit}, target ${result.target}`),
  ];
}

export function verify(root: string, args: readonly string[]): number {
  const names = args.filter((arg) => arg !== '--check');
  const unknown = names.filter((name) => !MEASUREMENTS.some((measurement) => measurement.name === name));
  if (unknown.length > 0) {
    console.error(`unknown measurement ${unknown.join(', ')}; there are ${MEASUREMENTS.map((measurement) => measurement.name).join(', ')}`);
    return 2;
  }
  const chosen = MEASUREMENTS.filter((measurement) => names.length === 0 || names.includes(measurement.name));
  let failed = 0;
  for (const measurement of chosen) {
    const state = stateOf(root, measurement);
    const faults = args.includes('--check') ? (state === 'fresh' ? [] : [`${measurement.name} is ${state}`]) : measure(root, measurement);
    console.log(`${faults.length === 0 ? 'ok  ' : 'FAIL'} ${measurement.name}`);
    for (const fault of faults) console.log(`     ${fault}`);
    if (faults.length > 0) failed += 1;
  }
  console.log(`${chosen.length - failed} passed, ${failed} failed, 0 skipped`);
  return failed === 0 ? 0 : 1;
}
