// Stored calls as the Inbox reads them: one by its id, all of them, and the decisions about them.

import { queryOptions } from '@tanstack/react-query';
import { api } from './client.ts';
import { endorse } from './passkeys.ts';
import type { Origin } from './runs.ts';
import type { Approval } from './types.ts';

export interface Decider {
  readonly by: string;
  readonly byName: string;
  readonly at: string;
  readonly verdict: 'approved' | 'denied' | 'cancelled';
}

/** A stretch of a text that is shown; `doubt` is what the approver decides about. */
export interface Piece {
  readonly kind: 'words' | 'found' | 'doubt' | 'cut';
  readonly text: string;
  readonly classes: readonly string[];
}

export interface Excerpt {
  readonly role: string;
  readonly pieces: readonly Piece[];
}

export interface Doubts {
  readonly model: string;
  readonly classes: readonly string[];
  readonly excerpts: readonly Excerpt[];
  /** Doubtful places that are not shown; they are masked whatever is decided. */
  readonly left: number;
  readonly mayGoAsIs: boolean;
  readonly notAsIs: readonly string[];
}

export type Send = 'masked' | 'as_is';

export interface Ask extends Approval {
  /** How many personal values of the sentence stand as placeholders. */
  readonly masked: number;
  readonly call: string | null;
  readonly decidedAt: string | null;
  readonly decidedBy: string | null;
  readonly reason: string | null;
  /** Why a call that was approved did not run. */
  readonly code: string | null;
  readonly codeSentence: string | null;
  /** How many different people must approve. */
  readonly required: number;
  readonly decisions: readonly Decider[];
  readonly mode: 'one' | 'four_eyes' | 'solo';
  /** When a call that one person approved alone runs; it can be stopped until then. */
  readonly runsAt: string | null;
  /** Whether you may approve it; denying is open to everybody who may see it. */
  readonly youMay: boolean;
  readonly whyNot: string | null;
  readonly youMayCancel: boolean;
  readonly run: string | null;
  readonly workflow: string | null;
  readonly origins: readonly Origin[];
  readonly classes: readonly string[];
  readonly customer: string | null;
  /** Of a request to a model: what is in doubt in it. */
  readonly doubts: Doubts | null;
}

const LIST_MS = 3_000;
const RECENT_MS = 10_000;
const RECENT = 30;
const MOVING_MS = 1_000;
const MOVING: ReadonlySet<string> = new Set(['approved', 'executing']);

export const isMoving = (state: string): boolean => MOVING.has(state);

/** Approved by one person alone and waiting out the delay. */
export const delayedQuery = queryOptions({
  queryKey: ['approvals', 'delayed'],
  queryFn: () => api<{ approvals: readonly Ask[] }>('GET', '/api/approvals?state=approved'),
  refetchInterval: LIST_MS,
});

/** The newest, whatever became of them; what still waits is left out by whoever shows it. */
export const recentQuery = queryOptions({
  queryKey: ['approvals', 'recent'],
  queryFn: () => api<{ approvals: readonly Ask[] }>('GET', `/api/approvals?limit=${RECENT}`),
  refetchInterval: RECENT_MS,
});

/** One stored call; asked for often while it moves, so that its end is seen as it comes. */
export const askQuery = (id: string) =>
  queryOptions({
    queryKey: ['approvals', 'one', id],
    queryFn: () => api<Ask>('GET', `/api/approvals/${encodeURIComponent(id)}`),
    refetchInterval: ({ state }) => (state.data !== undefined && isMoving(state.data.state) ? MOVING_MS : LIST_MS),
  });

/** Whoever has a passkey signs exactly this with it. */
export const approveAsk = ({ id, digest }: Ask, send: Send | null = null): Promise<Ask> =>
  endorse(`/api/approvals/${id}/approve`, { digest, ...(send === null ? {} : { send }) });
export interface Words {
  readonly sentence: string;
  readonly excerpts: readonly Excerpt[];
  readonly expiresInSeconds: number;
}
/** The sentence and the doubtful texts as they are; that they were read is on record. */
export const readWords = ({ id }: Ask): Promise<Words> => api('POST', `/api/approvals/${id}/words`, {});
export const denyAsk = ({ id }: Ask, reason: string): Promise<Ask> => api('POST', `/api/approvals/${id}/deny`, { reason });
export const cancelAsk = ({ id }: Ask, reason: string): Promise<Ask> => api('POST', `/api/approvals/${id}/cancel`, { reason });
