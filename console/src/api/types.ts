// What the control plane answers, as the console reads it.

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonMap = Readonly<Record<string, Json>>;

export interface Approval {
  readonly id: string;
  readonly state: string;
  readonly sentence: string;
  readonly digest: string;
  readonly integration: string;
  readonly operation: string;
  readonly requestedBy: string;
  readonly requestedAt: string;
  readonly expiresAt: string;
  readonly evidence: JsonMap;
}

export interface Unresolved {
  readonly effectKey: string;
  readonly call: string;
  readonly integration: string;
  readonly operation: string;
  readonly sentAt: string;
}

export interface LedgerEvent {
  readonly seq: number;
  readonly entry: {
    readonly id: string;
    readonly at: string;
    readonly type: string;
    readonly actor: string;
    readonly subject: string;
    readonly public: JsonMap;
    /** `null`: it carries nothing besides what it states. */
    readonly commit?: string | null;
  };
  /** Who is behind the pseudonym; `null` once that was erased. */
  readonly by?: string | null;
  /** By it a person changed what others may do or see. */
  readonly privileged?: boolean;
}

export interface Call {
  readonly call: string;
  readonly seq: number;
  readonly outcome: string;
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
  readonly run?: string | null;
  readonly workload?: string | null;
  readonly tokens: { readonly input: number; readonly output: number } | null;
  readonly cost: string | null;
  readonly durationMs: number | null;
}

export interface CallTrace extends Call {
  readonly codeSentence: string | null;
  readonly events: readonly LedgerEvent[];
  readonly approvalEvents: readonly LedgerEvent[];
}

export interface Overview {
  readonly calls: { readonly guarded: number; readonly refused: number; readonly tokenised: number; readonly waiting: number };
  readonly unresolved: number;
  readonly integrations: { readonly total: number; readonly models: number; readonly shops: number; readonly operationsToReview: number };
  readonly keys: { readonly active: number; readonly expiringSoon: number; readonly nextExpiry: string | null };
  readonly ledger: { readonly sealedEvents: number; readonly checkpointAt: string | null };
  readonly series: readonly HourOfCalls[];
  readonly refusals: readonly { readonly code: string; readonly count: number }[];
  readonly business: {
    readonly ticketsAnswered: number;
    readonly refunds: { readonly count: number; readonly totals: readonly { readonly currency: string; readonly amount: string }[] };
    readonly refundsStopped: number;
    readonly runs: { readonly done: number; readonly waiting: number; readonly stopped: number };
    readonly medianAnswerMs: number | null;
  };
  readonly lastVerified: { readonly at: string; readonly ok: boolean; readonly events: number } | null;
}

export interface HourOfCalls {
  readonly at: string;
  readonly guarded: number;
  readonly refused: number;
  readonly tokenised: number;
}

export interface Verdict {
  readonly ok: boolean;
  readonly code: string;
  readonly message: string;
  readonly firstBad: number | null;
  readonly events: number;
  readonly unsealed: number | null;
  readonly globalSize: number | null;
  readonly verifierKey: string;
  readonly verifiedAt: string;
}

export interface Workload {
  readonly id: string;
  readonly name: string;
  readonly integrations: readonly string[];
  readonly bound: boolean;
}

export interface ApiKey {
  readonly id: string;
  readonly workload: string;
  readonly expiresAt: string;
  readonly revokedAt: string | null;
}

export interface Integration {
  readonly name: string;
  readonly kind: string;
  readonly origin: string;
  readonly operations: readonly {
    readonly name: string;
    readonly effect: string;
    readonly autonomy: boolean;
    readonly needsReview: boolean;
  }[];
  readonly models: readonly string[];
  readonly hasCredential: boolean;
  /** Part of the demo: goes when the demo is removed. */
  readonly sample: boolean;
}
