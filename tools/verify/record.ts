// The form of a recorded measurement and the hash that ties it to the source it was measured on.

import { createHash } from 'node:crypto';
import { globSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Measurement } from './table.ts';

/** The JSON document that benches and chaos runs print last on standard output. */
export interface RunReport {
  readonly name: string;
  readonly machine: unknown;
  readonly versions: unknown;
  readonly rounds: unknown;
  readonly results: readonly {
    readonly metric: string;
    readonly value: number;
    readonly unit: string;
    readonly target: string | number | null;
    readonly pass: boolean | null;
  }[];
}

export interface MeasurementRecord {
  readonly name: string;
  readonly command: string;
  readonly date: string;
  readonly seconds: number;
  readonly exitCode: number;
  /** SHA-256 over paths and bytes of all inputs, in order of path. */
  readonly sourceHash: string;
  readonly files: number;
  readonly report: RunReport;
}

export interface SourceHash {
  readonly hash: string;
  readonly files: number;
}

export function hashInputs(root: string, measurement: Measurement): SourceHash {
  const isInput = (path: string): boolean => !/(^|\/)(node_modules|\.state)\//.test(path) && statSync(join(root, path)).isFile();
  const paths = [
    ...new Set(measurement.inputs.flatMap((pattern) => globSync(pattern, { cwd: root, exclude: (name) => name === 'node_modules' }))),
  ]
    .map((path) => path.replaceAll('\\', '/'))
    .filter(isInput)
    .sort();
  const hash = createHash('sha256');
  for (const path of paths) {
    const bytes = readFileSync(join(root, path));
    hash.update(`${path}\0${bytes.length}\0`).update(bytes);
  }
  return { hash: hash.digest('hex'), files: paths.length };
}

/** The last JSON document that begins at the start of a line of `output`, if it has the form of a report. */
export function lastReport(output: string): RunReport | null {
  const starts = [...output.matchAll(/^\{/gm)].map((match) => match.index);
  for (const start of starts.reverse()) {
    try {
      const value = JSON.parse(output.slice(start)) as Partial<RunReport>;
      if (typeof value.name === 'string' && Array.isArray(value.results)) return value as RunReport;
    } catch {
      // Not the start of a whole document; an earlier brace may be.
    }
  }
  return null;
}
