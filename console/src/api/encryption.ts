// Where plain text exists, as the control plane tells it.

import { queryOptions } from '@tanstack/react-query';
import { api } from './client.ts';

export interface Evidence {
  readonly by: string;
  readonly text: string;
}

interface Shown {
  readonly id: string;
  readonly state: string;
  readonly evidence: readonly Evidence[];
  readonly warnings: readonly { readonly grade: string; readonly text: string }[];
}

export interface PlainPlace extends Shown {
  readonly kind: string;
  readonly name: string | null;
  readonly classes: readonly { readonly dataClass: string; readonly handling: string; readonly count: number }[];
  readonly inClear: readonly { readonly why: string; readonly columns: readonly string[] }[];
}

export interface PlainHop extends Shown {
  readonly from: string;
  readonly to: string;
}

export interface PlainText {
  readonly at: string;
  readonly places: readonly PlainPlace[];
  readonly hops: readonly PlainHop[];
}

export const plainTextQuery = queryOptions({
  queryKey: ['plain-text'],
  queryFn: () => api<PlainText>('GET', '/api/data/plain-text'),
  refetchInterval: 30_000,
});
