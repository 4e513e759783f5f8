// How many people must agree to a stored call, and whether somebody may be one of them. Pure.
// INVARIANT: the requirement is computed once, when the call is stored; nothing that happens later lowers it.

import type { PersonId, UnixMs } from '#core';
import type { ApprovalState } from './states.ts';

export const MODES = ['one', 'four_eyes', 'solo'] as const;
/** `solo`: two people would be needed, and there is only one; a delay and a daily cap stand for the other. */
export type ApprovalMode = (typeof MODES)[number];

export interface Requirement {
  readonly mode: ApprovalMode;
  readonly required: 1 | 2;
  /** The person whose wish it is, where it is known. */
  readonly askedBy: PersonId | null;
  /** Whether that person's own yes counts: only where there are not enough others. */
  readonly askerCounts: boolean;
}

export function requirementOf(request: {
  readonly needsTwo: boolean;
  readonly people: readonly PersonId[];
  readonly askedBy: PersonId | null;
}): Requirement {
  const { needsTwo, people, askedBy } = request;
  const mode = !needsTwo ? 'one' : people.length > 1 ? 'four_eyes' : 'solo';
  const required = mode === 'four_eyes' ? 2 : 1;
  // Also of somebody who may not decide now: they might by the time they try.
  const others = people.filter((person) => person !== askedBy).length;
  return { mode, required, askedBy, askerCounts: askedBy === null || others < required };
}

export interface Decision {
  readonly by: string;
  readonly verdict: 'approved' | 'denied' | 'cancelled';
  readonly atMs: UnixMs;
  /** What their passkey signed, as it is kept; null of somebody who had none. */
  readonly signature: string | null;
  /** When a yes of somebody who is alone takes effect. */
  readonly runsAtMs: UnixMs | null;
  /** With a yes to a request that holds what is in doubt: it goes as it is. False masks it. */
  readonly sendsAsIs: boolean;
  /** Proves that it was made here; null of one made before there were seals. */
  readonly seal: Uint8Array | null;
}

export type WhyNot = 'APPROVALS_NOT_PENDING' | 'APPROVALS_SAME_PERSON' | 'APPROVALS_ASKER';

/** Null when this person's yes would count now. */
export function whyNot(
  approval: Pick<Requirement, 'askedBy' | 'askerCounts'> & {
    readonly state: ApprovalState;
    readonly expiresAtMs: UnixMs;
    readonly decisions: readonly Pick<Decision, 'by' | 'verdict'>[];
  },
  person: string,
  nowMs: UnixMs,
): WhyNot | null {
  if (approval.state !== 'pending' || approval.expiresAtMs <= nowMs) return 'APPROVALS_NOT_PENDING';
  if (approval.decisions.some(({ by, verdict }) => by === person && verdict === 'approved')) return 'APPROVALS_SAME_PERSON';
  return approval.askedBy === person && !approval.askerCounts ? 'APPROVALS_ASKER' : null;
}

/** People who said yes and are still there: who was removed since then does not count any more. */
export function countYes(decisions: readonly Pick<Decision, 'by' | 'verdict'>[], people: readonly PersonId[]): number {
  const present = new Set<string>(people);
  return decisions.filter(({ by, verdict }) => verdict === 'approved' && present.has(by)).length;
}
