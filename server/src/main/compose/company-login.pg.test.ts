// Signing in by a company login, against a real identity provider over TLS, through the real control plane and the one outbound door.

import { generateKeyPairSync, sign } from 'node:crypto';
import { passkeyDevice } from '@sallyport/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { isRefusal, type PersonId, type PersonPrincipal, rolesOf } from '#core';
import type { Outside, ProviderInput } from '#identity';
import { type CompanyLogin, companyLogin, type Login } from './test/company-login.ts';
import { type FederatedWorld, federatedWorld } from './test/federated-world.ts';

type Send = Outside['transport']['send'];
type Reply = Awaited<ReturnType<Send>>;
/** Changes what the provider answers, for one test. */
let tamper: ((url: string, reply: Reply) => Reply) | null = null;
let aheadMs = 0;
let idp: CompanyLogin;
let world: FederatedWorld;

const SECRET = 'a-client-secret-of-a-test';
/** Of another browser each time: signing in anew in the same one ends the session before. */
const browserKey = (): { x: string; y: string } => {
  const { x = '', y = '' } = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' });
  return { x, y };
};

beforeAll(async () => {
  idp = await companyLogin();
  world = await federatedWorld({
    allowPrivate: [idp.authority],
    authority: idp.certificate,
    now: () => Date.now() + aheadMs,
    between: (direct) => ({
      send: async (request) => {
        const reply = await direct.send(request);
        return tamper?.(request.url, reply) ?? reply;
      },
    }),
  });
  idp.serve([client()]);
});
afterAll(async () => {
  await world.close();
  await idp.close();
});
afterEach(() => {
  tamper = null;
  aheadMs = 0;
});

const client = (change: object = {}) => ({
  client_id: 'sallyport',
  client_secret: SECRET,
  redirect_uris: [`${origin()}/sso/callback`],
  response_types: ['code' as const],
  grant_types: ['authorization_code'],
  scope: 'openid profile groups email',
  ...change,
});
const origin = (): string => world.url.replace('127.0.0.1', 'localhost');
const here = () => world.replicas[0] as FederatedWorld['replicas'][number];
const federation = () => here().federated.federation;
const by = () => ({ tenant: world.tenant, actor: world.owner().person });

const settings = (change: Partial<ProviderInput> = {}): ProviderInput => ({
  name: 'corp',
  label: 'Example Corp',
  issuer: idp.issuer,
  clientId: 'sallyport',
  authMethod: 'client_secret_basic',
  secret: SECRET,
  mode: 'just_in_time',
  scopes: ['profile', 'groups', 'email'],
  groupsClaim: 'groups',
  groups: {},
  externalIdClaim: null,
  secondFactorAcr: [],
  enabled: true,
  ...change,
});
async function save(change: Partial<ProviderInput> = {}): Promise<void> {
  const saved = await federation().providers.save(by(), settings(change));
  if (isRefusal(saved)) throw new Error(`${saved.code} ${JSON.stringify(saved.evidence)}`);
}

interface Visit {
  readonly cookie: string;
  readonly url: string;
}
const cookiesOf = (response: Response): string =>
  response.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ');

async function begin(path = '/sso/corp/start', returnTo = '/inbox', cookie = ''): Promise<Visit> {
  const query = new URLSearchParams({ ...browserKey(), return_to: returnTo });
  const response = await fetch(`${world.url}${path}?${query}`, { redirect: 'manual', headers: { cookie } });
  expect(response.status).toBe(303);
  return { cookie: cookiesOf(response) || cookie, url: response.headers.get('location') ?? '' };
}
/** Where the callback sends the browser, and the session it got. */
async function finish(back: URL, cookie: string): Promise<{ to: string; token: string | null }> {
  const response = await fetch(`${world.url}${back.pathname}${back.search}`, { redirect: 'manual', headers: { cookie } });
  const token = /sallyport_session=([^;]+)/.exec(cookiesOf(response))?.[1] ?? null;
  return { to: response.headers.get('location') ?? '', token };
}
async function come(login: Login, path?: string): Promise<{ to: string; token: string | null; back: URL; visit: Visit }> {
  const visit = await begin(path);
  const back = await idp.signIn(visit.url, login);
  return { ...(await finish(back, visit.cookie)), back, visit };
}
const person = (token: string | null): PersonPrincipal => {
  const answer = here().identity.authenticateSession(token);
  if (isRefusal(answer)) throw new Error(answer.code);
  return answer;
};
const rows = (sql: string, values: unknown[] = []): Promise<Record<string, unknown>[]> => world.database.admin(sql, values);
let logins = 0;
const somebody = (change: object = {}): Login => {
  logins += 1;
  return { sub: `subject-${logins}`, name: `Kim Example ${logins}`, email: 'shared@example.com', ...change };
};
const grantTo = async (group: string, role: string): Promise<void> => {
  const id = `grt_018cc251-f400-7000-8000-${String(Date.now() % 1e9).padStart(12, '0')}`;
  await rows(
    "insert into identity_grants (tenant, id, subject, role, scope, via, granted_by, created_at) values ($1, $2, $3, $4, '{}', 'direct', 'x', now())",
    [world.tenant, id, group, role],
  );
};
const newGroup = async (source = 'local'): Promise<string> => {
  logins += 1;
  const id = `grp_018cc251-f400-7000-8000-${String(logins).padStart(12, '0')}`;
  await rows('insert into identity_groups (tenant, id, name, source, created_at) values ($1, $2, $3, $4, now())', [
    world.tenant,
    id,
    `group ${logins}`,
    source,
  ]);
  return id;
};

describe('by a company login', () => {
  beforeEach(() => save());

  test('somebody new comes in, in a session of that browser, and is the same person the next time', async () => {
    const login = somebody();
    const first = await come(login);
    expect(first.to).toMatch(/^\/sign-in\?session=ses_[0-9a-f-]+&to=%2Finbox$/);
    const who = person(first.token);
    expect(who.proof).toMatchObject({ method: 'sso', passkeyAtMs: null });
    expect([rolesOf(who), who.device]).toEqual([[], expect.stringMatching(/^dev_/)]);
    const again = await come(login);
    expect(person(again.token).person).toBe(who.person);
    expect((await here().federated.namesOf(world.tenant)).get(who.person)).toBe(login.name);
  });

  test('[P10] an account is one of its issuer: a login with linked accounts is not turned over to another issuer', async () => {
    person((await come(somebody())).token);
    const elsewhere = settings({ issuer: 'https://login.elsewhere.example.com' });
    expect(await federation().providers.save(by(), elsewhere)).toMatchObject({
      code: 'IDENTITY_SSO_SETTINGS_INVALID',
      evidence: { field: 'issuer' },
    });
  });

  test('two accounts of one e-mail address are two people', async () => {
    const [one, two] = [person((await come(somebody())).token), person((await come(somebody())).token)];
    expect(one.person).not.toBe(two.person);
  });

  test('the attempt is good once, in the browser that began it, for ten minutes', async () => {
    const { back, visit } = await come(somebody());
    expect(await finish(back, visit.cookie)).toEqual({ to: '/sign-in?refused=IDENTITY_SSO_STATE_INVALID', token: null });
    const other = await begin();
    const stolen = await idp.signIn(other.url, somebody());
    for (const cookie of ['', (await begin()).cookie]) expect((await finish(stolen, cookie)).to).toContain('IDENTITY_SSO_STATE_INVALID');
    aheadMs = 11 * 60_000;
    expect((await finish(stolen, other.cookie)).to).toContain('IDENTITY_SSO_STATE_INVALID');
    const concurrent = await begin();
    aheadMs = 0;
    const answer = await idp.signIn((await begin()).url, somebody());
    expect((await finish(answer, concurrent.cookie)).token).toBeNull();
  });

  test('one answer that is posted many times at once opens one session', async () => {
    const visit = await begin();
    const back = await idp.signIn(visit.url, somebody());
    const answers = await Promise.all(Array.from({ length: 8 }, () => finish(back, visit.cookie)));
    expect(answers.filter(({ token }) => token !== null)).toHaveLength(1);
  });

  test('neither nonce nor verifier of an attempt, nor the client secret, stand in the database or the log', async () => {
    const visit = await begin();
    const asked = new URL(visit.url).searchParams;
    expect([asked.get('code_challenge_method'), asked.get('response_type')]).toEqual(['S256', 'code']);
    for (const table of ['identity_sso_states', 'identity_providers', 'event_inbox']) {
      const text = JSON.stringify(await rows(`select t::text as row from ${table} t`));
      for (const secret of [asked.get('state'), asked.get('nonce'), SECRET, visit.cookie.split('=')[1]]) {
        expect(text).not.toContain(secret);
        expect(text).not.toContain(Buffer.from(secret ?? '', 'utf8').toString('hex'));
      }
    }
  });

  test.each(['https://evil.example.com/', '//evil.example.com', '/\\evil.example.com', 'javascript:alert(1)', '/ok\r\nx: y'])(
    'nobody is sent to %j after it',
    async (place) => {
      const visit = await begin('/sso/corp/start', place);
      expect((await finish(await idp.signIn(visit.url, somebody()), visit.cookie)).to).toMatch(/&to=%2F$/);
    },
  );

  test('a login that is not offered, or is none, is answered alike', async () => {
    await save({ enabled: false });
    const off = await begin();
    await save();
    expect(off.url).toBe('/sign-in?refused=IDENTITY_SSO_UNAVAILABLE');
    expect((await begin('/sso/nothing/start')).url).toBe(off.url);
    expect((await begin('/sso/idp_018cc251-f400-7000-8000-000000000001/start')).url).toBe(off.url);
    const late = await begin();
    const back = await idp.signIn(late.url, somebody());
    await save({ enabled: false });
    expect((await finish(back, late.cookie)).to).toContain('IDENTITY_SSO_UNAVAILABLE');
  });

  test('without the key of the browser nothing begins: our page makes one first', async () => {
    const response = await fetch(`${world.url}/sso/corp/start`, { redirect: 'manual' });
    expect([response.status, response.headers.get('location')]).toEqual([303, '/sign-in?with=corp']);
  });

  test('the sign-in page says which logins there are, and no more than that', async () => {
    const offered = await (await fetch(`${world.url}/api/sign-in/providers`)).json();
    expect(offered).toEqual({ providers: [{ name: 'corp', label: 'Example Corp' }] });
  });
});

describe('what a provider answers', () => {
  beforeEach(() => save());
  const jwt = (
    token: string,
    change: { header?: object; claims?: object; key?: ReturnType<typeof generateKeyPairSync>['privateKey'] },
  ): string => {
    const [header = '', claims = '', signature = ''] = token.split('.');
    const part = (text: string, more: object | undefined): string =>
      Buffer.from(JSON.stringify({ ...JSON.parse(Buffer.from(text, 'base64url').toString()), ...more })).toString('base64url');
    const body = `${part(header, change.header)}.${part(claims, change.claims)}`;
    return `${body}.${change.key === undefined ? signature : sign('sha256', Buffer.from(body), change.key).toString('base64url')}`;
  };
  const idToken = (change: Parameters<typeof jwt>[1]) => (url: string, reply: Reply) => {
    if (!url.endsWith('/token')) return reply;
    const answer = JSON.parse(Buffer.from(reply.body).toString());
    return { ...reply, body: Buffer.from(JSON.stringify({ ...answer, id_token: jwt(answer.id_token, change) })) };
  };
  const foreign = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;

  test.each([
    ['an ID token of another key', () => idToken({ key: foreign })],
    ['changed claims under the old signature', () => idToken({ claims: { sub: 'somebody-else' } })],
    ['an ID token without a signature', () => idToken({ header: { alg: 'none' } })],
    ['an ID token signed with our own secret', () => idToken({ header: { alg: 'HS256' } })],
    ['an ID token for another client', () => idToken({ claims: { aud: 'another' } })],
    ['an ID token of another issuer', () => idToken({ claims: { iss: 'https://other.example.com' } })],
    ['an ID token with another nonce', () => idToken({ claims: { nonce: 'another' } })],
    ['an ID token that ran out', () => idToken({ claims: { exp: 1_700_000_000 } })],
  ])('as %s lets nobody in', async (_what, change) => {
    const before = await rows('select count(*) from identity_people');
    tamper = change();
    const { to, token } = await come(somebody());
    expect([to, token]).toEqual(['/sign-in?refused=IDENTITY_SSO_TOKEN_INVALID', null]);
    expect(await rows('select count(*) from identity_people')).toEqual(before);
  });

  test.each([
    ['an `iss` of another issuer', (back: URL) => back.searchParams.set('iss', 'https://other.example.com')],
    ['no `iss`, which it promises', (back: URL) => back.searchParams.delete('iss')],
    ['a code of nobody', (back: URL) => back.searchParams.set('code', 'x'.repeat(43))],
    ['two codes', (back: URL) => back.searchParams.append('code', 'y')],
  ])('as %s lets nobody in', async (_what, change) => {
    const visit = await begin();
    const back = await idp.signIn(visit.url, somebody());
    change(back);
    expect(await finish(back, visit.cookie)).toEqual({ to: '/sign-in?refused=IDENTITY_SSO_TOKEN_INVALID', token: null });
  });

  test('as a refusal is told as one, without its words', async () => {
    const visit = await begin();
    const { searchParams } = new URL(visit.url);
    const back = new URL(`${origin()}/sso/callback`);
    const answer = { error: 'access_denied', error_description: '<b>canary</b>', state: searchParams.get('state') ?? '', iss: idp.issuer };
    for (const [name, value] of Object.entries(answer)) back.searchParams.set(name, value);
    const { to } = await finish(back, visit.cookie);
    expect(to).toBe('/sign-in?refused=IDENTITY_SSO_DECLINED');
  });

  const metadata = (change: object) => (url: string, reply: Reply) =>
    url.endsWith('openid-configuration')
      ? { ...reply, body: Buffer.from(JSON.stringify({ ...JSON.parse(Buffer.from(reply.body).toString()), ...change })) }
      : reply;
  test.each([
    ['another issuer', { issuer: 'https://other.example.com' }, 'IDENTITY_SSO_ISSUER_MISMATCH'],
    ['a token endpoint over plain http', { token_endpoint: 'http://login.example.com/token' }, 'IDENTITY_SSO_PROVIDER_UNUSABLE'],
    ['no PKCE with S256', { code_challenge_methods_supported: ['plain'] }, 'IDENTITY_SSO_PROVIDER_UNUSABLE'],
    ['keys at an address in the private network', { jwks_uri: 'https://10.0.0.1/keys' }, null],
  ])('with %s in its metadata is found by the test', async (_what, change, code) => {
    tamper = metadata(change);
    const tested = await federation().providers.test(by(), 'corp');
    expect(isRefusal(tested) ? tested.code : tested.testCode).toBe(code);
    tamper = null;
    expect(await federation().providers.test(by(), 'corp')).toMatchObject({ testCode: null });
  });
});

describe('settings', () => {
  test('are tested against the provider: a wrong secret and an address nobody allowed are told apart', async () => {
    await save({ secret: 'another-secret-altogether' });
    expect(await federation().providers.test(by(), 'corp')).toMatchObject({ testCode: 'IDENTITY_SSO_CLIENT_REJECTED' });
    await save();
    expect(await federation().providers.test(by(), 'corp')).toMatchObject({ testCode: null });
    await save({ name: 'inside', issuer: 'https://127.0.0.1:8443' });
    expect(await federation().providers.test(by(), 'inside')).toMatchObject({ testCode: 'IDENTITY_SSO_UNREACHABLE' });
    expect(await federation().providers.remove(by(), 'inside')).toBe(true);
    expect(await federation().providers.test(by(), 'inside')).toMatchObject({ code: 'IDENTITY_SSO_UNKNOWN' });
  });

  test.each([
    ['plain http', { issuer: 'http://login.example.com' }, 'issuer'],
    ['a group that is none', { groups: { admins: 'grp_018cc251-f400-7000-8000-00000000dead' } }, 'groups'],
    ['no secret for a new issuer', { issuer: 'https://login.example.com', secret: null }, 'secret'],
    ['a name that is none', { name: 'No Name' }, 'name'],
  ])('with %s are refused, and the field is named', async (_what, change, field) => {
    await save();
    const refused = await federation().providers.save(by(), settings(change as Partial<ProviderInput>));
    expect(refused).toMatchObject({ code: 'IDENTITY_SSO_SETTINGS_INVALID', evidence: { field } });
  });

  test.each(['client_secret_post', 'private_key_jwt'] as const)('with %s come in as well', async (authMethod) => {
    await save({ authMethod, secret: authMethod === 'private_key_jwt' ? null : SECRET });
    const [saved] = await federation().providers.list(world.tenant);
    const keys = saved?.publicJwk == null ? {} : { jwks: { keys: [saved.publicJwk as never] } };
    idp.serve([
      client({
        token_endpoint_auth_method: authMethod,
        ...keys,
        ...(authMethod === 'private_key_jwt' ? { client_secret: undefined } : {}),
      }),
    ]);
    try {
      expect(await federation().providers.test(by(), 'corp')).toMatchObject({ testCode: null });
      expect(person((await come(somebody())).token).proof.method).toBe('sso');
    } finally {
      idp.serve([client()]);
    }
  });
});

describe('whom a login lets in', () => {
  test('is in mode "invited" nobody it has not seen; somebody who is in links an account and comes by it from then on', async () => {
    await save({ mode: 'invited' });
    const login = somebody();
    expect(await come(login)).toMatchObject({ to: '/sign-in?refused=IDENTITY_SSO_NOT_ADMITTED', token: null });
    const { identity } = here();
    const added = await identity.addPerson({ tenant: world.tenant, name: 'Lee Example', actor: world.owner().person, roles: ['analyst'] });
    if (isRefusal(added)) throw new Error(added.code);
    const opened = await identity.redeem(added.secret);
    if (isRefusal(opened)) throw new Error(opened.code);
    const link = async (token: string, account: Login) => {
      const begun = await federation().begin({
        provider: 'corp',
        tenant: world.tenant,
        returnTo: '/account',
        key: null,
        cookie: null,
        as: { person: person(token), purpose: 'link' },
      });
      if (isRefusal(begun)) throw new Error(begun.code);
      return finish(await idp.signIn(begun.url, account), `sallyport_sso=${begun.cookie}`);
    };
    expect(await link(opened.token, login)).toEqual({ to: '/account', token: null });
    expect(person((await come(login)).token).person).toBe(added.id);
    // Neither a second account for the same person, nor the same account for a second one.
    expect((await link(opened.token, somebody())).to).toBe('/account?refused=IDENTITY_SSO_ACCOUNT_TAKEN');
    const owner = await identity.redeem(await identity.ownerLink(world.tenant));
    if (isRefusal(owner)) throw new Error(owner.code);
    expect((await link(owner.token, login)).to).toContain('IDENTITY_SSO_ACCOUNT_TAKEN');
  });

  test('is linked by somebody with a passkey only right after using it: whoever took over a session adds no way in of their own', async () => {
    await save({ mode: 'invited' });
    const { identity } = here();
    const added = await identity.addPerson({ tenant: world.tenant, name: 'Kim Example', actor: world.owner().person, roles: ['analyst'] });
    if (isRefusal(added)) throw new Error(added.code);
    const opened = await identity.redeem(added.secret);
    if (isRefusal(opened)) throw new Error(opened.code);
    const begin = () => {
      const as = { person: person(opened.token), purpose: 'link' } as const;
      return federation().begin({ provider: 'corp', tenant: world.tenant, returnTo: '/account', key: null, cookie: null, as });
    };
    const codeOf = (answer: object): string => (isRefusal(answer) ? answer.code : 'begun');
    expect(codeOf(await begin())).toBe('begun');
    const options = await identity.passkeys.enrolOptions(person(opened.token));
    const made = passkeyDevice().create(options as object);
    await identity.passkeys.enrol(person(opened.token), { ...made, name: 'Laptop' });
    expect(codeOf(await begin())).toBe('begun');
    aheadMs = 6 * 60_000;
    expect(codeOf(await begin())).toBe('IDENTITY_PASSKEY_FRESH_NEEDED');
  });

  test('is nobody who was removed: the next login makes no new person of them, and says what it says to strangers', async () => {
    await save();
    const login = somebody();
    const { person: id } = person((await come(login)).token);
    expect(await here().identity.removePerson({ tenant: world.tenant, person: id, actor: world.owner().person })).toBeNull();
    const before = await rows('select count(*) from identity_people');
    expect(await come(login)).toMatchObject({ to: '/sign-in?refused=IDENTITY_SSO_NOT_ADMITTED', token: null });
    expect(await rows('select count(*) from identity_people')).toEqual(before);
  });

  test('is with provisioning whom that knows by its own id, and nobody else, also not whom it switched off', async () => {
    const { scim } = here().federated;
    await scim.createToken(by());
    try {
      await save({ externalIdClaim: 'oid' });
      const request = { tenant: world.tenant, base: '', ifMatch: null };
      const user = (await scim.users.create(request, { userName: 'ana@example.com', externalId: 'oid-1' })) as { id?: unknown };
      const login = somebody({ oid: 'oid-1', email: 'other@example.com' });
      const who = person((await come(login)).token);
      expect(who.person).toBe(user.id);
      // The address is the same and the id is not.
      expect((await come(somebody({ oid: 'oid-2', email: 'ana@example.com' }))).to).toContain('IDENTITY_SSO_NOT_ADMITTED');
      const never = (await scim.users.create(request, { userName: 'off@example.com', externalId: 'oid-3', active: false })) as {
        id?: unknown;
      };
      expect(never.id).toBeDefined();
      expect((await come(somebody({ oid: 'oid-3' }))).to).toContain('IDENTITY_SSO_NOT_ADMITTED');
      await scim.users.remove(request, who.person);
      expect((await come(login)).to).toContain('IDENTITY_SSO_NOT_ADMITTED');
      // Hired again: a new user with the same id there.
      const anew = (await scim.users.create(request, { userName: 'ana@example.com', externalId: 'oid-1' })) as { id?: unknown };
      expect(person((await come(login)).token).person).toBe(anew.id as PersonId);
    } finally {
      await scim.removeTokens(by());
    }
  });
});

describe('groups of a login', () => {
  test('are those it maps: they come and go with each login, and what they grant with them', async () => {
    const [group, other] = [await newGroup(), await newGroup()];
    await grantTo(group, 'auditor');
    await save({ groups: { 'shop-auditors': group } });
    const login = somebody({ groups: ['shop-auditors', 'everybody'] });
    const first = await come(login);
    const who = person(first.token);
    expect(rolesOf(who)).toEqual(['auditor']);
    await rows('insert into identity_group_members (tenant, group_id, person, added_at) values ($1, $2, $3, now())', [
      world.tenant,
      other,
      who.person,
    ]);
    await come({ ...login, groups: 'everybody' });
    expect(rolesOf(person(first.token))).toEqual([]);
    expect(await rows('select group_id from identity_group_members where person = $1', [who.person])).toEqual([{ group_id: other }]);
    await come({ ...login, groups: undefined });
    expect(rolesOf(person(first.token))).toEqual([]);
  });

  test('[P10] are mapped by whoever may give what they grant, and by nobody else', async () => {
    await save();
    const who = person((await come(somebody())).token);
    const mapped = await newGroup();
    await grantTo(mapped, 'approver');
    const change = settings({ groups: { mine: mapped } });
    expect(await federation().providers.save({ tenant: world.tenant, actor: who.person }, change)).toMatchObject({
      code: 'IDENTITY_GRANT_NOT_HELD',
    });
    await save({ groups: { mine: mapped } });
  });

  test('that provisioning keeps are not changed by a login, and can not be mapped', async () => {
    const managed = await newGroup('scim');
    await save();
    expect(await federation().providers.save(by(), settings({ groups: { admins: managed } }))).toMatchObject({
      code: 'IDENTITY_SSO_GROUP_MANAGED',
    });
    const mapped = await newGroup();
    await save({ groups: { admins: mapped } });
    await rows("update identity_groups set source = 'scim' where id = $1", [mapped]);
    const login = somebody({ groups: [] });
    const who = person((await come(login)).token);
    await rows('insert into identity_group_members (tenant, group_id, person, added_at) values ($1, $2, $3, now())', [
      world.tenant,
      mapped,
      who.person,
    ]);
    const held = () => rows('select group_id from identity_group_members where person = $1', [who.person]);
    await come(login);
    expect(await held()).toEqual([{ group_id: mapped }]);
    await rows('delete from identity_group_members where person = $1', [who.person]);
    await come({ ...login, groups: ['admins'] });
    expect(await held()).toEqual([]);
  });
});

describe('a second factor at the company login', () => {
  const stepUp = async (token: string | null, login: Login) => {
    const begun = await federation().begin({
      provider: 'corp',
      tenant: world.tenant,
      returnTo: '/account',
      key: null,
      cookie: null,
      as: { person: person(token), purpose: 'step_up' },
    });
    if (isRefusal(begun)) throw new Error(begun.code);
    return finish(await idp.signIn(begun.url, login), `sallyport_sso=${begun.cookie}`);
  };

  test.each([
    ['a password alone', { amr: ['pwd'] }, false],
    ['nothing said', {}, false],
    ['several factors', { amr: ['pwd', 'mfa'] }, true],
    ['a hardware key', { amr: ['hwk'] }, true],
    ['a level that was named in the settings', { acr: 'urn:example:strong' }, true],
  ])('counts after %s only where there was one: %s', async (_what, how, counts) => {
    await save({ secondFactorAcr: ['urn:example:strong'] });
    const { proof } = person((await come(somebody(how))).token);
    expect(proof.passkeyAtMs !== null).toBe(counts);
    if (proof.passkeyAtMs !== null) expect(Math.abs(Date.now() - proof.passkeyAtMs)).toBeLessThan(60_000);
  });

  test('confirms an open session, and a login without one does not', async () => {
    await save();
    const login = somebody({ amr: ['pwd'] });
    const { token } = await come(login);
    expect((await stepUp(token, login)).to).toContain('IDENTITY_SSO_NO_MFA');
    expect(person(token).proof.passkeyAtMs).toBeNull();
    expect((await stepUp(token, somebody({ amr: ['mfa'] }))).to).toContain('IDENTITY_SSO_NOT_ADMITTED');
    expect(await stepUp(token, { ...login, amr: ['mfa'] })).toEqual({ to: '/account', token: null });
    expect(person(token).proof.passkeyAtMs).not.toBeNull();
  });
});
