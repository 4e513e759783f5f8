// What the screens ask for, with how often it is asked again. Server state lives in this cache and nowhere else.

import { keepPreviousData, type QueryClient, queryOptions } from '@tanstack/react-query';
import type { Action } from './access.ts';
import { api, queryOf } from './client.ts';
import type { Ask } from './inbox.ts';
import type { Person } from './people.ts';
import type { ApiKey, Call, CallTrace, Integration, Overview, Unresolved, Workload } from './types.ts';

/** What waits for a person is looked for this often; everything else when the page is opened or comes to the front. */
const INBOX_MS = 3_000;
const LIST_MS = 10_000;

export interface CallSearch {
  readonly outcome?: string;
  readonly integration?: string;
  readonly tier?: string;
  readonly tokenised?: string;
  readonly since?: string;
  readonly effect?: string;
  readonly code?: string;
  readonly run?: string;
  readonly workload?: string;
  readonly before?: number;
}

/** Who is signed in, and what they may do. What may be done to one thing only is asked about when that thing is on the screen. */
export interface Session {
  readonly person: string;
  readonly tenant: string;
  readonly home: string;
  readonly name: string | null;
  readonly roles: readonly string[];
  /** Granted on anything at all. */
  readonly can: readonly Action[];
  /** Of these, the ones that are granted on some things only. */
  readonly canOnlyIn?: readonly Action[];
  readonly proof: { readonly method: string; readonly passkeyAt?: string | null };
  readonly isSolo: boolean;
  readonly hasPasskey: boolean;
  /** When the last grant of somebody with time-boxed access ends. */
  readonly endsAt?: string | null;
}

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: () => api<Session>('GET', '/api/session'),
  staleTime: 60_000,
});

export const overviewQuery = queryOptions({
  queryKey: ['overview'],
  queryFn: () => api<Overview>('GET', '/api/overview'),
  refetchInterval: LIST_MS,
});

export const pendingQuery = queryOptions({
  queryKey: ['approvals', 'pending'],
  queryFn: () => api<{ approvals: readonly Ask[] }>('GET', '/api/approvals?state=pending'),
  refetchInterval: INBOX_MS,
});

export const unresolvedQuery = queryOptions({
  queryKey: ['unresolved'],
  queryFn: () => api<{ effects: readonly Unresolved[] }>('GET', '/api/effects/unresolved'),
  refetchInterval: INBOX_MS,
});

export const callsQuery = (search: CallSearch) =>
  queryOptions({
    queryKey: ['calls', search],
    queryFn: () => api<{ calls: readonly Call[]; next: number | null }>('GET', `/api/calls${queryOf({ ...search })}`),
    placeholderData: keepPreviousData,
    refetchInterval: search.before === undefined ? LIST_MS : false,
  });

export const callQuery = (id: string) =>
  queryOptions({
    queryKey: ['call', id],
    queryFn: () => api<CallTrace>('GET', `/api/calls/${encodeURIComponent(id)}`),
    refetchInterval: LIST_MS,
  });

export const workloadsQuery = queryOptions({
  queryKey: ['workloads'],
  queryFn: () => api<{ workloads: readonly Workload[] }>('GET', '/api/workloads'),
});

export const peopleQuery = queryOptions({
  queryKey: ['people'],
  queryFn: () => api<{ people: readonly Person[] }>('GET', '/api/people'),
  staleTime: 10_000,
});

export const keysQuery = queryOptions({
  queryKey: ['keys'],
  queryFn: () => api<{ keys: readonly ApiKey[] }>('GET', '/api/keys'),
});

export const integrationsQuery = queryOptions({
  queryKey: ['integrations'],
  queryFn: () => api<{ integrations: readonly Integration[] }>('GET', '/api/integrations'),
});

/** After a decision everything that counts or lists calls may have changed. */
export async function refreshDecisions(client: QueryClient): Promise<void> {
  await Promise.all(
    [['approvals'], ['unresolved'], ['overview'], ['calls'], ['call'], ['events'], ['runs'], ['run']].map((queryKey) =>
      client.invalidateQueries({ queryKey }),
    ),
  );
}
