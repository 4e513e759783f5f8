// What people may do: grants, groups and their members, custom roles. Whoever is there already gets what their role gave them.

import { grantSystem, tenantTable } from '#storage';

/** What an approver could do and see until now is two roles: deciding, and looking at everything. */
const OF_ROLE = `
insert into identity_grants (tenant, id, subject, role, scope, granted_by, created_at, via)
select tenant, 'grt_' || substr(id, 5), id, role, '{}', 'installation', created_at, 'direct'
  from identity_people where removed_at is null;
insert into identity_grants (tenant, id, subject, role, scope, granted_by, created_at, via)
-- Another id: the last two digits of the person's, turned around.
select tenant, 'grt_' || left(substr(id, 5), 34) || translate(right(id, 2), '0123456789abcdef', 'fedcba9876543210'),
  id, 'auditor', '{}', 'installation', created_at, 'direct'
  from identity_people where removed_at is null and role = 'approver';
`;

export const migration = {
  id: '0100-identity-grants',
  sql: `
create table identity_grants (
  tenant text not null,
  id text not null,
  -- A person or a group.
  subject text not null,
  role text not null,
  scope jsonb not null,
  condition jsonb,
  expires_at timestamptz,
  reason text check (char_length(reason) <= 500),
  -- direct, break_glass, or delegation:<id>
  via text not null,
  granted_by text not null,
  created_at timestamptz not null,
  ended_at timestamptz,
  ended_by text,
  primary key (tenant, id)
);
create index identity_grants_subject on identity_grants (tenant, subject) where ended_at is null;

-- Row security is forced on the owner of a table too; nobody can look in between, it is one transaction.
alter table identity_people no force row level security;
${OF_ROLE}
alter table identity_people force row level security;
${tenantTable('identity_grants', ['select', 'insert', 'update'])}
${grantSystem('authenticator', 'identity_grants', 'select')}

create table identity_custom_roles (
  tenant text not null,
  name text not null check (name ~ '^[a-z][a-z0-9_]{0,39}$'),
  meaning text not null check (char_length(meaning) <= 200),
  actions text[] not null,
  created_at timestamptz not null,
  changed_at timestamptz not null,
  primary key (tenant, name)
);
${tenantTable('identity_custom_roles')}
${grantSystem('authenticator', 'identity_custom_roles', 'select')}

create table identity_groups (
  tenant text not null,
  id text not null,
  name text not null check (char_length(name) between 1 and 120),
  -- local, or the login or provisioning connection that keeps it.
  source text not null,
  external_id text,
  created_at timestamptz not null,
  removed_at timestamptz,
  primary key (tenant, id)
);
create unique index identity_groups_name on identity_groups (tenant, source, name) where removed_at is null;
${tenantTable('identity_groups', ['select', 'insert', 'update'])}
${grantSystem('authenticator', 'identity_groups', 'select')}

create table identity_group_members (
  tenant text not null,
  group_id text not null,
  person text not null,
  added_at timestamptz not null,
  primary key (tenant, group_id, person),
  foreign key (tenant, group_id) references identity_groups (tenant, id),
  foreign key (tenant, person) references identity_people (tenant, id)
);
create index identity_group_members_person on identity_group_members (tenant, person);
${tenantTable('identity_group_members', ['select', 'insert', 'delete'])}
${grantSystem('authenticator', 'identity_group_members', 'select')}

-- Kept for servers of the version before; decisions read grants.
alter table identity_people drop constraint identity_people_role_check;
alter table identity_people add constraint identity_people_role_check check (role in ('owner', 'approver', 'member')) not valid;
`,
  steps: [{ kind: 'validate', table: 'identity_people', name: 'identity_people_role_check' }],
} as const;
