// Signing in by a company login, against a real identity provider over TLS, through the real control plane and the one outbound door.

import { generateKeyPairSync, sign } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { isRefusal, rolesOf } from '#core';
import type { ProviderInput } from '#identity';
import {
  begin,
  by,
  client,
  come,
  federation,
  finish,
  here,
  idp,
  origin,
  outside,
  person,
  type Reply,
  rows,
  SECRET,
  save,
  settings,
  somebody,
  useCompanyLogin,
  world,
} from './test/company-visits.ts';

useCompanyLogin(fetch);

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

  test('[PROMISE-10] an account is one of its issuer: a login with linked accounts is not turned over to another issuer', async () => {
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
    outside.aheadMs = 11 * 60_000;
    expect((await finish(stolen, other.cookie)).to).toContain('IDENTITY_SSO_STATE_INVALID');
    const concurrent = await begin();
    outside.aheadMs = 0;
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
    outside.tamper = change();
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
    outside.tamper = metadata(change);
    const tested = await federation().providers.test(by(), 'corp');
    expect(isRefusal(tested) ? tested.code : tested.testCode).toBe(code);
    outside.tamper = null;
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
