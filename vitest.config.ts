// Test projects: `unit` is pure and shares one context; `pg` and `slow` need the Postgres cluster that the global set-up starts;
// `browser` needs Chromium and the built console.
import { defineConfig } from 'vitest/config';

// Half of what these do is waiting, for disks and timers: two files at a time on two cores.
const WORKERS = 2;

const ignored = ['**/node_modules/**'];

export default defineConfig({
  test: {
    passWithNoTests: false,
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            'server/src/**/*.test.ts',
            'demo/**/*.test.ts',
            'testkit/**/*.test.ts',
            'tools/**/*.test.ts',
            'bench/**/*.test.ts',
            'console/**/*.test.ts',
          ],
          exclude: [...ignored, '**/*.pg.test.ts', '**/*.slow.test.ts'],
          isolate: false,
          // Some start a program; on a busy machine that takes longer than the runner's five seconds.
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'pg',
          maxWorkers: WORKERS,
          include: ['server/src/**/*.pg.test.ts', 'testkit/**/*.pg.test.ts', 'demo/**/*.pg.test.ts'],
          exclude: ignored,
          pool: 'forks',
          globalSetup: ['testkit/global-postgres.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'slow',
          maxWorkers: WORKERS,
          include: [
            'server/src/**/*.slow.test.ts',
            'testkit/**/*.slow.test.ts',
            'demo/**/*.slow.test.ts',
            'tools/**/*.slow.test.ts',
            'bench/**/*.slow.test.ts',
          ],
          exclude: ignored,
          pool: 'forks',
          globalSetup: ['testkit/global-postgres.ts'],
          // Twice what the slowest takes on a loaded machine: one that hangs must not take the others' time.
          testTimeout: 240_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'browser',
          maxWorkers: WORKERS,
          include: ['console/e2e/**/*.e2e.ts'],
          exclude: ignored,
          pool: 'forks',
          globalSetup: ['console/e2e/build.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
