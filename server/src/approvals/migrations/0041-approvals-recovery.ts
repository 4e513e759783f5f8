// One waiting approval for one call of one requester, and how often an approved call was started.

export const migration = {
  id: '0041-approvals-recovery',
  sql: `
alter table approvals add column attempts integer not null default 0;
-- A caller that tries again must not get two approvals for the same call that can both be said yes to.
create unique index approvals_waiting on approvals (tenant, workload, digest) where state in ('pending', 'approved', 'executing');
`,
};
