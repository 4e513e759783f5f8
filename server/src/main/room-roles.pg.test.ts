// Which role of the database may do what on which table, asked of a real Postgres after every migration: exactly what is declared.

import { newTenant, seededRandom, type TestDatabase, testDatabase } from '@sallyport/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { provideRoomRoles, query, ROOM_ROLES, ROOM_WRITES, roomRole, sql } from '#storage';
import { allMigrations } from './compose/database.ts';

let test: TestDatabase;
const tenant = newTenant(seededRandom());

beforeAll(async () => {
  test = await testDatabase([...allMigrations]);
  await provideRoomRoles(test.adminUrl);
});
afterAll(() => test?.close());

const PRIVILEGES = ['select', 'insert', 'update', 'delete', 'truncate', 'references', 'trigger'];
const held = (role: string) =>
  test.admin<{ table: string; privilege: string; walled: boolean }>(
    `select c.relname::text as table, p as privilege, c.relrowsecurity and c.relforcerowsecurity as walled
     from pg_class c, unnest($2::text[]) p where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace
       and has_table_privilege($1, c.oid, p) order by 1, 2`,
    [role, `{${PRIVILEGES.join(',')}}`],
  );

describe.each(ROOM_ROLES)('the role of the room %s', (role) => {
  it('changes the tables that are declared for it and no other, and sees walled tables only', async () => {
    const rows = await held(roomRole(role));
    expect(rows.length).toBeGreaterThan(30);
    const writes = rows.filter(({ privilege }) => privilege !== 'select').map(({ table, privilege }) => `${table} ${privilege}`);
    const declared = Object.entries(ROOM_WRITES[role]).flatMap(([table, privileges]) =>
      privileges.map((privilege) => `${table} ${privilege}`),
    );
    expect(writes).toEqual(declared.toSorted());
    expect(rows.filter(({ walled }) => !walled)).toEqual([]);
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

  it('loses a grant that nobody declared at the next start', async () => {
    await test.admin(`grant update, delete on table identity_grants to ${roomRole(role)}`);
    await provideRoomRoles(test.adminUrl);
    expect((await held(roomRole(role))).filter(({ table }) => table === 'identity_grants').map(({ privilege }) => privilege)).toEqual([
      'select',
    ]);
  });
});

describe('a transaction of a guarded call', () => {
  const attempt = (statement: string): Promise<string> =>
    test.db
      .forRoom('gateway')
      .inTenant(tenant, (tx) => sql.raw(statement).execute(query(tx)))
      .then(
        () => 'done',
        (error: { message: string }) => /SQLSTATE (\w+)/.exec(error.message)?.[1] ?? error.message,
      );

  it.each([
    `update identity_workloads set integrations = '{}'`,
    `insert into identity_grants (tenant, id, subject, role, scope, via, granted_by, created_at) values ('t', 'g', 's', 'owner', '{}', 'direct', 'x', now())`,
    `update workflow_versions set state = 'published'`,
    `update integrations set origin = 'https://secret.attacker.example'`,
    `delete from vault_credentials`,
    `delete from event_inbox`,
    `update audit_log set leaf = leaf`,
    `delete from audit_payload`,
    `select * from instances`,
  ])('can not: %s', async (statement) => {
    expect(await attempt(statement)).toBe('42501');
  });

  it('does what a call does, for its own tenant alone', async () => {
    expect(await attempt(`insert into identity_statements (tenant, statement, expires_at) values ('${tenant}', 's1', now())`)).toBe('done');
    expect(await attempt(`insert into identity_statements (tenant, statement, expires_at) values ('other', 's1', now())`)).toBe('42501');
    const other = newTenant(seededRandom(7));
    const seen = await test.db.forRoom('gateway').inTenant(other, (tx) => sql`select * from identity_statements`.execute(query(tx)));
    expect(seen.rows).toEqual([]);
  });
});
