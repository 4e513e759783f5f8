// Which workflows are sample data: those, and no others, can be deleted, with their versions, files, runs and steps. A step of a run that
// is gone can not be written any more, so a run under way ends with its removal.

import { APP_ROLE } from '#storage';

export const migration = {
  id: '0087-workflows-samples',
  sql: `
alter table workflows add column is_sample boolean not null default false;
grant delete on table workflows to ${APP_ROLE};
create policy samples_only on workflows as restrictive for delete to ${APP_ROLE} using (is_sample);
alter table workflow_versions add foreign key (tenant, name) references workflows (tenant, name) on delete cascade;
alter table workflow_files add foreign key (tenant, name, hash) references workflow_versions (tenant, name, hash) on delete cascade;
alter table workflow_runs add foreign key (tenant, workflow) references workflows (tenant, name) on delete cascade;
create index workflow_runs_by_workflow on workflow_runs (tenant, workflow);
alter table workflow_steps add foreign key (tenant, run) references workflow_runs (tenant, id) on delete cascade;
`,
};
