// Alerts about privileged and suspicious acts, as the control plane tells them.

import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { EventDetails } from './audit.ts';
import { api, queryOf } from './client.ts';
import type { Json } from './types.ts';

export type Severity = 'notice' | 'warning' | 'critical';

export interface Alert {
  readonly id: string;
  readonly rule: string;
  readonly severity: Severity;
  readonly meaning: string;
  /** Who acted; null once that was erased. */
  readonly by: string | null;
  readonly byName: string | null;
  readonly seq: number;
  readonly type: string;
  readonly subject: string;
  readonly facts: Readonly<Record<string, Json>>;
  readonly at: string;
  readonly raisedAt: string;
  readonly times: number;
  readonly lastAt: string;
  readonly acknowledged: { readonly at: string; readonly by: string; readonly byName: string; readonly alone: boolean } | null;
  readonly deliveredAt: string | null;
  readonly deliveryFault: string | null;
}

export interface AlertDetails extends Alert {
  readonly details: EventDetails | null;
  readonly detailsWithheld: boolean;
  readonly note: string | null;
  readonly acknowledgeable: { readonly ok: boolean; readonly code: string | null };
}

export interface AlertPage {
  readonly alerts: readonly Alert[];
  readonly next: string | null;
  readonly open: Readonly<Record<Severity, number>>;
  readonly rules: readonly { readonly rule: string; readonly severity: Severity; readonly meaning: string }[];
}

export interface AlertSearch {
  readonly state?: string;
  readonly severity?: string;
  readonly rule?: string;
  readonly before?: string;
}
export const ALERT_SEARCH: readonly (keyof AlertSearch)[] = ['state', 'severity', 'rule', 'before'];

export interface Flagged {
  readonly kind: 'person' | 'workload' | 'customer';
  /** A person, a program, or the run of a customer; null once that was erased. */
  readonly subject: string | null;
  readonly name: string | null;
  readonly since: string;
  readonly lastAt: string;
  readonly alerts: readonly Pick<Alert, 'id' | 'rule' | 'severity' | 'meaning' | 'times' | 'lastAt' | 'facts'>[];
}

const LOOK_MS = 10_000;

export const flaggedQuery = queryOptions({
  queryKey: ['alerts', 'flagged'],
  queryFn: () => api<{ flagged: readonly Flagged[]; more: boolean }>('GET', '/api/flagged'),
  refetchInterval: LOOK_MS,
});

export const alertsQuery = (search: AlertSearch) =>
  queryOptions({
    queryKey: ['alerts', search],
    queryFn: () => api<AlertPage>('GET', `/api/alerts${queryOf({ ...search })}`),
    placeholderData: keepPreviousData,
    refetchInterval: search.before === undefined ? LOOK_MS : false,
  });

export const alertQuery = (id: string) =>
  queryOptions({ queryKey: ['alert', id], queryFn: () => api<AlertDetails>('GET', `/api/alerts/${encodeURIComponent(id)}`) });

export const acknowledge = (id: string, note: string): Promise<Alert> =>
  api<Alert>('POST', `/api/alerts/${encodeURIComponent(id)}/acknowledge`, note === '' ? {} : { note });
