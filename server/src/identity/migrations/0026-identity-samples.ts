// Which workloads are sample data: those, and no others, can be deleted, with their keys. Events keep saying that they existed.

import { APP_ROLE } from '#storage';

export const migration = {
  id: '0026-identity-samples',
  sql: `
alter table identity_workloads add column is_sample boolean not null default false;
grant delete on table identity_workloads to ${APP_ROLE};
create policy samples_only on identity_workloads as restrictive for delete to ${APP_ROLE} using (is_sample);
alter table identity_keys drop constraint identity_keys_tenant_workload_fkey,
  add constraint identity_keys_workload foreign key (tenant, workload) references identity_workloads (tenant, id) on delete cascade;
`,
};
