// What access depends on beside roles, as the control plane tells and takes it.

import { queryOptions } from '@tanstack/react-query';
import { api } from './client.ts';

export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Day = (typeof DAYS)[number];

export interface Demand {
  readonly outside: 'step_up' | 'refuse';
  readonly applies: 'privileged' | 'all';
}
export interface Span {
  readonly from: string;
  readonly to: string;
}
export interface Settings {
  readonly hours: (Demand & { readonly timeZone: string; readonly days: Readonly<Partial<Record<Day, Span>>> }) | null;
  readonly networks: (Demand & { readonly inside: readonly string[] }) | null;
  readonly countries: (Demand & { readonly allowed: readonly string[] }) | null;
  readonly posture: Demand | null;
  readonly training: (Demand & { readonly required: readonly string[] }) | null;
  readonly cases: 'support' | 'everybody';
}
export type Part = Exclude<keyof Settings, 'cases'>;

export interface Freeze {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly stops: readonly string[];
  readonly reason: string;
  readonly madeBy: string;
  readonly liftedAt: string | null;
  readonly liftedBy: string | null;
  readonly active: boolean;
}

export interface Unusual {
  readonly session: string;
  readonly person: string;
  readonly name: string;
  readonly level: string;
  readonly signals: readonly string[];
  readonly raisedAt: string;
  readonly clearedAt: string | null;
}

export interface Conditions {
  readonly settings: Settings;
  readonly freezes: readonly Freeze[];
  readonly acknowledgements: readonly {
    readonly person: string;
    readonly name: string;
    readonly course: string;
    readonly recordedAt: string;
    readonly expiresAt: string;
  }[];
  readonly risks: readonly Unusual[];
  readonly you: { readonly address: string | null; readonly country: string; readonly network: string; readonly risk: string };
  readonly knowsCountries: boolean;
}

export const conditionsQuery = queryOptions({
  queryKey: ['conditions'],
  queryFn: () => api<Conditions>('GET', '/api/conditions'),
});

export const setConditions = (settings: Settings): Promise<Conditions> => api<Conditions>('PUT', '/api/conditions', settings);
export const declareFreeze = (freeze: { from: string; to: string; stops: readonly string[]; reason: string }): Promise<Conditions> =>
  api<Conditions>('POST', '/api/conditions/freezes', freeze);
export const liftFreeze = (id: string, reason: string): Promise<Conditions> =>
  api<Conditions>('POST', `/api/conditions/freezes/${encodeURIComponent(id)}/lift`, { reason });
export const recordTraining = (done: { person: string; course: string; expiresAt: string }): Promise<Conditions> =>
  api<Conditions>('POST', '/api/conditions/acknowledgements', done);
export const clearRisk = (session: string): Promise<unknown> => api('POST', `/api/sessions/${encodeURIComponent(session)}/clear-risk`, {});
