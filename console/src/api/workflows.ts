// Workflows as the control plane tells them: what a version may do, its signature, what another version changes, and the trail.

import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, queryOf } from './client.ts';
import { endorse } from './passkeys.ts';

export interface Signature {
  readonly state: 'unsigned' | 'valid' | 'lapsed' | 'invalid';
  readonly algorithm: string;
  readonly keyId: string;
  readonly intact: boolean;
  /** The approver's own signature; null of somebody without a passkey. */
  readonly passkey: { readonly thumbprint: string; readonly by: string; readonly removed: boolean } | null;
}

export interface Trigger {
  readonly kind: string;
  readonly integration: string | null;
  readonly event: string | null;
}

export interface WorkflowSummary {
  readonly name: string;
  readonly owner: string | null;
  readonly purpose: string | null;
  readonly paused: boolean;
  readonly sample: boolean;
  readonly published: string | null;
  readonly signature: Signature;
  readonly trigger: Trigger | null;
  readonly versions: Readonly<Record<string, number>>;
}

export interface Permission {
  readonly area: string;
  readonly name: string;
  readonly value: string;
}

export interface PermissionChange {
  readonly area: string;
  readonly name: string;
  readonly before: string | null;
  readonly after: string | null;
  readonly direction: 'wider' | 'narrower' | 'other';
}

export interface OperationFact {
  readonly name: string;
  readonly effect: string | null;
  readonly needsReview: boolean;
  readonly limits: {
    readonly perCall: string | null;
    readonly perCustomerDay: string | null;
    readonly perDay: string | null;
    readonly timesPerCustomerDay: number | null;
    readonly fourEyesAbove: string | null;
  } | null;
}

export interface StepFact {
  readonly id: string;
  readonly kind: string;
  readonly depth: number;
  readonly branch: string | null;
  readonly reaches: readonly string[];
  readonly model: string | null;
  readonly condition: string | null;
}

export interface InputFact {
  readonly name: string;
  readonly type: string;
  readonly maxBytes: number | null;
  readonly description: string | null;
}

export interface VersionFacts {
  readonly trigger: Trigger;
  readonly inputs: readonly InputFact[];
  readonly customer: { readonly operation: string; readonly field: string; readonly assurance: string } | null;
  readonly permissions: readonly Permission[];
  readonly operations: readonly OperationFact[];
  readonly steps: readonly StepFact[];
}

export interface VersionLine {
  readonly hash: string;
  readonly state: string;
  readonly importedAt: string;
  readonly importedBy: string;
  readonly approvedAt: string | null;
  readonly approvedBy: string | null;
  readonly solo: boolean | null;
  readonly passkey: string | null;
}

export interface Version extends VersionLine {
  readonly name: string;
  readonly paused: boolean;
  readonly sample?: boolean;
  readonly definition: { readonly owner: string; readonly purpose: string } | null;
  readonly files: Readonly<Record<string, string>>;
  readonly signature: Signature;
  readonly facts: VersionFacts | null;
  readonly compared: { readonly hash: string; readonly changes: readonly PermissionChange[] } | null;
  readonly approveRefusal: string | null;
  readonly versions: readonly VersionLine[];
  readonly people: Readonly<Record<string, string>>;
}

export interface TrailEntry {
  readonly seq: number;
  readonly at: string;
  readonly type: string;
  readonly hash: string | null;
  readonly by: string | null;
  readonly solo: boolean | null;
  readonly passkey: string | null;
}

export interface WorkflowSearch {
  readonly hash?: string;
  readonly against?: string;
}

const LIST_MS = 10_000;
const TRAIL_MS = 3_000;
const at = (name: string): string => `/api/workflows/${encodeURIComponent(name)}`;

export const workflowsQuery = queryOptions({
  queryKey: ['workflows'],
  queryFn: () => api<{ summaries: readonly WorkflowSummary[] }>('GET', '/api/workflows'),
  refetchInterval: LIST_MS,
});

export const versionQuery = (name: string, search: WorkflowSearch) =>
  queryOptions({
    queryKey: ['workflow', name, search],
    queryFn: () => api<Version>('GET', `${at(name)}${queryOf({ ...search })}`),
    placeholderData: keepPreviousData,
    refetchInterval: LIST_MS,
  });

export const trailQuery = (name: string) =>
  queryOptions({
    queryKey: ['workflow-trail', name],
    queryFn: () =>
      api<{ entries: readonly TrailEntry[]; more: boolean; people: Readonly<Record<string, string>> }>('GET', `${at(name)}/trail`),
    refetchInterval: TRAIL_MS,
  });

export type VersionChange = 'approve' | 'publish' | 'retire';

/** INVARIANT: the hash is the one that was looked at; the server does nothing about another one, and a passkey signs no other. */
export const changeVersion = (name: string, change: VersionChange, { hash, reason }: { hash: string; reason: string }): Promise<unknown> =>
  change === 'approve' ? endorse(`${at(name)}/approve`, { hash }, reason) : api('POST', `${at(name)}/${change}`, { hash }, reason);
export const setPaused = (name: string, isPaused: boolean, reason: string): Promise<unknown> =>
  api('POST', `${at(name)}/${isPaused ? 'pause' : 'resume'}`, undefined, reason);
export const importFiles = (files: Readonly<Record<string, string>>): Promise<{ name: string; hash: string; state: string }> =>
  api('POST', '/api/workflows', { files });
export const startRun = (name: string, input: Readonly<Record<string, string | number | boolean>>): Promise<{ id: string }> =>
  api('POST', `${at(name)}/runs`, { input });
