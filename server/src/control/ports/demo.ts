// The demonstration and the first connection, as the control plane shows and starts them.

import type { PersonPrincipal, Refusal, TenantId, WorkloadId } from '#core';

/** A model of an integration somebody added. */
export interface ModelChoice {
  readonly integration: string;
  readonly model: string;
}

export type DemoTicketState = 'arrived' | 'working' | 'solved' | 'blocked' | 'waiting' | 'denied' | 'failed';

export interface DemoTicket {
  readonly id: string;
  readonly subject: string;
  /** The ticket's own text: sample data, so it may be shown. */
  readonly excerpt: string;
  readonly poisoned: boolean;
  /** The thief's part of the excerpt, word for word. */
  readonly poison: string | null;
  /** What the thief wants, in plain words. */
  readonly attempt: string | null;
  readonly openedAt: string;
  readonly run: string | null;
  readonly state: DemoTicketState;
  /** What was refused on the way, each with its step and call. */
  readonly reasons: readonly {
    readonly code: string;
    readonly sentence: string;
    readonly step: string;
    readonly call: string | null;
  }[];
  readonly approval: string | null;
  /** By the shop's own books. */
  readonly replied: boolean;
  readonly refunded: string | null;
}

export interface DemoView {
  readonly state: 'off' | 'starting' | 'running' | 'finished';
  /** Whether sample data is there, also when its parts do not run. */
  readonly installed: boolean;
  readonly model: { readonly kind: 'captured' } | ({ readonly kind: 'provider' } & ModelChoice);
  readonly providers: readonly ModelChoice[];
  readonly startedAt: string | null;
  readonly tickets: readonly DemoTicket[];
  /** Tickets there will be. */
  readonly total: number;
  /** What went to somebody who had no right to it, counted in the shop's own books. */
  readonly stolen: number;
  readonly fault: string | null;
}

export interface ConnectView {
  /** Where programs send their calls. */
  readonly gateway: string;
  readonly models: readonly { readonly id: string; readonly integration: string; readonly sample: boolean }[];
  readonly firstCall: { readonly call: string; readonly at: string; readonly run: string | null } | null;
}

export interface DemoPorts {
  view(tenant: TenantId): Promise<DemoView>;
  /** Once it runs, starting again changes nothing. */
  start(person: PersonPrincipal, model: ModelChoice | null): Promise<DemoView | Refusal>;
  remove(person: PersonPrincipal): Promise<DemoView>;
}

export interface ConnectPorts {
  connect(tenant: TenantId, workload: WorkloadId | null): Promise<ConnectView | Refusal>;
}
