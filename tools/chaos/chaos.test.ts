// The chaos runner is run as a program beside planted scenarios.

import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let folder = '';
const plant = (name: string, pass: boolean): void =>
  writeFileSync(
    join(folder, `${name}.chaos.ts`),
    `export const name = '${name}';
     export const run = async ({ seed }: { seed: number }) => ({ rounds: 2, results: [{ metric: 'seed', value: seed, unit: '', target: null, pass: ${pass} }] });`,
  );
const run = (...args: readonly string[]) => spawnSync(process.execPath, [join(folder, 'main.ts'), ...args], { encoding: 'utf8' });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-chaos-'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  for (const file of ['main.ts', 'scenario.ts']) cpSync(join(import.meta.dirname, file), join(folder, file));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the chaos runner', () => {
  it('runs every scenario with the printed seed and ends with one JSON document', () => {
    plant('one', true);
    plant('two', true);
    const { status, stdout, stderr } = run('--json', '--seed', '7');
    expect(status).toBe(0);
    expect(stderr).toContain('seed 7');
    expect(JSON.parse(stdout)).toMatchObject({
      name: 'chaos',
      rounds: 4,
      results: [
        { metric: 'one: seed', value: 7 },
        { metric: 'two: seed', value: 7 },
      ],
    });
  });

  it('runs only the named scenario and fails when a target is missed', () => {
    plant('one', true);
    plant('two', false);
    expect(run('one').status).toBe(0);
    expect(run('two').status).toBe(1);
  });

  it('refuses an unknown scenario, and to run none', () => {
    expect(run('--json').status).toBe(2);
    plant('one', true);
    expect(run('three').status).toBe(2);
  });
});
