// Planted values, as the control plane tells them. A value is in the answer of planting alone.

import { queryOptions } from '@tanstack/react-query';
import { api } from './client.ts';

export interface CanaryFinding {
  readonly value: string;
  readonly kind: string;
  readonly way: string;
  readonly at: string | null;
  readonly refused: boolean;
  readonly count: number;
  readonly firstAt: string;
  readonly lastAt: string;
  readonly closedAt: string | null;
}

export interface Canary {
  readonly id: string;
  readonly kind: string;
  readonly place: { readonly kind: string; readonly name: string; readonly customer: string | null };
  readonly state: 'retired' | 'found' | 'stale' | 'waiting' | 'protected';
  readonly plantedAt: string;
  readonly plantedBy: string;
  readonly lastProtectedAt: string | null;
  readonly protectedTimes: number;
  readonly findings: readonly CanaryFinding[];
}

export interface SelfScan {
  readonly at: string;
  readonly ok: boolean;
  readonly details: {
    readonly credentials: number;
    readonly planted: number;
    readonly bytes: number;
    readonly found: readonly { readonly place: string; readonly value: string; readonly form: string }[];
    readonly notRead: readonly string[];
  } | null;
}

export interface Canaries {
  readonly canaries: readonly Canary[];
  readonly most: number;
  readonly isLost: boolean;
  readonly scan: SelfScan | null;
}

export const canariesQuery = queryOptions({
  queryKey: ['canaries'],
  queryFn: () => api<Canaries>('GET', '/api/canaries'),
});

export interface NewCanary {
  readonly kind: string;
  readonly place: { readonly kind: string; readonly name: string; readonly customer: string | null };
  readonly onLeak: string;
  readonly domain?: string;
}

export interface Planted {
  readonly values: Readonly<Record<string, string>>;
  readonly todo: readonly string[];
}

export const plantCanary = (canary: NewCanary): Promise<Planted> => api('POST', '/api/canaries', canary);

export const closeFindings = (id: string, reason: string): Promise<unknown> => api('POST', `/api/canaries/${id}/close`, { reason });

export const retireCanary = (id: string): Promise<unknown> => api('DELETE', `/api/canaries/${id}`);
