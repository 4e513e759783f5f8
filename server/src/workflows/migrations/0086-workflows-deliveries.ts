// Signed deliveries that were accepted, with the runs they started; which version listens to which of them; and what began a run.

import { grantSystem, tenantTable } from '#storage';

export const migration = {
  id: '0086-workflows-deliveries',
  sql: `
alter table workflow_versions add column listens_integration text, add column listens_event text;
create index workflow_versions_listening on workflow_versions (tenant, listens_integration, listens_event) where state = 'published';

alter table workflow_runs add column trigger text not null default 'person' check (trigger in ('person', 'webhook'));

create table workflow_deliveries (
  tenant text not null,
  integration text not null,
  -- The sender's own id of it, the same on every attempt.
  delivery text not null,
  -- SHA-256 of the body: the same id with another body is no repetition.
  body text not null,
  runs text[] not null,
  received_at timestamptz not null,
  primary key (tenant, integration, delivery)
);
create index workflow_deliveries_age on workflow_deliveries (received_at);
${tenantTable('workflow_deliveries')}
${grantSystem('resolver', 'workflow_deliveries', ['select', 'delete'])}
`,
};
