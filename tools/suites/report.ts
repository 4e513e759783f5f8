// How a check says what it found: lines for people on standard output and, when asked, one JSON file for the suite runner.
// A check with failures always ends with exit code 1.

import { writeFileSync } from 'node:fs';

export interface CheckReport {
  /** Rules, gates or tests that held. */
  readonly passed: number;
  readonly failures: readonly string[];
  readonly notes: readonly string[];
}

/** Name of the environment variable through which the suite runner asks for the JSON file. */
export const REPORT_FILE = 'SALLYPORT_CHECK_REPORT';

export function finish(report: CheckReport): void {
  for (const note of report.notes) console.log(`note: ${note}`);
  for (const failure of report.failures) console.log(`FAIL: ${failure}`);
  const file = process.env[REPORT_FILE];
  if (file !== undefined) writeFileSync(file, JSON.stringify(report));
  process.exitCode = report.failures.length === 0 ? 0 : 1;
}
