// One measured run: load against one subject while its CPU time is read before and after.

import { cpuUs } from './cpu.ts';
import type { LoadGenerator, LoadOptions } from './load.ts';
import type { Subject } from './peers.ts';
import { median, ratio } from './report.ts';

export interface Sample {
  readonly rps: number;
  readonly p50Us: number;
  readonly p99Us: number;
  readonly cpuUsPerRequest: number | null;
  readonly failed: number;
}

export type Plan = Omit<LoadOptions, 'url' | 'headers'> & { readonly url?: string; readonly headers?: Readonly<Record<string, string>> };

export async function measure(generator: LoadGenerator, subject: Subject, plan: Plan): Promise<Sample> {
  const pids = subject.pids();
  const before = pids.length === 0 ? null : cpuUs(pids);
  const load = await generator.run({ ...plan, url: plan.url ?? subject.chatUrl, headers: { ...subject.headers, ...plan.headers } });
  const after = pids.length === 0 ? null : cpuUs(pids);
  const cpu = before === null || after === null ? null : ratio(after - before, load.requests);
  return { rps: load.rps, p50Us: load.p50Us, p99Us: load.p99Us, cpuUsPerRequest: cpu, failed: load.failed };
}

/** Samples by name, and their medians. */
export interface Book {
  add(name: string, sample: Sample): void;
  median(name: string, field: keyof Sample): number | null;
  readonly names: readonly string[];
  /** Failed requests over all runs of that name. */
  failed(name: string): number;
}

export function createBook(): Book {
  const samples = new Map<string, Sample[]>();
  const of = (name: string): readonly Sample[] => samples.get(name) ?? [];
  return {
    add: (name, sample) => void samples.set(name, [...of(name), sample]),
    median: (name, field) =>
      median(
        of(name)
          .map((sample) => sample[field])
          .filter((value) => value !== null),
      ),
    get names() {
      return [...samples.keys()];
    },
    failed: (name) => of(name).reduce((sum, sample) => sum + sample.failed, 0),
  };
}

/** The order of round `round`: rotated, so that no subject always runs first. */
export function rotated<T>(items: readonly T[], round: number): readonly T[] {
  const shift = items.length === 0 ? 0 : round % items.length;
  return [...items.slice(shift), ...items.slice(0, shift)];
}
