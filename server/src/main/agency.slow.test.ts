// Forty tenants with data in each, and an agency whose three people are let into different ones: one view over exactly those, nothing crosses,
// and what they do stands in both logs.

import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CallId, isRefusal, type PersonId, type TenantId } from '#core';
import { startTestServer, type TestServer } from '../../../testkit/test-server.ts';
import { storeWaitingCall } from '../../../testkit/waiting-call.ts';
import { systemClock } from './world.ts';

const TENANTS = 40;
const DAY_MS = 24 * 60 * 60_000;
type Body = Record<string, unknown>;
type Rows = readonly Body[];

interface Client {
  readonly id: TenantId;
  readonly name: string;
  readonly owner: PersonId;
  readonly approval: string;
  readonly call: CallId;
  /** Everything that must not be seen from elsewhere. */
  readonly marks: readonly string[];
}

let test: TestServer;
let clients: readonly Client[];
const staff: Record<'operator' | 'approver' | 'auditor', { id: PersonId; token: string }> = {} as never;
const IN = { operator: [0, 15], approver: [10, 20], auditor: [18, 25] } as const;

interface Asked {
  readonly tenant?: string;
  readonly body?: unknown;
}

async function ask(token: string, method: string, path: string, { tenant, body }: Asked = {}) {
  const response = await fetch(`${test.controlUrl}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(tenant === undefined ? {} : { 'x-sallyport-tenant': tenant }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = /^application\/(problem\+)?json/.test(response.headers.get('content-type') ?? '');
  return { status: response.status, text, body: (isJson ? JSON.parse(text) : {}) as Body };
}

/** So many at a time as there are connections to spare. */
async function inGroups<T, R>(list: readonly T[], work: (one: T) => Promise<R>): Promise<readonly R[]> {
  const done: R[] = [];
  for (let at = 0; at < list.length; at += 8) done.push(...(await Promise.all(list.slice(at, at + 8).map(work))));
  return done;
}

const tokenOf = async (link: unknown): Promise<string> => {
  const secret = new URL(String(link)).hash.slice(1);
  const opened = await fetch(`${test.controlUrl}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ secret }),
  });
  return ((await opened.json()) as { token: string }).token;
};

/** What every tenant has: a program with its key, a workspace, and a call that waits. */
async function seeded(name: string, id: TenantId): Promise<Client> {
  const { rooms } = test.server;
  const [owner] = await rooms.identity.listPeople(id);
  await rooms.agency.workspaces.createWorkspace({ tenant: id, actor: 'installation', name: `team-${name}` });
  const { approval, call, workload, key } = await storeWaitingCall(test.server, {
    tenant: id,
    name,
    sentence: `Refund a customer of ${name}`,
  });
  const marks = [id, name, owner?.id as string, workload, key, approval, call];
  return { id, name, owner: owner?.id as PersonId, approval, call, marks };
}

async function letIn(client: Client, subject: string, role: string, actor: PersonId): Promise<string> {
  const { delegations } = test.server.rooms.agency;
  const agency = test.server.rooms.tenant;
  const expiresAtMs = systemClock.now() + 30 * DAY_MS;
  const offered = await delegations.offer({
    tenant: client.id,
    agency,
    subject,
    role,
    scope: {},
    expiresAtMs,
    reason: 'Care',
    actor: client.owner,
  });
  if (isRefusal(offered)) throw new Error(offered.code);
  const accepted = await delegations.accept({ agency, client: client.id, id: offered.id, actor });
  if (isRefusal(accepted)) throw new Error(accepted.code);
  return offered.id;
}

async function addStaff(name: string): Promise<{ id: PersonId; token: string }> {
  const { body } = await test.owner('POST', '/api/people', { name, roles: ['marketer'] });
  return { id: body.id as PersonId, token: await tokenOf(body.link) };
}

beforeAll(async () => {
  test = await startTestServer({ allowPrivate: [] });
  const { rooms } = test.server;
  for (const role of ['operator', 'approver', 'auditor'] as const) staff[role] = await addStaff(`Staff ${role}`);
  const names = Array.from({ length: TENANTS }, (_, nth) => `shop-${String(nth).padStart(2, '0')}x`);
  clients = await inGroups(names, async (name) =>
    seeded(name, await rooms.agency.tenants.createTenantFor({ name, actor: 'installation' })),
  );
  const group = await rooms.identity.createGroup({ tenant: rooms.tenant, name: 'Auditors', actor: 'installation' });
  if (isRefusal(group)) throw new Error(group.code);
  await rooms.identity.joinGroup({ tenant: rooms.tenant, group: group.id, person: staff.auditor.id, actor: 'installation' });
  for (const role of ['operator', 'approver', 'auditor'] as const) {
    const subject = role === 'auditor' ? group.id : staff[role].id;
    await inGroups(clients.slice(...IN[role]), (client) => letIn(client, subject, role, staff[role].id));
  }
}, 60_000);
afterAll(() => test?.close());

const namesIn = (role: keyof typeof IN): readonly string[] => clients.slice(...IN[role]).map(({ name }) => name);

describe('one view over many tenants', () => {
  it('is over exactly those that let the person in, page by page', async () => {
    for (const role of ['operator', 'approver', 'auditor'] as const) {
      const { body } = await ask(staff[role].token, 'GET', '/api/fleet/tenants');
      expect((body.tenants as Rows).map(({ name }) => name)).toEqual(['default', ...namesIn(role)]);
      const seen: string[] = [];
      for (let after: unknown = ''; after !== null; ) {
        const page = await ask(staff[role].token, 'GET', `/api/fleet/inbox?limit=7${after === '' ? '' : `&after=${String(after)}`}`);
        for (const { name, waiting, fault } of page.body.tenants as Rows) {
          expect(fault).toBeNull();
          if (name !== 'default') seen.push(...(waiting as Rows).map(({ sentence }) => String(sentence)));
        }
        after = page.body.next;
      }
      expect(seen).toEqual(namesIn(role).map((name) => `Refund a customer of ${name}`));
    }
  });

  it('counts only what the person may see there', async () => {
    const { body } = await ask(staff.auditor.token, 'GET', '/api/fleet/health?limit=50');
    const [own, first] = body.tenants as Rows;
    // At home this person only markets.
    expect(own).toMatchObject({ name: 'default', ledger: null, waiting: null, unresolved: null, keysExpiring: null, accessUntil: null });
    expect(first).toMatchObject({ waiting: 1, unresolved: 0, keysExpiring: 1, runs: { begun: 0, failed: 0 } });
    const approver = (await ask(staff.approver.token, 'GET', '/api/fleet/health?limit=50')).body.tenants as Rows;
    expect(approver[1]).toMatchObject({ waiting: 1, keysExpiring: null });
  });

  it('shows nothing of another tenant on any route, by whatever id of it', async () => {
    const [mine, theirs] = [clients[0], clients[39]] as [Client, Client];
    const idOf = (path: string): string =>
      path
        .replace(/approvals\/:id/, `approvals/${theirs.approval}`)
        .replace(/calls\/:id/, `calls/${theirs.call}`)
        .replace(/(people|sessions)\/:id/, `$1/${theirs.owner}`)
        .replace(/:name/, `shop-${theirs.name}`)
        .replace(/:id/, theirs.approval)
        .replace(/:seq/, '999999')
        .replace(/:provider/, 'nothing');
    const gets = test.server.controlRoutes.filter(({ method, path }) => method === 'GET' && path.startsWith('/api/'));
    expect(gets.length).toBeGreaterThan(40);
    const leaks: string[] = [];
    const others = clients.slice(15).flatMap(({ marks }) => marks);
    for (const { path } of gets) {
      const asked = idOf(path);
      const isOfOne = asked !== path;
      for (const tenant of [mine.name, undefined]) {
        const { status, text } = await ask(staff.operator.token, 'GET', asked, tenant === undefined ? {} : { tenant });
        if (isOfOne && status < 400 && !path.startsWith('/api/workflows/')) leaks.push(`${path} in ${tenant ?? 'home'}: ${status}`);
        // What was asked may be said back.
        if (status < 400)
          for (const mark of others)
            if (!asked.includes(mark) && text.includes(mark)) leaks.push(`${path} in ${tenant ?? 'home'}: ${mark}`);
      }
    }
    expect(leaks).toEqual([]);
  }, 60_000);

  it('lets nobody into a tenant that gave nothing, on no route and with no method', async () => {
    const [theirs] = clients.slice(39) as [Client];
    const open: string[] = [];
    for (const { method, path, access } of test.server.controlRoutes) {
      if (method === 'HEAD' || access === 'anyone' || access === 'self') continue;
      const address = path.replace(':name', 'x').replace(':seq', '1').replace(':provider', 'x').replace(':id', theirs.approval);
      const { status, body } = await ask(staff.operator.token, method, address, {
        tenant: theirs.id,
        ...(method === 'GET' ? {} : { body: {} }),
      });
      if (status !== 403 || body.code !== 'IDENTITY_DELEGATION_NONE') open.push(`${method} ${path}: ${status} ${String(body.code)}`);
    }
    expect(open).toEqual([]);
  });
});

describe('somebody of an agency in a client’s tenant', () => {
  const client = (): Client => clients[12] as Client;

  it('decides there under the client’s rules, and both logs say from where they came', async () => {
    const { approval, name, id } = client();
    const shown = await ask(staff.approver.token, 'GET', `/api/approvals/${approval}`, { tenant: name });
    const decided = await ask(staff.approver.token, 'POST', `/api/approvals/${approval}/approve`, {
      tenant: name,
      body: { digest: shown.body.digest },
    });
    expect(decided).toMatchObject({ status: 200, body: { decisions: [{ by: staff.approver.id, byName: 'Staff approver (default)' }] } });
    const { rooms } = test.server;
    const agency = rooms.tenant;
    const told = async (tenant: TenantId, type: string): Promise<Rows> => {
      for (;;) {
        const found = (await rooms.ledger.list(tenant, { type, limit: 20 })).map(({ entry }) => ({
          ...(entry.public as Body),
          at: entry.at,
        }));
        if (found.length > 0) return found;
        await pause(25);
      }
    };
    expect(await told(id, 'approvals.call.approved')).toMatchObject([{ home: agency }]);
    expect(await told(id, 'identity.delegation.used')).toContainEqual(
      expect.objectContaining({ home: agency, client: id, kind: 'approve' }),
    );
    const mirrored = await told(agency, 'identity.delegation.used');
    expect(mirrored).toContainEqual(expect.objectContaining({ client: id, kind: 'approve' }));
    // Once for each kind of action in ten minutes, however often.
    const looks = mirrored
      .filter((one) => one.client === id && one.kind === 'look')
      .map(({ at }) => Math.floor(Date.parse(String(at)) / 600_000));
    expect(new Set(looks).size).toBe(looks.length);
  });

  it('is refused there what no delegation gives, and what only the installation’s own people may', async () => {
    const at = { tenant: client().id };
    const refused = async (method: string, path: string, body: object = {}) =>
      (await ask(staff.operator.token, method, path, { tenant: clients[3]?.id as string, ...(method === 'GET' ? {} : { body }) })).body
        .code;
    for (const path of ['/api/delegations', '/api/people', '/api/access/grants'])
      expect([path, await refused('POST', path)]).toEqual([path, 'POLICY_CROSS_TENANT']);
    for (const [method, path] of [
      ['GET', '/api/backups'],
      ['POST', '/api/backups'],
      ['GET', '/api/tenants'],
      ['POST', '/api/ledger/rotate-key'],
    ] as const)
      expect([path, await refused(method, path)]).toEqual([path, 'CONTROL_INSTALLATION_ONLY']);
    // Their own things are those at home.
    const session = await ask(staff.approver.token, 'GET', '/api/session', at);
    expect(session.body).toMatchObject({ tenant: client().id, home: test.server.rooms.tenant, name: 'Staff approver' });
  });

  it('is out with the next request when the client ends it', async () => {
    const { name, id } = clients[14] as Client;
    const { delegations } = test.server.rooms.agency;
    const enter = () => ask(staff.operator.token, 'GET', '/api/runs', { tenant: name });
    expect((await enter()).status).toBe(200);
    const link = await test.owner('POST', `/api/tenants/${name}/owner-link`, { recover: true });
    const owner = await tokenOf(link.body.link);
    const { body } = await ask(owner, 'GET', '/api/delegations');
    const held = (body.delegations as Rows).find(({ holder }) => (holder as Body).id === staff.operator.id) as Body;
    expect(held).toMatchObject({
      state: 'active',
      role: 'operator',
      holder: { name: 'Staff operator' },
      lastUsed: { by: staff.operator.id },
    });
    expect((await ask(owner, 'DELETE', `/api/delegations/${String(held.id)}`)).status).toBe(200);
    expect(await enter()).toMatchObject({ status: 403, body: { code: 'IDENTITY_DELEGATION_NONE' } });
    expect((await delegations.listGiven(id)).find((row) => row.id === held.id)).toMatchObject({ ended_side: 'client' });
    const { body: left } = await ask(staff.operator.token, 'GET', '/api/fleet/tenants');
    expect((left.tenants as Rows).map((tenant) => tenant.name)).not.toContain(name);
  });
});

describe('tenants', () => {
  it('are made by the installation’s own people, with an owner who signs in to theirs', async () => {
    const made = await test.owner('POST', '/api/tenants', { name: 'corner-shop' });
    expect(made.status).toBe(200);
    const owner = await tokenOf(made.body.link);
    expect((await ask(owner, 'GET', '/api/session')).body).toMatchObject({ tenant: made.body.id, home: made.body.id });
    expect((await ask(owner, 'GET', '/api/tenants')).body.code).toBe('CONTROL_INSTALLATION_ONLY');
    expect((await ask(owner, 'POST', '/api/backups', { body: {} })).body.code).toBe('CONTROL_INSTALLATION_ONLY');
    // How their data is protected they are told; where the installation keeps its keys they are not.
    const [theirs, ours] = [(await ask(owner, 'GET', '/api/data/plain-text')).body, (await test.owner('GET', '/api/data/plain-text')).body];
    expect([JSON.stringify(theirs).includes('/secrets'), JSON.stringify(ours).includes('/secrets')]).toEqual([false, true]);
    expect((theirs.places as { id: string }[]).map(({ id }) => id)).toEqual([
      'browser',
      'program',
      'server',
      'database',
      'keys',
      'backups',
      'logs',
    ]);
    expect((await test.owner('POST', '/api/tenants', { name: 'corner-shop' })).body.code).toBe('IDENTITY_NAME_TAKEN');
    expect((await test.owner('GET', '/api/tenants/corner-shop')).body).toMatchObject({ hasSignedIn: true, hasPasskey: false });
    expect((await test.owner('POST', '/api/tenants/corner-shop/owner-link', {})).body.code).toBe('IDENTITY_TENANT_ENTERED');
  });

  it('of others are no business of the demo of one', async () => {
    await test.owner('POST', '/api/demo/start', {});
    const link = await test.owner('POST', '/api/tenants/corner-shop/owner-link', { recover: true });
    const owner = await tokenOf(link.body.link);
    expect((await ask(owner, 'POST', '/api/demo/start', { body: {} })).body.code).toBe('CONTROL_DEMO_ELSEWHERE');
    expect((await ask(owner, 'POST', '/api/demo/remove', { body: {} })).body).toMatchObject({ state: 'off', installed: false });
    expect((await test.owner('GET', '/api/demo')).body).toMatchObject({ installed: true });
    expect((await test.owner('GET', '/api/demo')).body.state).not.toBe('off');
    await test.owner('POST', '/api/demo/remove', {});
  });
});
