// Stored calls. What they carry is sealed; only references and digests are readable.

import { grantSystem, tenantTable } from '#storage';

export const migration = {
  id: '0040-approvals-calls',
  sql: `
create table approvals (
  tenant text not null,
  id text not null,
  call text not null,
  workload text not null,
  integration text not null,
  operation text not null,
  digest text not null,
  sealed_sentence bytea not null,
  sealed_call bytea not null,
  sealed_result bytea,
  evidence jsonb not null,
  state text not null check (state in ('pending', 'approved', 'executing', 'done', 'failed', 'unknown', 'denied', 'expired')),
  requested_at timestamptz not null,
  expires_at timestamptz not null,
  decided_at timestamptz,
  decided_by text,
  reason text,
  claimed_at timestamptz,
  consumed_at timestamptz,
  finished_at timestamptz,
  code text,
  primary key (tenant, id)
);
create index approvals_by_state on approvals (tenant, state, requested_at);
create index approvals_open on approvals (state, claimed_at) where state in ('pending', 'approved', 'executing');
${tenantTable('approvals')}
${grantSystem('resolver', 'approvals', ['select'])}
`,
};
