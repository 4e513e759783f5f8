// Patterns tenants bring for values of their own: what they look for, as which class of data, and the examples they were accepted with.

import { grantSystem, tenantTable } from '#storage';

export const migration = {
  id: '0180-enforcement-data-patterns',
  sql: `
create table data_patterns (
  tenant text not null,
  name text not null check (name ~ '^[a-z0-9][a-z0-9-]{0,39}$'),
  class text not null check (class ~ '^[a-z_]{1,40}$'),
  pattern text not null check (char_length(pattern) between 1 and 256),
  -- Invented values its author gave: {matches: [...], differs: [...]}.
  examples jsonb not null,
  primary key (tenant, name)
);
${tenantTable('data_patterns')}
${grantSystem('authenticator', 'data_patterns', 'select')}
`,
};
