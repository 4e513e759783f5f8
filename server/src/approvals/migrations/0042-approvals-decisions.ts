// Who must agree, who did, and when a yes of somebody who is alone takes effect. The requirement is written once, with the request.

import { tenantTable } from '#storage';

export const migration = {
  id: '0042-approvals-decisions',
  sql: `
alter table approvals add column run text;
alter table approvals add column workflow text;
alter table approvals add column mode text not null default 'one' check (mode in ('one', 'four_eyes', 'solo'));
alter table approvals add column required smallint not null default 1 check (required between 1 and 2);
-- The person whose wish it is, and whether that person's yes counts.
alter table approvals add column asked_by text;
alter table approvals add column asker_counts boolean not null default true;
alter table approvals add column amount_minor bigint;
alter table approvals add column currency text;
alter table approvals add column solo_cap_minor bigint;
alter table approvals add column runs_at timestamptz;
alter table approvals add column sealed_context bytea;
-- Without a call nothing is sent after the yes: a step of a workflow waits for it.
alter table approvals alter column sealed_call drop not null;
create index approvals_solo on approvals (tenant, currency, decided_at) where mode = 'solo';

create table approval_decisions (
  tenant text not null,
  approval text not null,
  person text not null,
  verdict text not null check (verdict in ('approved', 'denied', 'cancelled')),
  decided_at timestamptz not null,
  nth bigint generated always as identity,
  -- Nobody says yes twice.
  primary key (tenant, approval, person, verdict),
  foreign key (tenant, approval) references approvals (tenant, id)
);
${tenantTable('approval_decisions', ['select', 'insert'])}
insert into approval_decisions (tenant, approval, person, verdict, decided_at)
  select tenant, id, decided_by, case when state = 'denied' then 'denied' else 'approved' end, decided_at
  from approvals where decided_by is not null and decided_at is not null;
`,
};
