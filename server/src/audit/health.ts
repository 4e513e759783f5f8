// Whether the ledger does what it promises: sealing in time, seen outside in time, verified in time. A pure judgement over facts that were
// read; it can not repair anything, and nobody can set it.

import { auditCodes } from './errors.ts';

export type HealthState = 'ok' | 'late' | 'failed';
export type HealthPart = 'sealing' | 'anchoring' | 'verification';

export interface HealthFacts {
  readonly nowMs: number;
  /** When this process came up: what was due while nothing ran is not late before there was time to do it. */
  readonly upSinceMs: number;
  readonly oldestUnsealedAtMs: number | null;
  readonly signedAtMs: number | null;
  readonly anchors: readonly AnchorFacts[];
  readonly verifyEveryMs: number;
  readonly verifications: readonly VerificationFacts[];
}

export interface AnchorFacts {
  readonly name: string;
  readonly isRequired: boolean;
  /** When the first checkpoint it has not seen was signed; null when it saw the newest. */
  readonly behindSinceMs: number | null;
}

export interface VerificationFacts {
  readonly last: { readonly atMs: number; readonly ok: boolean; readonly code: string } | null;
  readonly beganAtMs: number;
}

export interface HealthProblem {
  readonly what: HealthPart;
  readonly state: 'late' | 'failed';
  readonly code: string;
  readonly sentence: string;
}

interface Bounds {
  readonly lateMs: number;
  readonly failedMs: number;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
/** Sealing takes a second; a tick signs every minute; anchors are tried every minute at least. */
export const HEALTH_BOUNDS = {
  unsealed: { lateMs: 5 * SECOND, failedMs: MINUTE },
  signature: { lateMs: 90 * SECOND, failedMs: 5 * MINUTE },
  anchor: { lateMs: 2 * MINUTE, failedMs: 15 * MINUTE },
} as const satisfies Record<string, Bounds>;
/** A verification may take its time after it is due. */
const VERIFY_GRACE = 1.5;
/** Clocks of several servers may differ so much; a verification that lies further ahead was made by a clock that was put back since. */
export const VERIFIED_AHEAD_MS = 5 * MINUTE;

type ProblemCode =
  | 'AUDIT_SEALING_LATE'
  | 'AUDIT_SIGNING_LATE'
  | 'AUDIT_ANCHOR_LATE'
  | 'AUDIT_WITNESS_QUORUM_LATE'
  | 'AUDIT_VERIFICATION_LATE'
  | 'AUDIT_VERIFICATION_FAILED';

function problem(what: HealthPart, state: 'late' | 'failed', code: ProblemCode): HealthProblem {
  return { what, state, code, sentence: auditCodes[code]?.sentence ?? code };
}

/** How late something is that has been due since `sinceMs`. */
function lateness(facts: HealthFacts, sinceMs: number | null, bounds: Bounds): 'late' | 'failed' | null {
  if (sinceMs === null) return null;
  // The clock was put back since: nobody can say for how long.
  if (sinceMs - facts.nowMs > bounds.lateMs) return 'late';
  const waitedMs = facts.nowMs - Math.max(sinceMs, facts.upSinceMs);
  if (waitedMs > bounds.failedMs) return 'failed';
  return waitedMs > bounds.lateMs ? 'late' : null;
}

function sealingProblems(facts: HealthFacts): readonly HealthProblem[] {
  const waiting = lateness(facts, facts.oldestUnsealedAtMs, HEALTH_BOUNDS.unsealed);
  const unsigned = lateness(facts, facts.signedAtMs, HEALTH_BOUNDS.signature);
  return [
    ...(waiting === null ? [] : [problem('sealing', waiting, 'AUDIT_SEALING_LATE')]),
    ...(unsigned === null ? [] : [problem('sealing', unsigned, 'AUDIT_SIGNING_LATE')]),
  ];
}

function anchoringProblems(facts: HealthFacts, quorum: string): readonly HealthProblem[] {
  return facts.anchors.flatMap((anchor) => {
    const state = anchor.isRequired ? lateness(facts, anchor.behindSinceMs, HEALTH_BOUNDS.anchor) : null;
    const code = anchor.name === quorum ? 'AUDIT_WITNESS_QUORUM_LATE' : 'AUDIT_ANCHOR_LATE';
    return state === null ? [] : [problem('anchoring', state, code)];
  });
}

function verificationProblems(facts: HealthFacts): readonly HealthProblem[] {
  const wrong = facts.verifications.some(({ last }) => last?.ok === false);
  const overdue =
    facts.verifyEveryMs > 0 &&
    facts.verifications.some(({ last, beganAtMs }) => {
      // Due from the moment it should have been; then there must have been time to do it in.
      const atMs = last?.atMs ?? beganAtMs;
      if (atMs - facts.nowMs > VERIFIED_AHEAD_MS) return true;
      const dueMs = atMs + facts.verifyEveryMs;
      return facts.nowMs - Math.max(dueMs, facts.upSinceMs) > (VERIFY_GRACE - 1) * facts.verifyEveryMs;
    });
  return [
    ...(wrong ? [problem('verification', 'failed', 'AUDIT_VERIFICATION_FAILED')] : []),
    ...(overdue ? [problem('verification', 'late', 'AUDIT_VERIFICATION_LATE')] : []),
  ];
}

/** Everything that is not in order, the worst of each part first. */
export function judgeHealth(facts: HealthFacts, quorum: string): readonly HealthProblem[] {
  const all = [...sealingProblems(facts), ...anchoringProblems(facts, quorum), ...verificationProblems(facts)];
  return [...all.filter((one) => one.state === 'failed'), ...all.filter((one) => one.state === 'late')];
}

export function worstState(problems: readonly Pick<HealthProblem, 'state'>[]): HealthState {
  if (problems.some((one) => one.state === 'failed')) return 'failed';
  return problems.length > 0 ? 'late' : 'ok';
}
