// Access tokens over HTTP, by an independent client: how one is got, what it opens, and everything it does not open.

import * as oauth from 'oauth4webapi';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GuardedModel, MODEL, startGuardedModel } from '../../../testkit/model-upstream/behind-gateway.ts';

// The test's listener speaks http on loopback.
const options = { [oauth.allowInsecureRequests]: true };
const BODY = JSON.stringify({ model: MODEL, messages: [{ role: 'user', content: 'hello' }] });
const REDIRECT = 'http://127.0.0.1:53682/callback';

let guarded: GuardedModel;
let issuer: URL;
let server: oauth.AuthorizationServer;
let workload: string;

const owner = (method: string, path: string, body?: object) => guarded.test.owner(method, path, body);
const resource = (path = '/v1'): string => `${guarded.test.gatewayUrl}${path}`;

interface Service {
  readonly client: oauth.Client;
  readonly auth: oauth.ClientAuth;
}

async function addService(name: string, more: object = {}): Promise<Service> {
  const { publicKey, privateKey } = await oauth.generateKeyPair('ES256', { extractable: true });
  const jwks = await crypto.subtle.exportKey('jwk', publicKey);
  const { kty, crv, x, y } = jwks;
  const made = await owner('POST', '/api/oauth-clients', { name, workload, jwks: { kty, crv, x, y }, ...more });
  expect(made.status, JSON.stringify(made.body)).toBe(200);
  return { client: { client_id: made.body.clientId as string }, auth: oauth.PrivateKeyJwt(privateKey) };
}

async function tokenOf({ client, auth }: Service, params: Record<string, string>, more: object = {}): Promise<oauth.TokenEndpointResponse> {
  const reply = await oauth.clientCredentialsGrantRequest(server, client, auth, new URLSearchParams(params), { ...options, ...more });
  return oauth.processClientCredentialsResponse(server, client, reply);
}

const chat = (authorization: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(resource('/v1/chat/completions'), {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json', ...headers },
    body: BODY,
  });

const codeOf = async (reply: Response): Promise<string> => {
  const body = (await reply.json()) as { error?: { code?: string }; code?: string };
  return body.error?.code ?? body.code ?? '';
};

beforeAll(async () => {
  guarded = await startGuardedModel();
  issuer = new URL(`http://localhost:${guarded.test.server.control.port}`);
  workload = (await owner('POST', '/api/workloads', { name: 'service', integrations: ['provider'] })).body.id as string;
  server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...options }));
});
afterAll(() => guarded?.close());

describe('a service that proves itself with a key', () => {
  it('is told by the gateway where tokens come from, gets one for five minutes, and calls with it', async () => {
    const refused = await chat('Bearer nothing');
    expect(refused.status).toBe(401);
    const metadata = /resource_metadata="([^"]+)"/.exec(refused.headers.get('www-authenticate') ?? '')?.[1];
    expect(metadata).toBe(resource('/.well-known/oauth-protected-resource/v1'));
    const described = (await (await fetch(metadata as string)).json()) as { resource: string; authorization_servers: string[] };
    expect(described).toMatchObject({ resource: resource(), authorization_servers: [issuer.origin] });

    const service = await addService('reports');
    const { access_token, expires_in, token_type, scope } = await tokenOf(service, { resource: described.resource });
    expect({ expires_in, token_type, scope }).toEqual({ expires_in: 300, token_type: 'bearer', scope: 'provider' });
    guarded.upstream.reset();
    expect((await chat(`Bearer ${access_token}`)).status).toBe(200);
    // INVARIANT: whatever let the caller in goes no further.
    const sent = JSON.stringify(guarded.upstream.requests.map(({ headers, body }) => [headers, Buffer.from(body).toString('utf8')]));
    expect(sent).not.toContain(access_token);
    expect(sent).not.toContain('eyJ');
  });

  it('can use an assertion once, and for nobody else', async () => {
    const service = await addService('once');
    let assertion = '';
    const keep: oauth.ClientAuth = async (as, client, body, headers) => {
      await service.auth(as, client, body, headers);
      assertion = body.get('client_assertion') as string;
    };
    await tokenOf({ ...service, auth: keep }, { resource: resource() });
    const again = (body: Record<string, string>): Promise<Response> =>
      fetch(server.token_endpoint as string, {
        method: 'POST',
        body: new URLSearchParams({ grant_type: 'client_credentials', resource: resource(), ...body }),
      });
    const type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
    const replayed = await again({ client_assertion: assertion, client_assertion_type: type });
    expect([replayed.status, await replayed.json()]).toMatchObject([401, { error: 'invalid_client' }]);
    const anonymous = await again({ client_id: service.client.client_id });
    expect([anonymous.status, await anonymous.json()]).toMatchObject([401, { error: 'invalid_client' }]);
    const twice = await fetch(server.token_endpoint as string, {
      method: 'POST',
      body: new URLSearchParams('grant_type=client_credentials&resource=a&resource=b'),
    });
    expect(twice.status).toBe(400);
  });

  it('names the resource and asks for no more than its workload may', async () => {
    const service = await addService('narrow');
    for (const [params, error] of [
      [{}, 'invalid_target'],
      [{ resource: 'https://elsewhere.example.com/v1' }, 'invalid_target'],
      [{ resource: resource(), scope: 'shop' }, 'invalid_scope'],
      [{ resource: resource('/connect/shop') }, 'invalid_scope'],
    ] as const) {
      await expect(tokenOf(service, params), JSON.stringify(params)).rejects.toMatchObject({ error });
    }
    const one = await tokenOf(service, { resource: resource(), scope: `provider:${MODEL}` });
    expect((await chat(`Bearer ${one.access_token}`)).status).toBe(200);
    const other = await tokenOf(service, { resource: resource(), scope: 'provider:another-model' });
    const refused = await chat(`Bearer ${other.access_token}`);
    expect([refused.status, await codeOf(refused)]).toEqual([403, 'IDENTITY_TOKEN_SCOPE']);
    expect(refused.headers.get('www-authenticate')).toContain(`error="insufficient_scope", scope="provider:${MODEL}"`);
  });

  it('loses every token at once when it gives one back, and when it is removed', async () => {
    const service = await addService('leaver');
    const [first, second] = [await tokenOf(service, { resource: resource() }), await tokenOf(service, { resource: resource() })];
    const revoked = await oauth.revocationRequest(server, service.client, service.auth, first.access_token, options);
    await oauth.processRevocationResponse(revoked);
    const refused = await chat(`Bearer ${first.access_token}`);
    expect([refused.status, await codeOf(refused)]).toEqual([401, 'IDENTITY_TOKEN_REVOKED']);
    expect((await chat(`Bearer ${second.access_token}`)).status).toBe(200);
    const clients = (await owner('GET', '/api/oauth-clients')).body.clients as { id: string; clientId: string }[];
    const { id } = clients.find(({ clientId }) => clientId === service.client.client_id) as { id: string };
    expect((await owner('DELETE', `/api/oauth-clients/${id}`)).status).toBe(200);
    expect(await codeOf(await chat(`Bearer ${second.access_token}`))).toBe('IDENTITY_TOKEN_REVOKED');
    await expect(tokenOf(service, { resource: resource() })).rejects.toMatchObject({ error: 'invalid_client' });
  });
});

describe('a token bound to a key', () => {
  it('works with a proof for each request, and nothing else does', async () => {
    const service = await addService('bound', { bound: true });
    await expect(tokenOf(service, { resource: resource() })).rejects.toMatchObject({ error: 'invalid_dpop_proof' });
    const DPoP = oauth.DPoP(service.client, await oauth.generateKeyPair('ES256'));
    const { access_token, token_type } = await tokenOf(service, { resource: resource() }, { DPoP });
    expect(token_type).toBe('dpop');
    const call = (more = {}): Promise<Response> =>
      oauth.protectedResourceRequest(
        access_token,
        'POST',
        new URL(resource('/v1/chat/completions')),
        new Headers({ 'content-type': 'application/json' }),
        BODY,
        { ...options, DPoP, ...more },
      );
    expect((await call()).status).toBe(200);
    expect(await codeOf(await chat(`Bearer ${access_token}`))).toBe('IDENTITY_DPOP_MISSING');
    const stranger = oauth.DPoP(service.client, await oauth.generateKeyPair('ES256'));
    const stolen = await call({ DPoP: stranger }).catch((fault: oauth.WWWAuthenticateChallengeError) => fault.response);
    expect([stolen.status, await codeOf(stolen)]).toEqual([401, 'IDENTITY_DPOP_INVALID']);
  });
});

describe('a program that a person lets in', () => {
  const verifier = oauth.generateRandomCodeVerifier();
  let client: oauth.Client;

  const query = async (more: Record<string, string> = {}): Promise<string> => {
    const code_challenge = await oauth.calculatePKCECodeChallenge(verifier);
    const asked = { response_type: 'code', client_id: client.client_id, redirect_uri: REDIRECT, state: 'st', resource: resource() };
    return new URLSearchParams({ ...asked, code_challenge, code_challenge_method: 'S256', scope: 'provider', ...more }).toString();
  };
  const consent = async (more: Record<string, string> = {}): Promise<URLSearchParams> => {
    const answer = await owner('POST', '/api/oauth/consents', { query: await query(more), allow: true });
    expect(answer.status, JSON.stringify(answer.body)).toBe(200);
    return oauth.validateAuthResponse(server, client, new URL(answer.body.redirectTo as string), 'st');
  };
  const redeem = async (params: URLSearchParams): Promise<oauth.TokenEndpointResponse> => {
    const reply = await oauth.authorizationCodeGrantRequest(server, client, oauth.None(), params, REDIRECT, verifier, options);
    return oauth.processAuthorizationCodeResponse(server, client, reply);
  };
  const refresh = async (token: string): Promise<oauth.TokenEndpointResponse> =>
    oauth.processRefreshTokenResponse(server, client, await oauth.refreshTokenGrantRequest(server, client, oauth.None(), token, options));

  beforeAll(async () => {
    const made = await owner('POST', '/api/oauth-clients', { name: 'Desk assistant', redirectUris: ['http://127.0.0.1/callback'] });
    client = { client_id: made.body.clientId as string };
  });

  it('shows who asks for what in plain words before anybody decides', async () => {
    const { body } = await owner('POST', '/api/oauth/consents/ask', { query: await query() });
    expect(body).toMatchObject({ state: 'asks', client: { name: 'Desk assistant' }, redirectHost: '127.0.0.1:53682', withheld: [] });
    expect(body.access).toMatchObject([{ integration: 'provider', isWhole: true, operations: [{ name: MODEL, effect: 'model' }] }]);
  });

  it('gets a code for its verifier alone, tokens that turn over, and loses all of it when one is used twice', async () => {
    const first = await redeem(await consent());
    expect((await chat(`Bearer ${first.access_token}`)).status).toBe(200);
    const second = await refresh(first.refresh_token as string);
    expect((await chat(`Bearer ${second.access_token}`)).status).toBe(200);
    // Somebody else has the first refresh token: neither of the two is trusted any more.
    await expect(refresh(first.refresh_token as string)).rejects.toMatchObject({ error: 'invalid_grant' });
    await expect(refresh(second.refresh_token as string)).rejects.toMatchObject({ error: 'invalid_grant' });
    expect(await codeOf(await chat(`Bearer ${second.access_token}`))).toBe('IDENTITY_TOKEN_REVOKED');
    const { rooms } = guarded.test.server;
    await rooms.sequencer.runOnce();
    const told = JSON.stringify(await rooms.ledger.list(rooms.tenant, { limit: 200, before: null, subject: null }));
    expect(told).toMatch(/identity\.consent\.ended.{0,400}reused|reused.{0,400}identity\.consent\.ended/);
  });

  it('loses its tokens when a code comes a second time', async () => {
    const params = await consent();
    const { access_token } = await redeem(params);
    await expect(redeem(params)).rejects.toMatchObject({ error: 'invalid_grant' });
    expect(await codeOf(await chat(`Bearer ${access_token}`))).toBe('IDENTITY_TOKEN_REVOKED');
  });

  it.each([
    ['plain PKCE', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['no resource', { resource: '' }, 'invalid_target'],
    ['the implicit flow', { response_type: 'token' }, 'unsupported_response_type'],
    ['somebody else’s resource', { resource: 'https://elsewhere.example.com' }, 'invalid_target'],
  ])('is sent back with %s', async (_what, more, error) => {
    const { body } = await owner('POST', '/api/oauth/consents', { query: await query(more), allow: true });
    const back = new URL(body.redirectTo as string).searchParams;
    expect([back.get('error'), back.get('iss'), back.get('state'), back.get('code')]).toEqual([error, issuer.origin, 'st', null]);
  });

  it.each([
    ['another redirect address', { redirect_uri: 'http://127.0.0.1:53682/other' }],
    ['an address a browser would run', { redirect_uri: 'javascript:alert(1)//' }],
    ['an unknown client', { client_id: 'oac_018cc251-f400-7000-8000-000000000009' }],
  ])('is answered nowhere with %s', async (_what, more) => {
    const answer = await owner('POST', '/api/oauth/consents', { query: await query(more), allow: true });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.body.redirectTo).toBeUndefined();
  });

  it('gets nothing from a person who says no', async () => {
    const { body } = await owner('POST', '/api/oauth/consents', { query: await query(), allow: false });
    expect(new URL(body.redirectTo as string).searchParams.get('error')).toBe('access_denied');
  });

  it('is listed with what it may do, and ended by the person', async () => {
    const { access_token } = await redeem(await consent());
    const { consents } = (await owner('GET', '/api/oauth/consents')).body as {
      consents: { id: string; clientName: string; scope: string }[];
    };
    const live = consents.at(-1);
    expect(live).toMatchObject({ clientName: 'Desk assistant', scope: 'provider' });
    expect((await owner('DELETE', `/api/oauth/consents/${live?.id}`)).status).toBe(200);
    expect(await codeOf(await chat(`Bearer ${access_token}`))).toBe('IDENTITY_TOKEN_REVOKED');
  });
});
