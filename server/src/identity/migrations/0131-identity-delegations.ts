// Access that a tenant gives to people of another one, the agency: a row of the client's, which the agency's side can only accept and end.
// And what the agency's own log has noted of its use.

import { grantSystem, tenantTable } from '#storage';

export const migration = {
  id: '0131-identity-delegations',
  sql: `
create table identity_delegations (
  -- The client: who gives the access.
  tenant text not null,
  id text not null,
  agency text not null,
  -- A person or a group of the agency.
  subject text not null,
  role text not null,
  scope jsonb not null,
  reason text not null check (char_length(reason) between 1 and 300),
  offered_by text not null,
  offered_at timestamptz not null,
  expires_at timestamptz not null,
  accepted_by text,
  accepted_at timestamptz,
  ended_by text,
  ended_at timestamptz,
  ended_side text check (ended_side in ('client', 'agency', 'gone')),
  used_at timestamptz,
  used_by text,
  -- Raised with each change; told follows when the log of the agency says it too.
  changes integer not null,
  told integer not null,
  primary key (tenant, id),
  check (expires_at > offered_at and expires_at <= offered_at + interval '90 days'),
  check (agency <> tenant),
  check ((ended_at is null) = (ended_side is null))
);
create index identity_delegations_agency on identity_delegations (agency);
${tenantTable('identity_delegations', ['select', 'insert', 'update'])}
${grantSystem('authenticator', 'identity_delegations', 'select')}

create table identity_delegation_uses (
  -- The agency: whose person acted.
  tenant text not null,
  person text not null,
  client text not null,
  kind text not null,
  slot timestamptz not null,
  primary key (tenant, person, client, kind, slot)
);
create index identity_delegation_uses_slot on identity_delegation_uses (slot);
${tenantTable('identity_delegation_uses', ['select', 'insert'])}
${grantSystem('authenticator', 'identity_delegation_uses', ['select', 'delete'])}
`,
};
