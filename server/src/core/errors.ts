// Faults: the world failed (a timeout, a vendor's 500, a full disk). They are thrown; refusals are returned.
// INVARIANT: a message names what happened and what to do next and holds no secret, no personal value, no raw input.

export interface FaultOptions {
  readonly cause?: unknown;
  /** Whether trying the same thing again later can help. */
  readonly retryable?: boolean;
}

export class SallyportError extends Error {
  readonly code: string;
  readonly retryable: boolean;

  constructor(code: string, message: string, options: FaultOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'SallyportError';
    this.code = code;
    this.retryable = options.retryable ?? false;
  }
}

/** One row of a room's code table: everything the docs, the HTTP layer and the CLI know about a code. */
export interface CodeEntry {
  /** `refusal` is a decision about a call, `fault` is the world failing, `usage` is a mistake by the caller. */
  readonly kind: 'refusal' | 'fault' | 'usage';
  /** HTTP status wherever this code leaves over HTTP. Never one that makes an SDK retry an effect. */
  readonly status: number;
  /** One sentence: what happened and what to do next. */
  readonly sentence: string;
}

export type CodeTable = Readonly<Record<string, CodeEntry>>;
