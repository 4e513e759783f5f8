// Looks at the roles the server works as, and at every role they could become: none may pass the tenant walls or take them down.
// INVARIANT: membership counts to any depth, whether it is inherited or only allows SET ROLE.

import type { Ask } from './ask-server.ts';
import { OUR_ROLES } from './logins.ts';
import { APP_ROLE } from './roles.ts';

interface RoleRow {
  readonly role: string;
  /** The role it can become, itself included. */
  readonly becomes: string;
  readonly isSuper: boolean;
  readonly bypasses: boolean;
  readonly replicates: boolean;
  readonly createsRoles: boolean;
  readonly readsEverything: boolean;
  readonly owns: string | null;
}

const ROLES = `
with recursive reach (role, becomes) as (
  select oid, oid from pg_roles where rolname = any($1)
  union
  select r.role, m.roleid from reach r join pg_auth_members m on m.member = r.becomes
)
select a.rolname::text as role, b.rolname::text as becomes, b.rolsuper as "isSuper", b.rolbypassrls as bypasses,
  b.rolreplication as replicates, b.rolcreaterole as "createsRoles",
  b.rolname in ('pg_read_server_files', 'pg_write_server_files', 'pg_execute_server_program') as "readsEverything",
  (select min(c.oid::regclass::text) from pg_class c
    where c.relowner = b.oid and c.relkind in ('r', 'p', 'v', 'm', 'f') and c.relnamespace = 'public'::regnamespace) as owns
from reach join pg_roles a on a.oid = reach.role join pg_roles b on b.oid = reach.becomes
order by a.rolname <> $2, 1, 2`;

function powersOf(row: RoleRow): readonly string[] {
  const { becomes } = row;
  return [
    row.isSuper ? `is a superuser; ALTER ROLE ${becomes} NOSUPERUSER` : null,
    row.bypasses ? `bypasses row security; ALTER ROLE ${becomes} NOBYPASSRLS` : null,
    row.replicates ? `may copy the whole server by replication; ALTER ROLE ${becomes} NOREPLICATION` : null,
    row.createsRoles ? `may make roles; ALTER ROLE ${becomes} NOCREATEROLE` : null,
    row.readsEverything ? 'may read or write the files of the server' : null,
    row.owns === null ? null : `owns tables (${row.owns}) and could take their walls down; give them to the owner of the database`,
  ].filter((power) => power !== null);
}

/** One sentence for each power that the server's roles must not have; empty when they have none. */
export async function inspectRoles(ask: Ask): Promise<readonly string[]> {
  const rows = await ask<RoleRow>(ROLES, [OUR_ROLES, APP_ROLE]);
  const direct = new Set(rows.map(({ role }) => role));
  return rows.flatMap((row) => {
    // The server's role may become the system roles; each of them is looked at by itself.
    if (row.role !== row.becomes && direct.has(row.becomes)) return [];
    const powers = powersOf(row);
    const undo = row.role === row.becomes ? '' : `, or REVOKE ${row.becomes} from what ${row.role} is a member of`;
    return powers.map((power) =>
      row.role === row.becomes ? `${row.role} ${power}` : `${row.role} can become ${row.becomes}, which ${power}${undo}`,
    );
  });
}
