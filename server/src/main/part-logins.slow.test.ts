// Each part of the server with a database login of its own: together they run a workflow with approvals from end to end, and whoever has
// taken one of them over finds that its login may do no more than that part. Tried with the real logins and real statements.

import { join } from 'node:path';
import { signHook } from '@sallyport/demo';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { TenantId } from '#core';
import { inspectRoomRoles, LOGINS, type Login, loginRole, provideRoomRoles } from '#storage';
import { createServerDatabase } from '../../../testkit/crash/server-database.ts';
import { configOn, startOn } from '../../../testkit/crash/start-on.ts';
import { countEffects, openTicket } from '../../../testkit/crash/tickets.ts';
import { ownerOf } from '../../../testkit/crash/workflow-child.ts';
import { temporaryFolder } from '../../../testkit/temporary-folder.ts';
import {
  approveUntilDone,
  type DemoUpstreams,
  installDemo,
  openDemoUpstreams,
  type WorkflowOwner,
} from '../../../testkit/workflow-world/index.ts';
import { createHousekeeping } from './compose/housekeeping.ts';
import { verifyLedger } from './compose/verify-ledger.ts';
import { inspectDatabase } from './doctor-database.ts';
import { createLogger } from './logger.ts';
import { linesOf, prepareDatabase } from './prepare-database.ts';
import { type Server, startServer } from './server.ts';

const TIMES = { recovery: { deadAfterMs: 10_000, beatMs: 2_000 }, workflows: { beatMs: 150, deadAfterMs: 1_500 } } as const;
const silent = createLogger('error', () => {});
const PASSWORD = 'of_a_part_in_a_test';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let upstreams: DemoUpstreams;
let ownerUrl: string;
let admin: pg.Pool;
let owner: WorkflowOwner;
let key: string;
let tenant: string;
let prepared: readonly string[];
const parts = {} as Record<Login, Server>;
const logs: Record<Login, string[]> = { gateway: [], control: [], worker: [] };
const sessions = {} as Record<Login, pg.Client>;

const urlOf = (login: Login): string => {
  const url = new URL(ownerUrl);
  url.username = loginRole(login);
  url.password = PASSWORD;
  return url.href;
};
const settings = (databaseUrl: string) => ({ folder: folder.path, databaseUrl, allowPrivate: upstreams.allowPrivate });

async function start(login: Login): Promise<void> {
  parts[login] = await startOn({ ...settings(urlOf(login)), serve: [login] }, TIMES, (line) => void logs[login].push(line));
}

beforeAll(async () => {
  const cluster = inject('testCluster');
  if (cluster === undefined) throw new Error('this project has no Postgres cluster');
  folder = await temporaryFolder('sallyport-logins-');
  upstreams = await openDemoUpstreams();
  ownerUrl = await createServerDatabase(cluster);
  admin = new pg.Pool({ connectionString: ownerUrl, max: 1 });
  const { config, folders } = configOn(settings(ownerUrl));
  prepared = linesOf(await prepareDatabase(config, folders, silent));
  for (const login of LOGINS) await admin.query(`alter role ${loginRole(login)} login password '${PASSWORD}'`);
  // The worker last: neither of the others may need it for its start, nor the owner.
  for (const login of ['gateway', 'control', 'worker'] as const) await start(login);
  owner = ownerOf(parts.control.control.port, parts.control.ownerToken);
  await installDemo(owner, upstreams, 'support-reply', {});
  const { body } = await owner('POST', '/api/workloads', { name: 'desk', integrations: ['demo-model', 'demo-shop'] });
  key = String((await owner('POST', '/api/keys', { workload: body.id, expiresInDays: 1 })).body.key);
  tenant = parts.control.rooms.tenant;
  for (const login of LOGINS) {
    sessions[login] = new pg.Client({ connectionString: urlOf(login) });
    await sessions[login].connect();
    await sessions[login].query("select set_config('sallyport.tenant', $1, false)", [tenant]);
  }
});
afterAll(async () => {
  for (const session of Object.values(sessions)) await session.end();
  for (const server of Object.values(parts)) await server.close();
  await admin?.end();
  await upstreams?.close();
  await folder?.remove();
});

/** What was logged of statements that the database refused. A takeover on a busy machine, say, is no such thing. */
const faults = () =>
  Object.entries(logs).flatMap(([login, lines]) =>
    lines.filter((line) => /STORAGE_(?:NOT_ALLOWED|QUERY_FAILED)|"BUG"/.test(line)).map((line) => `${login} ${line}`),
  );
const at = (path: string): string => `http://127.0.0.1:${parts.gateway.gateway.port}${path}`;
const call = (method: string, path: string, body?: object) =>
  fetch(at(path), {
    method,
    headers: { authorization: `Bearer ${key}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

const answerOf = async (response: Promise<Response>): Promise<object> => ({
  status: (await response).status,
  said: await (await response).text(),
});

describe('parts with logins of their own', () => {
  it('run a workflow with approvals together', async () => {
    const ticket = openTicket(upstreams.shop, 0);
    const { body } = await owner('POST', '/api/workflows/support-reply/runs', { input: { ticket: ticket.ticket } });
    expect(await approveUntilDone(owner, String(body.id))).toMatchObject({ state: 'done' });
    expect(countEffects(upstreams.shop, ticket, 0)).toEqual({ refunds: 1, replies: 1 });
  });

  it('take calls of a model and of the shop, deliveries, and what people approve', async () => {
    const models = (await (await call('GET', '/v1/models')).json()) as { data: readonly { id: string }[] };
    const asked = { model: models.data[0]?.id, messages: [{ role: 'user', content: 'Where is my parcel?' }] };
    expect(await answerOf(call('POST', '/v1/chat/completions', asked))).toMatchObject({ status: 200 });
    // Stored by the gateway, approved on the control plane, made by the worker, and its answer fetched from the gateway.
    const { approval, result } = (await (await call('GET', '/connect/demo-shop/tickets/t101')).json()) as Record<string, string>;
    // Within the rights of its login, too.
    const picture = await owner('GET', '/api/data/plain-text');
    const kept = (picture.body.places as readonly { id: string; state: string; warnings: unknown[] }[]).find(({ id }) => id === 'database');
    expect([picture.status, kept]).toMatchObject([200, { state: 'sealed', warnings: [] }]);
    const [waiting] = (await owner('GET', '/api/approvals')).body.approvals as readonly { id: string; digest: string }[];
    expect(waiting?.id).toBe(approval);
    await owner('POST', `/api/approvals/${approval}/approve`, { digest: waiting?.digest });
    await expect.poll(async () => (await call('GET', String(result))).status, { timeout: 10_000 }).toBe(200);
    const hook = (await owner('POST', '/api/integrations/demo-shop/hook', {})).body as { path: string; secret: string };
    const body = JSON.stringify({ type: 'ticket.created', data: { id: openTicket(upstreams.shop, 1).ticket } });
    const signed = signHook(hook.secret, { id: 'msg_1', timestampS: Math.floor(Date.now() / 1_000), body });
    const send = (headers: object) =>
      fetch(at(hook.path), { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body });
    // The gateway hears of the new hook a moment after the control plane has made it.
    await expect.poll(async () => (await send(signed)).status, { timeout: 10_000 }).toBeLessThan(300);
    expect((await send({ ...signed, 'webhook-signature': 'v1,AAAA' })).status).toBe(401);
  });

  it('do their chores, seal and verify the log, and erase old runs', async () => {
    const { gateway, control, worker } = parts;
    const chores = ({ rooms, database, workflows, rights }: Server) =>
      createHousekeeping(rooms, { database: database.database, workflows, logger: silent, held: rights.heldTenants });
    await chores(control).runOnce('people');
    await chores(gateway).runOnce('calls');
    await admin.query("update workflow_runs set finished_at = finished_at - interval '90 days' where finished_at is not null");
    await chores(worker).runOnce('work');
    const erased = (await admin.query('select tenant, id from workflow_runs where erased_at is not null')).rows as {
      tenant: TenantId;
      id: string;
    }[];
    expect(erased.length).toBeGreaterThan(0);
    // Their keys too: with one, an older backup would tell what the run knew.
    for (const { tenant: of, id } of erased)
      expect(
        await control.database.database.inTenant(of, (tx) => control.rooms.vault.keyPrefixes(tx, { tenant: of, subject: `run:${id}` })),
      ).toEqual([]);
    await worker.rooms.recovery.runOnce();
    await worker.alerting.runOnce();
    const request = { tenant: worker.rooms.tenant, actor: 'system:keeper', checkpointFile: null, isScheduled: true };
    expect(await verifyLedger(worker.rooms, worker.database, request)).toMatchObject({ ok: true });
    await admin.query("update approvals set expires_at = now() - interval '1 minute' where state = 'pending'");
    await worker.rooms.approvals.sweep();
  });

  it('asked for nothing that they may not, until they were shut', async () => {
    await parts.gateway.close();
    await start('gateway');
    expect((await admin.query('select distinct kind from identity_usage order by 1')).rows.map(({ kind }) => kind)).toContain('model');
    expect(faults()).toEqual([]);
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
        'insert into identity_grants (tenant) select tenant from identity_grants where false',
        'update workflow_versions set state = state where false',
        'select * from vault_credentials',
        `grant sallyport_app to ${loginRole(login)}`,
        'create role mallory login',
        'create table mine (id int)',
        'create temporary table mine (id int)',
        'set session authorization sallyport_app',
        `alter role ${loginRole(login)} createrole`,
        `alter role ${loginRole(login)} bypassrls`,
        'set row_security = off; select * from approvals',
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
    // Its own name too: what it inherits it has without taking anything on.
    for (const { role } of [...rows, { role: loginRole('gateway') }])
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

  it('is looked at by the doctor with its own login, which finds nothing wrong', async () => {
    const { config, folders } = configOn(settings(urlOf('gateway')));
    const checks = await inspectDatabase(config, folders);
    expect(checks.filter(({ ok }) => !ok)).toEqual([]);
    expect(checks.length).toBeGreaterThan(5);
  });

  it('makes no backups, and does not start as a worker with a schedule of them', async () => {
    expect(await owner('POST', '/api/backups', {})).toMatchObject({ status: 409, body: { code: 'MAIN_BACKUP_ELSEWHERE' } });
    const { config, folders } = configOn({ ...settings(urlOf('worker')), serve: ['worker'] });
    const scheduled = { ...config, backupFolder: join(folder.path, 'backups') };
    await expect(startServer(scheduled, folders, silent)).rejects.toMatchObject({ code: 'MAIN_CONFIG_INVALID' });
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
