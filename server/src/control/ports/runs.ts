// Runs as the control plane tells them: of our own runtime, and of callers that run elsewhere. References, codes and counts; what a run's
// steps asked and were given is asked for on its own, redacted, and reading it is an event.

import type { PersonPrincipal, Refusal, TenantId, UnixMs } from '#core';
import type { ApprovalOrigin } from './approvals.ts';
import type { CallView } from './calls.ts';

export const RUN_STATES = ['running', 'waiting', 'done', 'stopped', 'refused', 'seen'] as const;
export type RunViewState = (typeof RUN_STATES)[number];

export interface RunView {
  readonly id: string;
  /** Cursor of the list: when it began. */
  readonly seq: number;
  readonly kind: 'workflow' | 'outside';
  readonly tier: 'native' | 'bound';
  readonly workflow: string | null;
  readonly hash: string | null;
  readonly trigger: 'person' | 'webhook' | null;
  readonly state: RunViewState;
  readonly step: string | null;
  readonly code: string | null;
  readonly startedAt: string;
  readonly finishedAt: string | null;
  readonly calls: number;
  readonly refused: number;
  readonly waitingFor: string | null;
  readonly sample: boolean;
}

export interface PhaseView {
  readonly step: string;
  readonly phase: string;
  readonly kind: string;
  readonly integration: string | null;
  readonly operation: string | null;
  readonly outcome: 'done' | 'refused' | 'waiting';
  readonly code: string | null;
  readonly approval: string | null;
  readonly call: string | null;
  readonly at: string;
  readonly integrity: string | null;
  readonly origins: readonly ApprovalOrigin[];
}

export interface RunDetails extends RunView {
  readonly startedBy: string | null;
  readonly phases: readonly PhaseView[];
  readonly callViews: readonly CallView[];
}

export interface ContentView {
  readonly step: string;
  readonly phase: string;
  readonly asked: string | null;
  readonly gave: string | null;
  readonly truncated: boolean;
}

export interface RunListFilter {
  readonly kind: RunView['kind'] | null;
  readonly workflow: string | null;
  readonly state: RunViewState | null;
  readonly sinceMs: UnixMs | null;
  readonly before: number | null;
  readonly limit: number;
}

export interface RunPorts {
  list(tenant: TenantId, filter: RunListFilter): Promise<{ readonly runs: readonly RunView[]; readonly next: number | null }>;
  show(tenant: TenantId, id: string): Promise<RunDetails | Refusal>;
  /** `purpose`: the ticket, case or order it is read for; recorded, and asked of whoever reads by the role of support. */
  content(person: PersonPrincipal, id: string, purpose: string | null): Promise<readonly ContentView[] | Refusal>;
}
