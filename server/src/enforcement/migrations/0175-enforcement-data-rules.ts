// What a tenant decided about who may see what: handling of a class of data towards a destination, what happens with unsure guesses, and
// how often each cell decided.

import { grantSystem, tenantTable } from '#storage';

export const migration = {
  id: '0175-enforcement-data-rules',
  sql: `
create table data_rules (
  tenant text not null,
  -- A kind of destination, or one integration by name.
  destination text not null check (destination ~ '^(model|tool|customer|web|integration:.{1,100})$'),
  class text not null check (class ~ '^[a-z_]{1,40}$'),
  mode text not null check (mode in ('monitor', 'enforce')),
  handling text not null check (handling in ('clear', 'tokenise', 'mask', 'refuse')),
  primary key (tenant, destination, class, mode)
);
${tenantTable('data_rules')}
${grantSystem('authenticator', 'data_rules', 'select')}

create table data_unsure_rules (
  tenant text not null,
  class text not null check (class ~ '^[a-z_]{1,40}$'),
  unsure text not null check (unsure in ('leave', 'mask', 'ask', 'refuse')),
  primary key (tenant, class)
);
${tenantTable('data_unsure_rules')}
${grantSystem('authenticator', 'data_unsure_rules', 'select')}

create table data_rule_hits (
  tenant text not null,
  day date not null,
  kind text not null check (kind in ('model', 'tool', 'customer', 'web')),
  integration text not null check (char_length(integration) <= 100),
  class text not null check (class ~ '^[a-z_]{1,40}$'),
  handling text not null check (handling in ('clear', 'tokenise', 'mask', 'refuse')),
  -- What a rule on trial would have done.
  on_trial boolean not null,
  hits bigint not null check (hits > 0),
  primary key (tenant, day, kind, integration, class, handling, on_trial)
);
create index data_rule_hits_day on data_rule_hits (day);
${tenantTable('data_rule_hits', ['select', 'insert', 'update'])}
${grantSystem('authenticator', 'data_rule_hits', ['select', 'delete'])}
`,
};
