// The long runs whose results are recorded in docs/measurements, and the files each result depends on.

export interface Measurement {
  readonly name: string;
  /** Ends by printing one JSON document `{name, machine, versions, rounds, results}`. */
  readonly command: readonly string[];
  /** Globs of the files that decide the result; when one of them changes, the record is stale. */
  readonly inputs: readonly string[];
}

const SERVER = ['server/src/**/*.ts', 'server/src/**/*.cedar*', 'server/package.json', 'package-lock.json'];
const CHAOS = [...SERVER, 'tools/chaos/**/*', 'testkit/**/*.ts', 'demo/**/*.ts'];

/** What decides how a reply is read and restored; which values were found in the request does not. */
const RESTORE = [
  'server/src/dlp/restore.ts',
  'server/src/dlp/placeholder.ts',
  'server/src/dlp/link-tracker.ts',
  'server/src/dlp/characters.ts',
  'server/src/dlp/types.ts',
  'server/src/gateway/openai/*.ts',
  'testkit/restore/**/*.ts',
  'bench/src/restore.ts',
];

export const MEASUREMENTS: readonly Measurement[] = [
  { name: 'gateway', command: ['node', 'bench/main.ts', 'gateway', '--json'], inputs: [...SERVER, 'bench/**/*'] },
  { name: 'gateway-sse', command: ['node', 'bench/main.ts', 'gateway-sse', '--json'], inputs: [...SERVER, 'bench/**/*'] },
  { name: 'chaos-guard', command: ['node', 'tools/chaos/main.ts', 'guard', '--json'], inputs: CHAOS },
  { name: 'chaos-ledger', command: ['node', 'tools/chaos/main.ts', 'ledger', '--json'], inputs: CHAOS },
  { name: 'chaos-erasure', command: ['node', 'tools/chaos/main.ts', 'erasure', '--json'], inputs: CHAOS },
  { name: 'chaos-tampers', command: ['node', 'tools/chaos/main.ts', 'tampers', '--json'], inputs: CHAOS },
  { name: 'chaos-revocation', command: ['node', 'tools/chaos/main.ts', 'revocation', '--json'], inputs: CHAOS },
  { name: 'chaos-workflows', command: ['node', 'tools/chaos/main.ts', 'workflows', '--json'], inputs: CHAOS },
  { name: 'restore', command: ['node', 'bench/main.ts', 'restore', '--json'], inputs: RESTORE },
  { name: 'ledger', command: ['node', 'bench/main.ts', 'ledger', '--json'], inputs: [...SERVER, 'bench/**/*', 'testkit/**/*.ts'] },
  { name: 'workflows', command: ['node', 'bench/main.ts', 'workflows', '--json'], inputs: [...SERVER, 'bench/**/*', 'testkit/**/*.ts'] },
];
