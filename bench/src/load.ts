// Drives one load run with wrk, or with our own generator where wrk is missing, on the core that is not under test.

import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { nodeVersion, versionOf } from './machine.ts';
import { pinnedCommand } from './pinned.ts';

const run = promisify(execFile);
const LUA = fileURLToPath(new URL('../peers/wrk.lua', import.meta.url));
const OWN = fileURLToPath(new URL('../peers/load.ts', import.meta.url));

export interface LoadOptions {
  /** Full URL that is posted to. */
  readonly url: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly connections: number;
  readonly seconds: number;
  /** One signed header a request, each used once. */
  readonly bindings?: { readonly file: string; readonly offset: number };
}

export interface LoadResult {
  readonly requests: number;
  readonly rps: number;
  /** Connection errors and answers that are not 2xx. */
  readonly failed: number;
  readonly p50Us: number;
  readonly p99Us: number;
}

export interface LoadGenerator {
  readonly name: string;
  run(options: LoadOptions): Promise<LoadResult>;
}

/** Uses `folder` for the files the generators read. */
export function createLoadGenerator(folder: string): LoadGenerator {
  const wrk = versionOf('wrk', ['-v']);
  const name = wrk === null ? `own generator on Node ${nodeVersion()} (wrk is not installed)` : wrk.replace(/ Copyright.*/, '');
  return {
    name,
    run: async (options) => {
      const bodyFile = join(folder, 'body');
      const headerFile = join(folder, 'headers');
      writeFileSync(bodyFile, options.body);
      writeFileSync(
        headerFile,
        Object.entries(options.headers)
          .map(([key, value]) => `${key}: ${value}\n`)
          .join(''),
      );
      const files = [bodyFile, headerFile, options.bindings?.file ?? '-', String(options.bindings?.offset ?? 0)];
      const { connections, seconds, url } = options;
      const [command, args] =
        wrk === null
          ? pinnedCommand('others', process.execPath, [OWN, url, String(connections), String(seconds), ...files])
          : pinnedCommand('others', 'wrk', ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '10s', '-s', LUA, url, ...files]);
      const { stdout } = await run(command, [...args], { maxBuffer: 1 << 20 });
      return parseLoad(stdout);
    },
  };
}

/** The JSON line which both generators print last. */
export function parseLoad(stdout: string): LoadResult {
  const line = stdout.trimEnd().split('\n').at(-1) ?? '';
  const { requests, durationUs, failed, p50Us, p99Us } = JSON.parse(line) as Record<string, number>;
  if (requests === undefined || durationUs === undefined || failed === undefined || p50Us === undefined || p99Us === undefined) {
    throw new Error('the load generator printed no result');
  }
  return { requests, rps: requests / (durationUs / 1e6), failed, p50Us, p99Us };
}
