// Who stands behind a pseudonym, encrypted for that very subject and found by a keyed hash: without the vault's keys the table names nobody,
// and erasing a subject takes its link. The table before it, which named actors in clear, is emptied into this one while servers run.

import { grantSystem, type Migration, tenantTable } from '#storage';

export const migration: Migration = {
  id: '0055-audit-actor-links',
  sql: `
create table audit_link (
  tenant text not null,
  pseudonym text not null,
  actor_index text not null,
  sealed bytea not null,
  primary key (tenant, pseudonym)
);
create index audit_link_actor on audit_link (tenant, actor_index);
${tenantTable('audit_link', ['select', 'delete'])}
${grantSystem('sequencer', 'audit_link', ['select', 'insert'])}
${grantSystem('sequencer', 'audit_actor', 'delete')}
`,
};
