// The columns of identity's tables, for the queries of this folder.

import type { KeyId, PersonId, Role, SessionId, TenantId, WorkloadId } from '#core';

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
  };
  identity_people: { tenant: TenantId; id: PersonId; role: Role; name: string | null; created_at: Date; removed_at: Date | null };
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
    lookup: string;
    hash: Buffer;
    pepper: string;
    created_at: Date;
    expires_at: Date;
    ended_at: Date | null;
  };
  identity_statements: { tenant: TenantId; statement: string; expires_at: Date };
}
