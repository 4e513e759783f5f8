// A database that is lost and put back, through whole servers: what comes back, what must not, and who lets it serve again.

import { mkdtempSync, rmSync } from 'node:fs';
import { open, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ask } from '@sallyport/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { type Verdict, verifyPack } from '#audit';
import { newId, type TenantId } from '#core';
import { createServerDatabase } from '../../../../testkit/crash/server-database.ts';
import { foldersOf } from '../folders.ts';
import { loadConfig } from '../load-config.ts';
import { createLogger } from '../logger.ts';
import { type Server, startServer } from '../server.ts';
import { backupsHere } from './commands.ts';

const folder = mkdtempSync(join(tmpdir(), 'sallyport-restore-'));
const running = new Set<Server>();
const DELAY_MS = 1_200;

type Answer = { readonly status: number; readonly body: Record<string, unknown> };

const configFor = (databaseUrl: string, name: string) => {
  const flags = {
    '--data-dir': join(folder, name, 'data'),
    '--secrets-dir': join(folder, name, 'secrets'),
    '--backup-folder': join(folder, name, 'backups'),
    '--gateway-port': '0',
    '--control-port': '0',
    '--solo-delay-ms': String(DELAY_MS),
    '--database-url': databaseUrl,
  };
  return loadConfig({ flags, env: {}, file: null });
};

async function start(databaseUrl: string, name: string): Promise<Server> {
  const config = configFor(databaseUrl, name);
  const server = await startServer(
    config,
    foldersOf(config, { isRoot: true, home: folder }),
    createLogger('error', () => undefined),
  );
  running.add(server);
  return server;
}

async function stop(server: Server): Promise<void> {
  running.delete(server);
  await server.close();
}

async function call(server: Server, path: string, request: { method?: string; token?: string; body?: unknown } = {}): Promise<Answer> {
  const { method = 'GET', token = server.ownerToken, body } = request;
  const response = await fetch(`http://127.0.0.1:${server.control.port}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

const act = (server: Server, path: string, body?: unknown): Promise<Answer> => call(server, path, { method: 'POST', body });

async function signIn(server: Server, link: unknown): Promise<string> {
  const opened = await call(server, '/api/session', { method: 'POST', token: '', body: { secret: new URL(String(link)).hash.slice(1) } });
  return String(opened.body.token);
}

async function until<T>(look: () => Promise<T | null>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Seals what is in the inbox, and gives the newest signed checkpoint. */
async function sealed(server: Server): Promise<{ checkpoint: string; sealedEvents: number }> {
  await until(async () => ((await server.rooms.sequencer.runOnce()) === 0 ? true : null));
  const status = (await call(server, '/api/ledger')).body as { checkpoint: string; sealedEvents: number };
  return status;
}

/** Exports the whole ledger as an owner does, and checks it as a stranger does. */
async function exported(server: Server, savedCheckpoint?: string): Promise<Verdict> {
  const response = await fetch(`http://127.0.0.1:${server.control.port}/api/ledger/export?format=zip`, {
    headers: { authorization: `Bearer ${server.ownerToken}` },
  });
  const path = join(folder, 'pack.zip');
  await writeFile(path, Buffer.from(await response.arrayBuffer()));
  return verifyPack(path, { trustedKey: server.rooms.ledger.verifierKey, ...(savedCheckpoint === undefined ? {} : { savedCheckpoint }) });
}

async function newDatabase(): Promise<string> {
  const cluster = inject('testCluster');
  if (cluster === undefined) throw new Error('no Postgres for this test');
  return createServerDatabase(cluster);
}

async function restore(
  databaseUrl: string,
  name: string,
  options: Record<string, string> = {},
): Promise<{ code: unknown; out: string; err: string }> {
  const config = configFor(databaseUrl, name);
  let out = '';
  let err = '';
  const io = {
    out: (text: string) => {
      out += text;
    },
    err: (text: string) => {
      err += text;
    },
  };
  const parsed = { words: ['backup', 'restore', 'newest'], options: { '--json': true, ...options } };
  const code = await backupsHere.restore(parsed, config, io).catch((fault: { code?: string }) => fault.code ?? fault);
  return { code, out, err };
}

afterEach(async () => {
  for (const server of [...running]) await stop(server);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('an installation of two people', () => {
  const name = 'two';
  let sealedValue: Uint8Array;
  let keptValue: Uint8Array;
  let tenant: TenantId;
  let oldToken: string;
  let backup: string;
  let colleague: string;
  /** Removed after the backup was made. */
  let leaver: string;
  let home: string;
  /** Kept by an auditor before the backup was made. */
  let receipt: string | null;
  const purpose = 'a note';

  beforeAll(async () => {
    home = await newDatabase();
    const server = await start(home, name);
    ({ tenant } = server.rooms);
    const { database } = server.database;
    const seal = (subject: string): Promise<Uint8Array> =>
      database.inTenant(tenant, (tx) => server.rooms.vault.seal(tx, { tenant, subject, purpose, plaintext: Buffer.from('Ada, 555 0100') }));
    [sealedValue, keptValue] = [await seal('customer:1'), await seal('customer:2')];
    const lostKey = Buffer.from((await seal('customer:lost')).subarray(1, 17)).toString('base64url');
    colleague = String((await act(server, '/api/people', { name: 'Grace' })).body.id);
    leaver = String((await act(server, '/api/people', { name: 'Lee' })).body.id);
    // Nothing here is due before 2099, or the server would run, expire or stop it when the backup is long in coming.
    const at = "'2026-11-20T10:00:00Z'";
    await ask(
      server.database.adminUrl,
      `insert into approvals (tenant, id, call, workload, integration, operation, digest, sealed_sentence, evidence, state, requested_at, runs_at, expires_at)
       select $1, id, 'call_1', 'wkl_1', 'shop', 'refund', id, '\\x00', '{}', state, ${at}, '2099-01-01', '2099-01-01'
       from (values ('apr_01a205c7-6ddc-7ba6-b4cd-20ec7d51a45d', 'pending'), ('apr_01a205c7-6ddc-7ba6-b4cd-20ec7d51a45e', 'approved'),
         ('apr_01a205c7-6ddc-7ba6-b4cd-20ec7d51a45f', 'executing')) as one (id, state)`,
      [tenant],
    );
    const { clock, random } = server.rooms.guard;
    const id = newId('evt', clock, random);
    const event = { type: 'approvals.call.expired', occurredAtMs: clock.now(), subject: 'call_1', public: {}, sealed: null };
    await server.rooms.events.append({ ...event, id, tenant, actor: 'customer:1' });
    await ask(server.database.adminUrl, "insert into workflows (tenant, name) values ($1, 'support')", [tenant]);
    await ask(
      server.database.adminUrl,
      `insert into workflow_runs (tenant, id, workflow, hash, state, started_at, started_by)
       values ($1, 'run_01a205c7-6ddc-7ba6-b4cd-20ec7d51a45d', 'support', 'abcdef0123456789', 'running', '2099-01-01', 'per_1')`,
      [tenant],
    );
    await sealed(server);
    ({ receipt } = await exported(server));
    backup = String((await act(server, '/api/backups')).body.id);
    await until(async () => ((await call(server, '/api/backups')).body.running === null ? true : null));
    // What happens after the backup is what will be lost.
    await act(server, '/api/workloads', { name: 'late', integrations: [] });
    expect((await call(server, `/api/people/${leaver}`, { method: 'DELETE' })).status).toBe(200);
    const byErased = (await call(server, '/api/events?actor=customer:1')).body as { events: unknown[] };
    expect(byErased.events).toHaveLength(1);
    expect((await act(server, '/api/erasures', { subject: 'customer:1', confirm: 'customer:1' })).status).toBe(200);
    // As after an older backup that never had this person: no journal says that the key was erased.
    await ask(server.database.adminUrl, 'delete from vault_subject_keys where id = $1', [lostKey]);
    // From here on the keys in the backup are of another time: their epoch is destroyed, and what wrapped them besides.
    for (const [path, body] of [
      ['epoch', {}],
      ['rotate', { what: 'tenants' }],
      ['rotate', { what: 'file' }],
      ['re-encrypt', {}],
    ] as const) {
      expect((await act(server, `/api/data-keys/${path}`, body)).status).toBe(200);
      const { last } = await until(async () => {
        const { body: state } = await call(server, '/api/data-keys');
        return state.running === null ? (state as { last: object }) : null;
      });
      expect(last).toMatchObject({ ok: true });
    }
    await sealed(server);
    oldToken = server.ownerToken;
    await stop(server);
  });

  it('[D3] drills the backup: rows and the roots of the ledger, and finds one that was spoilt', async () => {
    const server = await start(home, name);
    const drilled = await act(server, `/api/backups/${backup}/drill`);
    expect([drilled.status, drilled.body]).toEqual([200, { id: backup, ok: true, code: null }]);
    const listed = (await call(server, '/api/backups')).body as {
      backups: { id: string; drill: object; events: number }[];
      lastDrill: object;
    };
    expect(listed.backups[0]).toMatchObject({ id: backup, state: 'complete', drill: { ok: true, code: null } });
    expect(listed.backups[0]?.events).toBeGreaterThan(0);
    expect(listed.lastDrill).toMatchObject({ ok: true });

    const path = join(folder, name, 'backups', backup, '00000004.chunk');
    const file = await open(path, 'r+');
    const { buffer: kept } = await file.read(Buffer.alloc(1), 0, 1, 30);
    await file.write(Buffer.of((kept[0] ?? 0) ^ 1), 0, 1, 30);
    expect((await act(server, `/api/backups/${backup}/drill`)).body).toEqual({ id: backup, ok: false, code: 'STORAGE_BACKUP_DAMAGED' });
    await file.write(kept, 0, 1, 30);
    await file.close();
    await sealed(server);
    const { events } = (await call(server, '/api/events?type=storage.backup.drilled')).body as { events: { entry: { public: object } }[] };
    expect(events.map(({ entry }) => entry.public)).toMatchObject([
      { ok: false, code: 'STORAGE_BACKUP_DAMAGED' },
      { ok: true, code: null },
    ]);
    const scratches = await ask(server.database.adminUrl, "select datname from pg_database where datname like 'sallyport_drill_%'");
    expect(scratches).toEqual([]);
  });

  it('comes back, serves nobody until both said yes, and begins a new epoch', async () => {
    const databaseUrl = await newDatabase();
    // A machine that has the key file and the backups; the key box comes from beside them.
    for (const file of ['vault-epochs', 'vault-survivors']) rmSync(join(folder, name, 'secrets', file));
    const done = await restore(databaseUrl, name);
    expect(done.code).toBe(0);
    expect(done.err).toContain('lostKeys: 1 ');
    expect(JSON.parse(done.out)).toMatchObject({ backup, needed: 2, isResumed: false });
    expect((await restore(databaseUrl, name)).code).toBe('STORAGE_RESTORE_NOT_EMPTY');

    const server = await start(databaseUrl, name);
    const gateway = `http://127.0.0.1:${server.gateway.port}`;
    const refusals = async (): Promise<unknown[]> => {
      const openai = await fetch(`${gateway}/v1/models`);
      const connect = await fetch(`${gateway}/connect/shop/orders/1`);
      const hook = await fetch(`${gateway}/hooks/shop`, { method: 'POST', body: '{}' });
      const bodies = (await Promise.all([openai, connect, hook].map((reply) => reply.json()))) as [{ error: object }, object, object];
      return [openai.status, connect.status, hook.status, bodies[0].error, bodies[1], bodies[2]];
    };
    const code = 'MAIN_RESTORE_PENDING';
    expect(await refusals()).toMatchObject([503, 503, 503, { code }, { code }, { code }]);
    expect((await fetch(`${gateway}/healthz`)).status).toBe(200);
    expect((await call(server, '/readyz')).body).toMatchObject({ unready: ['restore'] });

    expect((await call(server, '/api/session', { token: oldToken })).status).toBe(401);
    const { body: waiting } = await call(server, '/api/restore');
    expect(waiting).toMatchObject({ state: 'pending', backup, needed: 2, confirmedBy: [], runsAt: null });
    expect(waiting.report).toMatchObject({ approvals: 2, unknownApprovals: 1, runs: 1, erasures: 2, lostKeys: 1 });
    // Who was switched off since stays off.
    expect(waiting.report).toMatchObject({ departedPeople: 1, departedKept: 0 });
    expect((await act(server, `/api/people/${leaver}/link`)).body.code).toBe('IDENTITY_PERSON_UNKNOWN');
    const report = waiting.report as { lostSealings: number; sessions: number };
    expect(report.lostSealings).toBeGreaterThan(0);
    expect(report.sessions).toBeGreaterThan(0);
    expect(await ask(databaseUrl, 'select state, code from workflow_runs')).toEqual([{ state: 'stopped', code: 'WORKFLOWS_RUN_RESTORED' }]);

    // The control plane answers, and takes away; it gives nothing out and begins nothing.
    for (const [path, body] of [
      ['/api/demo/start', {}],
      ['/api/workflows/support/runs', { input: {} }],
      ['/api/workloads', { name: 'early', integrations: [] }],
      ['/api/ledger/rotate-key', {}],
      ['/api/backups', undefined],
    ] as const)
      expect(await act(server, path, body)).toMatchObject({ status: 503, body: { code } });
    expect((await act(server, '/api/erasures', { subject: 'customer:3', confirm: 'customer:3' })).body.code).not.toBe(code);

    const stranger = (await act(server, '/api/people', { name: 'Late' })).body;
    const asStranger = await signIn(server, stranger.link);
    const confirm = (token?: string): Promise<Answer> =>
      call(server, '/api/restore/confirm', { method: 'POST', ...(token === undefined ? {} : { token }) });
    expect((await confirm(asStranger)).body.code).toBe('MAIN_RESTORE_NEW_PERSON');
    expect((await confirm()).body).toMatchObject({ state: 'pending', needed: 2 });
    expect((await confirm()).body.code).toBe('MAIN_RESTORE_SAME_PERSON');
    expect(await refusals()).toMatchObject([503, 503, 503, {}, {}, {}]);
    const invited = (await act(server, `/api/people/${colleague}/link`)).body;
    expect((await confirm(await signIn(server, invited.link))).status).toBe(200);
    await until(async () => ((await refusals())[0] === 503 ? null : true));
    expect((await call(server, '/readyz')).status).toBe(200);

    const { checkpoint } = await sealed(server);
    expect(checkpoint.split('\n')[0]).toMatch(/\.2$/);
    const verdict = await exported(server, receipt ?? '');
    expect(verdict).toMatchObject({ ok: true, code: 'VERIFIED', continuesSaved: true, epoch: 2 });
    const { database } = server.database;
    const opened = (value: Uint8Array): Promise<unknown> =>
      database
        .inTenant(tenant, (tx) => server.rooms.vault.open(tx, { tenant, purpose, sealed: value }))
        .then(
          (plain) => Buffer.from(plain).toString(),
          (fault: { code: string }) => fault.code,
        );
    expect([await opened(keptValue), await opened(sealedValue)]).toEqual(['Ada, 555 0100', 'VAULT_SUBJECT_ERASED']);
    // What the erased customer did is found by nobody again: the payloads are gone, and the link to the pseudonym with them.
    expect((await call(server, '/api/events?actor=customer:1')).body).toMatchObject({ events: [] });
    const told = (await call(server, '/api/events?type=storage.restore')).body as { events: { entry: { type: string } }[] };
    expect(told.events.map(({ entry }) => entry.type)).toEqual([
      'storage.restore.confirmed',
      'storage.restore.confirmed',
      'storage.restore.finished',
      'storage.restore.started',
    ]);
  });
});

describe('an installation of one person', () => {
  it('waits after the yes as long as it is set to, also when the database was put back by other means', async () => {
    const databaseUrl = await newDatabase();
    const before = await start(databaseUrl, 'one');
    await sealed(before);
    const config = configFor(databaseUrl, 'one');
    const io = { out: () => undefined, err: () => undefined };
    const parsed = { words: ['backup', 'adopted'], options: { '--json': true } };
    // A server that runs would go on serving what nobody confirmed.
    await expect(backupsHere.adopted(parsed, config, io)).rejects.toMatchObject({ code: 'STORAGE_RESTORE_SERVED' });
    expect((await call(before, '/api/restore')).body).toMatchObject({ state: 'none' });
    await stop(before);
    expect(await backupsHere.adopted(parsed, config, io)).toBe(0);
    await expect(backupsHere.adopted(parsed, config, io)).rejects.toMatchObject({ code: 'STORAGE_RESTORE_WAITS' });

    const server = await start(databaseUrl, 'one');
    const models = async (): Promise<number> => (await fetch(`http://127.0.0.1:${server.gateway.port}/v1/models`)).status;
    expect((await call(server, '/api/restore')).body).toMatchObject({ state: 'pending', backup: null, needed: 1 });
    const yes = await act(server, '/api/restore/confirm');
    const runsAtMs = Date.parse(String(yes.body.runsAt));
    expect(await models()).toBe(503);
    await until(async () => ((await models()) === 503 ? null : true));
    expect(Date.now()).toBeGreaterThanOrEqual(runsAtMs);
    expect((await call(server, '/api/restore')).body).toMatchObject({ state: 'confirmed' });
  });
});
