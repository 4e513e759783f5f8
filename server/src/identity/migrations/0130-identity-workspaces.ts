// Departments of a tenant, and which workflow, integration and workload belongs to which: to one at most.

import { grantSystem, tenantTable } from '#storage';

export const migration = {
  id: '0130-identity-workspaces',
  sql: `
create table identity_workspaces (
  tenant text not null,
  name text not null,
  created_at timestamptz not null,
  primary key (tenant, name)
);
${tenantTable('identity_workspaces', ['select', 'insert', 'delete'])}
${grantSystem('authenticator', 'identity_workspaces', 'select')}

create table identity_workspace_members (
  tenant text not null,
  kind text not null check (kind in ('workflow', 'integration', 'workload')),
  member text not null,
  workspace text not null,
  primary key (tenant, kind, member),
  foreign key (tenant, workspace) references identity_workspaces (tenant, name) on delete cascade
);
create index identity_workspace_members_of on identity_workspace_members (tenant, workspace);
${tenantTable('identity_workspace_members')}
${grantSystem('authenticator', 'identity_workspace_members', 'select')}
`,
};
