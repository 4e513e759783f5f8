// Which role of the database may do what on which table, asked of a real Postgres after every migration: exactly what is declared. And
// what somebody tries who got a statement of theirs into a transaction of each room.

import { newTenant, seededRandom, type TestDatabase, testDatabase } from '@sallyport/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  APP_ROLE,
  inspectRowSecurity,
  mayRead,
  provideRoomRoles,
  query,
  ROOM_READS,
  ROOM_ROLES,
  ROOM_WRITES,
  type RoomRole,
  roomRole,
  sql,
} from '#storage';
import { removeTenant, seedTenant } from '../../../testkit/two-tenants/world.ts';
import { allMigrations } from './compose/database.ts';
import { tablesWithoutTenant } from './compose/tables-without-tenant.ts';

let test: TestDatabase;
const tenant = newTenant(seededRandom());
const other = newTenant(seededRandom(7));

beforeAll(async () => {
  test = await testDatabase([...allMigrations]);
  await provideRoomRoles(test.adminUrl);
});
afterAll(() => test?.close());

const PRIVILEGES = ['select', 'insert', 'update', 'delete', 'truncate', 'references', 'trigger'];
const held = (role: string) =>
  test.admin<{ table: string; privilege: string; walled: boolean }>(
    `select c.relname::text as table, p as privilege, c.relrowsecurity and c.relforcerowsecurity
       and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant') as walled
     from pg_class c, unnest($2::text[]) p where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace
       and has_table_privilege($1, c.oid, p) order by 1, 2`,
    [role, `{${PRIVILEGES.join(',')}}`],
  );
const tables = () =>
  test.admin<{ table: string; columns: readonly string[]; walled: boolean }>(
    `select c.relname::text as table, array(select a.attname::text from pg_attribute a where a.attrelid = c.oid and a.attnum > 0
       and not a.attisdropped and a.attgenerated = '' and a.attidentity = '' order by a.attnum) as columns, c.relrowsecurity
       and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant') as walled
     from pg_class c where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace order by 1`,
  );

/** `done`, or the state with which Postgres refused. */
const attempt = (role: RoomRole, statement: string): Promise<string> =>
  test.db
    .forRoom(role)
    .inTenant(tenant, (tx) => sql.raw(statement).execute(query(tx)))
    .then(
      () => 'done',
      (error: { message: string }) => /SQLSTATE (\w+)/.exec(error.message)?.[1] ?? error.message,
    );

/** Many in one transaction, each rolled back by itself when it is refused. */
async function attemptAll(role: RoomRole, statements: readonly string[], of = tenant): Promise<readonly string[]> {
  const list = JSON.stringify(statements).replaceAll("'", "''");
  return test.db.forRoom(role).inTenant(of, async (tx) => {
    await sql
      .raw(`do $do$ declare statement text; answers jsonb := '[]'; touched bigint; begin
        for statement in select jsonb_array_elements_text('${list}'::jsonb) loop
          begin execute statement; get diagnostics touched = row_count; answers := answers || to_jsonb(touched || ' rows'); exception when others then answers := answers || to_jsonb(sqlstate); end;
        end loop;
        perform set_config('trial.answers', answers::text, true);
      end $do$`)
      .execute(query(tx));
    const { rows } = await sql<{ answers: string }>`select current_setting('trial.answers') as answers`.execute(query(tx));
    return JSON.parse(rows[0]?.answers ?? '[]') as string[];
  });
}

const DENIED = '42501';

describe.each(ROOM_ROLES)('the role of the room %s', (role) => {
  const declared = ROOM_WRITES[role];
  const columnsOf = (table: string): readonly string[] =>
    (declared[table] ?? []).flatMap((write) => (typeof write === 'string' ? [] : write.update));

  it('changes the tables that are declared for it and no other, and sees walled tables only', async () => {
    const rows = await held(roomRole(role));
    const writes = rows.filter(({ privilege }) => privilege !== 'select').map((row) => `${row.table} ${row.privilege}`);
    const wanted = Object.entries(declared).flatMap(([table, all]) =>
      all.flatMap((write) => (typeof write === 'string' ? [`${table} ${write}`] : [])),
    );
    expect(writes).toEqual(wanted.toSorted());
    const shared = ROOM_READS[role].shared ?? [];
    expect(rows.filter(({ walled }) => !walled).map(({ table }) => table)).toEqual(shared.toSorted());
  });

  it('is refused, on every table there is, what was not declared: in a real transaction', async () => {
    const all = await tables();
    expect(all.length).toBeGreaterThan(70);
    const tries: (readonly [statement: string, isAllowed: boolean])[] = [];
    for (const { table, columns, walled } of all) {
      const writes: readonly unknown[] = declared[table] ?? [];
      const [first = 'tenant'] = columns;
      const isReadable = walled ? mayRead(role, table) && (await readInTenant(table)) : (ROOM_READS[role].shared ?? []).includes(table);
      const updates = [...writes.filter((write) => write === 'update'), ...columnsOf(table)].length > 0 ? columns : [first];
      tries.push(
        [`select ${first} from ${table} limit 1`, isReadable],
        [`insert into ${table} (${first}) select null where false`, writes.includes('insert')],
        ...updates.map(
          (column) =>
            [`update ${table} set ${column} = null where false`, writes.includes('update') || columnsOf(table).includes(column)] as const,
        ),
        [`delete from ${table} where false`, writes.includes('delete')],
        [`truncate ${table}`, false],
        [`alter table ${table} disable row level security`, false],
        [`drop table ${table}`, false],
      );
    }
    const answers = await attemptAll(
      role,
      tries.map(([statement]) => statement),
    );
    const wrong = tries.flatMap(([statement, isAllowed], at) =>
      (answers[at] === DENIED) === isAllowed ? [`${statement}: ${answers[at]}`] : [],
    );
    expect(wrong).toEqual([]);
  });

  it('owns nothing, inherits nothing and can become nobody else', async () => {
    const [powers] = await test.admin(
      `select rolsuper or rolbypassrls or rolcreaterole or rolcanlogin or rolinherit as any,
         (select count(*)::int from pg_auth_members where member = r.oid) as member,
         (select count(*)::int from pg_class where relowner = r.oid) as owns from pg_roles r where rolname = $1`,
      [roomRole(role)],
    );
    expect(powers).toEqual({ any: false, member: 0, owns: 0 });
  });

  it('loses a grant that nobody declared at the next start, also one on a column', async () => {
    const before = await held(roomRole(role));
    await test.admin(`grant update, delete on table identity_grants to ${roomRole(role)}`);
    await test.admin(`grant update (state) on table workflow_versions to ${roomRole(role)}`);
    expect(await attempt(role, `update workflow_versions set state = 'published'`)).toBe('done');
    await provideRoomRoles(test.adminUrl);
    expect(await held(roomRole(role))).toEqual(before);
    expect(await attempt(role, `update workflow_versions set state = 'published'`)).toBe(DENIED);
  });

  it('gives itself no right that it lacks: Postgres warns, and grants nothing', async () => {
    const before = await held(roomRole(role));
    await attemptAll(
      role,
      (await tables()).map(({ table }) => `grant all on ${table} to ${roomRole(role)}, public`),
    );
    expect(await held(roomRole(role))).toEqual(before);
  });

  it('refuses somebody who got a statement in', async () => {
    const tries: Readonly<Record<string, string>> = {
      'gives itself a role': `grant ${APP_ROLE} to ${roomRole(role)}`,
      'makes a role': 'create role mallory login superuser',
      'makes somebody an owner': `update identity_grants set role = 'owner'`,
      'widens a workload': `update identity_workloads set integrations = '{}'`,
      'publishes a workflow': `update workflow_versions set state = 'published'`,
      'sends a shop’s calls elsewhere': `update integrations set origin = 'https://secret.attacker.example'`,
      'takes a credential away': 'delete from vault_credentials',
      'rewrites the log': 'update audit_log set leaf = leaf',
      'erases what an event holds': 'delete from audit_payload',
      'takes an event back': 'delete from event_inbox',
      'seals an event of its own': `insert into audit_log (tenant) values ('${tenant}')`,
      'signs tokens with a key of its own': `insert into identity_token_keys (kid) values ('k')`,
      'looks at who runs': 'select * from instances',
      'makes a function': `create function public.own() returns text language sql security definer as 'select 1::text'`,
      'sees past the tenant': `alter role ${roomRole(role)} bypassrls`,
    };
    const answers = await attemptAll(role, Object.values(tries));
    expect(Object.fromEntries(Object.keys(tries).map((name, at) => [name, answers[at]]))).toEqual(
      Object.fromEntries(Object.keys(tries).map((name) => [name, DENIED])),
    );
  });
});

describe('beside a tenant whose every table has rows', () => {
  beforeAll(() => seedTenant(test, other));
  afterAll(() => removeTenant(test, other));

  it.each(ROOM_ROLES)('the room %s sees, changes, removes and makes none of them', async (role) => {
    const all = (await tables()).filter(({ walled, columns }) => walled && columns.includes('tenant'));
    const looks = all.map(({ table }) => `select * from ${table}`);
    const changes = all.flatMap(({ table, columns }) => [
      `delete from ${table} where tenant = '${other}'`,
      `insert into ${table} (tenant) values ('${other}')`,
      ...columns.map((column) => `update ${table} set ${column} = ${column} where tenant = '${other}'`),
    ]);
    const answers = await attemptAll(role, [...looks, ...changes]);
    const wrong = [...looks, ...changes].flatMap((statement, at) =>
      [DENIED, '0 rows'].includes(answers[at] ?? '') ? [] : [`${statement}: ${answers[at]}`],
    );
    expect(wrong).toEqual([]);
    // In that tenant the same looks do find rows.
    const found = (await attemptAll(role, looks, other)).filter((answer) => answer !== DENIED && answer !== '0 rows');
    expect(found.length).toBeGreaterThan(0);
    expect(found.length).toBe(answers.slice(0, looks.length).filter((answer) => answer === '0 rows').length);
  });
});

/** Tables of jobs over all tenants are read by nobody inside one. */
async function readInTenant(table: string): Promise<boolean> {
  const [row] = await test.admin<{ may: boolean }>('select has_table_privilege($1, $2, $3) as may', [APP_ROLE, table, 'select']);
  return row?.may === true;
}

it('a credential is read by calls alone, and what lets people in by no room at all', async () => {
  const may = async (table: string) => {
    const found = await Promise.all(ROOM_ROLES.map(async (role) => [role, await attempt(role, `select tenant from ${table}`)] as const));
    return found.filter(([, answer]) => answer === 'done').map(([role]) => role);
  };
  expect(await may('vault_credentials')).toEqual(['gateway']);
  // What a run, a call or a ledger seals is opened with these, by those who open it.
  expect(await may('vault_tenant_keys')).toEqual(['gateway', 'workflows', 'worker']);
  for (const table of ['identity_sessions', 'identity_links', 'identity_recovery_codes', 'identity_providers'])
    expect(await may(table)).toEqual([]);
});

it('a policy that lets a room past its tenant is found, as one for the server’s own role is', async () => {
  await test.admin('create policy wide on effects for select to sallyport_room_monitoring using (true)');
  const { holes } = await inspectRowSecurity(test.db, tablesWithoutTenant);
  await test.admin('drop policy wide on effects');
  expect(holes).toEqual(['public.effects lets sallyport_room_monitoring past the tenant by the policy wide']);
  expect((await inspectRowSecurity(test.db, tablesWithoutTenant)).holes).toEqual([]);
});

it('a room does what it is for, and for its own tenant alone', async () => {
  const row = (of: string) => `insert into identity_statements (tenant, statement, expires_at) values ('${of}', 's1', now())`;
  expect(await attempt('gateway', row(tenant))).toBe('done');
  expect(await attempt('gateway', row(other))).toBe(DENIED);
  const seen = await test.db.forRoom('gateway').inTenant(other, (tx) => sql`select * from identity_statements`.execute(query(tx)));
  expect(seen.rows).toEqual([]);
});

describe('what a role of one transaction can not stop, in a process with the login of everything', () => {
  const take = (statement: string) =>
    test.db.forRoom('monitoring').inTenant(tenant, async (tx) => {
      await sql.raw(statement).execute(query(tx));
      const { rows } = await sql<{ role: string }>`select current_user as role`.execute(query(tx));
      return rows[0]?.role;
    });

  it.each(['reset role', 'set role sallyport_sequencer', 'set local role sallyport_room_gateway'])(
    '%s: the login is still there',
    async (to) => {
      expect(await take(to)).not.toBe('sallyport_room_monitoring');
    },
  );

  it('the next transaction on that connection is under its own role all the same', async () => {
    await take('set role sallyport_sequencer').catch(() => null);
    const all = await Promise.all(
      Array.from({ length: 20 }, () =>
        test.db.forRoom('monitoring').inTenant(tenant, (tx) => sql<{ role: string }>`select current_user as role`.execute(query(tx))),
      ),
    );
    expect(new Set(all.map(({ rows }) => rows[0]?.role))).toEqual(new Set(['sallyport_room_monitoring']));
  });
});
