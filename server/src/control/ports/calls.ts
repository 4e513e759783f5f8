// Calls as the control plane lists them: what can be asked for, and one line of the answer.

import type { UnixMs } from '#core';

export const CALL_OUTCOMES = ['completed', 'refused', 'asked', 'faulted', 'aborted', 'unresolved', 'underway'] as const;
export type CallOutcome = (typeof CALL_OUTCOMES)[number];

export interface CallFilter {
  readonly outcome: CallOutcome | null;
  readonly integration: string | null;
  readonly tier: 'plain' | 'bound' | 'native' | null;
  /** Only calls in which personal data was replaced. */
  readonly tokenised: boolean | null;
  /** What its operation does, e.g. `money`. */
  readonly effect: string | null;
  /** The code it ended with. */
  readonly code: string | null;
  /** The run it named, and the workload whose key it came with. */
  readonly run: string | null;
  readonly workload: string | null;
  readonly sinceMs: UnixMs | null;
  readonly before: number | null;
  readonly limit: number;
}

/** A call as the ledger tells it: references, codes and counts, never a value. */
export interface CallView {
  readonly call: string;
  /** Cursor: sequence number of its newest event. */
  readonly seq: number;
  readonly outcome: CallOutcome;
  readonly at: string;
  readonly integration: string | null;
  readonly operation: string | null;
  readonly effect: string | null;
  readonly model: string | null;
  readonly tier: string | null;
  readonly stage: string | null;
  readonly code: string | null;
  readonly approval: string | null;
  readonly tokenised: number;
  readonly signals: readonly string[];
  readonly run: string | null;
  readonly workload: string | null;
  /** What the model said it used; null where there was no model, or it did not say. */
  readonly tokens: { readonly input: number; readonly output: number } | null;
  /** Decimal amount and currency, where the integration has a price for the model. */
  readonly cost: string | null;
  /** From the caller's request to the end of the reply; null while it is under way. */
  readonly durationMs: number | null;
}
