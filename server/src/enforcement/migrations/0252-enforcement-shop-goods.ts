// What the shops of a tenant sell, by name, as their own records say: so that a chair called Harper is no person.

import { grantSystem, tenantTable } from '#storage';

export const migration = {
  id: '0252-enforcement-shop-goods',
  sql: `
create table shop_goods (
  tenant text not null,
  words text not null check (char_length(words) between 2 and 120),
  -- Where it was read last.
  integration text not null check (char_length(integration) <= 100),
  seen_on date not null,
  -- In the order they came, for processes that read what is new.
  nth bigint generated always as identity,
  primary key (tenant, words)
);
create index shop_goods_nth on shop_goods (tenant, nth);
create index shop_goods_seen on shop_goods (seen_on);
${tenantTable('shop_goods', ['select', 'insert', 'update'])}
${grantSystem('authenticator', 'shop_goods', ['select', 'delete'])}
`,
};
