// Entry of `npm run check`, `npm test` and `npm run verify`: runs the suites of a command, prints seconds per suite, and ends with
// one line that says how much passed, failed and was skipped. Exit code 1 when anything failed.

import { join } from 'node:path';
import { killAll, runSuite, type SuiteRun } from './suites/run.ts';
import { COMMANDS, type Suite } from './suites/table.ts';
import { verify } from './verify/main.ts';

const root = join(import.meta.dirname, '..');
const isCi = !['', '0', 'false', undefined].includes(process.env.CI);

function show(run: SuiteRun): void {
  const { suite, seconds, passed, failed, skipped, lines, output } = run;
  const counts = `${passed} passed, ${failed} failed, ${skipped} skipped`;
  console.log(`${failed === 0 ? 'ok  ' : 'FAIL'} ${suite.name.padEnd(8)} ${seconds.toFixed(1).padStart(6)} s   ${counts}`);
  const notes = output.split('\n').filter((line) => line.startsWith('note: '));
  const detail = failed > 0 || suite.lane === 'database' ? output.trimEnd().split('\n') : notes;
  for (const line of detail.filter((text) => text !== '')) console.log(`     | ${line}`);
  if (suite.counts !== 'report') for (const line of lines) console.log(`     ${line}`);
}

async function runLane(suites: readonly Suite[]): Promise<readonly SuiteRun[]> {
  const runs: SuiteRun[] = [];
  for (const suite of suites) {
    const run = await runSuite(root, suite, { isCi });
    show(run);
    runs.push(run);
  }
  return runs;
}

async function runSuites(suites: readonly Suite[]): Promise<number> {
  const lane = (name: Suite['lane']): readonly Suite[] => suites.filter((suite) => suite.lane === name);
  const sideBySide = await Promise.all([runLane(lane('unit')), runLane(lane('static'))]);
  const runs = [...sideBySide.flat(), ...(await runLane(lane('database')))];
  const sum = (count: (run: SuiteRun) => number): number => runs.reduce((total, run) => total + count(run), 0);
  const failed = sum((run) => run.failed);
  // Once more at the end, where it is seen however much was printed before.
  for (const run of runs.filter((one) => one.failed > 0 || one.lines.length > 0)) {
    console.log(`${run.failed > 0 ? 'FAIL' : 'ok  '} ${run.suite.name} after ${run.seconds.toFixed(1)} s`);
    for (const line of run.lines) console.log(`     ${line}`);
  }
  console.log(`${sum((run) => run.passed)} passed, ${failed} failed, ${sum((run) => run.skipped)} skipped`);
  return failed === 0 && runs.length > 0 ? 0 : 1;
}

async function main(command: string | undefined, names: readonly string[]): Promise<number> {
  if (command === 'verify') return verify(root, names);
  const suites = command === 'check' || command === 'test' ? COMMANDS[command] : undefined;
  const known = suites?.map((suite) => suite.name) ?? [];
  const unknown = names.filter((name) => !known.includes(name));
  if (suites === undefined || unknown.length > 0) {
    console.error(
      `usage: node tools/suites.ts check|test [suite ...] or verify [--check] [name ...]. Suites: ${COMMANDS.test.map((suite) => suite.name).join(', ')}`,
    );
    return 2;
  }
  return runSuites(names.length === 0 ? suites : suites.filter((suite) => names.includes(suite.name)));
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    killAll();
    process.exit(130);
  });
}
const [command, ...names] = process.argv.slice(2);
process.exitCode = await main(command, names);
