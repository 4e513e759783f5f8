// The source hash changes with every byte it stands for, and only whole reports are read.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { measure, stateOf } from './main.ts';
import { hashInputs, lastReport } from './record.ts';
import type { Measurement } from './table.ts';

const REPORT = {
  name: 'speed',
  machine: {},
  versions: {},
  rounds: 3,
  results: [{ metric: 'rps', value: 5, unit: '1/s', target: 4, pass: true }],
};
const measurement: Measurement = { name: 'speed', command: ['node', 'run.mjs'], inputs: ['src/**/*.ts', 'run.mjs'] };

let root = '';
const write = (path: string, text: string): void => writeFileSync(join(root, path), text);
const runPrinting = (text: string, exitCode = 0): void =>
  write('run.mjs', `console.log(${JSON.stringify(text)}); process.exitCode = ${exitCode};`);

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sallyport verify '));
  mkdirSync(join(root, 'src/deep'), { recursive: true });
  write('src/a.ts', 'a');
  write('src/deep/b.ts', 'b');
  runPrinting(JSON.stringify(REPORT));
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

describe('the source hash', () => {
  it('changes with content, name and number of files, and with nothing else', () => {
    const first = hashInputs(root, measurement);
    expect(first.files).toBe(3);
    write('other.txt', 'x');
    expect(hashInputs(root, measurement)).toEqual(first);
    write('src/a.ts', 'ab');
    const changed = hashInputs(root, measurement);
    expect(changed.hash).not.toBe(first.hash);
    write('src/c.ts', '');
    expect(hashInputs(root, measurement).hash).not.toBe(changed.hash);
  });
});

describe('a measurement', () => {
  it('is missing, then recorded, then stale when a source changes', () => {
    expect(stateOf(root, measurement)).toBe('missing');
    expect(measure(root, measurement)).toEqual([]);
    expect(stateOf(root, measurement)).toBe('fresh');
    expect(JSON.parse(readFileSync(join(root, 'docs/measurements/speed.json'), 'utf8'))).toMatchObject({
      name: 'speed',
      exitCode: 0,
      report: REPORT,
    });
    write('src/a.ts', 'changed');
    expect(stateOf(root, measurement)).toBe('stale');
  });

  it('is recorded and fails when a target is missed', () => {
    runPrinting(JSON.stringify({ ...REPORT, results: [{ metric: 'rps', value: 3, unit: '1/s', target: 4, pass: false }] }));
    expect(measure(root, measurement)).toEqual(['speed: rps is 3 1/s, target 4']);
    expect(stateOf(root, measurement)).toBe('fresh');
  });

  it('is not recorded when the run printed no report', () => {
    runPrinting('all fine');
    expect(measure(root, measurement)).toHaveLength(1);
    expect(stateOf(root, measurement)).toBe('missing');
  });

  it('fails when the run ended with an error', () => {
    runPrinting(JSON.stringify(REPORT), 1);
    expect(measure(root, measurement)).toEqual(['speed ended with exit code 1']);
  });
});

describe('the last report', () => {
  it('is found after other output, on one line or many', () => {
    expect(lastReport(`warming up\n{"a":1}\n${JSON.stringify(REPORT)}\n`)).toEqual(REPORT);
    expect(lastReport(`x\n${JSON.stringify(REPORT, null, 2)}\n`)).toEqual(REPORT);
  });

  it('is not made up', () => {
    expect(lastReport('')).toBeNull();
    expect(lastReport('{"name":"x"}')).toBeNull();
    expect(lastReport(`${JSON.stringify(REPORT)}\ntrailing`)).toBeNull();
  });
});
