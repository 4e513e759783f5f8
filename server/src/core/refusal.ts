// A refusal is a normal result of a stage: a coded, explained "no" that is shown to people and audited.

export type EvidenceValue = string | number | boolean | null | readonly string[];

/** Facts behind a refusal. INVARIANT: references, counts and names of fields only; never a personal value or a secret. */
export type Evidence = Readonly<Record<string, EvidenceValue>>;

export interface Refusal {
  readonly kind: 'deny';
  /** Stable, SCREAMING_SNAKE, room first. Consumers match this, never the text. */
  readonly code: string;
  /** One plain sentence for the person who reads it. */
  readonly reason: string;
  readonly evidence: Evidence;
}

export function refuse(code: string, reason: string, evidence: Evidence = {}): Refusal {
  return Object.freeze({ kind: 'deny', code, reason, evidence });
}

/** True for a refusal; stage results are told apart by this one test. */
export function isRefusal(value: unknown): value is Refusal {
  return typeof value === 'object' && value !== null && (value as { kind?: unknown }).kind === 'deny';
}
