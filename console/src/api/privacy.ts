// Privacy requests, legal holds and retention, as the control plane tells them.

import { queryOptions } from '@tanstack/react-query';
import { api } from './client.ts';

export interface PrivacyRequest {
  readonly id: string;
  readonly kind: 'export' | 'erase' | 'shop';
  readonly state: 'received' | 'verified' | 'done' | 'refused';
  readonly source: string;
  readonly receivedAt: string;
  readonly dueAt: string;
  readonly daysLeft: number | null;
  readonly verifiedAt: string | null;
  readonly verifiedHow: string | null;
  readonly closedAt: string | null;
  readonly reason: string | null;
  readonly hasReceipt: boolean;
  readonly openTasks: number;
}

export interface PrivacyTask {
  readonly id: string;
  readonly vendor: string;
  readonly classes: readonly string[];
  readonly operation: string | null;
  readonly state: 'open' | 'done';
  readonly dueAt: string;
  readonly closedAt: string | null;
  readonly note: string | null;
  readonly isCall: boolean;
  readonly outcome: 'waiting' | 'blocked' | 'refused' | 'failed' | 'unknown' | 'done' | null;
  readonly code: string | null;
  readonly approval: string | null;
}

export interface PrivacyRequestDetails extends PrivacyRequest {
  readonly subject: string | null;
  readonly tasks: readonly PrivacyTask[];
}

export interface Hold {
  readonly id: string;
  readonly person: boolean;
  readonly place: string | null;
  readonly purpose: string | null;
  readonly reason: string;
  readonly placedAt: string;
  readonly until: string | null;
  readonly active: boolean;
}

export interface RetentionRun {
  readonly run: string;
  readonly finishedAt: string;
  readonly items: Readonly<Record<string, number>>;
  readonly keys: number;
  readonly held: number;
  readonly canary: 'deleted' | 'none' | 'left';
  readonly failed: readonly string[];
  readonly version: string;
}

export interface Retention {
  readonly version: string;
  readonly classes: readonly { readonly dataClass: string; readonly meaning: string; readonly days: number | null }[];
  readonly places: Readonly<Record<string, number>>;
  readonly rules: readonly {
    readonly dataClass: string | null;
    readonly place: string | null;
    readonly purpose: string | null;
    readonly minutes: number;
  }[];
  readonly runs: readonly RetentionRun[];
  readonly nextAt: string | null;
  readonly staleSince: string | null;
}

const base = '/api/privacy/requests';
const at = (id: string): string => `${base}/${encodeURIComponent(id)}`;

export const requestsQuery = queryOptions({
  queryKey: ['privacy'],
  queryFn: () => api<{ readonly requests: readonly PrivacyRequest[] }>('GET', base),
});
export const requestQuery = (id: string) =>
  queryOptions({ queryKey: ['privacy', id], queryFn: () => api<PrivacyRequestDetails>('GET', at(id)) });
export const openRequest = (kind: 'export' | 'erase', subject: string): Promise<PrivacyRequestDetails> =>
  api('POST', base, { kind, subject });
export const verifyRequest = (id: string, how: string): Promise<unknown> => api('POST', `${at(id)}/verify`, { how });
export const refuseRequest = (id: string, reason: string): Promise<unknown> => api('POST', `${at(id)}/refuse`, { reason });
export const exportRequest = (id: string): Promise<{ readonly data: object; readonly page: string }> => api('POST', `${at(id)}/export`, {});
export const eraseRequest = (id: string, confirm: string): Promise<unknown> => api('POST', `${at(id)}/erase`, { confirm });
export const receiptOf = (id: string): Promise<object> => api('GET', `${at(id)}/receipt`);
export const closeTask = (id: string, note: string): Promise<unknown> =>
  api('POST', `/api/privacy/tasks/${encodeURIComponent(id)}/close`, { note });
export const againTask = (id: string): Promise<unknown> => api('POST', `/api/privacy/tasks/${encodeURIComponent(id)}/again`, {});

export const holdsQuery = queryOptions({
  queryKey: ['holds'],
  queryFn: () => api<{ readonly holds: readonly Hold[] }>('GET', '/api/privacy/holds'),
});
export const placeHold = (subject: string, reason: string): Promise<unknown> => api('POST', '/api/privacy/holds', { subject, reason });
export const releaseHold = (id: string): Promise<unknown> => api('POST', `/api/privacy/holds/${encodeURIComponent(id)}/release`, {});

export const retentionQuery = queryOptions({ queryKey: ['retention'], queryFn: () => api<Retention>('GET', '/api/retention') });
export const setRule = (dataClass: string | null, place: string | null, minutes: number | null): Promise<unknown> =>
  api('PUT', '/api/retention/rules', { dataClass, place, minutes });
export const runRetention = (dryRun: boolean): Promise<{ readonly receipt: RetentionRun }> =>
  api('POST', '/api/retention/runs', { dryRun });
