// Turns what a suite left behind (exit code, check report, the test runner's JSON) into counts and named failures.
// INVARIANT: a suite that ran no test, or left no readable result, has failed; in CI a skipped test is a failure with a name.

import type { CheckReport } from './report.ts';

export interface Outcome {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** One line for each failure and each skipped test. */
  readonly lines: readonly string[];
}

/** The part of the test runner's JSON report that is read. */
export interface TestReport {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message?: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages?: readonly string[] | null;
    }[];
  }[];
}

export interface Ended {
  readonly exitCode: number;
  /** Text of the result file, or null when the suite left none. */
  readonly result: string | null;
  readonly isCi: boolean;
}

const failure = (line: string): Outcome => ({ passed: 0, failed: 1, skipped: 0, lines: [line] });

function parse<T>(text: string | null): T | null {
  try {
    return text === null ? null : (JSON.parse(text) as T);
  } catch {
    return null;
  }
}

/** The first line of what a test failed with, short. */
function firstWords(messages: readonly string[] | null | undefined): string {
  const line = messages?.[0]?.split('\n')[0]?.trim() ?? '';
  return line === '' ? '' : `: ${line.slice(0, 300)}`;
}

export function outcomeOfExit({ exitCode }: Ended): Outcome {
  return exitCode === 0 ? { passed: 1, failed: 0, skipped: 0, lines: [] } : failure(`ended with exit code ${exitCode}`);
}

export function outcomeOfReport({ exitCode, result }: Ended): Outcome {
  const report = parse<CheckReport>(result);
  if (report === null) return failure(`left no report (exit code ${exitCode})`);
  const failed = report.failures.length + (exitCode !== 0 && report.failures.length === 0 ? 1 : 0);
  const nothing = report.passed === 0 && failed === 0 ? ['checked nothing'] : [];
  return { passed: report.passed, failed: failed + nothing.length, skipped: 0, lines: [...nothing, ...report.failures] };
}

export function outcomeOfTests({ exitCode, result, isCi }: Ended): Outcome {
  const report = parse<TestReport>(result);
  if (report === null) return failure(`left no test report (exit code ${exitCode})`);
  const tests = report.testResults.flatMap((file) => file.assertionResults.map((test) => ({ ...test, file: file.name })));
  const withStatus = (...statuses: readonly string[]): typeof tests => tests.filter((test) => statuses.includes(test.status));
  const passed = withStatus('passed').length;
  const failed = withStatus('failed');
  const skipped = tests.length - passed - failed.length;
  // A file that could not be loaded holds no tests, but has failed.
  const brokenFiles = report.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  );
  const lines = [
    ...failed.map((test) => `${test.fullName} (${test.file})${firstWords(test.failureMessages)}`),
    ...brokenFiles.map((file) => `${file.name} could not run: ${(file.message ?? '').split('\n')[0]}`),
  ];
  const names = tests.filter((test) => test.status !== 'passed' && test.status !== 'failed').map((test) => `skipped: ${test.fullName}`);
  if (tests.length === 0) lines.push('ran no test');
  if (isCi && skipped > 0) lines.push(`skipped ${skipped} tests in CI, where everything they need must be there`);
  if (exitCode !== 0 && lines.length === 0) lines.push(`ended with exit code ${exitCode} though every test passed`);
  return { passed, failed: lines.length, skipped, lines: [...lines, ...names] };
}

/** Files in which something failed, or that could not be loaded; `null` without a readable report. */
export function failedFiles(result: string | null): readonly string[] | null {
  const report = parse<TestReport>(result);
  return report === null ? null : report.testResults.filter(({ status }) => status === 'failed').map(({ name }) => name);
}

/** The report of a first attempt with the files of a second in place of its own, and what was mended by trying again. */
export function withSecondAttempt(first: string, second: string): { readonly result: string; readonly again: readonly string[] } {
  const [before, after] = [JSON.parse(first) as TestReport, JSON.parse(second) as TestReport];
  const later = new Map(after.testResults.map((file) => [file.name, file]));
  const again = before.testResults.flatMap((file) => {
    if (file.status !== 'failed' || later.get(file.name)?.status !== 'passed') return [];
    const failed = file.assertionResults.filter(({ status }) => status === 'failed');
    if (failed.length === 0) return [`${file.name}: ${(file.message ?? '').split('\n')[0]}`];
    return failed.map((test) => `${test.fullName} (${file.name})${firstWords(test.failureMessages)}`);
  });
  return { result: JSON.stringify({ testResults: before.testResults.map((file) => later.get(file.name) ?? file) }), again };
}

const READERS = { exit: outcomeOfExit, report: outcomeOfReport, tests: outcomeOfTests } as const;

export function outcomeOf(counts: keyof typeof READERS, ended: Ended): Outcome {
  return READERS[counts](ended);
}
