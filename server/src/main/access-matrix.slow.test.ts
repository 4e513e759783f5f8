// Who may use which route: every route of the control plane with every role, over HTTP, in two tenants, and what one tenant can learn or do
// about the other’s things. What is expected is written down here by hand, and is not computed from the tables under test.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROUTE_ACTIONS } from '#control';
import { everyone, INSTALLATION, PINNED, ROLES, WHO } from '../../../testkit/expected-access.ts';
import { startTestServer, type TestServer } from '../../../testkit/test-server.ts';

const NOBODY = '00000000-0000-7000-8000-000000000000';
const ID_OF: readonly (readonly [RegExp, string])[] = [
  [/\/people\/|\/members\/:person/, 'per'],
  [/\/grants\//, 'grt'],
  [/\/groups\//, 'grp'],
  [/\/break-glass\//, 'bgl'],
  [/\/keys\//, 'key'],
  [/\/sessions\//, 'ses'],
  [/\/approvals\//, 'apr'],
  [/\/calls\//, 'call'],
  [/\/delegations\//, 'dlg'],
  [/\/backups\//, 'bak'],
];

let test: TestServer;
interface Tenant {
  readonly name: 'first' | 'second';
  readonly tokens: ReadonlyMap<string, string>;
  readonly people: ReadonlyMap<string, string>;
}
let first: Tenant;
let second: Tenant;

interface Answer {
  readonly status: number;
  readonly code: string;
  readonly body: Record<string, unknown>;
}

async function ask(token: string | null, method: string, path: string, body?: unknown): Promise<Answer> {
  const response = await fetch(`${test.controlUrl}${path}`, {
    method,
    headers: {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = /^application\/(problem\+)?json/.test(response.headers.get('content-type') ?? '');
  const read = (isJson && text !== '' ? JSON.parse(text) : {}) as Record<string, unknown>;
  return { status: response.status, code: typeof read.code === 'string' ? read.code : '', body: read };
}

async function enter(link: unknown): Promise<string> {
  const { body } = await ask(null, 'POST', '/api/session', { secret: new URL(String(link)).hash.slice(1) });
  return String(body.token);
}

async function peopleOf(name: Tenant['name'], owner: string): Promise<Tenant> {
  const tokens = new Map([['owner', owner]]);
  const people = new Map<string, string>();
  for (const role of ROLES.filter((each) => each !== 'owner')) {
    const { body } = await ask(owner, 'POST', '/api/people', { name: `Test ${role.replace('_', ' ')}`, roles: [role] });
    people.set(role, String(body.id));
    tokens.set(role, await enter(body.link));
  }
  return { name, tokens, people };
}
const tokenOf = (tenant: Tenant, role: string): string => tenant.tokens.get(role) as string;

beforeAll(async () => {
  test = await startTestServer({ allowPrivate: [] });
  first = await peopleOf('first', test.server.ownerToken);
  const { body } = await ask(test.server.ownerToken, 'POST', '/api/tenants', { name: 'second-shop' });
  second = await peopleOf('second', await enter(body.link));
}, 60_000);
afterAll(() => test?.close());

const routes = Object.entries(ROUTE_ACTIONS as Readonly<Record<string, string>>);
/** Nothing of that name or id is there. */
function nobodyAt(path: string): string {
  const prefix = ID_OF.find(([form]) => form.test(path))?.[1] ?? 'run';
  return path
    .replace(/:(?:id|person|item)/g, (part) => (part === ':person' ? `per_${NOBODY}` : `${prefix}_${NOBODY}`))
    .replace(/:(?:name|provider)/g, 'nothing')
    .replace(':seq', '999999999');
}

async function inTurn<T>(all: readonly T[], each: (one: T) => Promise<void>): Promise<void> {
  const waiting = [...all];
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) await each(one);
    }),
  );
}

const SHUT = ['CONTROL_ROLE_FORBIDDEN', 'CONTROL_INSTALLATION_ONLY'];

describe('administration and operation are apart [R3]', () => {
  it('an administrator runs nothing and reads no run; an operator changes no policy', async () => {
    const [admin, operator] = [tokenOf(first, 'admin'), tokenOf(first, 'operator')];
    for (const [method, path] of [
      ['POST', '/api/workflows/refunds/runs'],
      ['GET', '/api/runs'],
      ['GET', `/api/runs/run_${NOBODY}/content`],
      ['GET', '/api/calls'],
      ['GET', '/api/events'],
    ] as const)
      expect([path, (await ask(admin, method, path, method === 'GET' ? undefined : {})).code]).toEqual([path, 'CONTROL_ROLE_FORBIDDEN']);
    for (const [method, path] of [
      ['PUT', '/api/integrations/shop'],
      ['POST', '/api/access/grants'],
      ['PUT', '/api/access/roles/mine'],
      ['POST', '/api/people'],
      ['PUT', '/api/least/settings'],
    ] as const)
      expect([path, (await ask(operator, method, path, {})).code]).toEqual([path, 'CONTROL_ROLE_FORBIDDEN']);
    const refused = await ask(admin, 'POST', '/api/access/grants', {
      subject: first.people.get('admin'),
      role: 'operator',
      reason: 'me too',
    });
    expect([refused.status, refused.code]).toEqual([409, 'IDENTITY_GRANT_CONFLICT']);
  });

  it('emergency access needs a second person, gives half an hour, and is on record', async () => {
    const support = tokenOf(first, 'support');
    const { body: asked } = await ask(support, 'POST', '/api/access/break-glass', { role: 'operator', reason: 'Orders hang.' });
    for (const token of [support, tokenOf(first, 'operator')])
      expect((await ask(token, 'POST', `/api/access/break-glass/${asked.id}/approve`, {})).status).toBe(403);
    expect((await ask(support, 'POST', '/api/effects/resolve', {})).code).toBe('CONTROL_ROLE_FORBIDDEN');
    const agreed = await ask(tokenOf(first, 'security'), 'POST', `/api/access/break-glass/${asked.id}/approve`, {});
    expect([agreed.status, agreed.code]).toEqual([200, '']);
    expect((await ask(support, 'POST', '/api/effects/resolve', {})).code).toBe('CONTROL_REQUEST_INVALID');
    const mine = (await ask(support, 'GET', '/api/access/effective')).body as { grants: readonly { via: string; expiresAt: string }[] };
    const given = mine.grants.find(({ via }) => via === 'break_glass');
    const minutes = (Date.parse(String(given?.expiresAt)) - Date.now()) / 60_000;
    expect([minutes > 29, minutes <= 30]).toEqual([true, true]);
    expect((await ask(support, 'POST', `/api/access/break-glass/${asked.id}/end`, {})).status).toBe(200);
    expect((await ask(support, 'POST', '/api/effects/resolve', {})).code).toBe('CONTROL_ROLE_FORBIDDEN');
  });

  it('says why not, which roles may, and whom to ask; and what a grant would change before it is given', async () => {
    const analyst = tokenOf(first, 'analyst');
    const why = await ask(analyst, 'GET', '/api/access/explain?action=workflows.run');
    expect(why.body).toMatchObject({
      isAllowed: false,
      code: 'CONTROL_ROLE_FORBIDDEN',
      allowedRoles: ['owner', 'operator', 'support', 'marketer'],
    });
    expect(why.body.ask).toContain('Test admin');
    expect((await ask(analyst, 'GET', '/api/access/explain?action=runs.view')).body).toMatchObject({
      isAllowed: true,
      rule: 'permit-granted',
      grant: { role: 'analyst', via: 'direct' },
    });
    const of = first.people.get('operator');
    expect((await ask(analyst, 'GET', `/api/access/explain?action=runs.view&person=${of}`)).code).toBe('CONTROL_ROLE_FORBIDDEN');
    const simulated = await ask(tokenOf(first, 'owner'), 'POST', '/api/access/simulate', { subject: of, role: 'approver' });
    expect(simulated.body.gains).toContain('approvals.decide');
    expect(simulated.body.conflicts).toContainEqual(expect.objectContaining({ a: 'effects.resolve', b: 'approvals.decide' }));
    expect((await ask(tokenOf(first, 'owner'), 'GET', '/api/access/conflicts')).body).toMatchObject({ people: [], isSolo: false });
  });
});

it('viewing, running, editing, approving and publishing a workflow are five rights, each of which somebody may hold alone [R1]', async () => {
  const owner = tokenOf(first, 'owner');
  const rights = ['workflows.view', 'workflows.run', 'workflows.edit', 'workflows.approve', 'workflows.publish'];
  const routes5 = [
    'GET /api/workflows/x',
    'POST /api/workflows/x/runs',
    'POST /api/workflows',
    'POST /api/workflows/x/approve',
    'POST /api/workflows/x/publish',
  ];
  for (const [index, action] of rights.entries()) {
    expect((await ask(owner, 'PUT', `/api/access/roles/right${index}`, { meaning: 'One right.', actions: [action] })).status).toBe(200);
    const { body } = await ask(owner, 'POST', '/api/people', { name: 'One right', roles: [`custom:right${index}`] });
    const token = await enter(body.link);
    for (const [at, route] of routes5.entries()) {
      const [method = '', path = ''] = route.split(' ');
      const answer = await ask(token, method, path, method === 'GET' ? undefined : '{"not json');
      expect([action, route, answer.status !== 403]).toEqual([action, route, at === index]);
    }
    await ask(owner, 'DELETE', `/api/people/${body.id}`);
  }
}, 30_000);

describe('people', () => {
  it('added without a word about roles decide and see everything, are listed, and leave at once with their session', async () => {
    const owner = tokenOf(first, 'owner');
    const { body } = await ask(owner, 'POST', '/api/people', { name: 'Sam' });
    const sam = await enter(body.link);
    expect((await ask(sam, 'GET', '/api/session')).body).toMatchObject({ role: 'approver', roles: ['approver', 'auditor'], name: 'Sam' });
    const { people } = (await ask(sam, 'GET', '/api/people')).body as {
      people: readonly { id: string; role: string; name: string | null }[];
    };
    expect(people.find(({ id }) => id === body.id)).toMatchObject({ name: 'Sam', role: 'approver' });
    expect(JSON.stringify(people)).not.toContain('spl_');
    expect((await ask(owner, 'DELETE', `/api/people/${body.id}`)).body).toEqual({ removed: true });
    expect((await ask(sam, 'GET', '/api/people')).status).toBe(401);
    expect((await ask(owner, 'DELETE', `/api/people/${body.id}`)).code).toBe('IDENTITY_PERSON_UNKNOWN');
    const first1 = people.find(({ role }) => role === 'owner')?.id;
    expect(await ask(owner, 'DELETE', `/api/people/${first1}`)).toMatchObject({ status: 409, code: 'IDENTITY_OWNER_STAYS' });
  });

  it('are never added by a page, which may have been taken over; nothing is open by the method HEAD', async () => {
    const secret = await test.server.rooms.identity.ownerLink(test.server.rooms.tenant);
    const page = { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' };
    const opened = await fetch(`${test.controlUrl}/api/session`, {
      method: 'POST',
      headers: page,
      body: JSON.stringify({ secret, as: 'cookie' }),
    });
    const cookie = (opened.headers.get('set-cookie') ?? '').split(';')[0] as string;
    const answer = await fetch(`${test.controlUrl}/api/people`, {
      method: 'POST',
      headers: { ...page, cookie },
      body: JSON.stringify({ name: 'Me' }),
    });
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([403, 'CONTROL_LINK_FROM_TERMINAL']);
    for (const path of ['/api/keys', '/api/people', '/api/events'])
      expect((await fetch(`${test.controlUrl}${path}`, { method: 'HEAD' })).status).toBe(401);
  });

  it('are let in anew only by an owner, once they have signed in: whoever adds people does not become one of them', async () => {
    const admin = tokenOf(first, 'admin');
    const link = (token: string, role: string) => ask(token, 'POST', `/api/people/${first.people.get(role)}/link`);
    expect((await link(admin, 'security')).code).toBe('IDENTITY_LINK_OWNER_ONLY');
    expect((await link(tokenOf(first, 'owner'), 'security')).status).toBe(200);
    const own = await ask(admin, 'POST', '/api/sign-in-links');
    const again = await enter(own.body.link);
    expect((await ask(again, 'GET', '/api/session')).body).toMatchObject({ person: first.people.get('admin'), roles: ['admin'] });
  });
});

describe('a grant that is narrowed', () => {
  it('shows and opens what it covers; the rest is as if it were not there', async () => {
    const owner = tokenOf(first, 'owner');
    const { body } = await ask(owner, 'POST', '/api/people', { name: 'Narrow', roles: ['marketer'] });
    const narrow = await enter(body.link);
    const [grants] = [(await ask(owner, 'GET', `/api/access/grants?subject=${body.id}`)).body.grants as readonly { id: string }[]];
    const scope = { integration: 'shop-a' };
    expect((await ask(owner, 'POST', '/api/access/grants', { subject: body.id, role: 'operator', scope })).status).toBe(200);
    expect((await ask(owner, 'DELETE', `/api/access/grants/${grants[0]?.id}`)).status).toBe(200);
    for (const name of ['shop-a', 'shop-b']) {
      const model = {
        kind: 'model',
        baseUrl: 'https://api.example.com/v1',
        models: ['m'],
        credential: { header: 'authorization', prefix: 'Bearer ', secret: 'sk-0123456789abcdef0123456789abcdef' },
      };
      const put = await ask(owner, 'PUT', `/api/integrations/${name}`, model);
      expect([put.status, put.code]).toEqual([200, '']);
    }
    const { integrations } = (await ask(narrow, 'GET', '/api/integrations')).body as { integrations: readonly { name: string }[] };
    expect(integrations.map(({ name }) => name)).toEqual(['shop-a']);
    expect((await ask(narrow, 'GET', '/api/approvals')).body).toEqual({ approvals: [] });
    // What is about the tenant as a whole is not on this integration.
    expect((await ask(narrow, 'GET', '/api/backups')).code).toBe('CONTROL_ROLE_FORBIDDEN');
    expect((await ask(narrow, 'GET', '/api/overview')).code).toBe('CONTROL_ROLE_FORBIDDEN');
    const admin = { subject: body.id, role: 'custom:keeper', scope };
    expect(
      (await ask(owner, 'PUT', '/api/access/roles/keeper', { meaning: 'Keeps.', actions: ['integrations.manage', 'integrations.view'] }))
        .status,
    ).toBe(200);
    expect((await ask(owner, 'POST', '/api/access/grants', admin)).status).toBe(200);
    expect((await ask(narrow, 'DELETE', '/api/integrations/shop-b')).status).toBe(404);
    expect((await ask(narrow, 'DELETE', '/api/integrations/nothing')).status).toBe(404);
    expect((await ask(narrow, 'DELETE', '/api/integrations/shop-a')).status).toBe(200);
    expect((await ask(narrow, 'GET', '/api/access/explain?action=integrations.manage&kind=integration&name=shop-a')).body).toMatchObject({
      isAllowed: true,
      grant: { role: 'custom:keeper' },
    });
    expect((await ask(narrow, 'GET', '/api/access/explain?action=integrations.manage&kind=integration&name=shop-b')).body.isAllowed).toBe(
      false,
    );
    // Of each grant is counted how often it was what allowed something.
    const counted = (await ask(owner, 'GET', `/api/access/grants?subject=${body.id}`)).body.grants as readonly Record<string, unknown>[];
    const usesOf = (role: string) => counted.filter((one) => one.role === role).map(({ uses }) => uses);
    expect([Number(usesOf('operator')[0]) > 0, Number(usesOf('custom:keeper')[0]) > 0]).toEqual([true, true]);
    await ask(owner, 'DELETE', '/api/integrations/shop-b');
    await ask(owner, 'DELETE', `/api/people/${body.id}`);
  });
});

describe('one tenant and the other’s things', () => {
  it('are as if they were not there, on every route with an id or a name', async () => {
    const owner = tokenOf(first, 'owner');
    const other = tokenOf(second, 'owner');
    const made = async (path: string, body: unknown): Promise<string> => {
      const answer = await ask(owner, 'POST', path, body);
      expect([path, answer.status, answer.code]).toEqual([path, 200, '']);
      return String(answer.body.id);
    };
    const support = first.people.get('support') as string;
    const grant = await made('/api/access/grants', { subject: support, role: 'marketer', reason: 'for the test' });
    const group = await made('/api/access/groups', { name: 'Night shift' });
    const workload = await made('/api/workloads', { name: 'agent-one' });
    const key = await made('/api/keys', { workload });
    const glass = await ask(tokenOf(first, 'analyst'), 'POST', '/api/access/break-glass', { role: 'operator', reason: 'for the test' });
    expect((await ask(owner, 'PUT', '/api/access/roles/desk', { meaning: 'A desk.', actions: ['runs.view'] })).status).toBe(200);
    const { sessions } = (await ask(owner, 'GET', '/api/sessions?person=all')).body as { sessions?: readonly { id: string }[] };
    const real: readonly (readonly [RegExp, string])[] = [
      [/\/people\/|\/members\/:person/, support],
      [/\/access\/grants\/|\/least\/grants\//, grant],
      [/\/access\/groups\//, group],
      [/\/access\/roles\//, 'desk'],
      [/\/break-glass\//, String(glass.body.id)],
      [/\/api\/keys\//, key],
      [/\/api\/sessions\//, sessions?.[0]?.id ?? `ses_${NOBODY}`],
    ];
    const bodies: Readonly<Record<string, unknown>> = { 'PUT /api/access/roles/:name': { meaning: 'Theirs.', actions: ['runs.view'] } };
    const different: string[] = [];
    let compared = 0;
    for (const [route, action] of routes) {
      const [method = '', path = ''] = route.split(' ');
      // Whoever names a thing by a name of their own makes their own.
      if (action === 'anyone' || !path.includes(':') || (method === 'PUT' && path.endsWith('/:name'))) continue;
      const thing = real.find(([form]) => form.test(path))?.[1];
      const theirs =
        thing === undefined ? nobodyAt(path) : path.replace(/:(?:id|name|seq|person)/, thing).replace(/:\w+/g, `per_${NOBODY}`);
      const body = method === 'GET' || method === 'DELETE' ? undefined : (bodies[route] ?? {});
      const [asked, nothing] = [await ask(other, method, theirs, body), await ask(other, method, nobodyAt(path), body)];
      if (thing !== undefined) compared += 1;
      if (asked.status !== nothing.status || asked.code !== nothing.code)
        different.push(`${route}: ${asked.status} ${asked.code}, not ${nothing.status} ${nothing.code}`);
      if (asked.status < 400 && thing !== undefined && method !== 'GET') different.push(`${route}: done to another tenant’s`);
    }
    expect(different).toEqual([]);
    expect(compared).toBeGreaterThan(15);
    // And they are all still there, as they were.
    const kept = async (path: string, list: string): Promise<readonly string[]> =>
      ((await ask(owner, 'GET', path)).body[list] as readonly { id: string }[]).map(({ id }) => id);
    expect(await kept('/api/access/grants', 'grants')).toContain(grant);
    expect(await kept('/api/access/groups', 'groups')).toContain(group);
    expect(await kept('/api/people', 'people')).toContain(support);
    expect(
      ((await ask(owner, 'GET', '/api/keys')).body.keys as readonly { id: string; revokedAt: unknown }[]).find(({ id }) => id === key)
        ?.revokedAt,
    ).toBe(null);
    expect((await ask(owner, 'GET', '/api/access/break-glass')).body.requests).toContainEqual(
      expect.objectContaining({ id: glass.body.id, state: 'asked' }),
    );
    expect((await ask(owner, 'DELETE', `/api/access/grants/${grant}`)).status).toBe(200);
  }, 60_000);

  it('names nobody of the other tenant in any list', async () => {
    const foreign = [...first.people.values()];
    for (const [route, action] of routes) {
      const [method = '', path = ''] = route.split(' ');
      if (method !== 'GET' || path.includes(':') || action === 'anyone' || /export|readyz/.test(path) || INSTALLATION.test(route)) continue;
      const { body } = await ask(tokenOf(second, 'owner'), 'GET', path);
      const text = JSON.stringify(body);
      for (const person of foreign) expect(text.includes(person), route).toBe(false);
    }
  }, 60_000);
});

describe('every route with every role, in two tenants [R0]', () => {
  it('is open to whom the table written here says, and to nobody else: no unexpected allow, no unexpected refusal', async () => {
    const asked = routes.filter(([, action]) => action !== 'anyone');
    const ofSecond = asked.filter(([route]) => route in PINNED || INSTALLATION.test(route));
    const cells = [first, second].flatMap((tenant) =>
      ROLES.flatMap((role) => (tenant === first ? asked : ofSecond).map(([route, action]) => ({ tenant, role, route, action }))),
    );
    const expected = ({ tenant, role, route, action }: (typeof cells)[number]): boolean => {
      const who = action === 'self' ? everyone : (PINNED[route] ?? WHO[action] ?? '');
      return who.split(' ').includes(role) && (tenant.name === 'first' || !INSTALLATION.test(route));
    };
    const [allowed, refused]: [string[], string[]] = [[], []];
    const ask1 = async ({ tenant, role, route }: (typeof cells)[number]): Promise<{ readonly answer: Answer; readonly told: string }> => {
      const [method = '', path = ''] = route.split(' ');
      // A body that is not even JSON: whoever is let in is refused it, before anything is done.
      const answer = await ask(tokenOf(tenant, role), method, nobodyAt(path), method === 'GET' ? undefined : '{"not json');
      return { answer, told: `${tenant.name} ${role} ${route} (${answer.status} ${answer.code})` };
    };
    // What must be open first: so many refusals make each of these sessions look like a thief’s, and then little is open to it.
    await inTurn(cells.filter(expected), async (cell) => {
      const { answer, told } = await ask1(cell);
      if (answer.status === 401 || answer.status === 403) refused.push(told);
    });
    await inTurn(
      cells.filter((cell) => !expected(cell)),
      async (cell) => {
        const { answer, told } = await ask1(cell);
        if (answer.status !== 403 || !SHUT.includes(answer.code)) allowed.push(told);
      },
    );
    expect({ allowed, refused }).toEqual({ allowed: [], refused: [] });
    expect(cells.length).toBeGreaterThan(1_500);
  }, 120_000);

  it('knows every action and every pinned route: a new one says here whose it is', () => {
    const unknown = routes.filter(([, action]) => action !== 'anyone' && action !== 'self' && WHO[action] === undefined);
    expect(unknown).toEqual([]);
    for (const route of Object.keys(PINNED)) expect(ROUTE_ACTIONS, route).toHaveProperty([route]);
  });

  it('is shut to everybody without a session, but what is open to anyone', async () => {
    for (const [route, action] of routes) {
      if (action === 'anyone') continue;
      const [method = '', path = ''] = route.split(' ');
      expect([route, (await ask(null, method, nobodyAt(path), method === 'GET' ? undefined : '{')).status]).toEqual([route, 401]);
    }
    const open = routes.filter(([route, action]) => action === 'anyone' && !/ \/(?:scim\/v2|sso|oauth|\.well-known)\//.test(route));
    expect(open.map(([route]) => route).sort()).toEqual([
      'GET /api/sign-in/providers',
      'GET /healthz',
      'GET /readyz',
      'POST /api/session',
      'POST /api/sign-in/passkey',
      'POST /api/sign-in/passkey/options',
      'POST /api/sign-in/recovery',
    ]);
  });

  it('starts no server with a route that names no action', async () => {
    const { accessOf } = await import('#control');
    expect(() => accessOf('GET', '/api/not-in-the-table')).toThrow(/does not say what using it takes/);
    const served = test.server.controlRoutes.filter(({ method }) => method !== 'HEAD').map(({ method, path }) => `${method} ${path}`);
    expect(served.sort()).toEqual(routes.map(([route]) => route).sort());
  });
});
