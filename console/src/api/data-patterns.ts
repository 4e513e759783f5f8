// Patterns of the tenant's own, and whether calls are guessed at, as the control plane tells and takes them.

import { queryOptions } from '@tanstack/react-query';
import { api } from './client.ts';

export interface Pattern {
  readonly name: string;
  readonly class: string;
  readonly pattern: string;
  readonly matches: readonly string[];
  readonly differs: readonly string[];
}

export interface Patterns {
  readonly patterns: readonly Pattern[];
  readonly most: number;
}

export interface Guesses {
  readonly isOn: boolean;
  readonly model: { readonly types: readonly string[]; readonly isRequired: boolean } | null;
}

export interface Find {
  readonly start: number;
  readonly end: number;
}

export const patternsQuery = queryOptions({
  queryKey: ['data-patterns'],
  queryFn: () => api<Patterns>('GET', '/api/data/patterns'),
});

export const guessesQuery = queryOptions({
  queryKey: ['data-guesses'],
  queryFn: () => api<Guesses>('GET', '/api/data/guesses'),
});

export const setGuesses = (isOn: boolean, reason: string): Promise<Guesses> => api<Guesses>('PUT', '/api/data/guesses', { isOn }, reason);

const pathOf = (name: string): string => `/api/data/patterns/${encodeURIComponent(name)}`;

export const putPattern = ({ name, ...pattern }: Pattern, reason: string): Promise<Pattern> =>
  api<Pattern>('PUT', pathOf(name), pattern, reason);
export const removePattern = (name: string, reason: string): Promise<unknown> => api<unknown>('DELETE', pathOf(name), undefined, reason);
export const tryPattern = (asked: { readonly class: string; readonly pattern: string; readonly text: string }) =>
  api<{ readonly finds: readonly Find[] }>('POST', '/api/data/patterns/try', asked);
