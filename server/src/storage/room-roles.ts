// Roles narrower than the server's own, for parts of it that need less: what each may write is one table, and nothing else is granted.
// After migrations every start makes the database say the same; a grant that is not in the table is taken back.
// INVARIANT: a room's role sees the rows of the current tenant only, like the server's own, and owns nothing.

import type pg from 'pg';
import { inTransaction, withSession } from './backup/session.ts';
import { APP_ROLE, type TablePrivilege } from './roles.ts';

/** `gateway`: the transactions of a guarded call. It can make nobody a right, publish nothing and touch no sealed event. */
export const ROOM_ROLES = ['gateway'] as const;
export type RoomRole = (typeof ROOM_ROLES)[number];

export const roomRole = (role: RoomRole): string => `sallyport_room_${role}`;

/** What it may change. It may read what the server's own role may read of the tenant. */
export const ROOM_WRITES: Readonly<Record<RoomRole, Readonly<Record<string, readonly TablePrivilege[]>>>> = {
  gateway: {
    approvals: ['insert', 'update'],
    effects: ['insert', 'update', 'delete'],
    event_inbox: ['insert'],
    identity_statements: ['insert'],
    limit_reservation: ['insert', 'update', 'delete'],
    limit_window: ['insert', 'update', 'delete'],
    run_results: ['insert', 'update', 'delete'],
    vault_known_values: ['insert', 'delete'],
    vault_subject_keys: ['insert'],
    vault_tenant_keys: ['insert'],
  },
};

const LOCK = 7_255_901_486;

/** Every table: whether its rows are of one tenant each and walled off, what the room's role holds now, and what the server's own may. */
const STANDING = `
select c.relname::text as table,
  c.relrowsecurity and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant' and not a.attisdropped) as walled,
  array(select p from unnest(array['select', 'insert', 'update', 'delete']) p where has_table_privilege($1, c.oid, p)) as held,
  array(select p from unnest(array['select', 'insert', 'update', 'delete']) p where has_table_privilege($2, c.oid, p)) as whole,
  exists (select from pg_policy p where p.polrelid = c.oid and p.polname = $1) as policed
from pg_class c where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace order by 1`;

interface Standing {
  readonly table: string;
  readonly walled: boolean;
  readonly held: readonly TablePrivilege[];
  readonly whole: readonly TablePrivilege[];
  readonly policed: boolean;
}

/** Never more than the server's own role: a table that only grows for it only grows for its rooms. */
export function wantedPrivileges(
  role: RoomRole,
  { table, walled, whole }: Pick<Standing, 'table' | 'walled' | 'whole'>,
): readonly TablePrivilege[] {
  if (!walled) return [];
  const writes = ROOM_WRITES[role][table] ?? [];
  return whole.filter((privilege) => privilege === 'select' || writes.includes(privilege));
}

async function provide(client: pg.Client): Promise<void> {
  await client.query(`select pg_advisory_lock(${LOCK})`);
  for (const role of ROOM_ROLES) {
    const name = roomRole(role);
    // Roles belong to the whole server: another database of it may have made them, even at this very moment.
    await client.query(
      `do $$ begin create role ${name} nologin noinherit; exception when duplicate_object or unique_violation then null; end $$`,
    );
    const member = await client.query('select pg_has_role($1, $2, $3) as is', [APP_ROLE, name, 'set']);
    if (member.rows[0]?.is !== true)
      await client.query(
        `do $$ begin grant ${name} to ${APP_ROLE} with inherit false, set true; exception when unique_violation then null; end $$`,
      );
    const { rows } = await client.query<Standing>(STANDING, [name, APP_ROLE]);
    const changes = rows.flatMap((row) => statementsFor(role, row));
    const may = await client.query("select has_function_privilege($1, 'sallyport_tenant()', 'execute') as is", [name]);
    if (may.rows[0]?.is !== true) changes.push(`grant execute on function sallyport_tenant() to ${name}`);
    if (changes.length > 0)
      await inTransaction(client, 'begin', async () => {
        for (const change of changes) await client.query(change);
      });
  }
}

function statementsFor(role: RoomRole, row: Standing): string[] {
  const name = roomRole(role);
  const wanted = wantedPrivileges(role, row);
  const more = wanted.filter((privilege) => !row.held.includes(privilege));
  const less = row.held.filter((privilege) => !wanted.includes(privilege));
  return [
    ...(less.length === 0 ? [] : [`revoke ${less.join(', ')} on table ${row.table} from ${name}`]),
    ...(more.length === 0 ? [] : [`grant ${more.join(', ')} on table ${row.table} to ${name}`]),
    ...(wanted.length === 0 || row.policed
      ? []
      : [
          `create policy ${name} on ${row.table} for all to ${name}
             using (tenant = (select sallyport_tenant())) with check (tenant = (select sallyport_tenant()))`,
        ]),
  ];
}

/** As the administrator, after migrations. What stands right already is left alone, so that a start takes no lock on a table in use. */
export function provideRoomRoles(adminUrl: string): Promise<void> {
  return withSession(adminUrl, 'sallyport-room-roles', provide);
}
