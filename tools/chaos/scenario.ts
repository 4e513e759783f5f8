// What a chaos scenario gives and gets. A scenario kills things for real and counts effects at the other side, never by our own log.

export interface ChaosOptions {
  /** Printed at the start, so that a failing run can be repeated. */
  readonly seed: number;
  /** How many kills; null leaves it to the scenario. */
  readonly trials: number | null;
  log(line: string): void;
}

export interface ChaosResult {
  readonly metric: string;
  readonly value: number;
  readonly unit: string;
  readonly target: number | string | null;
  readonly pass: boolean | null;
}

export interface ChaosReport {
  /** Trials that were run. */
  readonly rounds: number;
  readonly results: readonly ChaosResult[];
}

/** What a `*.chaos.ts` module exports. */
export interface ChaosScenario {
  readonly name: string;
  run(options: ChaosOptions): Promise<ChaosReport>;
}
