// What became of a call that was not released, in the neutral form both surfaces encode in their own words.

import { type CodeTable, isRefusal, type Refusal } from '#core';
import type { GuardResult } from '#enforcement';

export interface Failure {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly kind: 'refusal' | 'fault' | 'usage';
  readonly approval: string | null;
  readonly retryAfterMs: number | null;
  readonly evidence: Refusal['evidence'];
}

/** Looks a code up in the tables of every room; an unknown one is a fault, so that nothing passes as a plain success. */
export function createFailures(codes: CodeTable): (result: GuardResult | Refusal) => Failure {
  return (result) => {
    const refusal = isRefusal(result) ? result : result.kind === 'refused' ? result.refusal : null;
    if (refusal !== null) return ofRefusal(codes, refusal);
    const code = !isRefusal(result) && result.kind === 'faulted' ? result.code : 'ENFORCEMENT_UPSTREAM_FAULT';
    const entry = codes[code] ?? codes.ENFORCEMENT_UPSTREAM_FAULT;
    return {
      status: entry?.status ?? 502,
      code,
      message: entry?.sentence ?? 'The call failed.',
      kind: entry?.kind ?? 'fault',
      approval: null,
      retryAfterMs: null,
      evidence: {},
    };
  };
}

function ofRefusal(codes: CodeTable, refusal: Refusal): Failure {
  const { approval, retryAfterMs } = refusal.evidence;
  const entry = codes[refusal.code];
  return {
    status: entry?.status ?? 403,
    code: refusal.code,
    message: refusal.reason,
    kind: entry?.kind ?? 'refusal',
    approval: typeof approval === 'string' ? approval : null,
    retryAfterMs: typeof retryAfterMs === 'number' ? retryAfterMs : null,
    evidence: refusal.evidence,
  };
}
