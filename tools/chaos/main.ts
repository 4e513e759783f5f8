// `npm run chaos -- [NAME ...] [--json]`: runs the chaos scenarios found beside this file and prints their reports.
// Each `*.chaos.ts` exports `name` and `run(options)`. With --json the last thing on standard output is one JSON document.

import { globSync } from 'node:fs';
import { arch, cpus, platform, totalmem } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import type { ChaosResult, ChaosScenario } from './scenario.ts';

async function loadScenarios(folder: string): Promise<readonly ChaosScenario[]> {
  const files = globSync('*.chaos.ts', { cwd: folder }).sort();
  const modules = await Promise.all(
    files.map(async (file) => (await import(pathToFileURL(join(folder, file)).href)) as Partial<ChaosScenario>),
  );
  return modules.map(({ name, run }, index) => {
    if (typeof name !== 'string' || typeof run !== 'function') throw new Error(`${files[index]} must export name and run`);
    return { name, run };
  });
}

function showTable(results: readonly ChaosResult[]): void {
  for (const { metric, value, unit, target, pass } of results) {
    console.log(`${pass === false ? 'FAIL' : 'ok  '} ${metric.padEnd(44)} ${value} ${unit}${target === null ? '' : ` (target ${target})`}`);
  }
}

async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { json: { type: 'boolean', default: false }, seed: { type: 'string' }, trials: { type: 'string' } },
  });
  const scenarios = await loadScenarios(import.meta.dirname);
  const unknown = positionals.filter((name) => !scenarios.some((scenario) => scenario.name === name));
  if (unknown.length > 0 || scenarios.length === 0) {
    console.error(
      scenarios.length === 0
        ? 'there is no chaos scenario'
        : `unknown scenario ${unknown.join(', ')}; there are ${scenarios.map((scenario) => scenario.name).join(', ')}`,
    );
    return 2;
  }
  const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed);
  const trials = values.trials === undefined ? null : Number(values.trials);
  console.error(`seed ${seed}`);
  const chosen = scenarios.filter((scenario) => positionals.length === 0 || positionals.includes(scenario.name));
  const results: ChaosResult[] = [];
  let rounds = 0;
  for (const scenario of chosen) {
    const report = await scenario.run({ seed, trials, log: (line) => console.error(`${scenario.name}: ${line}`) });
    rounds += report.rounds;
    results.push(...report.results.map((result) => ({ ...result, metric: `${scenario.name}: ${result.metric}` })));
  }
  const machine = {
    cpus: cpus().length,
    model: cpus()[0]?.model ?? 'unknown',
    memoryMiB: Math.round(totalmem() / 2 ** 20),
    platform: platform(),
    arch: arch(),
  };
  const document = { name: 'chaos', machine, versions: { node: process.version }, seed, rounds, results };
  if (values.json) console.log(JSON.stringify(document));
  else showTable(results);
  return results.length > 0 && results.every((result) => result.pass !== false) ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
