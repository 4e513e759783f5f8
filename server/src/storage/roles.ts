// The Postgres roles and the SQL a migration uses to wall a table off by tenant and to open it to a system role.
// INVARIANT: the server's role never owns a table, is no superuser and never bypasses row security.

import { storageFault } from './errors.ts';

export const APP_ROLE = 'sallyport_app';

/** Named roles for the few jobs that cross tenants. Each sees only what a migration grants to it. */
export const SYSTEM_ROLES = ['authenticator', 'sequencer', 'resolver', 'writer', 'installer', 'watcher'] as const;
export type SystemRole = (typeof SYSTEM_ROLES)[number];

export type TablePrivilege = 'select' | 'insert' | 'update' | 'delete';
const ALL_PRIVILEGES: readonly TablePrivilege[] = ['select', 'insert', 'update', 'delete'];

export function postgresRole(role: SystemRole): string {
  if (!SYSTEM_ROLES.includes(role)) throw storageFault('STORAGE_QUERY_FAILED', 'unknown system role');
  return `sallyport_${role}`;
}

const TABLE_NAME = /^[a-z][a-z0-9_]{0,47}$/;

function checkTable(table: string): string {
  if (!TABLE_NAME.test(table))
    throw storageFault('STORAGE_MIGRATION_INVALID', 'a table name is lower case letters, digits and underscores');
  return table;
}

function checkPrivileges(privileges: TablePrivilege | readonly TablePrivilege[]): readonly TablePrivilege[] {
  const list = typeof privileges === 'string' ? [privileges] : privileges;
  const isKnown = list.length > 0 && list.every((privilege) => ALL_PRIVILEGES.includes(privilege));
  if (!isKnown) throw storageFault('STORAGE_MIGRATION_INVALID', 'privileges are select, insert, update and delete');
  return list;
}

/**
 * SQL for a migration, after `create table`: forces row security, lets the server's role see the rows of the current tenant only,
 * with these privileges. The table needs `tenant text not null`, first in its primary key.
 */
export function tenantTable(table: string, privileges: TablePrivilege | readonly TablePrivilege[] = ALL_PRIVILEGES): string {
  checkTable(table);
  return `
revoke all on table ${table} from public;
alter table ${table} enable row level security;
alter table ${table} force row level security;
create policy tenant_wall on ${table} for all to ${APP_ROLE}
  using (tenant = (select sallyport_tenant())) with check (tenant = (select sallyport_tenant()));
grant ${checkPrivileges(privileges).join(', ')} on table ${table} to ${APP_ROLE};
`;
}

const POLICY_CLAUSE: Readonly<Record<TablePrivilege, string>> = {
  select: 'using (true)',
  insert: 'with check (true)',
  update: 'using (true) with check (true)',
  delete: 'using (true)',
};

/** SQL for a migration: lets a system role do exactly these things to the rows of every tenant in `table`. */
export function grantSystem(role: SystemRole, table: string, privileges: TablePrivilege | readonly TablePrivilege[]): string {
  checkTable(table);
  const grantee = postgresRole(role);
  const granted = checkPrivileges(privileges);
  const policies = granted.map(
    (privilege) => `create policy ${grantee}_${privilege} on ${table} for ${privilege} to ${grantee} ${POLICY_CLAUSE[privilege]};`,
  );
  return `
grant ${granted.join(', ')} on table ${table} to ${grantee};
${policies.join('\n')}
`;
}
