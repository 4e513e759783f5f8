// Each part of the server with a database login of its own: together they run a workflow with approvals from end to end, and whoever has
// taken one of them over finds that its login may do no more than that part. Tried with the real logins and real statements.

import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { inspectRoomRoles, LOGINS, type Login, loginRole, provideRoomRoles } from '#storage';
import { createServerDatabase } from '../../../testkit/crash/server-database.ts';
import { configOn, startOn } from '../../../testkit/crash/start-on.ts';
import { countEffects, openTicket } from '../../../testkit/crash/tickets.ts';
import { startWorkflowChild, type WorkflowChild } from '../../../testkit/crash/workflow-child.ts';
import { temporaryFolder } from '../../../testkit/temporary-folder.ts';
import { type DemoUpstreams, installDemo, openDemoUpstreams, waitForRun } from '../../../testkit/workflow-world/index.ts';
import { createLogger } from './logger.ts';
import { linesOf, prepareDatabase } from './prepare-database.ts';

const SOON = { beatMs: 150, deadAfterMs: 1_500 } as const;
const PASSWORD = 'of_a_part_in_a_test';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let upstreams: DemoUpstreams;
let ownerUrl: string;
let admin: pg.Pool;
let key: string;
let tenant: string;
let prepared: readonly string[];
const parts = {} as Record<Login, WorkflowChild>;
const sessions = {} as Record<Login, pg.Client>;

const urlOf = (login: Login): string => {
  const url = new URL(ownerUrl);
  url.username = loginRole(login);
  url.password = PASSWORD;
  return url.href;
};
const settings = (databaseUrl: string) => ({ folder: folder.path, databaseUrl, allowPrivate: upstreams.allowPrivate });
const owner: WorkflowChild['owner'] = (...call) => parts.control.owner(...call);

async function start(login: Login): Promise<void> {
  parts[login] = await startWorkflowChild({ ...settings(urlOf(login)), serve: [login], isAlone: false, timing: SOON });
}

beforeAll(async () => {
  const cluster = inject('testCluster');
  if (cluster === undefined) throw new Error('this project has no Postgres cluster');
  folder = await temporaryFolder('sallyport-logins-');
  upstreams = await openDemoUpstreams();
  ownerUrl = await createServerDatabase(cluster);
  admin = new pg.Pool({ connectionString: ownerUrl, max: 1 });
  const { config, folders } = configOn(settings(ownerUrl));
  prepared = linesOf(
    await prepareDatabase(
      config,
      folders,
      createLogger('error', () => {}),
    ),
  );
  for (const login of LOGINS) await admin.query(`alter role ${loginRole(login)} login password '${PASSWORD}'`);
  await start('control');
  await Promise.all([start('worker'), start('gateway')]);
  await installDemo(owner, upstreams, 'support-reply', {});
  const { body } = await owner('POST', '/api/workloads', { name: 'desk', integrations: ['demo-model'] });
  key = String((await owner('POST', '/api/keys', { workload: body.id, expiresInDays: 1 })).body.key);
  tenant = String((await admin.query('select tenant from identity_workloads limit 1')).rows[0]?.tenant);
  for (const login of LOGINS) {
    sessions[login] = new pg.Client({ connectionString: urlOf(login) });
    await sessions[login].connect();
    await sessions[login].query("select set_config('sallyport.tenant', $1, false)", [tenant]);
  }
});
afterAll(async () => {
  for (const session of Object.values(sessions)) await session.end();
  for (const child of Object.values(parts)) await child.kill();
  await admin?.end();
  await upstreams?.close();
  await folder?.remove();
});

/** Says yes to whatever the run asks, until it is over. */
async function approveUntilDone(run: string): Promise<Record<string, unknown>> {
  for (;;) {
    const state = await waitForRun(owner, run, true);
    if (state.state !== 'running') return state;
    const { body } = await owner('GET', '/api/approvals');
    for (const { id, digest, state: standing } of body.approvals as readonly { id: string; digest: string; state: string }[]) {
      if (standing === 'pending') await owner('POST', `/api/approvals/${id}/approve`, { digest });
    }
    await pause(100);
  }
}

const faultsOf = (child: WorkflowChild): readonly string[] => child.log.filter((line) => /fault|42501/.test(line));

describe('parts with logins of their own', () => {
  it('run a workflow with approvals together, and none of them asks for what it may not', async () => {
    const models = await fetch(`${parts.gateway.gatewayUrl}/v1/models`, { headers: { authorization: `Bearer ${key}` } });
    expect(models.status).toBe(200);
    const ticket = openTicket(upstreams.shop, 0);
    const { body } = await owner('POST', '/api/workflows/support-reply/runs', { input: { ticket: ticket.ticket } });
    expect(await approveUntilDone(String(body.id))).toMatchObject({ state: 'done' });
    expect(countEffects(upstreams.shop, ticket, 0)).toEqual({ refunds: 1, replies: 1 });
    for (const login of LOGINS) expect([login, faultsOf(parts[login])]).toEqual([login, []]);
  });
});

/** `done`, or the state with which Postgres refused. */
const attempt = async (login: Login, ...statements: readonly string[]): Promise<string> => {
  const session = sessions[login];
  try {
    for (const statement of statements) await session.query(statement);
    return 'done';
  } catch (error) {
    return (error as { code: string }).code;
  } finally {
    await session.query('reset role');
  }
};
const DENIED = '42501';

describe('whoever has taken a part over', () => {
  it.each([
    ...(['gateway', 'worker'] as const).flatMap((login) =>
      [
        'set role sallyport_app',
        'set role sallyport_authenticator',
        'set role sallyport_login_control',
        `insert into identity_grants (tenant, id, subject, role, scope, reason, granted_by, created_at) values ('x', 'g', 's', 'owner', '{}', '', 'x', now())`,
        'select * from vault_credentials',
        `grant sallyport_app to ${loginRole(login)}`,
        'create role mallory login',
        'create table mine (id int)',
      ].map((statement) => [login, statement] as const),
    ),
    ...[
      'set role sallyport_sequencer',
      'set role sallyport_resolver',
      'set role sallyport_installer',
      'set role sallyport_room_worker',
    ].map((statement) => ['gateway', statement] as const),
    ['control', 'set role sallyport_app'],
    ['control', 'create table mine (id int)'],
    ['control', 'alter table identity_grants disable row level security'],
  ] as const)('of the %s can not: %s', async (login, statement) => {
    expect(await attempt(login, statement)).toBe(DENIED);
  });

  it('of the gateway changes no right, no workflow and no sealed event, whichever of its roles it takes on', async () => {
    const { rows } = await sessions.gateway.query<{ role: string }>(
      `select rolname::text as role from pg_roles where pg_has_role(session_user, oid, 'set') and rolname <> session_user order by 1`,
    );
    expect(rows.map(({ role }) => role)).toEqual([
      'sallyport_across_gateway',
      'sallyport_room_gateway',
      'sallyport_room_usage',
      'sallyport_room_workflows',
      'sallyport_writer',
    ]);
    const { rows: tables } = await admin.query<{ name: string }>(
      `select relname::text as name from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace
       and (relname like 'identity%' or relname like 'audit%' or relname in ('workflow_versions', 'workflows', 'integrations', 'vault_credentials'))`,
    );
    const done: string[] = [];
    for (const { role } of rows)
      for (const { name } of tables)
        for (const privilege of ['insert', 'update', 'delete', 'truncate']) {
          const { rows: held } = await admin.query('select has_any_column_privilege($1, $2, $3) as may', [
            role,
            name,
            privilege === 'delete' || privilege === 'truncate' ? 'update' : privilege,
          ]);
          const whole = await admin.query('select has_table_privilege($1, $2, $3) as may', [role, name, privilege]);
          if (whole.rows[0]?.may === true || (held[0]?.may === true && privilege === 'update')) done.push(`${role} ${name} ${privilege}`);
        }
    expect(done.toSorted()).toEqual([
      // What a statement or a proof was used for, and how often something was used: rows that only say no to a second time, or count.
      'sallyport_across_gateway identity_replays insert',
      'sallyport_room_gateway identity_statements insert',
      'sallyport_room_usage identity_usage insert',
      'sallyport_room_usage identity_usage update',
    ]);
  });

  it('of the worker seals the log, and can not give anybody a right', async () => {
    expect(await attempt('worker', 'set role sallyport_sequencer')).toBe('done');
    for (const role of ['sallyport_room_worker', 'sallyport_room_workflows', 'sallyport_across_worker', 'sallyport_resolver'])
      expect(await attempt('worker', `set role ${role}`, `update identity_grants set role = 'owner'`)).toBe(DENIED);
  });

  it('of the control plane stays within the tenant it names, for all it may decide there', async () => {
    expect((await sessions.control.query('select count(*)::int as n from identity_people')).rows[0]?.n).toBeGreaterThan(0);
    await sessions.control.query("select set_config('sallyport.tenant', 'ten_other', false)");
    expect((await sessions.control.query('select * from identity_people')).rows).toEqual([]);
    await sessions.control.query("select set_config('sallyport.tenant', $1, false)", [tenant]);
  });
});

describe('a part', () => {
  it('does not start as another one, nor as all of them', async () => {
    for (const serve of [['worker'], ['gateway', 'worker'], undefined] as const)
      await expect(startOn({ ...settings(urlOf('gateway')), ...(serve === undefined ? {} : { serve }) })).rejects.toMatchObject({
        code: 'MAIN_CONFIG_INVALID',
      });
  });

  it('does not start on a database its owner has not prepared, and says who must', async () => {
    const bare = new URL(await createServerDatabase(inject('testCluster') as never));
    const url = new URL(urlOf('gateway'));
    url.pathname = bare.pathname;
    await expect(startOn({ ...settings(url.href), serve: ['gateway'] })).rejects.toMatchObject({ code: 'STORAGE_NOT_PREPARED' });
  });

  it('is told which logins have no password, by the command that prepares', () => {
    expect(prepared[0]).toMatch(/^The database is prepared/);
  });

  it('gets back to what is declared at the next preparation, whatever was granted by hand', async () => {
    await admin.query(`grant sallyport_sequencer to ${loginRole('gateway')} with set true`);
    expect(await attempt('gateway', 'set role sallyport_sequencer')).toBe('done');
    expect((await inspectRoomRoles(urlOf('gateway'))).differences).toEqual([
      'sallyport_login_gateway may become other roles than declared',
    ]);
    await provideRoomRoles(ownerUrl);
    expect(await attempt('gateway', 'set role sallyport_sequencer')).toBe(DENIED);
    expect(await inspectRoomRoles(urlOf('gateway'))).toMatchObject({ login: 'gateway', differences: [] });
  });
});
