// What the doctor says of roles and logins in a real Postgres, before and after somebody has been at them.

import { type TestDatabase, testDatabase } from '@sallyport/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loginRole, provideRoomRoles, roomRole } from '#storage';
import { allMigrations } from './compose/database.ts';
import { inspectLogins } from './doctor-logins.ts';
import { SERVES } from './settings.ts';

let test: TestDatabase;
const nowhere = { postgres: '/nowhere/postgres', state: '/nowhere/state' };
const PASSWORD = 'of_a_part_in_a_test';

beforeAll(async () => {
  test = await testDatabase([...allMigrations]);
});
afterAll(() => test?.close());

const look = async (databaseUrl: string | null, serve: readonly string[] = SERVES) =>
  Object.fromEntries((await inspectLogins({ databaseUrl, serve }, nowhere)).map(({ name, grade, detail }) => [name, `${grade} ${detail}`]));

describe('the doctor, of roles in the database', () => {
  it('names what differs from what is declared, and that a start mends it', async () => {
    await provideRoomRoles(test.adminUrl);
    expect((await look(test.adminUrl))['roles of rooms']).toBe('ok stand as declared');
    await test.admin(`grant update on identity_grants to ${roomRole('monitoring')}`);
    await test.admin(`revoke insert on workflow_runs from ${roomRole('workflows')}`);
    expect((await look(test.adminUrl))['roles of rooms']).toBe(
      'fault the rights on identity_grants are not as declared; the rights on workflow_runs are not as declared. A start as the owner of the database makes them right',
    );
    await provideRoomRoles(test.adminUrl);
    expect((await look(test.adminUrl))['roles of rooms']).toBe('ok stand as declared');
  });

  it('finds every kind of right that was given by hand, and a start takes it back', async () => {
    await provideRoomRoles(test.adminUrl);
    const role = roomRole('gateway');
    await test.admin('create table if not exists storage_app_login (role text primary key, password text not null)');
    await test.admin(`grant truncate on audit_head to ${role}`);
    await test.admin(`grant insert (tenant) on identity_grants to ${role}`);
    // What would make it the server's own role.
    await test.admin(`grant select on storage_app_login to ${loginRole('gateway')}`);
    await test.admin(`grant delete on audit_head to ${loginRole('control')}`);
    let told: string | undefined;
    // Roles are the whole server's: a start on another database of it may have taken this one back already.
    while (told?.includes('may become') !== true) {
      await test.admin(`grant sallyport_sequencer to ${role}`);
      told = (await look(test.adminUrl))['roles of rooms'];
    }
    expect(told).toBe(
      `fault ${['audit_head', 'identity_grants', 'storage_app_login'].map((one) => `the rights on ${one} are not as declared`).join('; ')}; ${role} may become sallyport_sequencer. A start as the owner of the database makes them right`,
    );
    await provideRoomRoles(test.adminUrl);
    expect((await look(test.adminUrl))['roles of rooms']).toBe('ok stand as declared');
    const [left] = await test.admin(
      `select has_table_privilege($1, 'audit_head', 'truncate') as empties, has_column_privilege($1, 'identity_grants', 'tenant', 'insert') as makes,
         pg_has_role($1, 'sallyport_sequencer', 'member') as becomes, has_table_privilege($2, 'storage_app_login', 'select') as "logsIn"`,
      [role, loginRole('gateway')],
    );
    expect(left).toEqual({ empties: false, makes: false, becomes: false, logsIn: false });
  });

  it('says what a process could do that was taken over', async () => {
    const whole = await look(test.adminUrl);
    expect(whole['login of this process']).toMatch(/^ok one process with one login/);
    expect((await look(test.adminUrl, ['gateway']))['login of this process']).toMatch(
      /^advice .*everything there; use sallyport_login_gateway$/,
    );
    await test.admin(`alter role ${loginRole('gateway')} login password '${PASSWORD}'`);
    const url = new URL(test.url);
    url.username = loginRole('gateway');
    url.password = PASSWORD;
    expect((await look(url.href, ['gateway']))['login of this process']).toMatch(/^ok of the part gateway alone/);
  });

  it('says that it did not look where there is no database', async () => {
    expect(await look(null)).toEqual({ 'roles of rooms': expect.stringContaining('advice not looked at') });
    expect(await look('postgres://nobody@127.0.0.1:1/none')).toEqual({
      'roles of rooms': 'advice not looked at (STORAGE_UNAVAILABLE): the database does not answer',
    });
  });
});

describe('an administrator who may not make roles', () => {
  const restricted = async (work: (url: string) => Promise<void>): Promise<void> => {
    const [{ name } = { name: '' }] = await test.admin<{ name: string }>('select current_database()::text as name');
    const role = `owner_of_${name.slice(-12)}`;
    await test.admin(`create role ${role} login password '${PASSWORD}'`);
    await test.admin(`grant pg_read_all_settings to ${role}`);
    const url = new URL(test.adminUrl);
    url.username = role;
    url.password = PASSWORD;
    try {
      await work(url.href);
    } finally {
      await test.admin(`drop role ${role}`);
    }
  };

  it('is told so with a code when something has to be changed, and nothing is lost in silence', async () => {
    await provideRoomRoles(test.adminUrl);
    await test.admin(`grant update on identity_grants to ${roomRole('monitoring')}`);
    await restricted(
      (url) => expect(provideRoomRoles(url)).rejects.toMatchObject({ code: 'STORAGE_ROLES_NOT_PERMITTED' }) as Promise<void>,
    );
  });

  it('starts where an administrator has made everything right before', async () => {
    await provideRoomRoles(test.adminUrl);
    await restricted((url) => provideRoomRoles(url));
  });
});
