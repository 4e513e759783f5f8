// The columns of identity's tables, for the queries of this folder.

import type { DelegationId, GrantId, GroupId, KeyId, PersonId, SessionId, SignInMethod, TenantId, WorkloadId } from '#core';

export interface Tables {
  identity_tenants: { tenant: TenantId; name: string; revision: bigint; created_at: Date };
  identity_workloads: {
    tenant: TenantId;
    id: WorkloadId;
    name: string;
    workflow: string | null;
    integrations: readonly string[];
    public_key: string | null;
    created_at: Date;
    is_sample: boolean;
    /** The person who registered it: its keys end with them. */
    owner: PersonId | null;
    /** Names by kind: operations, tools, models, keys. */
    removed: RemovedNames;
    /** By integration, in milliseconds. */
    reached_since: Readonly<Record<string, number>>;
    reach_revision: number;
  };
  identity_keys: {
    tenant: TenantId;
    id: KeyId;
    workload: WorkloadId;
    lookup: string;
    hash: Buffer;
    pepper: string;
    created_at: Date;
    expires_at: Date;
    revoked_at: Date | null;
    /** Who was shown it. */
    made_by: PersonId | null;
    /** The delegation by which somebody of an agency made it: it ends with that. */
    made_under: DelegationId | null;
  };
  /** `role` is for servers of the version before; what a person may do is in the grants. */
  identity_people: {
    tenant: TenantId;
    id: PersonId;
    role: 'owner' | 'approver' | 'member';
    name: string | null;
    created_at: Date;
    removed_at: Date | null;
  };
  identity_links: {
    tenant: TenantId;
    lookup: string;
    hash: Buffer;
    pepper: string;
    person: PersonId;
    expires_at: Date;
    used_at: Date | null;
  };
  identity_sessions: {
    tenant: TenantId;
    id: SessionId;
    person: PersonId;
    kind: 'browser' | 'cli';
    label: string;
    method: SignInMethod;
    passkey_at: Date | null;
    device: string | null;
    bound_key: string | null;
    seen_at: Date | null;
    lookup: string;
    hash: Buffer;
    pepper: string;
    created_at: Date;
    expires_at: Date;
    ended_at: Date | null;
    managed: boolean | null;
  };
  identity_grants: {
    tenant: TenantId;
    id: GrantId;
    subject: string;
    role: string;
    scope: string;
    condition: string | null;
    expires_at: Date | null;
    reason: string | null;
    via: string;
    granted_by: string;
    created_at: Date;
    ended_at: Date | null;
    ended_by: string | null;
  };
  identity_custom_roles: {
    tenant: TenantId;
    name: string;
    meaning: string;
    actions: readonly string[];
    created_at: Date;
    changed_at: Date;
  };
  identity_groups: {
    tenant: TenantId;
    id: GroupId;
    name: string;
    source: string;
    external_id: string | null;
    created_at: Date;
    removed_at: Date | null;
  };
  identity_group_members: { tenant: TenantId; group_id: GroupId; person: PersonId; added_at: Date };
  identity_statements: { tenant: TenantId; statement: string; expires_at: Date };
}

/** What was taken away from a workload as unused; kept keys are suspended, not revoked. */
export interface RemovedNames {
  readonly operations?: readonly string[];
  readonly tools?: readonly string[];
  readonly models?: readonly string[];
  readonly keys?: readonly string[];
}
