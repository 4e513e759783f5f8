// Which integrations are sample data, so that removing the demo can not touch another.

export const migration = {
  id: '0066-enforcement-samples',
  sql: `
alter table integrations add column is_sample boolean not null default false;
`,
};
