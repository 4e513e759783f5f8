// How often calls for a customer were refused or carried what looks like an injection, by minute: customers as digests, kept for an hour.

import { tenantTable } from '#storage';

export const migration = {
  id: '0168-enforcement-customers',
  sql: `
create table customer_verdicts (
  tenant text not null,
  customer text not null,
  minute timestamptz not null,
  denied integer not null check (denied >= 0),
  injected integer not null check (injected >= 0),
  primary key (tenant, customer, minute)
);
${tenantTable('customer_verdicts', ['select', 'insert', 'update', 'delete'])}
`,
};
