// npm run bench -- NAME [--json] [--rounds N] [--seconds N]. Exit 0 when it ran (a missed gate is a finding), 2 on bad usage.

import process from 'node:process';
import { parseArgs } from 'node:util';
import { BENCHES } from './src/benches.ts';
import { document, table } from './src/report.ts';

const USAGE = `Usage: npm run bench -- NAME [--json] [--rounds N] [--seconds N]\nNames: ${Object.keys(BENCHES).join(', ')}\n`;

function fail(): never {
  process.stderr.write(USAGE);
  process.exit(2);
}

function parse(): { name: string; json: boolean; rounds: number; seconds: number } {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        json: { type: 'boolean', default: false },
        rounds: { type: 'string', default: '3' },
        seconds: { type: 'string', default: '3' },
      },
    });
    const [rounds, seconds] = [Number(values.rounds), Number(values.seconds)];
    const whole = (value: number, most: number): boolean => Number.isInteger(value) && value >= 1 && value <= most;
    if (positionals.length !== 1 || !whole(rounds, 20) || !whole(seconds, 60)) return fail();
    return { name: positionals[0] as string, json: values.json, rounds, seconds };
  } catch {
    return fail();
  }
}

const { name, json, rounds, seconds } = parse();
const bench = Object.hasOwn(BENCHES, name) ? BENCHES[name] : undefined;
if (bench === undefined) fail();
const report = await bench({ rounds, seconds, progress: (line) => process.stderr.write(`${line}\n`) });
process.stdout.write(json ? `${document(report)}\n` : table(report));
