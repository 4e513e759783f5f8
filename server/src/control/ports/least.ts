// What was granted against what is used: segments, usage, proposals and access reviews, as the control plane shows them.

import type { GrantId, PersonId, PersonPrincipal, ProposalId, Refusal, ReviewId, ReviewItemId, TenantId } from '#core';

export interface StepSegmentView {
  readonly id: string;
  readonly kind: string;
  readonly integrations: readonly string[];
  readonly operations: readonly string[];
  readonly models: readonly string[];
  readonly hosts: readonly string[];
  readonly credentials: readonly string[];
  readonly dataClasses: readonly string[];
}

export interface SegmentView {
  readonly name: string;
  readonly hash: string;
  readonly state: string;
  /** Calls outside of it are refused now: it is published, or was and runs of it may still finish. */
  readonly enforced: boolean;
  readonly integrations: readonly {
    readonly name: string;
    readonly kind: string | null;
    readonly host: string | null;
    readonly credential: string | null;
  }[];
  readonly operations: readonly string[];
  readonly models: readonly string[];
  readonly dataClasses: readonly string[];
  readonly steps: readonly StepSegmentView[];
}

export interface UsageView {
  readonly subject: string;
  readonly since: string;
  readonly days: number;
  readonly used: readonly { readonly kind: string; readonly name: string; readonly count: number; readonly lastUsedAt: string }[];
  readonly granted: readonly {
    readonly kind: string;
    readonly name: string;
    readonly usedCount: number;
    readonly lastUsedAt: string | null;
    readonly grantedAt: string | null;
  }[];
}

export interface LeastSettingsView {
  readonly windowDays: number;
  readonly autoApply: boolean;
  readonly graceDays: number;
}

export interface ProposalView {
  readonly id: ProposalId;
  readonly kind: string;
  readonly state: string;
  readonly subject: string;
  readonly subjectName: string | null;
  readonly sentence: string;
  readonly remove: readonly string[];
  readonly keep: readonly string[];
  readonly change: { readonly grant: string; readonly from: string; readonly to: string | null } | null;
  readonly evidence: {
    readonly windowDays: number;
    readonly observedSince: string;
    readonly grantedAt: string | null;
    readonly lastUsedAt: string | null;
    readonly count: number;
    readonly events: string;
  };
  readonly canApply: boolean;
  readonly canUndo: boolean;
  readonly appliesAt: string | null;
  readonly firstSeenAt: string;
  readonly decidedAt: string | null;
  readonly decidedBy: string | null;
  readonly reason: string | null;
}

export interface ProposalsView {
  readonly computedAt: string;
  readonly settings: LeastSettingsView;
  readonly proposals: readonly ProposalView[];
}

export interface ReviewView {
  readonly id: ReviewId;
  readonly name: string;
  readonly scope: object;
  readonly reviewers: readonly { readonly id: PersonId; readonly name: string }[];
  readonly createdBy: string;
  readonly createdAt: string;
  readonly dueAt: string;
  readonly overdue: boolean;
  readonly state: 'open' | 'done';
  readonly completedAt: string | null;
  readonly record: { readonly event: string; readonly digest: string } | null;
  readonly items: {
    readonly total: number;
    readonly decided: number;
    readonly kept: number;
    readonly removed: number;
    readonly changed: number;
  };
}

export interface ReviewItemView {
  readonly id: ReviewItemId;
  readonly subject: string;
  readonly subjectName: string | null;
  readonly kind: string;
  readonly grant: string | null;
  readonly name: string;
  readonly via: string | null;
  readonly scope: object;
  readonly grantedAt: string | null;
  readonly expiresAt: string | null;
  readonly usage: {
    readonly windowDays: number;
    readonly lastUsedAt: string | null;
    readonly count: number;
    readonly usedActions: readonly string[];
    readonly unusedActions: readonly string[];
  };
  readonly conflicts: readonly (readonly string[])[];
  readonly smallerRole: string | null;
  readonly decision: string | null;
  readonly role: string | null;
  readonly reason: string | null;
  readonly decidedBy: string | null;
  readonly decidedAt: string | null;
  readonly outcome: string | null;
  /** The asking person may not decide it. */
  readonly isOwn: boolean;
}

export interface ReviewDetails extends ReviewView {
  readonly list: readonly ReviewItemView[];
}

export interface LeastPorts {
  readonly least: {
    segment(tenant: TenantId, workflow: string, hash: string | null): Promise<SegmentView | Refusal>;
    usage(tenant: TenantId, subject: string): Promise<UsageView>;
    /** `null`: every state. */
    proposals(tenant: TenantId, state: string | null): Promise<ProposalsView>;
    propose(tenant: TenantId): Promise<ProposalsView>;
    apply(person: PersonPrincipal, id: ProposalId): Promise<ProposalView | Refusal>;
    undo(person: PersonPrincipal, id: ProposalId): Promise<ProposalView | Refusal>;
    dismiss(person: PersonPrincipal, id: ProposalId, reason: string): Promise<ProposalView | Refusal>;
    settings(tenant: TenantId): Promise<LeastSettingsView>;
    configure(person: PersonPrincipal, settings: LeastSettingsView): Promise<LeastSettingsView>;
    /** `null`: the grant does not end by being unused. False when there is no such grant. */
    /** Null when it is set. */
    expireUnused(person: PersonPrincipal, grant: GrantId, days: number | null): Promise<Refusal | null>;
  };
  readonly reviews: {
    list(tenant: TenantId): Promise<readonly ReviewView[]>;
    show(person: PersonPrincipal, id: ReviewId): Promise<ReviewDetails | Refusal>;
    create(
      person: PersonPrincipal,
      review: {
        readonly name: string;
        readonly scope: ReviewScopeInput;
        readonly reviewers: readonly PersonId[];
        readonly dueAtMs: number;
      },
    ): Promise<ReviewDetails | Refusal>;
    decide(
      person: PersonPrincipal,
      decision: {
        readonly review: ReviewId;
        readonly item: ReviewItemId;
        readonly decision: 'keep' | 'remove' | 'change';
        readonly reason: string;
        readonly role: string | null;
      },
    ): Promise<ReviewItemView | Refusal>;
  };
}

export interface ReviewScopeInput {
  readonly people: boolean;
  readonly workloads: boolean;
  readonly role?: string;
  readonly workspace?: string;
}
