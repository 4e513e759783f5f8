// Which servers work on this database and of which release they are: what an older one still needs is not taken away under it.

import { postgresRole } from '../roles.ts';

export const migration = {
  id: '0003-storage-replicas',
  sql: `
create table storage_replicas (
  replica text primary key,
  release integer not null,
  seen_at timestamptz not null default clock_timestamp()
);
revoke all on table storage_replicas from public;
grant select, insert, update, delete on table storage_replicas to ${postgresRole('installer')};
grant select on table storage_migrations to ${postgresRole('installer')};
`,
};
