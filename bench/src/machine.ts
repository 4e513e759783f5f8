// What the numbers were measured on: processor, memory, kernel, load, and the versions of everything that took part.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';
import process from 'node:process';

export function describeMachine(): Record<string, string | number> {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    load1: Number((loadavg()[0] ?? 0).toFixed(2)),
  };
}

/** First line a program prints about its version (some use standard error), or null when it is not installed. */
export function versionOf(program: string, args: readonly string[]): string | null {
  try {
    // wrk exits with 1 after printing its version, so the exit code says nothing; a missing program throws ENOENT.
    const text = execFileSync('/bin/sh', ['-c', `command -v "$0" >/dev/null && "$0" "$@" 2>&1 || true`, program, ...args], {
      encoding: 'utf8',
    });
    return text.split('\n')[0]?.trim() || null;
  } catch {
    return null;
  }
}

export const nodeVersion = (): string => process.version;

/** Version of an installed package as seen from a folder, or null. */
export function packageVersion(name: string, from: URL): string | null {
  try {
    const entry = createRequire(from).resolve(`${name}/package.json`);
    return (JSON.parse(readFileSync(entry, 'utf8')) as { version: string }).version;
  } catch {
    return null;
  }
}
