// Runs as the control plane tells them: references, codes and counts. The content of a run is asked for on its own, by a person's press,
// because reading it is recorded.

import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, queryOf } from './client.ts';
import type { Call } from './types.ts';

/** The list, and a run that moves, are asked for again this often. */
const LIVE_MS = 3_000;
const RUNNING_MS = 1_500;

export type RunState = 'running' | 'waiting' | 'done' | 'stopped' | 'refused' | 'seen';
export type Integrity = 'third_party' | 'verified_customer' | 'system_of_record' | 'staff' | 'signed_workflow';

export interface Run {
  readonly id: string;
  /** Cursor of the list. */
  readonly seq: number;
  readonly kind: 'workflow' | 'outside';
  readonly tier: 'native' | 'bound';
  readonly workflow: string | null;
  readonly hash: string | null;
  readonly trigger: 'person' | 'webhook' | null;
  readonly state: RunState;
  readonly step: string | null;
  readonly code: string | null;
  readonly startedAt: string;
  readonly finishedAt: string | null;
  readonly calls: number;
  readonly refused: number;
  readonly waitingFor: string | null;
  readonly sample: boolean;
}

export interface Origin {
  readonly argument: string;
  /** `null` for a constant of the signed workflow or what the run was started with. */
  readonly from: { readonly step: string; readonly phase: string; readonly field: string } | null;
  readonly integrity: Integrity;
  readonly sources: readonly string[];
  readonly how: 'label' | 'verbatim';
}

export interface Phase {
  readonly step: string;
  readonly phase: string;
  readonly kind: 'channel' | 'call' | 'model' | 'tool' | 'emit' | 'approval' | 'tool_refused';
  readonly integration: string | null;
  readonly operation: string | null;
  readonly outcome: 'done' | 'refused' | 'waiting';
  readonly code: string | null;
  readonly codeSentence: string | null;
  readonly approval: string | null;
  readonly call: string | null;
  readonly at: string;
  readonly integrity: Integrity | null;
  readonly origins: readonly Origin[];
}

export interface RunDetails extends Run {
  readonly startedBy: string | null;
  readonly phases: readonly Phase[];
  readonly callViews: readonly Call[];
}

export interface RunContent {
  readonly step: string;
  readonly phase: string;
  readonly asked: string | null;
  readonly gave: string | null;
  readonly truncated: boolean;
}

export interface RunSearch {
  readonly kind?: string;
  readonly workflow?: string;
  readonly state?: string;
  readonly since?: string;
  readonly before?: number;
  /** `off` when the list stands still. */
  readonly live?: string;
}

export const isMoving = (state: RunState): boolean => state === 'running' || state === 'waiting';

export const runsQuery = ({ live, ...filters }: RunSearch) =>
  queryOptions({
    queryKey: ['runs', filters],
    queryFn: () => api<{ runs: readonly Run[]; next: number | null }>('GET', `/api/runs${queryOf({ ...filters })}`),
    placeholderData: keepPreviousData,
    refetchInterval: live === 'off' || filters.before !== undefined ? false : LIVE_MS,
  });

export const runQuery = (id: string) =>
  queryOptions({
    queryKey: ['run', id],
    queryFn: () => api<RunDetails>('GET', `/api/runs/${encodeURIComponent(id)}`),
    refetchInterval: ({ state }) => (state.data !== undefined && isMoving(state.data.state) ? RUNNING_MS : false),
  });

export const workflowNamesQuery = queryOptions({
  queryKey: ['workflow-names'],
  queryFn: () => api<{ workflows: readonly { readonly name: string }[] }>('GET', '/api/workflows'),
  staleTime: 60_000,
});

/** INVARIANT: asked for once per press; nothing repeats it by itself. */
export const contentQuery = (id: string) =>
  queryOptions({
    queryKey: ['run-content', id],
    queryFn: () => api<{ contents: readonly RunContent[] }>('GET', `/api/runs/${encodeURIComponent(id)}/content`),
    enabled: false,
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
    refetchOnMount: false,
  });
