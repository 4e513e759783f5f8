// Decisions about a stored call of sample data go with it when the demo is removed. Events keep saying who decided what.

export const migration = {
  id: '0045-approvals-samples',
  sql: `
alter table approval_decisions drop constraint approval_decisions_tenant_approval_fkey,
  add foreign key (tenant, approval) references approvals (tenant, id) on delete cascade;
`,
};
