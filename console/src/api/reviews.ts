// Access that is not used, as the control plane tells it: proposals with their evidence, and reviews that are decided item by item.

import { queryOptions } from '@tanstack/react-query';
import { api, queryOf } from './client.ts';

export interface Proposal {
  readonly id: string;
  readonly kind: string;
  readonly state: 'open' | 'applied' | 'undone' | 'dismissed' | 'gone';
  readonly subject: string;
  readonly subjectName: string | null;
  readonly sentence: string;
  readonly remove: readonly string[];
  readonly keep: readonly string[];
  readonly change: { readonly grant: string; readonly from: string; readonly to: string | null } | null;
  readonly evidence: {
    readonly windowDays: number;
    readonly observedSince: string;
    readonly grantedAt: string | null;
    readonly lastUsedAt: string | null;
    readonly count: number;
    readonly events: string;
  };
  /** Some are only told. */
  readonly canApply: boolean;
  readonly appliesAt: string | null;
  readonly firstSeenAt: string;
  readonly decidedAt: string | null;
  readonly decidedBy: string | null;
  readonly reason: string | null;
  readonly canUndo: boolean;
}

export interface LeastSettings {
  readonly windowDays: number;
  readonly autoApply: boolean;
  readonly graceDays: number;
}

export interface Proposals {
  readonly computedAt: string;
  readonly settings: LeastSettings;
  readonly proposals: readonly Proposal[];
}

export interface Review {
  readonly id: string;
  readonly name: string;
  readonly scope: { readonly people: boolean; readonly workloads: boolean; readonly role?: string; readonly workspace?: string };
  readonly reviewers: readonly { readonly id: string; readonly name: string | null }[];
  readonly createdBy: string;
  readonly createdAt: string;
  readonly dueAt: string;
  readonly overdue: boolean;
  readonly state: 'open' | 'done';
  readonly completedAt: string | null;
  readonly record: { readonly event: string; readonly digest: string } | null;
  readonly items: {
    readonly total: number;
    readonly decided: number;
    readonly kept: number;
    readonly removed: number;
    readonly changed: number;
  };
}

export interface ReviewItem {
  readonly id: string;
  readonly subject: string;
  readonly subjectName: string | null;
  readonly kind: string;
  readonly name: string;
  readonly via: string | null;
  readonly grantedAt: string | null;
  readonly expiresAt: string | null;
  readonly usage: {
    readonly windowDays: number;
    readonly lastUsedAt: string | null;
    readonly count: number;
    readonly unusedActions: readonly string[];
    readonly usedActions: readonly string[];
  };
  readonly conflicts: readonly (readonly [string, string])[];
  readonly smallerRole: string | null;
  readonly decision: 'keep' | 'remove' | 'change' | null;
  readonly reason: string | null;
  readonly decidedBy: string | null;
  readonly decidedAt: string | null;
  readonly outcome: 'applied' | 'gone' | null;
  /** Whoever asks may not decide about their own access. */
  readonly isOwn: boolean;
}

export type ReviewWithItems = Review & { readonly list: readonly ReviewItem[] };

export interface Usage {
  readonly since: string;
  readonly days: number;
  readonly granted: readonly {
    readonly kind: string;
    readonly name: string;
    readonly usedCount: number;
    readonly lastUsedAt: string | null;
  }[];
  readonly used: readonly { readonly kind: string; readonly name: string; readonly count: number; readonly lastUsedAt: string }[];
}

export interface ReviewsSearch {
  readonly tab?: string;
  readonly state?: string;
}

export interface ReviewSearch {
  readonly show?: string;
}

const LIST_MS = 15_000;

export const proposalsQuery = (state: string) =>
  queryOptions({
    queryKey: ['least', 'proposals', state],
    queryFn: () => api<Proposals>('GET', `/api/least/proposals${queryOf({ state })}`),
    refetchInterval: LIST_MS,
  });

export const usageQuery = (subject: string) =>
  queryOptions({
    queryKey: ['least', 'usage', subject],
    queryFn: () => api<Usage>('GET', `/api/least/usage${queryOf({ subject })}`),
    retry: false,
    staleTime: 30_000,
  });

export const reviewsQuery = queryOptions({
  queryKey: ['reviews'],
  queryFn: () => api<{ reviews: readonly Review[] }>('GET', '/api/reviews'),
  refetchInterval: LIST_MS,
});

export const reviewQuery = (id: string) =>
  queryOptions({
    queryKey: ['reviews', id],
    queryFn: () => api<ReviewWithItems>('GET', `/api/reviews/${encodeURIComponent(id)}`),
  });

const proposalPath = (id: string, verb: string): string => `/api/least/proposals/${encodeURIComponent(id)}/${verb}`;

export const lookForUnused = (): Promise<Proposals> => api('POST', '/api/least/proposals', {});
export const applyProposal = (id: string): Promise<Proposal> => api('POST', proposalPath(id, 'apply'), {});
export const undoProposal = (id: string): Promise<Proposal> => api('POST', proposalPath(id, 'undo'), {});
export const dismissProposal = (id: string, reason: string): Promise<Proposal> => api('POST', proposalPath(id, 'dismiss'), { reason });
export const putLeastSettings = (settings: LeastSettings): Promise<LeastSettings> => api('PUT', '/api/least/settings', settings);

export interface NewReview {
  readonly name: string;
  readonly scope: { readonly people: boolean; readonly workloads: boolean; readonly role?: string };
  readonly reviewers: readonly string[];
  readonly dueAt: string;
}

export const createReview = (review: NewReview): Promise<ReviewWithItems> => api('POST', '/api/reviews', review);

export interface Decision {
  readonly decision: 'keep' | 'remove' | 'change';
  readonly reason: string;
  readonly role?: string;
}

export const decideItem = (review: string, item: string, decision: Decision): Promise<ReviewItem> =>
  api('POST', `/api/reviews/${encodeURIComponent(review)}/items/${encodeURIComponent(item)}/decide`, decision);
