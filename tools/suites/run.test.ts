// Suites are run as programs: one that ends, one that can not start, one that hangs together with what it started.

import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runSuite } from './run.ts';
import type { Suite } from './table.ts';

let root = '';
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'sallyport suites '));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const suite = (script: string, options: Partial<Suite> = {}): Suite => ({
  name: 'planted',
  command: ['node', '-e', script],
  counts: 'exit',
  lane: 'static',
  maxSeconds: 30,
  ...options,
});
const run = (planted: Suite) => runSuite(root, planted, { isCi: false });

/** A killed process that nobody has waited for still has a pid, but no longer runs. */
function isRunning(pid: number): boolean {
  const stat = `/proc/${pid}/stat`;
  if (existsSync('/proc/self/stat')) return existsSync(stat) && !/\) Z /.test(readFileSync(stat, 'utf8'));
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('a suite', () => {
  it('keeps both streams of its output and its exit code', async () => {
    const outcome = await run(suite("console.log('out'); console.error('err'); process.exitCode = 3"));
    expect(outcome).toMatchObject({ passed: 0, failed: 1, lines: ['ended with exit code 3'] });
    expect(outcome.output).toContain('out');
    expect(outcome.output).toContain('err');
  });

  it('hands its report back by a file', async () => {
    const script =
      "require('fs').writeFileSync(process.env.SALLYPORT_CHECK_REPORT, JSON.stringify({ passed: 4, failures: [], notes: [] }))";
    expect(await run(suite(script, { counts: 'report' }))).toMatchObject({ passed: 4, failed: 0 });
  });

  it('has failed when its program is not there', async () => {
    expect(await run(suite('', { command: ['no-such-program-of-ours'] }))).toMatchObject({ passed: 0, failed: 1 });
  });

  it('reads nothing from standard input', async () => {
    expect(await run(suite("process.stdin.on('end', () => process.exit(0)).resume()"))).toMatchObject({ passed: 1 });
  });

  it('is killed with everything it started when it takes too long', async () => {
    const file = join(root, 'pid');
    const script = `const child = require('child_process').spawn(process.execPath, ['-e', 'setInterval(() => 0, 1000)']);
      require('fs').writeFileSync(${JSON.stringify(file)}, String(child.pid)); setInterval(() => 0, 1000)`;
    const outcome = await run(suite(script, { maxSeconds: 1 }));
    expect(outcome.failed).toBeGreaterThan(0);
    expect(outcome.lines[0]).toBe('took longer than 1 s and was stopped');
    await expect.poll(() => isRunning(Number(readFileSync(file, 'utf8')))).toBe(false);
  });

  it('says what it was doing when it had to be stopped', async () => {
    const script = `const note = (...words) => require('fs').appendFileSync(process.env.SALLYPORT_SUITE_PROGRESS, JSON.stringify(words) + '\\n');
      note('begin', 'a file'); note('begin', 'first'); note('end', 'first'); note('begin', 'second'); setInterval(() => 0, 1000)`;
    const outcome = await run(suite(script, { maxSeconds: 1 }));
    expect(outcome.lines).toEqual(expect.arrayContaining(['had not ended: a file', 'had not ended: second']));
    expect(outcome.lines).not.toContain('had not ended: first');
  });

  it.each([
    ['passes then', 'passed', { passed: 1, failed: 0, lines: ['passed at the second attempt only: a test (a.test.ts)'] }],
    ['fails again', 'failed', { passed: 0, failed: 1, lines: ['a test (a.test.ts)'] }],
  ])('runs a file that failed once more where the table allows it, in a new process, and it %s', async (_, status, expected) => {
    const script = `const args = process.argv.slice(1), out = args.find((arg) => arg.startsWith('--outputFile.json=')).slice(18);
      const now = args.includes('a.test.ts') ? '${status}' : 'failed';
      const testResults = [{ name: 'a.test.ts', status: now, assertionResults: [{ fullName: 'a test', status: now }] }];
      require('fs').writeFileSync(out, JSON.stringify({ testResults })); process.exit(now === 'failed' ? 1 : 0)`;
    const planted = suite('', { command: ['node', '-e', script, '--'], counts: 'tests' });
    expect(await run({ ...planted, mayTryAgain: true })).toMatchObject(expected);
    expect(await run(planted)).toMatchObject({ passed: 0, failed: 1 });
  });

  it('ends although a server it started lives on and holds its output open', async () => {
    const script = `const child = require('child_process').spawn(process.execPath, ['-e', 'setTimeout(() => 0, 6000)'], { stdio: 'inherit', detached: true });
      child.unref(); process.exit(0)`;
    expect(await run(suite(script))).toMatchObject({ passed: 1, failed: 0 });
  });
});
