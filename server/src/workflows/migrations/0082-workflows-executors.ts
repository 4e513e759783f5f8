// The processes that run workflows, by their own word; which of them watches the others; who owns a run and how far it is written; and
// when what a run knew was erased. Approvals tell whoever waits for them.

import { APP_ROLE } from '#storage';

export const migration = {
  id: '0082-workflows-executors',
  sql: `
create table workflow_executors (
  executor text primary key,
  seen_at timestamptz not null,
  dead_at timestamptz,
  recovered_at timestamptz
);
grant select, insert, update, delete on workflow_executors to sallyport_resolver;
grant select on workflow_executors to ${APP_ROLE};

create table workflow_leader (
  only_one boolean primary key default true check (only_one),
  executor text not null,
  term bigint not null,
  until timestamptz not null
);
grant select, insert, update, delete on workflow_leader to sallyport_resolver;

alter table workflow_runs
  add column executor text,
  add column moves integer not null default 0,
  add column erased_at timestamptz,
  alter column sealed_input drop not null;
create index workflow_runs_to_erase on workflow_runs (finished_at) where finished_at is not null and erased_at is null;
create index workflow_steps_approval on workflow_steps (tenant, approval) where approval is not null;

create function workflows_tell_approval() returns trigger language plpgsql as $$
begin
  perform pg_notify('workflows_approval', new.tenant || ' ' || new.id);
  return null;
end $$;
create trigger workflows_tell_approval after update of state on approvals
  for each row when (old.state is distinct from new.state) execute function workflows_tell_approval();
`,
};
