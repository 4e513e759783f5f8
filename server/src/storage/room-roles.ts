// Makes the roles of rooms and the logins of processes say what the table of rights says, after migrations and at every start.
// What is not in the table is taken back; what stands right is left alone, so that a start takes no lock on a table in use.
// INVARIANT: a room's role sees the rows of the current tenant only, like the server's own, and owns nothing.

import type pg from 'pg';
import { withSession } from './backup/session.ts';
import { storageFault } from './errors.ts';
import { LOGIN_RIGHTS, LOGINS, type Login, loginOf, loginRole, type Membership, membershipsOf, OUR_ROLES } from './logins.ts';
import { APP_ROLE, type TablePrivilege } from './roles.ts';
import {
  ACROSS_RIGHTS,
  ACROSS_ROLES,
  type AcrossRole,
  acrossRole,
  mayRead,
  ROOM_READS,
  ROOM_ROLES,
  ROOM_WRITES,
  type RoomRole,
  roomRole,
} from './room-rights.ts';
import { isServerError, translateError } from './translate-error.ts';

const LOCK = 7_255_901_486;
const NOT_PERMITTED = '42501';

/** As `update (name)`, in order; a privilege on the table counts for each of its columns. */
const columns = (role: string): string => `array(
  select p || ' (' || a.attname || ')' from pg_attribute a, unnest(array['select', 'insert', 'update', 'references']) p
  where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and has_column_privilege(${role}, c.oid, a.attnum, p) order by 1)`;

/** Every table, as a role stands to it, and as the server's own does. */
const STANDING = `
select r.name as role, c.relname::text as table, c.relrowsecurity as walled,
  exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant' and not a.attisdropped) as "hasTenant",
  array(select p from unnest(array['select', 'insert', 'update', 'delete', 'truncate', 'references', 'trigger']) p
    where has_table_privilege(r.name, c.oid, p)) as held,
  array(select p from unnest(array['select', 'insert', 'update', 'delete']) p where has_table_privilege($2, c.oid, p)) as whole,
  ${columns('r.name')} as "heldColumns", ${columns('$2')} as "wholeColumns",
  exists (select from pg_policy p where p.polrelid = c.oid and p.polname = r.name) as policed
from unnest($1::text[]) r (name), pg_class c
where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace order by 2, 1`;

interface Standing {
  readonly role: string;
  readonly table: string;
  readonly walled: boolean;
  readonly hasTenant: boolean;
  /** Of every kind there is: some are given to nobody. */
  readonly held: readonly string[];
  readonly whole: readonly TablePrivilege[];
  readonly heldColumns: readonly string[];
  readonly wholeColumns: readonly string[];
  readonly policed: boolean;
}

interface Rights {
  readonly table: readonly TablePrivilege[];
  /** `update (name)`: columns where it has no privilege on the table. */
  readonly columns: readonly string[];
}

type TableOf = Pick<Standing, 'table' | 'walled' | 'hasTenant' | 'whole' | 'wholeColumns'>;
const NOTHING: Rights = { table: [], columns: [] };

/** Never more than the server's own role: a table that only grows for it only grows for its rooms. */
export function roomRights(role: RoomRole, { table, walled, hasTenant, whole, wholeColumns }: TableOf): Rights {
  if (!walled || !hasTenant) {
    const isNamed = ROOM_READS[role].shared?.includes(table) ?? false;
    return isNamed && whole.includes('select') ? { table: ['select'], columns: [] } : NOTHING;
  }
  const writes = ROOM_WRITES[role][table] ?? [];
  const named = writes.flatMap((write) => (typeof write === 'string' ? [] : write.update.map((column) => `update (${column})`)));
  return {
    table: whole.filter((privilege) => (privilege === 'select' ? mayRead(role, table) : writes.includes(privilege))),
    columns: named.filter((column) => wholeColumns.includes(column)),
  };
}

interface Part {
  readonly name: string;
  rights(table: TableOf): Rights;
  /** Condition of its policy on a table with row security; null for one that is given nothing, and may have no more than this. */
  readonly sees: ((table: TableOf) => string) | null;
}

const OWN_TENANT = 'tenant = (select sallyport_tenant())';
const roomPart = (role: RoomRole): Part => ({
  name: roomRole(role),
  rights: (table) => roomRights(role, table),
  sees: ({ hasTenant }) => (hasTenant ? OWN_TENANT : 'true'),
});
const acrossPart = (role: AcrossRole): Part => ({
  name: acrossRole(role),
  rights: ({ table }) => {
    const rights = ACROSS_RIGHTS[role][table] ?? [];
    return {
      table: rights.filter((right) => typeof right === 'string'),
      columns: rights.flatMap((right) => (typeof right === 'string' ? [] : right.select.map((column) => `select (${column})`))),
    };
  },
  sees: () => 'true',
});
/** Nothing of its own: what it may, it may as another role, or inherits. */
const loginPart = (login: Login): Part => ({
  name: loginRole(login),
  rights: ({ whole, wholeColumns }) =>
    LOGIN_RIGHTS[login].inTenant === null
      ? { table: whole, columns: wholeColumns.filter((column) => !whole.some((privilege) => column.startsWith(privilege))) }
      : NOTHING,
  sees: null,
});
const PARTS: readonly Part[] = [...ROOM_ROLES.map(roomPart), ...ACROSS_ROLES.map(acrossPart), ...LOGINS.map(loginPart)];

const listed = (words: readonly string[]): string => words.join(', ');
const missing = <T>(wanted: readonly T[], held: readonly T[]): readonly T[] => wanted.filter((one) => !held.includes(one));

function statementsFor(part: Part, row: Standing): string[] {
  const { name, sees } = part;
  const { table, held } = row;
  const wanted = part.rights(row);
  const heldColumns = row.heldColumns.filter((column) => !held.some((privilege) => column.startsWith(privilege)));
  const [less, lessColumns] = [missing<string>(held, wanted.table), missing(heldColumns, wanted.columns)];
  const taken = [
    ...(less.length === 0 ? [] : [`revoke ${listed(less)} on table ${table} from ${name}`]),
    ...(lessColumns.length === 0 ? [] : [`revoke ${listed(lessColumns)} on table ${table} from ${name}`]),
  ];
  if (sees === null) return taken;
  const [more, moreColumns] = [missing<string>(wanted.table, held), missing(wanted.columns, heldColumns)];
  const needsPolicy = row.walled && !row.policed && wanted.table.length + wanted.columns.length > 0;
  return [
    ...taken,
    ...(more.length === 0 ? [] : [`grant ${listed(more)} on table ${table} to ${name}`]),
    ...(moreColumns.length === 0 ? [] : [`grant ${listed(moreColumns)} on table ${table} to ${name}`]),
    ...(needsPolicy ? [`create policy ${name} on ${table} for all to ${name} using (${sees(row)}) with check (${sees(row)})`] : []),
  ];
}

/** Roles belong to the whole server: another database of it may have made them, even at this very moment. */
async function createRole(client: pg.Client, name: string): Promise<void> {
  const known = await client.query('select 1 from pg_roles where rolname = $1', [name]);
  if (known.rows.length > 0) return;
  await client.query(
    `do $$ begin create role ${name} nologin noinherit; exception when duplicate_object or unique_violation then null; end $$`,
  );
}

interface HeldMembership extends Membership {
  readonly grantor: string;
}

export const MEMBERSHIPS = `
select m.roleid::regrole::text as role, m.inherit_option as inherit, m.set_option as set, m.grantor::regrole::text as grantor
from pg_auth_members m where m.member = $1::regrole`;

export const isSame = (one: Membership, other: Membership): boolean =>
  one.role === other.role && one.inherit === other.inherit && one.set === other.set;

/** Exactly these: a login that was given another role by hand loses it. */
async function makeMember(client: pg.Client, name: string, wanted: readonly Membership[], isExact: boolean): Promise<void> {
  const { rows } = await client.query<HeldMembership>(MEMBERSHIPS, [name]);
  for (const held of rows)
    if (isExact && !wanted.some((one) => isSame(one, held)))
      await client.query(`revoke ${held.role} from ${name} granted by ${held.grantor}`);
  for (const one of wanted) {
    if (rows.some((held) => isSame(one, held))) continue;
    await client.query(
      `do $$ begin grant ${one.role} to ${name} with inherit ${one.inherit}, set ${one.set}; exception when unique_violation then null; end $$`,
    );
  }
}

/** Roles that are the end of what a login may become. */
const ENDS: readonly string[] = OUR_ROLES.filter((role) => role !== APP_ROLE && loginOf(role) === null);

/** What was made reachable through one of them by hand. */
export async function detours(client: Pick<pg.Client, 'query'>) {
  const { rows } = await client.query<{ member: string; role: string; grantor: string }>(
    `select m.member::regrole::text as member, m.roleid::regrole::text as role, m.grantor::regrole::text as grantor
     from pg_auth_members m where m.member::regrole::text = any($1) order by 1, 2`,
    [ENDS],
  );
  return rows;
}

/** The engine keeps its notes over a connection of its own, which sets no role. */
const ENGINE_SCHEMA = 'dbos';
async function openEngine(client: pg.Client, name: string): Promise<void> {
  const { rows } = await client.query<{ open: boolean }>(
    `select bool_and(has_table_privilege($1, c.oid, 'select, insert, update, delete')) and has_schema_privilege($1, n.oid, 'usage') as open
     from pg_namespace n join pg_class c on c.relnamespace = n.oid and c.relkind = 'r' where n.nspname = $2 group by n.oid`,
    [name, ENGINE_SCHEMA],
  );
  if (rows[0]?.open !== false) return;
  await client.query(
    `grant usage on schema ${ENGINE_SCHEMA} to ${name};
     grant select, insert, update, delete on all tables in schema ${ENGINE_SCHEMA} to ${name};
     grant usage, select on all sequences in schema ${ENGINE_SCHEMA} to ${name};
     grant execute on all functions in schema ${ENGINE_SCHEMA} to ${name}`,
  );
}

/** What would have to be said to the database, table by table. Reads catalogues only. */
export async function standing(
  client: Pick<pg.Client, 'query'>,
): Promise<readonly { readonly table: string; readonly changes: readonly string[] }[]> {
  const { rows } = await client.query<Standing>(STANDING, [PARTS.map(({ name }) => name), APP_ROLE]);
  const byName = new Map(PARTS.map((part) => [part.name, part]));
  return [...Map.groupBy(rows, ({ table }) => table)].map(([table, all]) => ({
    table,
    changes: all.flatMap((row) => statementsFor(byName.get(row.role) as Part, row)),
  }));
}

async function provide(client: pg.Client): Promise<void> {
  await client.query(`select pg_advisory_lock(${LOCK})`);
  // What is lost in a crash is made again by the next start.
  await client.query('set synchronous_commit = off');
  for (const { name } of PARTS) await createRole(client, name);
  for (const kind of LOGINS) await makeMember(client, loginRole(kind), membershipsOf(kind), true);
  await makeMember(
    client,
    APP_ROLE,
    ROOM_ROLES.map((role) => ({ role: roomRole(role), inherit: false, set: true })),
    false,
  );
  // A transaction for each table: a lock on one is not held while waiting for another, which a call under way may hold.
  for (const { changes } of await standing(client)) if (changes.length > 0) await client.query(changes.join('; '));
  for (const role of ROOM_ROLES) {
    const may = await client.query("select has_function_privilege($1, 'sallyport_tenant()', 'execute') as is", [roomRole(role)]);
    if (may.rows[0]?.is !== true) await client.query(`grant execute on function sallyport_tenant() to ${roomRole(role)}`);
  }
  for (const { role, member, grantor } of await detours(client)) await client.query(`revoke ${role} from ${member} granted by ${grantor}`);
  await openEngine(client, loginRole('worker'));
}

/** As the administrator, after migrations. */
export function provideRoomRoles(adminUrl: string): Promise<void> {
  return withSession(adminUrl, 'sallyport-room-roles', async (client) => {
    try {
      await provide(client);
    } catch (error) {
      if (isServerError(error) && error.code === NOT_PERMITTED)
        throw storageFault('STORAGE_ROLES_NOT_PERMITTED', 'the roles of rooms and processes', translateError(error));
      throw error;
    }
  });
}
