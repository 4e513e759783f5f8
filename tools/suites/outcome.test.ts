// Counts and failures from what suites leave behind, good and bad.

import { describe, expect, it } from 'vitest';
import { type Ended, failedFiles, outcomeOfExit, outcomeOfReport, outcomeOfTests, withSecondAttempt } from './outcome.ts';

const ended = (result: unknown, options: Partial<Ended> = {}): Ended => ({
  exitCode: 0,
  isCi: false,
  result: result === null ? null : JSON.stringify(result),
  ...options,
});

const testFile = (statuses: readonly string[], status = 'passed', message = ''): object => ({
  name: 'a.test.ts',
  status,
  message,
  assertionResults: statuses.map((each, index) => ({ fullName: `test ${index}`, status: each })),
});
const tests = (...files: readonly object[]): object => ({ testResults: files });

describe('a suite counted by its exit code', () => {
  it('holds with 0 and fails with anything else', () => {
    expect(outcomeOfExit(ended(null))).toMatchObject({ passed: 1, failed: 0 });
    expect(outcomeOfExit(ended(null, { exitCode: 2 }))).toMatchObject({ passed: 0, failed: 1 });
  });
});

describe('a suite counted by its report', () => {
  it('counts rules that held and failures', () => {
    expect(outcomeOfReport(ended({ passed: 12, failures: [], notes: [] }))).toMatchObject({ passed: 12, failed: 0 });
    expect(outcomeOfReport(ended({ passed: 11, failures: ['a', 'b'], notes: [] }, { exitCode: 1 }))).toMatchObject({
      passed: 11,
      failed: 2,
    });
  });

  it('fails without a report, with an unreadable one, with nothing checked, and with an exit code the report does not explain', () => {
    expect(outcomeOfReport(ended(null)).failed).toBe(1);
    expect(outcomeOfReport(ended(null, { result: '{' })).failed).toBe(1);
    expect(outcomeOfReport(ended({ passed: 0, failures: [], notes: [] })).failed).toBe(1);
    expect(outcomeOfReport(ended({ passed: 3, failures: [], notes: [] }, { exitCode: 1 })).failed).toBe(1);
  });
});

describe('a suite of tests', () => {
  it('counts tests and names failures', () => {
    const outcome = outcomeOfTests(ended(tests(testFile(['passed', 'failed', 'passed'], 'failed')), { exitCode: 1 }));
    expect(outcome).toMatchObject({ passed: 2, failed: 1, skipped: 0, lines: ['test 1 (a.test.ts)'] });
  });

  it('says in a line what a test failed with', () => {
    const failed = { fullName: 'a test', status: 'failed', failureMessages: ['Error: expected 1 to be 2\n    at somewhere'] };
    const { lines } = outcomeOfTests(ended(tests({ ...testFile([], 'failed'), assertionResults: [failed] }), { exitCode: 1 }));
    expect(lines).toEqual(['a test (a.test.ts): Error: expected 1 to be 2']);
  });

  it('fails when it ran no test', () => {
    expect(outcomeOfTests(ended(tests())).failed).toBe(1);
    expect(outcomeOfTests(ended(tests(testFile([])))).failed).toBe(1);
  });

  it('fails when a file could not be loaded, when an error came outside of tests, and without a report', () => {
    expect(outcomeOfTests(ended(tests(testFile(['passed']), testFile([], 'failed', 'no such module')), { exitCode: 1 })).failed).toBe(1);
    expect(outcomeOfTests(ended(tests(testFile(['passed'])), { exitCode: 1 })).failed).toBe(1);
    expect(outcomeOfTests(ended(null)).failed).toBe(1);
  });

  it.each(['pending', 'skipped', 'todo', 'disabled'])('lets a %s test pass on a user’s machine and fails it in CI, by name', (status) => {
    const report = tests(testFile(['passed', status]));
    expect(outcomeOfTests(ended(report))).toMatchObject({ passed: 1, failed: 0, skipped: 1, lines: ['skipped: test 1'] });
    const inCi = outcomeOfTests(ended(report, { isCi: true }));
    expect(inCi).toMatchObject({ passed: 1, failed: 1, skipped: 1 });
    expect(inCi.lines).toContain('skipped: test 1');
  });
});

describe('a second attempt', () => {
  const file = (name: string, status: string): object => ({ ...testFile([status], status), name });
  const first = JSON.stringify(tests(file('a.test.ts', 'failed'), file('b.test.ts', 'passed'), file('c.test.ts', 'failed')));

  it('is for files in which something failed', () => {
    expect(failedFiles(first)).toEqual(['a.test.ts', 'c.test.ts']);
    expect(failedFiles(null)).toBeNull();
    expect(failedFiles('{')).toBeNull();
  });

  it('takes the place of the first, names what it mended, and leaves failed what failed again', () => {
    const second = JSON.stringify(tests(file('a.test.ts', 'passed'), file('c.test.ts', 'failed')));
    const { result, again } = withSecondAttempt(first, second);
    expect(again).toEqual(['test 0 (a.test.ts)']);
    expect(outcomeOfTests({ exitCode: 1, result, isCi: true })).toMatchObject({ passed: 2, failed: 1, lines: ['test 0 (c.test.ts)'] });
  });

  it('that did not run a file mends nothing of it', () => {
    const { result, again } = withSecondAttempt(first, JSON.stringify(tests(file('a.test.ts', 'passed'))));
    expect(again).toEqual(['test 0 (a.test.ts)']);
    expect(outcomeOfTests({ exitCode: 0, result, isCi: true }).failed).toBe(1);
  });
});
