// The control plane over HTTP: who gets in, what bad input gets, and what a person can do.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../../../testkit/test-server.ts';

let test: TestServer;
let apiKey = '';

beforeAll(async () => {
  test = await startTestServer({ allowPrivate: ['127.0.0.1:9'] });
  const workload = await test.owner('POST', '/api/workloads', { name: 'bot', integrations: [] });
  apiKey = (await test.owner('POST', '/api/keys', { workload: workload.body.id })).body.key as string;
});
afterAll(() => test?.close());

async function request(method: string, path: string, token: string | null, body?: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(`${test.controlUrl}${path}`, {
    method,
    headers: {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>), headers: response.headers };
}

describe('who gets in', () => {
  /** Public documents, the way to a company login and back, and the state of the server. */
  const OPEN = [
    '/healthz',
    '/readyz',
    '/',
    '/.well-known/oauth-authorization-server',
    '/oauth/jwks',
    '/api/sign-in/providers',
    '/sso/:provider/start',
    '/sso/callback',
  ];
  /** Ways in: whoever uses them has no session yet. */
  const WAYS_IN = [
    '/api/session',
    '/api/sign-in/passkey',
    '/api/sign-in/passkey/options',
    '/api/sign-in/recovery',
    '/oauth/token',
    '/oauth/revoke',
  ];

  it('[Z7] nobody without a session, on any route: not without a token, not with a wrong one, not with an API key', async () => {
    const routes = test.server.controlRoutes.filter((route) => route.method !== 'HEAD' && !OPEN.includes(route.path));
    expect(routes.length).toBeGreaterThan(15);
    for (const { method, path } of routes) {
      if (method === 'POST' && WAYS_IN.includes(path)) continue;
      const real = path.replace(':id', 'apr_00000000-0000-7000-8000-000000000000').replace(':name', 'x');
      for (const token of [null, '', 'sps_0000000000000000_wrong', apiKey, `${test.server.ownerToken}x`]) {
        const answer = await request(method, real, token, method === 'GET' || method === 'DELETE' ? undefined : {});
        expect([answer.status, method, path], JSON.stringify(answer.body)).toEqual([401, method, path]);
      }
    }
  });

  it('a browser of another site changes nothing, whatever it carries', async () => {
    const answer = await request('POST', '/api/workloads', test.server.ownerToken, { name: 'csrf' }, { 'sec-fetch-site': 'cross-site' });
    expect([answer.status, answer.body.code]).toEqual([403, 'CONTROL_CROSS_SITE']);
  });

  it('the holder of a one-time link, once', async () => {
    const secret = await test.server.rooms.identity.ownerLink(test.server.rooms.tenant);
    const opened = await request('POST', '/api/session', null, { secret });
    expect(opened.status).toBe(200);
    const again = await request('POST', '/api/session', null, { secret });
    expect([again.status, again.body.code]).toEqual([401, 'IDENTITY_LINK_INVALID']);
    const token = opened.body.token as string;
    expect((await request('GET', '/api/session', token)).status).toBe(200);
    expect((await request('DELETE', '/api/session', token)).status).toBe(200);
    expect((await request('GET', '/api/session', token)).status).toBe(401);
  });

  it('no caller with a revoked key: its next call is refused', async () => {
    const workload = await test.owner('POST', '/api/workloads', { name: 'leaving', integrations: [] });
    const made = await test.owner('POST', '/api/keys', { workload: workload.body.id });
    const models = () => fetch(`${test.gatewayUrl}/v1/models`, { headers: { authorization: `Bearer ${made.body.key}` } });
    expect((await models()).status).toBe(200);
    expect((await test.owner('DELETE', `/api/keys/${made.body.id}`)).status).toBe(200);
    expect((await models()).status).toBe(401);
  });
});

describe('bad input gets a coded problem that names the field', () => {
  it.each([
    ['POST', '/api/workloads', { name: 'Bad Name' }, 'CONTROL_REQUEST_INVALID'],
    ['POST', '/api/workloads', { name: 'x', surprise: 1 }, 'CONTROL_REQUEST_INVALID'],
    ['POST', '/api/workloads', '{"name":', 'CONTROL_REQUEST_INVALID'],
    ['POST', '/api/keys', { workload: 'wkl_nope' }, 'CONTROL_REQUEST_INVALID'],
    ['POST', '/api/approvals/apr_00000000-0000-7000-8000-000000000000/approve', { digest: 'x' }, 'CONTROL_REQUEST_INVALID'],
    ['POST', '/api/approvals/apr_00000000-0000-7000-8000-000000000000/approve', { digest: 'a'.repeat(64) }, 'APPROVALS_UNKNOWN'],
    ['GET', '/api/approvals/nope', undefined, 'CONTROL_NOT_FOUND'],
    ['GET', '/api/nothing', undefined, 'CONTROL_NOT_FOUND'],
    ['PUT', '/api/integrations/UPPER', { kind: 'model', baseUrl: 'https://example.com' }, 'CONTROL_NOT_FOUND'],
    ['PUT', '/api/integrations/m', { kind: 'model', baseUrl: 'ftp://example.com' }, 'CONTROL_REQUEST_INVALID'],
    ['PUT', '/api/integrations/m', { kind: 'model', baseUrl: 'https://u:p@example.com' }, 'CONTROL_REQUEST_INVALID'],
    ['PUT', '/api/integrations/m', { kind: 'http', baseUrl: 'https://example.com' }, 'CONTROL_REQUEST_INVALID'],
    ['PUT', '/api/integrations/m', { kind: 'model', baseUrl: 'http://169.254.169.254/v1' }, 'EGRESS_PLAINTEXT_FORBIDDEN'],
    ['PUT', '/api/integrations/m', { kind: 'model', baseUrl: 'https://169.254.169.254/v1' }, 'EGRESS_ADDRESS_FORBIDDEN'],
    ['PUT', '/api/integrations/m', { kind: 'model', baseUrl: 'https://10.0.0.1' }, 'EGRESS_ADDRESS_FORBIDDEN'],
  ])('%s %s %j', async (method, path, body, code) => {
    const answer = await request(method, path, test.server.ownerToken, body);
    expect([answer.body.code, answer.status >= 400 && answer.status < 500]).toEqual([code, true]);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
  });

  it('refuses our own listeners and Postgres as destinations, even when the operator allowed them', async () => {
    const own = [test.server.gateway.port, test.server.control.port, test.server.database.address.port];
    for (const port of own) {
      const answer = await request('PUT', '/api/integrations/self', test.server.ownerToken, {
        kind: 'model',
        baseUrl: `http://127.0.0.1:${port}`,
      });
      expect(answer.status).toBe(403);
    }
  });
});

describe('the ledger', () => {
  it('leaves as a pack that verifies offline, and changing one byte is found', async () => {
    const response = await fetch(`${test.controlUrl}/api/ledger/export`, {
      headers: { authorization: `Bearer ${test.server.ownerToken}` },
    });
    expect(response.headers.get('content-type')).toBe('application/zip');
    const pack = Buffer.from(await response.arrayBuffer());
    const { verifyPack } = await import('#audit');
    const { mkdtempSync, writeFileSync, rmSync } = await import('node:fs');
    const { join } = await import('node:path');
    const folder = mkdtempSync(join((await import('node:os')).tmpdir(), 'sallyport-pack-'));
    const path = join(folder, 'pack.zip');
    writeFileSync(path, pack);
    const verdict = await verifyPack(path, {});
    expect(verdict).toMatchObject({ ok: true, shows: 'whole', events: Number(response.headers.get('x-sallyport-events')) });
    pack[Math.floor(pack.length / 2)] = (pack[Math.floor(pack.length / 2)] as number) ^ 1;
    writeFileSync(path, pack);
    expect((await verifyPack(path, {})).ok).toBe(false);
    rmSync(folder, { recursive: true });
  });
});
