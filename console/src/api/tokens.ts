// Purposes of tokens, as the control plane tells them.

import { queryOptions } from '@tanstack/react-query';
import { api } from './client.ts';

export interface TokenPurpose {
  readonly name: string;
  readonly classes: readonly { readonly class: string; readonly kind: 'stable' | 'fresh' | 'gone' }[];
  readonly openers: readonly string[];
  readonly keepDays: number;
  readonly tokens: number;
  readonly ended: number;
  readonly endedAt: string | null;
}

export const purposesQuery = queryOptions({
  queryKey: ['tokens', 'purposes'],
  queryFn: () => api<{ readonly purposes: readonly TokenPurpose[] }>('GET', '/api/tokens/purposes'),
});

const pathOf = (name: string): string => `/api/tokens/purposes/${encodeURIComponent(name)}`;

export const declarePurpose = (
  name: string,
  rules: { readonly classes: readonly string[]; readonly openers: readonly string[]; readonly keepDays: number },
): Promise<TokenPurpose> => api('PUT', pathOf(name), rules);

export const endPurpose = (name: string, reason: string): Promise<unknown> => api('DELETE', pathOf(name), undefined, reason);
