// Breaches of personal data, as the control plane tells them.

import { queryOptions } from '@tanstack/react-query';
import { api } from './client.ts';

export interface BreachStep {
  readonly number: number;
  readonly kind: string;
  readonly at: string;
  readonly byName: string | null;
  readonly facts: { readonly needed?: boolean; readonly late?: boolean; readonly risk?: string; readonly people?: number };
  readonly text: string | null;
  readonly delayReason: string | null;
}

export interface BreachScope {
  readonly from: string;
  readonly to: string;
  readonly complete: boolean;
  readonly people: number;
  readonly customers: number;
  readonly unknown: number;
  readonly calls: number;
  readonly returned: number;
  readonly openings: number;
  readonly classes: Readonly<Record<string, number>>;
  readonly actors: Readonly<Record<string, number>>;
  readonly integrations: Readonly<Record<string, number>>;
  readonly names: Readonly<Record<string, string>>;
}

export interface Breach {
  readonly id: string;
  readonly state: 'open' | 'closed';
  readonly what: string;
  readonly alert: string | null;
  readonly awareAt: string;
  readonly dueAt: string;
  readonly isRunning: boolean;
  readonly isLate: boolean;
  readonly risk: string | null;
  readonly openedAt: string;
  readonly openedByName: string | null;
  readonly closedAt: string | null;
  readonly closedByName: string | null;
  readonly scope: BreachScope | null;
  readonly missing: readonly string[];
  readonly steps: readonly BreachStep[];
}

export interface Proposal {
  readonly alert: string;
  readonly rule: string;
  readonly meaning: string;
  readonly at: string;
  readonly byName: string | null;
  readonly integration: string | null;
}

export interface AffectedPerson {
  readonly person: string;
  readonly isCustomer: boolean;
  readonly how: readonly string[];
  readonly integrations: readonly string[];
  readonly classes: readonly string[];
  readonly name: { readonly customer: string; readonly addresses: readonly string[] } | null;
}

export interface Draft {
  readonly items: readonly { readonly article: string; readonly label: string; readonly text: string | null }[];
  readonly missing: readonly string[];
  readonly html: string;
}

const at = (id: string): string => `/api/breaches/${encodeURIComponent(id)}`;

export const breachesQuery = queryOptions({
  queryKey: ['breaches'],
  queryFn: () => api<{ breaches: readonly Breach[]; proposals: readonly Proposal[] }>('GET', '/api/breaches'),
});
export const breachQuery = (id: string) => queryOptions({ queryKey: ['breaches', id], queryFn: () => api<Breach>('GET', at(id)) });
export const draftQuery = (id: string) =>
  queryOptions({ queryKey: ['breaches', id, 'draft'], queryFn: () => api<Draft>('GET', `${at(id)}/draft`) });

export const openBreach = (body: {
  readonly what: string;
  readonly awareAt: string | null;
  readonly reason: string | null;
  readonly alert: string | null;
}): Promise<Breach> => api<Breach>('POST', '/api/breaches', body);
export const setBack = (id: string, awareAt: string, reason: string): Promise<Breach> =>
  api<Breach>('POST', `${at(id)}/aware`, { awareAt, reason });
export const computeScope = (
  id: string,
  body: { readonly from: string; readonly to: string; readonly actor: string | null; readonly integration: string | null },
): Promise<Breach> => api<Breach>('POST', `${at(id)}/scope`, body);
export const affectedPeople = (id: string): Promise<{ people: readonly AffectedPerson[]; total: number }> =>
  api<{ people: readonly AffectedPerson[]; total: number }>('POST', `${at(id)}/people`, {});
export const recordStep = (
  id: string,
  body: { readonly kind: string; readonly text: string; readonly risk: string | null },
): Promise<Breach> => api<Breach>('POST', `${at(id)}/steps`, body);
export const recordTold = (
  id: string,
  body: {
    readonly whom: string;
    readonly needed: boolean;
    readonly text: string;
    readonly at: string | null;
    readonly delayReason: string | null;
  },
): Promise<Breach> => api<Breach>('POST', `${at(id)}/notify`, body);
export const closeBreach = (id: string, text: string): Promise<Breach> => api<Breach>('POST', `${at(id)}/close`, { text });
