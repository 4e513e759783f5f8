// Emergency access: who asked, why, who agreed, and when it ended.

import { grantSystem, tenantTable } from '#storage';

export const migration = {
  id: '0101-identity-break-glass',
  sql: `
create table identity_break_glass (
  tenant text not null,
  id text not null,
  person text not null,
  role text not null,
  reason text not null check (char_length(reason) between 1 and 500),
  asked_at timestamptz not null,
  -- asked, open, denied, ended; what ran out is told by its times.
  state text not null check (state in ('asked', 'open', 'denied', 'ended')),
  decided_by text,
  decided_at timestamptz,
  grant_id text,
  expires_at timestamptz not null,
  ended_by text,
  ended_at timestamptz,
  primary key (tenant, id),
  check (decided_by is null or decided_by <> person or state = 'ended')
);
create index identity_break_glass_live on identity_break_glass (expires_at) where state in ('asked', 'open');
${tenantTable('identity_break_glass', ['select', 'insert', 'update'])}
${grantSystem('authenticator', 'identity_break_glass', 'select')}
`,
};
