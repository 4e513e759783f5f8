// Apps that describe themselves, what a person can let them do, exchange for a run and a step, and what is left when the person goes.

import { createHash } from 'node:crypto';
import { passkeyDevice } from '@sallyport/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isRefusal, type PersonPrincipal, type Principal, parseId, type TenantId } from '#core';
import type { Identity } from '../identity.ts';
import { GATEWAY, newKeys, oauthAt, proofBy, requestTo, serviceOf, type TokenReply } from '../test/oauth-client.ts';
import { type OpenedIdentity, openIdentity, outcome, until } from '../test/opened-identity.ts';

const APP = 'https://assistant.example.com/oauth/client.json';
const REDIRECT = 'https://assistant.example.com/callback';
const VERIFIER = 'v'.repeat(50);
const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url');

let given: OpenedIdentity;
let identity: Identity;
let other: Identity;
let tenant: TenantId;
let workload: Parameters<typeof serviceOf>[2]['workload'];
/** What stands at the app's address, and how often it was asked for. */
let document: object | string | null;
let asked = 0;

const described = (more: object = {}): object => ({
  client_id: APP,
  client_name: 'Assistant',
  redirect_uris: [REDIRECT],
  token_endpoint_auth_method: 'none',
  ...more,
});

beforeAll(async () => {
  const oauth = oauthAt({
    fetch: async (_url, { maxBytes }) => {
      asked += 1;
      const bytes = document === null ? null : Buffer.from(typeof document === 'string' ? document : JSON.stringify(document));
      return bytes !== null && bytes.byteLength > maxBytes ? null : bytes;
    },
  });
  given = await openIdentity({ oauth });
  identity = given.identity;
  other = (await given.another()).identity;
  ({ tenant, workload } = await given.keyed(['shop', 'mail']));
});
afterAll(() => given.close());

let people = 0;
/** Somebody with a role, as their session shows them. */
async function person(role: 'owner' | 'marketer' | 'auditor', scope: object = {}): Promise<PersonPrincipal> {
  people += 1;
  const added = await identity.addPerson({ tenant, name: `Person ${people}`, roles: [], actor: 'test' });
  const given = isRefusal(added) ? added : await identity.grant({ tenant, subject: added.id, role, scope, actor: 'test' });
  if (isRefusal(added) || isRefusal(given)) throw new Error(JSON.stringify(given));
  const opened = await identity.redeem(added.secret);
  if (isRefusal(opened)) throw new Error(opened.code);
  const who = identity.authenticateSession(opened.token);
  if (isRefusal(who)) throw new Error(who.code);
  return who;
}

const query = (more: Readonly<Record<string, string>> = {}): string =>
  new URLSearchParams({
    ...{ response_type: 'code', client_id: APP, redirect_uri: REDIRECT, resource: GATEWAY, scope: 'shop' },
    ...{ code_challenge: CHALLENGE, code_challenge_method: 'S256', ...more },
  }).toString();

async function tokenFor(who: PersonPrincipal, more: Readonly<Record<string, string>> = {}): Promise<TokenReply> {
  document = described();
  const answer = await identity.oauth.decide(who, query(more), { allow: true });
  if (isRefusal(answer)) throw new Error(answer.code);
  const code = new URL(answer.redirectTo).searchParams.get('code');
  return post({ grant_type: 'authorization_code', code: code ?? '', client_id: APP, redirect_uri: REDIRECT, code_verifier: VERIFIER });
}
const post = (params: Readonly<Record<string, string>>, proof: string | null = null): Promise<TokenReply> =>
  identity.oauth.token({ params: new Map(Object.entries(params)), proof }, '127.0.0.1') as Promise<TokenReply>;
const call = async (by: Identity, token: string | undefined, path = '/connect/shop/x'): Promise<string> =>
  outcome(await by.authenticateCall(token ?? '', requestTo(path)));
const sent = (answer: object): string | null =>
  'redirectTo' in answer ? new URL(String(answer.redirectTo)).searchParams.get('error') : null;

describe('an app that describes itself', () => {
  test('is read at its address once, and asked about under the name it gives and the host it is at', async () => {
    document = described();
    asked = 0;
    const owner = await person('owner');
    for (let n = 0; n < 3; n += 1) {
      expect(await identity.oauth.ask(owner, query())).toMatchObject({
        client: { name: 'Assistant', describedBy: 'assistant.example.com' },
        scope: ['shop'],
        redirectHost: 'assistant.example.com',
      });
    }
    expect(asked).toBe(1);
  });

  test.each<[string, object | string | null]>([
    ['is not there', null],
    ['is no JSON', '{'],
    ['says it is another', described({ client_id: 'https://elsewhere.example.com/oauth/client.json' })],
    ['holds a secret', described({ client_secret: 'abc' })],
    ['names no place to answer', described({ redirect_uris: [] })],
    ['wants to be answered by a script', described({ redirect_uris: ['javascript:alert(1)'] })],
    ['promises a key and gives none', described({ token_endpoint_auth_method: 'private_key_jwt' })],
    ['is larger than a description is', described({ padding: 'x'.repeat(6_000) })],
  ])('is answered nowhere when its description %s', async (_what, text) => {
    document = text;
    const owner = await person('owner');
    given.clock.advance(11 * 60_000);
    expect(outcome((await identity.oauth.decide(owner, query(), { allow: true })) as object)).toBe('IDENTITY_CLIENT_METADATA');
  });

  test.each([
    'http://assistant.example.com/c.json',
    'https://assistant.example.com/',
    'https://a:b@assistant.example.com/c',
    'https://assistant.example.com/a/../c',
    'https://assistant.example.com/c#x',
  ])('is not looked for at %s', async (clientId) => {
    asked = 0;
    const owner = await person('owner');
    expect(outcome((await identity.oauth.ask(owner, query({ client_id: clientId }))) as object)).toBe('IDENTITY_CLIENT_METADATA');
    expect(asked).toBe(0);
  });
});

describe('what a person lets an app do', () => {
  test('[P2] is at most what they may have a workflow do: the rest is shown as not theirs to give', async () => {
    given.clock.advance(11 * 60_000);
    document = described();
    const marketer = await person('marketer', { integration: 'mail' });
    expect(await identity.oauth.ask(marketer, query({ scope: 'shop mail' }))).toMatchObject({ scope: ['mail'], withheld: ['shop'] });
    expect(sent((await identity.oauth.decide(marketer, query({ scope: 'shop' }), { allow: true })) as object)).toBe('access_denied');
    const refused = await identity.oauth.decide(marketer, query({ scope: 'shop mail' }), { allow: true, scope: ['shop'] });
    expect(outcome(refused as object)).toBe('IDENTITY_CONSENT_INVALID');
    const { scope, access_token } = await tokenFor(marketer, { scope: 'shop mail' });
    expect(scope).toBe('mail');
    expect(await identity.authenticateCall(access_token ?? '', requestTo('/connect/mail/x'))).toMatchObject({
      integrations: new Set(['mail']),
      token: { person: marketer.person },
    });
    const may = (integration: string) => identity.personMay(tenant, marketer.person, { action: 'guard.send', on: { integration } });
    expect([may('mail'), may('shop')]).toEqual([true, false]);
    const auditor = await person('auditor');
    expect(await identity.oauth.ask(auditor, query())).toMatchObject({ scope: [], withheld: ['shop'] });
  });

  test('[P2] is at most what the app was registered for, whatever it asks and whoever says yes', async () => {
    const made = { tenant, actor: 'test', name: 'Desk', redirectUris: [REDIRECT], scope: 'shop:get_order' };
    const { clientId } = await identity.oauth.addClient(made);
    const owner = await person('owner');
    const more = { client_id: clientId, scope: 'shop mail' };
    expect(await identity.oauth.ask(owner, query(more))).toMatchObject({ scope: ['shop:get_order'], withheld: ['mail', 'shop'] });
    const wide = await identity.oauth.decide(owner, query(more), { allow: true, scope: ['shop'] });
    expect(outcome(wide as object)).toBe('IDENTITY_CONSENT_INVALID');
    const answer = await identity.oauth.decide(owner, query(more), { allow: true });
    const code = new URL((answer as { redirectTo: string }).redirectTo).searchParams.get('code') ?? '';
    const redeem = { grant_type: 'authorization_code', code, client_id: clientId, code_verifier: VERIFIER };
    expect(await post(redeem)).toMatchObject({ scope: 'shop:get_order' });
  });

  test('ends with them, in every process and in one step', async () => {
    const someone = await person('marketer');
    const service = await serviceOf(identity, given.clock, { tenant, workload });
    const { access_token, refresh_token } = await tokenFor(someone);
    await until(() => outcome(other.reauthenticate(service.id as never)) === 'in');
    for (const by of [identity, other]) {
      let answer = await call(by, access_token);
      for (; answer !== 'in'; answer = await call(by, access_token)) await new Promise((done) => setImmediate(done));
    }
    const ended = await identity.deprovision({ tenant, person: someone.person, actor: 'test' });
    expect(ended).toMatchObject({ counts: { consents: 1 } });
    expect(await call(identity, access_token)).toBe('IDENTITY_TOKEN_REVOKED');
    for (let answer = 'in'; answer === 'in'; answer = await call(other, access_token)) await new Promise((done) => setImmediate(done));
    expect(await post({ grant_type: 'refresh_token', refresh_token: refresh_token ?? '', client_id: APP })).toMatchObject({
      error: 'invalid_grant',
    });
  });

  test('[P2] is not all that ends with them: a service they registered may be proven with a key that only they hold', async () => {
    const someone = await person('owner');
    const service = await serviceOf(identity, given.clock, { tenant, workload, actor: someone.person });
    const { access_token } = await service.token({ resource: GATEWAY });
    expect(await call(identity, access_token)).toBe('in');
    expect(await identity.deprovision({ tenant, person: someone.person, actor: 'test' })).toMatchObject({ counts: { clients: 1 } });
    for (const by of [identity, other]) {
      await until(() => outcome(by.reauthenticate(service.id as never)) !== 'in');
      expect(await call(by, access_token)).toBe('IDENTITY_TOKEN_REVOKED');
    }
    expect(await service.token({ resource: GATEWAY })).toMatchObject({ error: 'invalid_client' });
  });

  test('of an app without a secret is bound to its key when it shows one, and so is what it is renewed and given back with', async () => {
    document = described();
    const keys = await newKeys();
    const now = (): number => given.clock.now();
    const answer = await identity.oauth.decide(await person('owner'), query(), { allow: true });
    const code = new URL((answer as { redirectTo: string }).redirectTo).searchParams.get('code') ?? '';
    const redeem = { grant_type: 'authorization_code', code, client_id: APP, code_verifier: VERIFIER };
    const { refresh_token: refresh = '', token_type } = await post(redeem, await proofBy(keys, now()));
    expect(token_type).toBe('DPoP');
    const renew = { grant_type: 'refresh_token', refresh_token: refresh, client_id: APP };
    expect(await post(renew)).toMatchObject({ error: 'invalid_dpop_proof' });
    expect(await post(renew, await proofBy(await newKeys(), now()))).toMatchObject({ error: 'invalid_dpop_proof' });
    const used = await proofBy(keys, now());
    const { refresh_token: next = '', access_token: token = '' } = await post(renew, used);
    expect(await post({ ...renew, refresh_token: next }, used)).toMatchObject({ error: 'invalid_dpop_proof' });
    // Keycloak #44027: whoever found a bound token could end it.
    const revoke = (params: Record<string, string>, proof: string | null) =>
      identity.oauth.revoke({ params: new Map(Object.entries(params)), proof }, '127.0.0.1');
    const url = 'http://localhost:4810/oauth/revoke';
    for (const found of [token, next]) {
      expect(await revoke({ token: found, client_id: APP }, null)).toMatchObject({ error: 'invalid_dpop_proof' });
      expect(await revoke({ token: found, client_id: APP }, await proofBy(await newKeys(), now(), { url }))).toMatchObject({
        error: 'invalid_dpop_proof',
      });
      expect(await revoke({ token: found, client_id: APP }, await proofBy(keys, now(), { url }))).toBeNull();
    }
    expect(await call(identity, token)).toBe('IDENTITY_TOKEN_REVOKED');
  });
});

describe('an app that describes itself anew', () => {
  test('[P2] with a key is from then on who proves that key, and nobody by its name alone', async () => {
    const { refresh_token = '' } = await tokenFor(await person('owner'));
    const { jwk } = await newKeys();
    given.clock.advance(11 * 60_000);
    document = described({ token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [jwk] } });
    expect(sent((await identity.oauth.decide(await person('owner'), query(), { allow: true })) as object)).toBeNull();
    const renew = { grant_type: 'refresh_token', refresh_token, client_id: APP };
    expect(await post(renew)).toMatchObject({ error: 'invalid_client' });
    given.clock.advance(11 * 60_000);
    document = described();
    await identity.oauth.decide(await person('owner'), query(), { allow: true });
    expect(await post(renew)).toMatchObject({ token_type: 'Bearer' });
  });
});

describe('a token for one step of a run', () => {
  const TYPE = 'urn:ietf:params:oauth:token-type:access_token';
  const run = parseId('run', 'run_018cc251-f400-7000-8000-000000000007') as string;

  test('[P2] made of a person’s and a workload’s has what both have, says who acts for whom, and dies with either', async () => {
    const owner = await person('owner');
    const mine = await tokenFor(owner, { scope: 'shop mail' });
    const service = await serviceOf(identity, given.clock, { tenant, workload, scope: 'shop:read mail' });
    const own = await service.token({ resource: GATEWAY });
    const exchange = {
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token: mine.access_token ?? '',
      subject_token_type: TYPE,
    };
    const acted = { ...exchange, actor_token: own.access_token ?? '', actor_token_type: TYPE };
    const step = await service.token({ ...acted, scope: 'shop:read', resource: `${GATEWAY}/connect/shop`, run, step: 'answer' });
    expect(step).toMatchObject({ scope: 'shop:read', issued_token_type: TYPE });
    expect(await identity.authenticateCall(step.access_token ?? '', requestTo('/connect/shop/x'))).toMatchObject({
      workload,
      token: {
        run,
        step: 'answer',
        person: owner.person,
        act: { sub: 'step:answer', act: { sub: run, act: { sub: workload, act: { sub: owner.person } } } },
      },
    });
    expect(await service.token({ ...acted, scope: 'shop' })).toMatchObject({ error: 'invalid_scope' });
    // Somebody else's token is no subject for a client that acts for itself.
    expect(await service.token(exchange)).toMatchObject({ error: 'invalid_client' });
    // Narrower once, it never widens again.
    const again = { ...exchange, subject_token: step.access_token ?? '' };
    expect(await service.token({ ...again, resource: GATEWAY })).toMatchObject({ error: 'invalid_target' });
    expect(await service.token({ ...again, step: 'other' })).toMatchObject({ error: 'invalid_request' });
    expect(await call(identity, step.access_token)).toBe('in');
    const open = (await identity.authenticateCall(step.access_token ?? '', requestTo('/connect/shop/x'))) as Principal;
    expect(identity.recheck(open)).toBeNull();
    const [consent] = (await identity.oauth.listConsents(tenant)).filter(({ person: of }) => of === owner.person);
    await identity.oauth.endConsent({ tenant, actor: 'test', consent: consent?.id as never });
    expect(await call(identity, step.access_token)).toBe('IDENTITY_TOKEN_REVOKED');
    // What is open by it ends, too, though the workload's own credential still stands.
    expect(identity.recheck(open)).toMatchObject({ code: 'IDENTITY_TOKEN_REVOKED' });
  });
});

describe('letting an app in', () => {
  const yes = async (who: PersonPrincipal) => outcome((await identity.oauth.decide(who, query(), { allow: true })) as object);

  test('takes the passkey of whoever has one, used just now, and saying no takes nothing', async () => {
    document = described();
    const invited = await identity.addPerson({ tenant, name: 'Passkey holder', roles: ['marketer'], actor: 'test' });
    const opened = isRefusal(invited) ? invited : await identity.redeem(invited.secret);
    if (isRefusal(opened)) throw new Error(opened.code);
    const now = (): PersonPrincipal => identity.authenticateSession(opened.token) as PersonPrincipal;
    expect(await yes(now())).toBe('in');
    const [options, device] = [await identity.passkeys.enrolOptions(now()), passkeyDevice()];
    if (isRefusal(options)) throw new Error(options.code);
    await identity.passkeys.enrol(now(), { ...device.create(options), name: 'Key' });
    expect(await yes(now())).toBe('in');
    given.clock.advance(6 * 60_000);
    expect(await yes(now())).toBe('IDENTITY_PASSKEY_FRESH_NEEDED');
    expect(sent((await identity.oauth.decide(now(), query(), { allow: false })) as object)).toBe('access_denied');
    expect(await yes({ ...now(), proof: { method: 'cli', openedAtMs: 0, passkeyAtMs: null } })).toBe('IDENTITY_PASSKEY_FRESH_NEEDED');
  });

  test('is more than a password at the company login can do', async () => {
    document = described();
    const who = await person('marketer');
    expect(await yes({ ...who, proof: { method: 'sso', openedAtMs: 0, passkeyAtMs: null } })).toBe('IDENTITY_SECOND_FACTOR_NEEDED');
    expect(await yes({ ...who, proof: { method: 'sso', openedAtMs: 0, passkeyAtMs: given.clock.now() } })).toBe('in');
  });
});
