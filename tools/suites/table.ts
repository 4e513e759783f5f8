// The one table of suites: what `npm run check` and `npm test` run, in which order, and what may run side by side.

export interface Suite {
  readonly name: string;
  readonly command: readonly string[];
  /**
   * How the outcome is counted: `exit` is one gate that holds when the command ends with 0; `report` writes a check report;
   * `tests` is the test runner, counted test by test.
   */
  readonly counts: 'exit' | 'report' | 'tests';
  /** Suites of the same lane run one after the other; lanes run side by side. */
  readonly lane: 'static' | 'unit' | 'database';
  /** A suite that takes longer hangs: it is killed and has failed. */
  readonly maxSeconds: number;
  /** Where processes are killed and clocks run, a stall of the machine can fail a test: its file is run once more, and named. */
  readonly mayTryAgain?: true;
}

/** The machine this is sized for has two cores, so at most two lanes work at a time; `database` has both to itself. */
const CHECK: readonly Suite[] = [
  { name: 'format', command: ['biome', 'format', '.'], counts: 'exit', lane: 'static', maxSeconds: 120 },
  { name: 'lint', command: ['node', 'tools/lint/check.ts'], counts: 'report', lane: 'static', maxSeconds: 120 },
  { name: 'types', command: ['tsc', '-p', '.'], counts: 'exit', lane: 'static', maxSeconds: 120 },
  { name: 'console', command: ['tsc', '-p', 'console'], counts: 'exit', lane: 'static', maxSeconds: 120 },
  { name: 'rooms', command: ['node', 'tools/rooms/check.ts'], counts: 'report', lane: 'static', maxSeconds: 120 },
  { name: 'gates', command: ['node', 'tools/gates/main.ts'], counts: 'report', lane: 'static', maxSeconds: 120 },
  { name: 'unit', command: ['vitest', 'run', '--project', 'unit'], counts: 'tests', lane: 'unit', maxSeconds: 240 },
];

const TEST: readonly Suite[] = [
  ...CHECK,
  { name: 'pg', command: ['vitest', 'run', '--project', 'pg'], counts: 'tests', lane: 'database', maxSeconds: 600, mayTryAgain: true },
  { name: 'slow', command: ['vitest', 'run', '--project', 'slow'], counts: 'tests', lane: 'database', maxSeconds: 900, mayTryAgain: true },
  {
    name: 'browser',
    command: ['vitest', 'run', '--project', 'browser'],
    counts: 'tests',
    lane: 'database',
    maxSeconds: 720,
    mayTryAgain: true,
  },
];

export const COMMANDS: Readonly<Record<'check' | 'test', readonly Suite[]>> = { check: CHECK, test: TEST };
