// Stored calls as people see them and decide about them.

import type { ApprovalId, PersonPrincipal, Refusal } from '#core';
import type { AssertionInput } from './sign-in.ts';

/** Where the value of an argument came from: references, never values. `from`: a step of the run; `null` for everything else. */
export interface ApprovalOrigin {
  readonly argument: string;
  readonly from: { readonly step: string; readonly phase: string; readonly field: string } | null;
  readonly integrity: string;
  readonly sources: readonly string[];
  readonly how: 'label' | 'verbatim';
}

export interface ApprovalView {
  readonly id: ApprovalId;
  /** The call that asked; `null` when a step of a workflow waits for a person and nothing is sent. */
  readonly call: string | null;
  readonly state: string;
  /** What the shop's records know of people stands as placeholders in it. */
  readonly sentence: string;
  /** How many values of the sentence were replaced. */
  readonly masked: number;
  readonly digest: string;
  /** `workflow` when a step of a workflow waits for a person and nothing is sent. */
  readonly integration: string;
  readonly operation: string;
  readonly requestedBy: string;
  readonly requestedAt: string;
  readonly expiresAt: string;
  readonly decidedAt: string | null;
  readonly decidedBy: string | null;
  readonly reason: string | null;
  /** Why a call that was approved did not run. */
  readonly code: string | null;
  readonly evidence: object;
  /** People it takes. */
  readonly required: 1 | 2;
  readonly mode: 'one' | 'four_eyes' | 'solo';
  readonly decisions: readonly {
    readonly by: string;
    readonly byName: string;
    readonly at: string;
    readonly verdict: 'approved' | 'denied' | 'cancelled';
  }[];
  /** When the approved call of somebody who is alone runs; until then it can be cancelled. */
  readonly runsAt: string | null;
  readonly youMay: boolean;
  /** The code that keeps you from approving. */
  readonly whyNot: string | null;
  readonly youMayCancel: boolean;
  /** The person who started what asks. */
  readonly askedBy: string | null;
  readonly run: string | null;
  readonly workflow: string | null;
  readonly origins: readonly ApprovalOrigin[];
  /** Classes of personal data among the values that leave. */
  readonly classes: readonly string[];
  /** The customer it is for, as the shop names them. */
  readonly customer: string | null;
  /** Set for a request to a model that holds what a person decides about. */
  readonly doubts: ApprovalDoubts | null;
}

/** A stretch of a text that is shown: words, what was found and is handled anyway, what is in doubt, or that something is left out here. */
export interface ApprovalPiece {
  readonly kind: 'words' | 'found' | 'doubt' | 'cut';
  /** A placeholder of what was found or is in doubt, unless the exact words were asked for. */
  readonly text: string;
  readonly classes: readonly string[];
}

export interface ApprovalExcerpt {
  /** Where it stood: `user`, `tool_result`. */
  readonly role: string;
  readonly pieces: readonly ApprovalPiece[];
}

/** What is in doubt in a request to a model. */
export interface ApprovalDoubts {
  readonly model: string;
  readonly classes: readonly string[];
  readonly excerpts: readonly ApprovalExcerpt[];
  /** Doubtful places that are not shown; they are masked whatever is decided. */
  readonly left: number;
  /** Whether the matrix lets what is shown go as it is, and the classes for which it does not. */
  readonly mayGoAsIs: boolean;
  readonly notAsIs: readonly string[];
}

export type SendDoubts = 'masked' | 'as_is';

/** The sentence as it is. */
export interface ApprovalWords {
  readonly sentence: string;
  /** Of a request to a model: its doubtful texts as they are. */
  readonly excerpts: readonly ApprovalExcerpt[];
  /** What it was read for: the call that waits. */
  readonly purpose: string;
  readonly expiresInSeconds: number;
}

export interface ApprovalPorts {
  /** Newest first. */
  list(person: PersonPrincipal, state: string | null, limit: number): Promise<readonly ApprovalView[]>;
  show(person: PersonPrincipal, id: ApprovalId): Promise<ApprovalView | null>;
  /** The exact words of a call that waits; that they were read is an event before they are given out. */
  words(person: PersonPrincipal, id: ApprovalId): Promise<ApprovalWords | Refusal>;
  /** `send`: what becomes of what is in doubt in a request to a model. */
  approve(
    person: PersonPrincipal,
    id: ApprovalId,
    digest: string,
    said?: { readonly assertion?: AssertionInput | undefined; readonly send?: SendDoubts | undefined },
  ): Promise<ApprovalView | Refusal>;
  /** What the person's passkeys are asked to sign for a yes to exactly this, of the digest they were shown; null of somebody who has none. */
  signOptions(
    person: PersonPrincipal,
    id: ApprovalId,
    shown: { readonly digest?: string | undefined; readonly send?: SendDoubts | undefined },
  ): Promise<{ readonly options: object | null } | Refusal | null>;
  deny(person: PersonPrincipal, id: ApprovalId, reason: string): Promise<ApprovalView | Refusal>;
  /** Calls off what was approved and waits for its time. */
  cancel(person: PersonPrincipal, id: ApprovalId, reason: string): Promise<ApprovalView | Refusal>;
}
