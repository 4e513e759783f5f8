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

/** Why a JSON text is refused; surfaces answer with their own code and name this one in the evidence. */
export const jsonCodes = {
  JSON_TOO_LARGE: { kind: 'usage', status: 413, sentence: 'The JSON text is larger than the limit; send less at a time.' },
  JSON_INVALID_UTF8: { kind: 'usage', status: 400, sentence: 'The JSON text is not valid UTF-8; encode it as UTF-8.' },
  JSON_BYTE_ORDER_MARK: { kind: 'usage', status: 400, sentence: 'The JSON text begins with a byte order mark; leave it out.' },
  JSON_LONE_SURROGATE: { kind: 'usage', status: 400, sentence: 'A string holds half of a surrogate pair; send whole characters.' },
  JSON_TOO_DEEP: { kind: 'usage', status: 400, sentence: 'The JSON text is nested deeper than the limit; flatten it.' },
  JSON_TOO_MANY_MEMBERS: { kind: 'usage', status: 400, sentence: 'The JSON text has more members than the limit; send less at a time.' },
  JSON_UNSAFE_NUMBER: {
    kind: 'usage',
    status: 400,
    sentence: 'A number can not be held without changing it; send it as a string or with fewer digits.',
  },
  JSON_SYNTAX: { kind: 'usage', status: 400, sentence: 'The text is not JSON; check its syntax.' },
  JSON_DUPLICATE_KEY: { kind: 'usage', status: 400, sentence: 'An object names the same key twice; send each key once.' },
  JSON_FORBIDDEN_KEY: { kind: 'usage', status: 400, sentence: 'An object has a key named __proto__; rename it.' },
} as const satisfies CodeTable;
