// Tenants one may enter, workspaces and delegations, as the control plane tells of them.

import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, queryOf } from './client.ts';
import type { Ask } from './inbox.ts';

export interface FleetTenant {
  readonly id: string;
  readonly name: string;
  readonly home: boolean;
  readonly roles: readonly string[];
  readonly until: string | null;
}

export interface FleetInboxEntry {
  readonly id: string;
  readonly name: string;
  readonly fault: string | null;
  readonly waiting: readonly Ask[];
  readonly more: boolean;
}

export interface FleetHealthEntry {
  readonly id: string;
  readonly name: string;
  readonly fault: string | null;
  readonly ledger: 'ok' | 'late' | 'failed' | null;
  readonly runs: { readonly begun: number; readonly failed: number } | null;
  readonly waiting: number | null;
  readonly unresolved: number | null;
  readonly keysExpiring: number | null;
  readonly accessUntil: string | null;
}

interface Page<Entry> {
  readonly tenants: readonly Entry[];
  readonly next: string | null;
  readonly total: number;
}

export interface Workspace {
  /** Null: what belongs to none. */
  readonly name: string | null;
  readonly workflows: readonly string[];
  readonly integrations: readonly string[];
  readonly workloads: readonly string[];
  readonly runs: number;
  readonly failed: number;
  readonly refused: number;
  readonly waiting: number;
  readonly cost: readonly { readonly currency: string; readonly amount: string }[];
  /** What it may use; a part that is null is not ruled. */
  readonly rules: WorkspaceRules;
  readonly limits: readonly WorkspaceLimit[];
}

export type RulePart = 'integrations' | 'models' | 'effects' | 'dataClasses';
export type WorkspaceRules = Readonly<Record<RulePart, readonly string[] | null>>;

export interface LimitInput {
  readonly what: string;
  readonly per: string;
  /** A number, or an amount where there is a currency. */
  readonly most: string;
  readonly currency?: string;
}

export interface WorkspaceLimit extends Omit<LimitInput, 'currency'> {
  readonly currency: string | null;
  readonly used: string;
  readonly left: string;
  readonly resetsAt: string;
}

export interface RulesPreview {
  readonly looked: number;
  readonly calls: number;
  readonly refused: number;
  readonly since: string | null;
  readonly kinds: number;
  readonly examples: readonly {
    readonly rule: string;
    readonly integration: string;
    readonly operation: string;
    readonly model: string | null;
    readonly times: number;
  }[];
}

export type DelegationState = 'offered' | 'active' | 'ended' | 'expired';

export interface Delegation {
  readonly id: string;
  readonly state: DelegationState;
  readonly client: { readonly id: string; readonly name: string };
  readonly agency: { readonly id: string; readonly name: string };
  readonly holder: { readonly id: string; readonly kind: 'person' | 'group'; readonly name: string | null };
  readonly role: string;
  readonly actions: readonly string[];
  readonly scope: Readonly<Record<string, string>>;
  readonly reason: string;
  readonly offeredAt: string;
  readonly expiresAt: string;
  readonly acceptedAt: string | null;
  readonly endedAt: string | null;
  readonly endedBy: 'client' | 'agency' | 'gone' | null;
  readonly lastUsed: { readonly at: string; readonly by: string; readonly name: string | null } | null;
}

const FLEET_MS = 15_000;

export const fleetTenantsQuery = queryOptions({
  queryKey: ['fleet', 'tenants'],
  queryFn: () => api<{ tenants: readonly FleetTenant[]; address: string }>('GET', '/api/fleet/tenants'),
  refetchInterval: FLEET_MS,
  retry: false,
});

function paged<Entry>(which: 'inbox' | 'health') {
  return infiniteQueryOptions({
    queryKey: ['fleet', which],
    queryFn: ({ pageParam }) => api<Page<Entry>>('GET', `/api/fleet/${which}${queryOf({ after: pageParam })}`),
    initialPageParam: '',
    getNextPageParam: (page: Page<Entry>) => page.next,
    refetchInterval: FLEET_MS,
  });
}

export const fleetInboxQuery = paged<FleetInboxEntry>('inbox');
export const fleetHealthQuery = paged<FleetHealthEntry>('health');

export const workspacesQuery = queryOptions({
  queryKey: ['workspaces'],
  queryFn: () => api<{ since: string; workspaces: readonly Workspace[] }>('GET', '/api/workspaces'),
});

export const delegationsQuery = queryOptions({
  queryKey: ['delegations', 'given'],
  queryFn: () => api<{ delegations: readonly Delegation[] }>('GET', '/api/delegations'),
  refetchInterval: FLEET_MS,
});

export const heldQuery = queryOptions({
  queryKey: ['delegations', 'held'],
  queryFn: () => api<{ delegations: readonly Delegation[] }>('GET', '/api/delegations/held'),
});

export interface Offer {
  readonly agency: string;
  readonly holder: string;
  readonly role: string;
  readonly scope: Readonly<Record<string, string>>;
  readonly days: number;
  readonly reason: string;
}
