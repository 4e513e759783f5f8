// The demo as the server tells it, and what can be done with it.

import { queryOptions } from '@tanstack/react-query';
import { api } from './client.ts';

export type DemoState = 'off' | 'starting' | 'running' | 'finished';
export type TicketState = 'arrived' | 'working' | 'solved' | 'blocked' | 'waiting' | 'denied' | 'failed';

export interface DemoReason {
  readonly code: string;
  readonly sentence: string;
  readonly step: string;
  readonly call: string | null;
}

export interface DemoTicket {
  readonly id: string;
  readonly subject: string;
  readonly excerpt: string;
  readonly poisoned: boolean;
  /** The thief's part of the excerpt, word for word. */
  readonly poison: string | null;
  /** What the attacker wants, in plain words. */
  readonly attempt: string | null;
  readonly openedAt: string;
  readonly run: string | null;
  readonly state: TicketState;
  readonly reasons: readonly DemoReason[];
  readonly approval: string | null;
  readonly replied: boolean;
  readonly refunded: string | null;
}

export interface ModelChoice {
  readonly integration: string;
  readonly model: string;
}

export interface Demo {
  readonly state: DemoState;
  readonly installed: boolean;
  readonly model: { readonly kind: 'captured' } | ({ readonly kind: 'provider' } & ModelChoice);
  readonly providers: readonly ModelChoice[];
  readonly startedAt: string | null;
  readonly tickets: readonly DemoTicket[];
  readonly total: number;
  /** What the shop's own books say went to somebody who had no right to it. */
  readonly stolen: number;
  readonly fault: string | null;
}

/** While tickets arrive the reader watches; afterwards only a decision changes something. */
const LIVE_MS = 800;
const CALM_MS = 4_000;

export const demoQuery = queryOptions({
  queryKey: ['demo'],
  queryFn: () => api<Demo>('GET', '/api/demo'),
  refetchInterval: ({ state }) => (state.data?.state === 'starting' || state.data?.state === 'running' ? LIVE_MS : CALM_MS),
});

export const startDemo = (model: ModelChoice | null): Promise<Demo> =>
  api<Demo>('POST', '/api/demo/start', model === null ? {} : { model });
export const removeDemo = (): Promise<unknown> => api<unknown>('POST', '/api/demo/remove', {});
