// Company login and provisioning on a whole server: set up over the API, used over HTTP, and felt in the console's lists.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../../../testkit/test-server.ts';

let running: TestServer;
beforeAll(async () => {
  running = await startTestServer({ allowPrivate: [] });
});
afterAll(() => running.close());

const scim = async (
  token: string,
  method: string,
  path: string,
  body?: object,
): Promise<{ status: number; body: Record<string, unknown> }> => {
  const response = await fetch(`${running.controlUrl}/scim/v2${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/scim+json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? {} : JSON.parse(text) };
};

test('a person whom provisioning makes is in the list by name, and out of it when it is switched off', async () => {
  await running.owner('DELETE', '/api/scim');
  expect((await running.owner('GET', '/api/scim')).body).toMatchObject({ on: false, tokens: [] });
  const made = await running.owner('POST', '/api/scim/token', {});
  expect(made.status).toBe(200);
  const token = String(made.body.token);
  expect(String(made.body.baseUrl)).toMatch(/\/scim\/v2$/);
  const created = await scim(token, 'POST', '/Users', { userName: 'dana@example.com', displayName: 'Dana Example', active: true });
  expect(created.status).toBe(201);
  const { id, meta } = created.body as { id: string; meta: { location: string } };
  expect(meta.location).toBe(`${made.body.baseUrl}/Users/${id}`);
  const names = async (): Promise<unknown[]> =>
    ((await running.owner('GET', '/api/people')).body.people as { name: unknown }[]).map(({ name }) => name);
  expect(await names()).toContain('Dana Example');
  const off = {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
    Operations: [{ op: 'Replace', path: 'active', value: 'False' }],
  };
  expect((await scim(token, 'PATCH', `/Users/${id}`, off)).body.active).toBe(false);
  expect(await names()).not.toContain('Dana Example');
  expect((await running.owner('GET', '/api/scim')).body).toMatchObject({ on: true, lastFailure: null });
  const erased = await running.owner('POST', '/api/erasures', { subject: `person:${id}`, confirm: `person:${id}` });
  expect(erased.status).toBe(200);
  expect((await scim(token, 'GET', `/Users/${id}`)).status).toBe(404);
  expect((await running.owner('DELETE', '/api/scim')).body).toEqual({ removed: 1 });
  expect((await scim(token, 'GET', '/Users')).status).toBe(401);
  expect(running.log.join('\n')).not.toContain('dana');
});

test('a company login is set up without its secret coming back, and its test says what is wrong', async () => {
  const settings = { label: 'Example Corp', issuer: 'https://127.0.0.1:9', clientId: 'c', secret: 'a-secret-of-a-test' };
  const saved = await running.owner('PUT', '/api/federation/corp', settings);
  expect([saved.status, saved.body.redirectUri, saved.body.mode]).toEqual([200, expect.stringMatching(/\/sso\/callback$/), 'invited']);
  expect(JSON.stringify(saved.body)).not.toContain('a-secret');
  expect((await running.owner('POST', '/api/federation/corp/test', {})).body).toMatchObject({
    ok: false,
    testCode: 'IDENTITY_SSO_UNREACHABLE',
  });
  const offered = await (await fetch(`${running.controlUrl}/api/sign-in/providers`)).json();
  expect(offered).toEqual({ providers: [{ name: 'corp', label: 'Example Corp' }] });
  const [x, y] = ['a'.repeat(43), 'b'.repeat(43)];
  const begun = await fetch(`${running.controlUrl}/sso/corp/start?x=${x}&y=${y}`, { redirect: 'manual' });
  expect([begun.status, begun.headers.get('location')]).toEqual([303, '/sign-in?refused=IDENTITY_SSO_STATE_INVALID']);
  expect((await running.owner('PUT', '/api/federation/corp', { ...settings, issuer: 'http://127.0.0.1' })).body.code).toBe(
    'IDENTITY_SSO_SETTINGS_INVALID',
  );
  expect((await running.owner('DELETE', '/api/federation/corp')).body).toEqual({ removed: true });
});
