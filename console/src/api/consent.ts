// What a program asks a person for, the answer, and what was let in before.

import { queryOptions } from '@tanstack/react-query';
import { api } from './client.ts';

export interface AskedAccess {
  readonly integration: string;
  readonly kind: 'http' | 'model';
  readonly origin: string;
  readonly operations: readonly { readonly name: string; readonly effect: string; readonly entry: string }[];
  readonly isWhole: boolean;
}

export interface ConsentQuestion {
  readonly state: 'asks';
  readonly client: { readonly clientId: string; readonly name: string; readonly describedBy: string | null; readonly bound: boolean };
  readonly redirectHost: string;
  readonly resource: string;
  readonly access: readonly AskedAccess[];
  readonly withheld: readonly string[];
  readonly lastsDays: number;
}

export interface ConsentFault {
  readonly state: 'faulty';
  readonly error: string;
  readonly description: string;
  readonly redirectTo: string;
}

export interface Consent {
  readonly id: string;
  readonly clientName: string;
  readonly person: string;
  readonly resource: string;
  readonly scope: string;
  readonly expiresAt: string;
}

/** `query`: everything behind the `?` of the address, as the program wrote it. */
export const askQuery = (query: string) =>
  queryOptions({
    queryKey: ['consent', query],
    queryFn: () => api<ConsentQuestion | ConsentFault>('POST', '/api/oauth/consents/ask', { query }),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });

export function answer(
  query: string,
  decision: { readonly allow: boolean; readonly scope?: readonly string[] },
): Promise<{ redirectTo: string }> {
  return api('POST', '/api/oauth/consents', { query, ...decision });
}

export const consentsQuery = queryOptions({
  queryKey: ['consents'],
  queryFn: () => api<{ consents: readonly Consent[] }>('GET', '/api/oauth/consents'),
});

export function endConsent(id: string): Promise<unknown> {
  return api('DELETE', `/api/oauth/consents/${id}`);
}

/** Where a browser may be sent: https, or a program on this computer. The server says the same; an address that runs is never opened. */
export function isAnswerable(address: string): boolean {
  const url = URL.parse(address);
  if (url === null) return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname));
}
