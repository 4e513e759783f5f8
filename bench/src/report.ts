// The form of a benchmark's result and how it is printed. Ratios and gates are computed here once, from medians.

export interface Result {
  readonly metric: string;
  /** Null when it could not be measured. */
  readonly value: number | null;
  readonly unit: string;
  /** The gate in words, e.g. `>= 6`; null for figures without one. */
  readonly target: string | null;
  /** Null where there is no gate. A gate that could not be measured did not pass. */
  readonly pass: boolean | null;
}

export interface BenchReport {
  readonly name: string;
  readonly machine: Readonly<Record<string, string | number>>;
  readonly versions: Readonly<Record<string, string>>;
  readonly rounds: number;
  readonly results: readonly Result[];
  /** What is missing, what limits the figures. */
  readonly notes: readonly string[];
}

export type Gate = { readonly kind: 'at_least' | 'at_most'; readonly value: number };

export function figure(metric: string, value: number | null, unit: string, gate: Gate | null = null): Result {
  const rounded = value === null || !Number.isFinite(value) ? null : Number(value.toPrecision(4));
  if (gate === null) return { metric, value: rounded, unit, target: null, pass: null };
  const pass = rounded !== null && (gate.kind === 'at_least' ? rounded >= gate.value : rounded <= gate.value);
  return { metric, value: rounded, unit, target: `${gate.kind === 'at_least' ? '>=' : '<='} ${gate.value}`, pass };
}

export const atLeast = (value: number): Gate => ({ kind: 'at_least', value });
export const atMost = (value: number): Gate => ({ kind: 'at_most', value });

export function median(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((one, two) => one - two);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
}

/** `numerator / denominator`, null when either is missing or the denominator is zero. */
export function ratio(numerator: number | null, denominator: number | null): number | null {
  return numerator === null || denominator === null || denominator === 0 ? null : numerator / denominator;
}

export function difference(left: number | null, right: number | null): number | null {
  return left === null || right === null ? null : left - right;
}

export function table(report: BenchReport): string {
  const facts = [...Object.entries(report.machine), ...Object.entries(report.versions)]
    .map(([name, value]) => `${name}: ${value}`)
    .join(', ');
  const width = Math.max(...report.results.map((result) => result.metric.length));
  const lines = report.results.map(({ metric, value, unit, target, pass }) => {
    const verdict = pass === null ? '' : `${target} ${pass ? 'pass' : 'FAIL'}`;
    return `  ${metric.padEnd(width)}  ${(value === null ? 'not measured' : String(value)).padStart(12)} ${unit.padEnd(10)} ${verdict}`.trimEnd();
  });
  const notes = report.notes.map((note) => `  note: ${note}`);
  return [`${report.name} (median of ${report.rounds} interleaved rounds)`, `  ${facts}`, ...lines, ...notes, ''].join('\n');
}

/** The document of `--json`: the agreed keys first. */
export function document(report: BenchReport): string {
  const { name, machine, versions, rounds, results, notes } = report;
  return JSON.stringify({ name, machine, versions, rounds, results, notes });
}
