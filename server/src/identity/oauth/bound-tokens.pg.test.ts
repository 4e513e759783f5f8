// Stolen tokens: everything a thief of a bound token could try, on the replica it was used on and on another; and who may end a token.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isRefusal, parseId, type RunId } from '#core';
import type { Identity } from '../identity.ts';
import {
  ASSERTION_TYPE,
  assertionBy,
  GATEWAY,
  ISSUER,
  type Keys,
  newJti,
  newKeys,
  oauthAt,
  proofBy,
  requestTo,
  serviceOf,
  type TestClient,
} from '../test/oauth-client.ts';
import { type OpenedIdentity, openIdentity, outcome, until } from '../test/opened-identity.ts';

let given: OpenedIdentity;
let identity: Identity;
let other: Identity;
let client: TestClient & { readonly id: string };
let keys: Keys;
let token = '';

const PATH = '/connect/shop/orders/7';
const URL_OF = `${GATEWAY}${PATH}`;
const now = (): number => given.clock.now();
const nowS = (): number => Math.floor(now() / 1_000);

async function tokenFor(service: TestClient, dpop?: Keys, resource = `${GATEWAY}/connect/shop`): Promise<string> {
  const reply = await service.token({ resource }, dpop === undefined ? {} : { dpop });
  expect(reply.error).toBeUndefined();
  return reply.access_token as string;
}

const call = async (by: Identity, text: string, proof: string | null, { path = PATH, method = 'GET' } = {}): Promise<string> =>
  outcome(await by.authenticateCall(text, requestTo(path, { proof, method })));

beforeAll(async () => {
  given = await openIdentity({ oauth: oauthAt() });
  identity = given.identity;
  other = (await given.another()).identity;
  const { tenant, workload } = await given.keyed(['shop', 'mail']);
  client = await serviceOf(identity, given.clock, { tenant, workload });
  keys = await newKeys();
  token = await tokenFor(client, keys);
});
afterAll(() => given.close());

describe('a token that is bound to a key', () => {
  test('lets its holder in on every replica, with a fresh proof each time', async () => {
    for (const by of [identity, other, identity]) {
      await until(() => !isRefusal(by.reauthenticate(client.id as never)));
      expect(await call(by, token, await proofBy(keys, now(), { method: 'GET', url: URL_OF, token }))).toBe('in');
    }
    // With its query, in other letters of the host, and with a key of the other kind.
    expect(await call(identity, token, await proofBy(keys, now(), { method: 'GET', url: `${URL_OF}?a=1`, token }))).toBe('in');
    const edKeys = await newKeys('Ed25519');
    const edToken = await tokenFor(client, edKeys);
    expect(await call(identity, edToken, await proofBy(edKeys, now(), { method: 'GET', url: URL_OF, token: edToken }))).toBe('in');
  });

  const at = (more: object) => ({ method: 'GET', url: URL_OF, token, ...more });
  const INVALID = 'IDENTITY_DPOP_INVALID';
  test.each<[string, () => Promise<string | null>, string]>([
    ['without any proof', async () => null, 'IDENTITY_DPOP_MISSING'],
    ['with a proof by another key', async () => proofBy(await newKeys(), now(), at({})), INVALID],
    [
      'with a proof that names the right key and is signed by another',
      async () => proofBy(await newKeys(), now(), at({ jwk: keys.jwk })),
      INVALID,
    ],
    ['for another method', () => proofBy(keys, now(), at({ method: 'POST' })), INVALID],
    ['for another path', () => proofBy(keys, now(), at({ url: `${GATEWAY}/connect/shop/orders/8` })), INVALID],
    ['for another integration', () => proofBy(keys, now(), at({ url: `${GATEWAY}/connect/mail/orders/7` })), INVALID],
    ['for another host', () => proofBy(keys, now(), at({ url: URL_OF.replace('127.0.0.1', 'gateway.example.com') })), INVALID],
    ['for another scheme', () => proofBy(keys, now(), at({ url: URL_OF.replace('http:', 'https:') })), INVALID],
    ['from more than a minute ago', () => proofBy(keys, now(), at({ iat: nowS() - 61 })), INVALID],
    ['from the future', () => proofBy(keys, now(), at({ iat: nowS() + 60 })), INVALID],
    ['without the hash of the token', () => proofBy(keys, now(), { method: 'GET', url: URL_OF }), INVALID],
    ['with the hash of another token', () => proofBy(keys, now(), at({ ath: 'A'.repeat(43) })), INVALID],
    ['of another type', () => proofBy(keys, now(), at({ typ: 'JWT' })), INVALID],
    ['with a private key in it', async () => proofBy(keys, now(), at({ jwk: { ...keys.jwk, d: 'A'.repeat(43) } })), INVALID],
    ['with a jti that is no name', () => proofBy(keys, now(), at({ jti: 'x' })), INVALID],
    ['that is two proofs', async () => `${await proofBy(keys, now(), at({}))}, ${await proofBy(keys, now(), at({}))}`, INVALID],
    ['that is rubbish', async () => 'rubbish', INVALID],
  ])('is refused %s, on both replicas', async (_what, make, code) => {
    for (const by of [identity, other]) expect(await call(by, token, await make())).toBe(code);
  });

  test('is refused with a proof that was used, here, there, and at the same moment', async () => {
    const used = await proofBy(keys, now(), { method: 'GET', url: URL_OF, token });
    expect(await call(identity, token, used)).toBe('in');
    expect(await call(identity, token, used)).toBe('IDENTITY_DPOP_REPLAYED');
    expect(await call(other, token, used)).toBe('IDENTITY_DPOP_REPLAYED');
    const raced = await proofBy(keys, now(), { method: 'GET', url: URL_OF, token });
    const answers = await Promise.all([...Array(20)].map((_, n) => call(n % 2 === 0 ? identity : other, token, raced)));
    expect(answers.filter((answer) => answer === 'in')).toHaveLength(1);
    // The same name by another key is another proof.
    const mine = await newKeys();
    const myToken = await tokenFor(client, mine);
    const jti = newJti();
    expect(await call(identity, token, await proofBy(keys, now(), { method: 'GET', url: URL_OF, token, jti }))).toBe('in');
    expect(await call(identity, myToken, await proofBy(mine, now(), { method: 'GET', url: URL_OF, token: myToken, jti }))).toBe('in');
  });

  test('is not taken as a plain bearer, and a plain one not under the scheme that promises a key', async () => {
    expect(await call(identity, token, null)).toBe('IDENTITY_DPOP_MISSING');
    const plain = await tokenFor(client);
    expect(await call(identity, plain, await proofBy(keys, now(), { method: 'GET', url: URL_OF, token: plain }))).toBe(
      'IDENTITY_TOKEN_INVALID',
    );
    expect(await call(identity, plain, null)).toBe('in');
  });

  test('is not accepted while it can not be written down that its proof was used', async () => {
    const database = await openIdentity({ oauth: oauthAt() });
    const { tenant, workload } = await database.keyed();
    const service = await serviceOf(database.identity, database.clock, { tenant, workload });
    const mine = await newKeys();
    const text = (await service.token({ resource: `${GATEWAY}/connect/shop` }, { dpop: mine })).access_token as string;
    await database.database.admin('alter table identity_replays rename to identity_replays_away');
    const proof = await proofBy(mine, database.clock.now(), { method: 'GET', url: URL_OF, token: text });
    const answer = database.identity.authenticateCall(text, requestTo(PATH, { proof }));
    await expect(Promise.resolve(answer)).rejects.toThrow();
    await database.close();
  });
});

describe('a token', () => {
  test('reaches no more than its resource, whatever its workload reaches', async () => {
    const principal = await identity.authenticateCall(await tokenFor(client), requestTo(PATH));
    expect(principal).toMatchObject({ integrations: new Set(['shop']), token: { scope: ['shop'] } });
  });

  test('of our own runtime is no way in, and one from outside is none for a step', async () => {
    const { id } = await given.keyed();
    const run = parseId('run', 'run_018cc251-f400-7000-8000-000000000001') as RunId;
    const another = parseId('run', 'run_018cc251-f400-7000-8000-000000000002') as RunId;
    const step = { key: id, workflow: 'refunds', version: 'h', run, step: 'answer', scope: ['shop:read'], startedBy: 'hook:shop' };
    const text = identity.mintStep(step) as string;
    expect(await call(identity, text, null)).toBe('IDENTITY_TOKEN_AUDIENCE');
    expect(identity.authenticateStep(text, { key: id, run, step: 'answer' })).toMatchObject({
      token: { scope: ['shop:read'], step: 'answer' },
    });
    expect(outcome(identity.authenticateStep(text, { key: id, run, step: 'other' }))).toBe('IDENTITY_TOKEN_INVALID');
    expect(outcome(identity.authenticateStep(text, { key: id, run: another, step: 'answer' }))).toBe('IDENTITY_TOKEN_INVALID');
    expect(outcome(identity.authenticateStep(token, { key: id, run, step: 'answer' }))).toBe('IDENTITY_TOKEN_INVALID');
  });

  test('dies by the clock, with its client, and with its signing key', async () => {
    const { tenant, workload } = await given.keyed();
    const service = await serviceOf(identity, given.clock, { tenant, workload });
    const text = await tokenFor(service);
    const principal = (await identity.authenticateCall(text, requestTo(PATH))) as never;
    expect(identity.stillValid(principal)).toBe(true);
    expect(await call(other, text, null)).toBe('in');
    await identity.oauth.removeClient({ tenant, actor: 'test', client: service.id as never });
    expect(await call(identity, text, null)).toBe('IDENTITY_TOKEN_REVOKED');
    expect(identity.stillValid(principal)).toBe(false);
    await until(() => !other.stillValid(principal));
    expect(await call(other, text, null)).toBe('IDENTITY_TOKEN_REVOKED');

    const late = await tokenFor(client);
    given.clock.advance(299_000);
    expect(await call(identity, late, null)).toBe('in');
    given.clock.advance(1_000);
    expect(await call(identity, late, null)).toBe('IDENTITY_TOKEN_EXPIRED');

    const old = await tokenFor(client);
    await identity.oauth.replaceTokenKeys();
    expect(await call(identity, old, null)).toBe('IDENTITY_TOKEN_INVALID');
  });

  test('signed with a key that only stands in the database is nobody’s', async () => {
    await given.database.admin('update identity_token_keys set wrapped = set_byte(wrapped, 40, (get_byte(wrapped, 40) + 1) % 256)');
    const restarted = await given.another();
    expect(restarted.identity.oauth.jwks().keys).toHaveLength(1);
    const before = identity.oauth.jwks().keys.map((key) => (key as { kid: string }).kid);
    expect(restarted.identity.oauth.jwks().keys.map((key) => (key as { kid: string }).kid)).not.toEqual(before);
  });
});

describe('a bound token is given back', () => {
  const revoke = (params: Record<string, string>, proof: string | null = null) =>
    identity.oauth.revoke({ params: new Map(Object.entries(params)), proof }, '127.0.0.1');

  test('by its client, who proves itself; nobody else ends it', async () => {
    const service = await serviceOf(identity, given.clock, client);
    const mine = await newKeys();
    const text = await tokenFor(service, mine);
    const good = () => proofBy(mine, now(), { method: 'GET', url: URL_OF, token: text });
    expect(await revoke({ token: text, client_id: service.clientId })).toMatchObject({ error: 'invalid_client' });
    const stranger = await assertionBy(await newKeys(), service.clientId, now());
    expect(await revoke({ token: text, client_assertion_type: ASSERTION_TYPE, client_assertion: stranger })).toMatchObject({
      error: 'invalid_client',
    });
    const assertion = await assertionBy(client.keys, client.clientId, now());
    expect(await revoke({ token: text, client_assertion_type: ASSERTION_TYPE, client_assertion: assertion })).toMatchObject({
      error: 'invalid_client',
    });
    expect(await call(identity, text, await good())).toBe('in');
    const own = await assertionBy(service.keys, service.clientId, now(), { aud: `${ISSUER}/oauth/token` });
    expect(await revoke({ token: text, client_assertion_type: ASSERTION_TYPE, client_assertion: own })).toBeNull();
    expect(await call(identity, text, await good())).toBe('IDENTITY_TOKEN_REVOKED');
  });
});

describe('a client assertion', () => {
  const ask = (client_assertion: string) =>
    identity.oauth.token(
      {
        params: new Map(
          Object.entries({
            grant_type: 'client_credentials',
            resource: `${GATEWAY}/connect/shop`,
            client_assertion_type: ASSERTION_TYPE,
            client_assertion,
          }),
        ),
        proof: null,
      },
      '127.0.0.1',
    );
  test.each<[string, () => Promise<string>]>([
    ['for somebody else', () => assertionBy(client.keys, client.clientId, now(), { aud: 'https://elsewhere.example.com' })],
    [
      'for us and somebody else',
      () => assertionBy(client.keys, client.clientId, now(), { aud: [ISSUER, 'https://elsewhere.example.com'] }),
    ],
    ['that lives longer than five minutes', () => assertionBy(client.keys, client.clientId, now(), { exp: nowS() + 600 })],
    ['that has expired', () => assertionBy(client.keys, client.clientId, now(), { exp: nowS() - 60 })],
    ['by another issuer', () => assertionBy(client.keys, client.clientId, now(), { iss: 'somebody' })],
    ['by another key', async () => assertionBy(await newKeys(), client.clientId, now())],
    ['of an unknown client', () => assertionBy(client.keys, 'oac_018cc251-f400-7000-8000-000000000009', now())],
  ])('is refused %s', async (_what, make) => {
    expect(await ask(await make())).toMatchObject({ error: 'invalid_client', status: 401 });
  });

  test('is good once, over all replicas', async () => {
    const assertion = await assertionBy(client.keys, client.clientId, now());
    expect(await ask(assertion)).toHaveProperty('access_token');
    expect(await ask(assertion)).toMatchObject({ error: 'invalid_client' });
  });
});
