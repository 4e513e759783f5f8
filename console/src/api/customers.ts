// Details of one customer, for a case that is open: what may be read for, and the reading itself.

import { queryOptions } from '@tanstack/react-query';
import { api } from './client.ts';

/** What can be an open case, and which details the person's grants give for one. */
export interface CaseKind {
  readonly integration: string;
  readonly kind: string;
  readonly classes: readonly string[];
}

export interface CustomerDetails {
  readonly purpose: string;
  readonly fields: readonly { readonly name: string; readonly classes: readonly string[]; readonly value: unknown }[];
  readonly expiresInSeconds: number;
}

/** Which case the screen opens with. */
export interface CustomerSearch {
  readonly integration?: string;
  /** `ticket:4711` */
  readonly for?: string;
}
export const CUSTOMER_SEARCH = ['integration', 'for'] as const;

export const caseKindsQuery = queryOptions({
  queryKey: ['case-kinds'],
  queryFn: () => api<{ readonly cases: readonly CaseKind[] }>('GET', '/api/customers/cases'),
});

/** Never kept in the query cache: it must be gone when the screen hides it. */
export const readCustomer = (
  integration: string,
  question: { readonly for: string; readonly classes: readonly string[]; readonly reason: string },
): Promise<CustomerDetails> => api('POST', `/api/integrations/${encodeURIComponent(integration)}/customer`, question);
