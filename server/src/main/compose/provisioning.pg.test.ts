// Provisioning over HTTP as Okta and Entra do it, and what a switched-off person can still do in any process: nothing.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isRefusal, type PersonId, type PersonPrincipal, rolesOf, type TenantId } from '#core';
import { endAllAccess } from '#identity';
import { query, sql } from '#storage';
import { type FederatedWorld, federatedWorld } from './test/federated-world.ts';
import { type Answer, askScim, GROUP, PATCH, scimUser, USER } from './test/scim-client.ts';

let world: FederatedWorld;
let token = '';
beforeAll(async () => {
  world = await federatedWorld({ replicas: 4 });
  token = (await scim().createToken({ tenant: world.tenant, actor: world.owner().person })).token;
});
afterAll(() => world.close());

const first = () => world.replicas[0] as FederatedWorld['replicas'][number];
const scim = () => first().federated.scim;

const ask = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
  askScim({ send: fetch, url: world.url, token, method, path, body, headers });
const patch = (path: string, ...Operations: object[]): Promise<Answer> => ask('PATCH', path, { schemas: [PATCH], Operations });

let users = 0;
const newUser = () => {
  users += 1;
  return scimUser(users);
};
async function provision(more: object = {}): Promise<PersonId> {
  const { status, body } = await ask('POST', '/Users', { ...newUser(), ...more });
  expect(status).toBe(201);
  return body.id as PersonId;
}

/** A session of somebody, opened as a company login opens one. */
async function session(person: PersonId, tenant: TenantId = world.tenant): Promise<string> {
  const { opener } = first().identity;
  const opened = await world.db.inTenant(tenant, (tx) => opener.open(tx, tenant, { person, method: 'sso', key: null, label: 'test' }));
  return (await opener.opened(opened)).token;
}
const seen = (replica: FederatedWorld['replicas'][number], of: string): string => {
  const answer = replica.identity.authenticateSession(of);
  return isRefusal(answer) ? answer.code : 'in';
};
const until = async (isSo: () => boolean): Promise<void> => {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
};
const rows = (sql: string, values: unknown[]): Promise<Record<string, unknown>[]> => world.database.admin(sql, values);

describe('the token', () => {
  test.each([
    ['none', {}],
    ['a wrong one', { authorization: `Bearer spv_${'a'.repeat(16)}_${'b'.repeat(43)}` }],
    ['another scheme', { authorization: 'Basic abc' }],
  ])('opens nothing when there is %s, and says so in the form of SCIM', async (_what, headers) => {
    const response = await fetch(`${world.url}/scim/v2/Users`, { headers });
    expect(response.status).toBe(401);
    expect(response.headers.get('content-type')).toContain('application/scim+json');
    expect(await response.json()).toMatchObject({ schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'], status: '401' });
  });

  test('is not a session, and a session is not it', async () => {
    const own = await session(world.owner().person);
    expect((await ask('GET', '/Users', undefined, { authorization: `Bearer ${own}` })).status).toBe(401);
    expect(seen(first(), token)).toBe('IDENTITY_SESSION_INVALID');
  });

  test('that was replaced works a day longer, and is nowhere in the database', async () => {
    const old = await scim().createToken({ tenant: world.tenant, actor: 'per_x' });
    const { token: fresh, overlapUntil } = await scim().createToken({ tenant: world.tenant, actor: 'per_x' });
    expect(overlapUntil).not.toBeNull();
    for (const one of [old.token, fresh]) {
      expect((await ask('GET', '/Users?count=0', undefined, { authorization: `Bearer ${one}` })).status).toBe(200);
      const kept = JSON.stringify(await rows('select * from identity_scim_tokens', []));
      expect(kept).not.toContain(one.slice(-43));
    }
    await world.database.admin("update identity_scim_tokens set expires_at = now() - interval '1 second' where expires_at is not null", []);
    expect((await ask('GET', '/Users', undefined, { authorization: `Bearer ${old.token}` })).status).toBe(401);
    token = fresh;
  });

  test('stays when whoever made it leaves, which is told, and shown until it is replaced', async () => {
    const { identity } = first();
    const added = (await identity.addPerson({ tenant: world.tenant, name: 'Sam', roles: ['admin'], actor: 'test' })) as { id: PersonId };
    const theirs = await scim().createToken({ tenant: world.tenant, actor: added.id });
    await identity.removePerson({ tenant: world.tenant, person: added.id, actor: 'test' });
    expect((await ask('GET', '/Users?count=0', undefined, { authorization: `Bearer ${theirs.token}` })).status).toBe(200);
    expect((await scim().state(world.tenant)).tokens.map(({ makerLeft }) => makerLeft)).toContain(true);
    const told = "select public from event_inbox where type = 'identity.scim_token.orphaned' and subject = $1";
    expect(await rows(told, [added.id])).toEqual([{ public: { tokens: 1 } }]);
    token = (await scim().createToken({ tenant: world.tenant, actor: 'per_x' })).token;
  });

  test('of one tenant reaches nobody of another', async () => {
    const other = await first().identity.createTenant({ name: 'other-shop' });
    const theirs = await scim().createToken({ tenant: other, actor: 'per_x' });
    const mine = await provision();
    const as = { authorization: `Bearer ${theirs.token}` };
    expect((await ask('GET', `/Users/${mine}`, undefined, as)).status).toBe(404);
    expect((await ask('DELETE', `/Users/${mine}`, undefined, as)).status).toBe(404);
    expect(
      (await ask('PATCH', `/Users/${mine}`, { schemas: [PATCH], Operations: [{ op: 'replace', value: { active: false } }] }, as)).status,
    ).toBe(404);
    expect((await ask('GET', '/Users', undefined, as)).body.totalResults).toBe(0);
    // Grafted into a group of theirs by its id.
    const graft = await ask('POST', '/Groups', { schemas: [GROUP], displayName: 'Graft', members: [{ value: mine }] }, as);
    expect([graft.status, graft.body.scimType]).toEqual([400, 'invalidValue']);
    expect((await ask('GET', `/Users/${mine}`)).body.active).toBe(true);
  });
});

describe('users', () => {
  test('are made, found by name in any case and by external id, read, replaced and removed', async () => {
    const given = newUser();
    const made = await ask('POST', '/Users', given);
    expect([made.status, made.headers.get('location')]).toEqual([201, made.body.meta.location]);
    expect(made.body).toMatchObject({
      userName: given.userName,
      externalId: given.externalId,
      active: true,
      displayName: given.displayName,
    });
    const { id } = made.body;
    const by = async (filter: string): Promise<unknown> => {
      const { body } = await ask('GET', `/Users?filter=${encodeURIComponent(filter)}&startIndex=1&count=100`);
      return body.Resources.map((user: { id: string }) => user.id);
    };
    expect(await by(`userName eq "${given.userName.toUpperCase()}"`)).toEqual([id]);
    expect(await by(`externalId eq "${given.externalId}"`)).toEqual([id]);
    expect(await by(`emails[type eq "work"].value eq "${given.userName}"`)).toEqual([id]);
    // How Entra tests a connection.
    expect((await ask('GET', `/Users?filter=${encodeURIComponent('userName eq "8f14e45f-ea2d-4f5b"')}`)).body).toMatchObject({
      totalResults: 0,
      Resources: [],
    });
    const replaced = await ask('PUT', `/Users/${id}`, { ...given, displayName: 'Dana Renamed', nickName: 'not kept' });
    expect([replaced.status, replaced.body.displayName, replaced.body.nickName]).toEqual([200, 'Dana Renamed', undefined]);
    expect((await ask('DELETE', `/Users/${id}`)).status).toBe(204);
    expect((await ask('GET', `/Users/${id}`)).status).toBe(404);
    expect((await ask('DELETE', `/Users/${id}`)).status).toBe(404);
  });

  test('of one name are one: the second is refused, whatever the case of its letters', async () => {
    const given = newUser();
    expect((await ask('POST', '/Users', given)).status).toBe(201);
    const again = await ask('POST', '/Users', { ...given, userName: given.userName.toUpperCase(), externalId: 'x' });
    expect([again.status, again.body.scimType]).toEqual([409, 'uniqueness']);
  });

  test('come in pages, and a page asks for no more than it says', async () => {
    for (let count = 0; count < 3; count += 1) await provision();
    const { totalResults } = (await ask('GET', '/Users?count=0')).body;
    expect(totalResults).toBeGreaterThanOrEqual(3);
    const page = (await ask('GET', '/Users?startIndex=2&count=2')).body;
    expect(page).toMatchObject({ totalResults, startIndex: 2, itemsPerPage: 2 });
    const all = (await ask('GET', '/Users')).body.Resources as { id: string }[];
    expect(page.Resources.map(({ id }: { id: string }) => id)).toEqual(all.slice(1, 3).map(({ id }) => id));
    expect((await ask('GET', '/Users?startIndex=-5&count=-1')).body).toMatchObject({ startIndex: 1, itemsPerPage: 0 });
  });

  test('are shown with the attributes asked for', async () => {
    const id = await provision();
    expect(Object.keys((await ask('GET', `/Users/${id}?attributes=userName`)).body).sort()).toEqual(['id', 'schemas', 'userName']);
    expect((await ask('GET', `/Users/${id}?excludedAttributes=emails,name`)).body.emails).toBeUndefined();
  });

  test.each([
    ['text that is no JSON', '{"userName":', 400, 'invalidSyntax'],
    ['a key twice', '{"userName":"a@example.com","userName":"b@example.com"}', 400, 'invalidSyntax'],
    ['no user name', { displayName: 'x' }, 400, 'invalidValue'],
    ['too much', `{"userName":"${'x'.repeat(1_100_000)}"}`, 413, 'tooMany'],
  ])('sent as %s are refused in the form of SCIM', async (_what, body, status, type) => {
    const answer = await ask('POST', '/Users', body);
    expect([answer.status, answer.body.scimType, answer.body.schemas]).toEqual([
      status,
      type,
      ['urn:ietf:params:scim:api:messages:2.0:Error'],
    ]);
  });

  test('sent with another type, to nowhere, or with a filter nobody reads are refused in the form of SCIM', async () => {
    expect((await ask('POST', '/Users', 'x', { 'content-type': 'text/plain' })).status).toBe(415);
    expect((await ask('GET', '/Machines')).body.status).toBe('404');
    expect((await ask('GET', '/Users?filter=userName%20like%20x')).body).toMatchObject({ status: '400', scimType: 'invalidFilter' });
  });

  test('changed by somebody else since are not overwritten', async () => {
    const id = await provision();
    const { etag } = Object.fromEntries((await ask('GET', `/Users/${id}`)).headers);
    const change = { schemas: [PATCH], Operations: [{ op: 'replace', path: 'displayName', value: 'One' }] };
    expect((await ask('PATCH', `/Users/${id}`, change, { 'if-match': etag ?? '' })).status).toBe(200);
    expect((await ask('PATCH', `/Users/${id}`, change, { 'if-match': etag ?? '' })).status).toBe(412);
  });

  test('are taken from a program that does not say its name', async () => {
    const { request } = await import('node:http');
    const status = await new Promise((resolve, reject) => {
      const sent = request(`${world.url}/scim/v2/Users?count=1`, { headers: { authorization: `Bearer ${token}` } }, (reply) => {
        reply.resume();
        resolve(reply.statusCode);
      });
      sent.removeHeader('user-agent');
      sent.on('error', reject).end();
    });
    expect(status).toBe(200);
  });

  test('leave nothing personal in the open: not in tables, not in events', async () => {
    await provision({ userName: 'canary.person@example.com', displayName: 'Canary Person', externalId: 'canary-ext' });
    const tables = ['identity_people', 'identity_scim_users', 'identity_profiles', 'identity_accounts', 'event_inbox'];
    for (const table of tables) {
      const text = JSON.stringify(await rows(`select t::text as row from ${table} t`, [])).toLowerCase();
      expect(text).not.toContain('canary');
      expect(text).not.toContain(Buffer.from('canary').toString('hex'));
    }
    expect([...(await first().federated.namesOf(world.tenant)).values()]).toContain('Canary Person');
  });

  test('who were erased are known to nobody any more', async () => {
    const { userName } = newUser();
    const person = await provision({ userName, displayName: 'Erased Person' });
    await world.db.inTenant(world.tenant, async (tx) => {
      await world.vault.eraseSubject(tx, { tenant: world.tenant, subject: `person:${person}` });
      expect(await first().federated.forget(tx, world.tenant, person)).toBe(true);
    });
    expect((await first().federated.namesOf(world.tenant)).has(person)).toBe(false);
    expect((await ask('GET', `/Users/${person}`)).status).toBe(404);
    expect((await ask('GET', `/Users?filter=${encodeURIComponent(`userName eq "${userName}"`)}`)).body.totalResults).toBe(0);
  });
});

describe('a person whom provisioning switches off', () => {
  async function equipped(): Promise<{ person: PersonId; session: string; key: string; made: string; kept: string }> {
    const { identity } = first();
    const person = await provision();
    const { tenant } = world;
    users += 1;
    const workload = await identity.createWorkload({
      tenant,
      name: `owned-${users}`,
      workflow: null,
      integrations: ['shop'],
      actor: person,
    });
    const others = await identity.createWorkload({ tenant, name: `others-${users}`, workflow: null, integrations: ['shop'] });
    const expiresAtMs = Date.now() + 3_600_000;
    const { key } = await identity.createKey({ tenant, workload, expiresAtMs });
    const { key: made } = await identity.createKey({ tenant, workload: others, expiresAtMs, actor: person });
    const { key: kept } = await identity.createKey({ tenant, workload: others, expiresAtMs });
    return { person, session: await session(person), key, made, kept };
  }
  const keyState = (replica: FederatedWorld['replicas'][number], key: string): string => {
    const answer = replica.identity.authenticate(key);
    return isRefusal(answer) ? answer.code : 'in';
  };

  test.each([
    ['a patch of Okta', (id: string) => patch(`/Users/${id}`, { op: 'replace', value: { active: false } }), 200],
    ['a patch of Entra', (id: string) => patch(`/Users/${id}`, { op: 'Replace', path: 'active', value: 'False' }), 200],
    ['a replacement', (id: string) => ask('PUT', `/Users/${id}`, { ...newUser(), active: false }), 200],
    ['a removal', (id: string) => ask('DELETE', `/Users/${id}`), 204],
  ])('by %s has no session and no key left, in any process', async (_how, work, status) => {
    const { person, session: open, key, made, kept } = await equipped();
    await until(() =>
      world.replicas.every((one) => seen(one, open) === 'in' && keyState(one, kept) === 'in' && keyState(one, made) === 'in'),
    );
    expect((await work(person)).status).toBe(status);
    expect(seen(first(), open)).toBe('IDENTITY_SESSION_INVALID');
    await until(() =>
      world.replicas.every((one) => seen(one, open) !== 'in' && keyState(one, key) !== 'in' && keyState(one, made) !== 'in'),
    );
    expect(world.replicas.map((one) => keyState(one, kept))).toEqual(['in', 'in', 'in', 'in']);
    const told = await rows("select type from event_inbox where subject = $1 and type = 'identity.person.removed'", [person]);
    expect(told).toHaveLength(1);
  });

  test('is told to the other processes as one change', async () => {
    const { person, session: open } = await equipped();
    await session(person);
    const revision = async (): Promise<number> =>
      Number((await rows('select revision from identity_tenants where tenant = $1', [world.tenant]))[0]?.revision);
    const before = await revision();
    await patch(`/Users/${person}`, { op: 'replace', value: { active: false } });
    expect(await revision()).toBe(before + 1);
    await until(() => world.replicas.every((one) => seen(one, open) !== 'in'));
  });

  test('and on again has the account and nothing else', async () => {
    const { identity } = first();
    const { person, session: open, key } = await equipped();
    const group = (await ask('POST', '/Groups', { displayName: `Owners ${person}`, members: [{ value: person }] })).body.id;
    await patch(`/Users/${person}`, { op: 'replace', path: 'active', value: false });
    expect((await patch(`/Users/${person}`, { op: 'replace', path: 'active', value: 'True' })).body.active).toBe(true);
    expect([seen(first(), open), keyState(first(), key)]).toEqual(['IDENTITY_SESSION_INVALID', 'IDENTITY_KEY_UNKNOWN']);
    expect((await ask('GET', `/Groups/${group}`)).body.members ?? []).toEqual([]);
    const again = await session(person);
    const who = identity.authenticateSession(again) as PersonPrincipal;
    expect(rolesOf(who)).toEqual([]);
    await until(() => world.replicas.every((one) => seen(one, again) === 'in'));
  });

  test('stays out when somebody here removed them, whatever the provider sends', async () => {
    const { person } = await equipped();
    expect(await first().identity.removePerson({ tenant: world.tenant, person, actor: world.owner().person })).toBeNull();
    expect((await ask('GET', `/Users/${person}`)).body.active).toBe(false);
    const back = await patch(`/Users/${person}`, { op: 'replace', value: { active: true } });
    expect([back.status, back.body.scimType]).toEqual([409, 'mutability']);
    expect((await patch(`/Users/${person}`, { op: 'replace', value: { displayName: 'Still known' } })).status).toBe(200);
  });

  test('is out when access is being changed here at the same moment: neither waits for the other in a circle', async () => {
    const person = await provision();
    const { tenant } = world;
    const waits = async () =>
      (
        await rows(
          "select 1 from pg_locks where not granted and locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())",
          [],
        )
      ).length > 0;
    let off: Promise<Answer> | undefined;
    // As a removal here does it: first the tenant, then what the provider knows of the person.
    await world.db.inTenant(tenant, async (tx) => {
      await sql`select pg_advisory_xact_lock(hashtextextended(${`identity ${tenant}`}, 0))`.execute(query(tx));
      off = patch(`/Users/${person}`, { op: 'replace', path: 'active', value: false });
      while (!(await waits())) await new Promise((resolve) => setImmediate(resolve));
      await sql`update identity_scim_users set version = version where tenant = ${tenant} and person = ${person}`.execute(query(tx));
    });
    expect(await off).toMatchObject({ status: 200, body: { active: false } });
  });

  test('is refused when they are the last owner, and goes when there is another', async () => {
    const { identity } = first();
    const tenant = await identity.createTenant({ name: `owned-${Date.now()}` });
    const made = await scim().createToken({ tenant, actor: 'per_x' });
    const as = { authorization: `Bearer ${made.token}` };
    const person = (await ask('POST', '/Users', newUser(), as)).body.id as PersonId;
    await world.database.admin("update identity_grants set subject = $2 where tenant = $1 and role = 'owner'", [tenant, person]);
    const off = { schemas: [PATCH], Operations: [{ op: 'replace', value: { active: false } }] };
    const refused = await ask('PATCH', `/Users/${person}`, off, as);
    expect([refused.status, refused.body.scimType]).toEqual([409, 'mutability']);
    expect((await ask('DELETE', `/Users/${person}`, undefined, as)).status).toBe(409);
    const second = (await ask('POST', '/Users', newUser(), as)).body.id as PersonId;
    await world.database.admin(
      "insert into identity_grants (tenant, id, subject, role, scope, via, granted_by, created_at) values ($1, 'grt_2', $2, 'owner', '{}', 'direct', 'x', now())",
      [tenant, second],
    );
    // Both at the same moment: one of them stays.
    const both = await Promise.all([person, second].map((one) => ask('PATCH', `/Users/${one}`, off, as)));
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
  });

  test('is refused at the next request in each of four processes [measured]', async () => {
    const took: number[] = [];
    let admittedAfter = 0;
    for (let round = 0; round < 15; round += 1) {
      const person = await provision();
      const open = await session(person);
      await until(() => world.replicas.every((one) => seen(one, open) === 'in'));
      await patch(`/Users/${person}`, { op: 'replace', path: 'active', value: false });
      const answered = performance.now();
      await Promise.all(
        world.replicas.map(async (one) => {
          await until(() => seen(one, open) !== 'in');
          took.push(performance.now() - answered);
          for (let more = 0; more < 20; more += 1) if (seen(one, open) === 'in') admittedAfter += 1;
        }),
      );
    }
    const sorted = took.toSorted((left, right) => left - right);
    const at = (share: number): string => (sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(1);
    console.log(
      `provisioning off -> refused on 4 processes, ${took.length} measurements: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, max ${at(1)} ms; admitted after: ${admittedAfter}`,
    );
    expect(admittedAfter).toBe(0);
  });
});

describe('groups', () => {
  const members = async (id: string): Promise<string[]> =>
    ((await ask('GET', `/Groups/${id}`)).body.members ?? []).map(({ value }: { value: string }) => value);

  test('are made, listed without members, changed as Okta and Entra do it, and removed', async () => {
    const [a, b, c] = [await provision(), await provision(), await provision()];
    const made = await ask('POST', '/Groups', {
      schemas: [GROUP],
      displayName: 'Support',
      externalId: 'g-1',
      members: [{ value: a, display: 'A' }],
    });
    expect(made.status).toBe(201);
    const { id } = made.body;
    const listed = await ask('GET', `/Groups?excludedAttributes=members&filter=${encodeURIComponent('displayName eq "support"')}`);
    expect(listed.body.Resources).toMatchObject([{ id, displayName: 'Support' }]);
    expect(listed.body.Resources[0].members).toBeUndefined();
    await patch(`/Groups/${id}`, { op: 'Add', path: 'members', value: [{ value: b }, { value: c }] });
    expect(new Set(await members(id))).toEqual(new Set([a, b, c]));
    await patch(`/Groups/${id}`, { op: 'remove', path: `members[value eq "${a}"]` });
    await patch(`/Groups/${id}`, { op: 'Remove', path: 'members', value: [{ value: b }] });
    expect(await members(id)).toEqual([c]);
    const renamed = await patch(`/Groups/${id}`, { op: 'replace', value: { id, displayName: 'Support Team' } });
    expect(renamed.body.displayName).toBe('Support Team');
    const put = await ask('PUT', `/Groups/${id}`, { schemas: [GROUP], displayName: 'Support Team', members: [{ value: a }] });
    expect([put.status, await members(id)]).toEqual([200, [a]]);
    expect((await ask('POST', '/Groups', { displayName: 'support team' })).status).toBe(409);
    expect((await ask('DELETE', `/Groups/${id}`)).status).toBe(204);
    expect((await ask('GET', `/Groups/${id}`)).status).toBe(404);
  });

  test('take in nobody who was not provisioned here', async () => {
    const { id } = (await ask('POST', '/Groups', { displayName: 'Closed' })).body;
    for (const value of [world.owner().person, 'per_018cc251-f400-7000-8000-000000000001', id, 'x'])
      expect((await patch(`/Groups/${id}`, { op: 'add', path: 'members', value: [{ value }] })).status).toBe(400);
    expect(await members(id)).toEqual([]);
  });

  test('give what was granted to them, and whoever leaves has lost it by the next request of the same session', async () => {
    const { identity } = first();
    const person = await provision();
    const { id: group } = (await ask('POST', '/Groups', { displayName: 'Deciders', members: [{ value: person }] })).body;
    const { tenant } = world;
    await world.database.admin(
      "insert into identity_grants (tenant, id, subject, role, scope, via, granted_by, created_at) values ($1, 'grt_018cc251-f400-7000-8000-0000000000aa', $2, 'admin', '{}', 'direct', 'x', now())",
      [tenant, group],
    );
    const open = await session(person);
    await patch(`/Groups/${group}`, { op: 'replace', path: 'displayName', value: 'Admins' });
    await patch(`/Groups/${group}`, { op: 'remove', path: 'members' });
    await patch(`/Groups/${group}`, { op: 'add', path: 'members', value: [{ value: person }] });
    expect(rolesOf(identity.authenticateSession(open) as PersonPrincipal)).toEqual(['admin']);
    await until(() => world.replicas.every((one) => rolesOf(one.identity.authenticateSession(open) as PersonPrincipal).includes('admin')));
    await patch(`/Groups/${group}`, { op: 'remove', path: 'members', value: [{ value: person }] });
    expect(rolesOf(identity.authenticateSession(open) as PersonPrincipal)).toEqual([]);
    await until(() => world.replicas.every((one) => rolesOf(one.identity.authenticateSession(open) as PersonPrincipal).length === 0));
    expect(seen(first(), open)).toBe('in');
  });
});

test('the service says what it can, and what of whom it keeps', async () => {
  const config = (await ask('GET', '/ServiceProviderConfig')).body;
  expect(config).toMatchObject({ patch: { supported: true }, bulk: { supported: false }, filter: { supported: true, maxResults: 200 } });
  expect((await ask('GET', '/ResourceTypes')).body.Resources.map(({ id }: { id: string }) => id)).toEqual(['User', 'Group']);
  expect((await ask('GET', `/Schemas/${USER}`)).body.attributes.map(({ name }: { name: string }) => name)).toContain('userName');
  expect((await ask('GET', '/Schemas/urn:nothing')).status).toBe(404);
});

test('what failed and when it last came is known to whoever set it up', async () => {
  await ask('POST', '/Users', { displayName: 'nameless' });
  const { sync, tokens } = await scim().state(world.tenant);
  expect(sync).toMatchObject({ failure: 'POST /Users 400 invalidValue' });
  expect(sync?.change_at).not.toBeNull();
  expect(tokens[0]?.usedAt).not.toBeNull();
});

test('with the feed of changes cut, a process lets nobody in rather than somebody who was switched off', async () => {
  const person = await provision();
  const open = await session(person);
  await until(() => world.replicas.every((one) => seen(one, open) === 'in'));
  const name = new URL(world.database.url).pathname.slice(1);
  await world.database.admin(`alter database ${name} connection limit 0`, []);
  try {
    await world.database.admin(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'sallyport-listen' and datname = current_database()",
      [],
    );
    const cut = performance.now();
    await patch(`/Users/${person}`, { op: 'replace', path: 'active', value: false });
    expect(seen(first(), open)).not.toBe('in');
    await until(() => world.replicas.every((one) => seen(one, open) !== 'in'));
    console.log(`feed cut, provisioning off -> refused on 4 processes after ${(performance.now() - cut).toFixed(0)} ms`);
    expect(world.replicas.slice(1).map((one) => seen(one, open))).toEqual(Array.from({ length: 3 }, () => 'IDENTITY_FEED_LOST'));
  } finally {
    await world.database.admin(`alter database ${name} connection limit -1`, []);
  }
  await until(() => world.replicas.every((one) => seen(one, open) === 'IDENTITY_SESSION_INVALID'));
});

test('after a restore no token of before works, and a login still makes nobody beside provisioning', async () => {
  await world.db.inTenant(world.tenant, (tx) => endAllAccess(tx, world.tenant, Date.now()));
  expect((await ask('GET', '/Users')).status).toBe(401);
  expect(await rows('select count(*)::int as count from identity_scim_tokens where tenant = $1', [world.tenant])).not.toEqual([
    { count: 0 },
  ]);
  token = (await scim().createToken({ tenant: world.tenant, actor: 'per_x' })).token;
  expect((await ask('GET', '/Users?count=0')).status).toBe(200);
});

test('[PROMISE-10] behind a proxy, who tries wrong tokens slows only themselves down', async () => {
  const wrong = (address: string) => ask('GET', '/Users', undefined, { authorization: 'Bearer wrong', 'x-forwarded-for': address });
  const tries: number[] = [];
  for (let n = 0; n < 125; n += 1) tries.push((await wrong('203.0.113.9')).status);
  expect(tries.at(-1)).toBe(429);
  expect((await wrong('198.51.100.7')).status).toBe(401);
});
