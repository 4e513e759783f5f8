// Tenants, workspaces, delegations and what one may see over several tenants, as the control plane shows and changes them.

import type { DelegationId, DepartmentLimit, DepartmentRules, JsonObject, PersonPrincipal, Refusal, Scope } from '#core';
import type { ApprovalView } from './approvals.ts';

export interface TenantSummary {
  readonly id: string;
  readonly name: string;
  readonly createdAt: string;
}

export interface TenantDetails extends TenantSummary {
  readonly owners: readonly string[];
  readonly hasSignedIn: boolean;
  /** From then on no link for an owner is made here. */
  readonly hasPasskey: boolean;
}

/** The secret stands behind `#` in a link; it is shown once. */
export interface NewTenant extends TenantSummary {
  readonly secret: string;
}

export interface WorkspaceView {
  /** Null: everything that belongs to none. */
  readonly name: string | null;
  readonly workflows: readonly string[];
  readonly integrations: readonly string[];
  readonly workloads: readonly string[];
  /** Of the last 24 hours. */
  readonly runs: number;
  readonly failed: number;
  /** Steps of these runs that were refused. */
  readonly refused: number;
  readonly waiting: number;
  /** What its workflows and workloads spent on models today, where that is counted. */
  readonly cost: readonly { readonly currency: string; readonly amount: string }[];
  /** What it may use; a part that is null is not ruled. */
  readonly rules: DepartmentRules;
  /** Its budget. */
  readonly limits: readonly WorkspaceLimit[];
}

/** `most`, `used` and `left` are numbers, or amounts where there is a currency. */
export interface WorkspaceLimit {
  readonly what: string;
  readonly per: string;
  readonly currency: string | null;
  readonly most: string;
  readonly used: string;
  readonly left: string;
  readonly resetsAt: string;
}

/** What the last calls that left would have met. */
export interface RulesPreview {
  /** Calls that were looked at, and how many of them are of this workspace. */
  readonly looked: number;
  readonly calls: number;
  readonly refused: number;
  readonly since: string | null;
  /** The most frequent ones first, and how many kinds there are. */
  readonly kinds: number;
  readonly examples: readonly {
    readonly rule: string;
    readonly integration: string;
    readonly operation: string;
    readonly model: string | null;
    readonly times: number;
  }[];
}

export interface WorkspacesView {
  readonly since: string;
  readonly workspaces: readonly WorkspaceView[];
}

export interface Belongs {
  readonly kind: 'workflow' | 'integration' | 'workload';
  readonly name: string;
}

export const DELEGATION_STATES = ['offered', 'active', 'ended', 'expired'] as const;
export type DelegationState = (typeof DELEGATION_STATES)[number];

export interface DelegationView {
  readonly id: DelegationId;
  readonly state: DelegationState;
  readonly client: { readonly id: string; readonly name: string };
  readonly agency: { readonly id: string; readonly name: string };
  /** Who it is for: named once the agency accepted it. */
  readonly holder: { readonly id: string; readonly kind: 'person' | 'group'; readonly name: string | null };
  readonly role: string;
  /** What the role gives here. */
  readonly actions: readonly string[];
  readonly scope: Scope;
  readonly reason: string;
  readonly offeredAt: string;
  readonly expiresAt: string;
  readonly acceptedAt: string | null;
  readonly endedAt: string | null;
  /** Who ended it: this side, the agency, or the person left. */
  readonly endedBy: 'client' | 'agency' | 'gone' | null;
  readonly lastUsed: { readonly at: string; readonly by: string; readonly name: string | null } | null;
}

export interface DelegationInput {
  readonly agency: string;
  readonly holder: string;
  readonly role: string;
  readonly scope: Scope;
  readonly days: number;
  readonly reason: string;
}

export interface FleetTenant {
  readonly id: string;
  readonly name: string;
  /** The tenant one belongs to. */
  readonly home: boolean;
  readonly roles: readonly string[];
  /** When the last of what one holds there ends. */
  readonly until: string | null;
}

interface FleetPlace {
  readonly id: string;
  readonly name: string;
  /** Why this tenant could not be read now; the others are shown all the same. */
  readonly fault: string | null;
}

export interface FleetInboxEntry extends FleetPlace {
  readonly waiting: readonly ApprovalView[];
  /** More wait there than are listed. */
  readonly more: boolean;
}

/** Null where one may not see it over the whole tenant. */
export interface FleetHealthEntry extends FleetPlace {
  readonly ledger: 'ok' | 'late' | 'failed' | null;
  readonly runs: { readonly begun: number; readonly failed: number } | null;
  readonly waiting: number | null;
  readonly unresolved: number | null;
  readonly keysExpiring: number | null;
  readonly accessUntil: string | null;
}

export interface FleetPage<Entry> {
  readonly tenants: readonly Entry[];
  /** Name after which the next page begins. */
  readonly next: string | null;
  readonly total: number;
}

export interface FleetQuery {
  readonly after: string | null;
  readonly limit: number;
}

export interface AgencyPorts {
  readonly tenants: {
    list(): readonly TenantSummary[];
    show(name: string): Promise<TenantDetails | null>;
    create(operator: PersonPrincipal, name: string): Promise<NewTenant | Refusal>;
    /** `recover`: of a tenant somebody has come into; its owners are told. */
    ownerLink(operator: PersonPrincipal, name: string, recover: boolean): Promise<NewTenant | Refusal>;
  };
  readonly workspaces: {
    list(person: PersonPrincipal): Promise<WorkspacesView>;
    create(person: PersonPrincipal, name: string): Promise<Refusal | null>;
    remove(person: PersonPrincipal, name: string): Promise<Refusal | null>;
    rule(person: PersonPrincipal, name: string, rules: DepartmentRules): Promise<{ name: string; rules: JsonObject } | Refusal>;
    limit(
      person: PersonPrincipal,
      name: string,
      limits: readonly DepartmentLimit[],
    ): Promise<{ name: string; limits: readonly JsonObject[] } | Refusal>;
    preview(person: PersonPrincipal, name: string, rules: DepartmentRules): Promise<RulesPreview | Refusal>;
    /** Out of every workspace for null. `unknown`: what is put in and is not here, yet or by a slip. */
    move(
      person: PersonPrincipal,
      workspace: string | null,
      members: readonly Belongs[],
    ): Promise<{ readonly moved: number; readonly unknown?: readonly Belongs[] } | Refusal>;
  };
  readonly delegations: {
    given(person: PersonPrincipal): Promise<readonly DelegationView[]>;
    offer(person: PersonPrincipal, input: DelegationInput): Promise<DelegationView | Refusal>;
    narrow(
      person: PersonPrincipal,
      id: DelegationId,
      to: { readonly role?: string | undefined; readonly scope?: Scope | undefined; readonly days?: number | undefined },
    ): Promise<DelegationView | Refusal>;
    end(person: PersonPrincipal, id: DelegationId): Promise<DelegationView | Refusal>;
    held(person: PersonPrincipal): Promise<readonly DelegationView[]>;
    accept(person: PersonPrincipal, client: string, id: DelegationId): Promise<DelegationView | Refusal>;
    giveBack(person: PersonPrincipal, client: string, id: DelegationId): Promise<DelegationView | Refusal>;
  };
  readonly fleet: {
    tenants(person: PersonPrincipal): readonly FleetTenant[];
    inbox(person: PersonPrincipal, query: FleetQuery): Promise<FleetPage<FleetInboxEntry>>;
    health(person: PersonPrincipal, query: FleetQuery): Promise<FleetPage<FleetHealthEntry>>;
  };
}
