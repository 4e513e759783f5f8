// Who may use which route: every route of the control plane with every role, by the table and over HTTP.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROUTE_ACTIONS } from '#control';
import { type Action, BUILT_IN_ROLES } from '#core';
import { startTestServer, type TestServer } from '../../../testkit/test-server.ts';

let test: TestServer;
let approver = '';

beforeAll(async () => {
  test = await startTestServer({ allowPrivate: [] });
  approver = await tokenOf((await test.owner('POST', '/api/people', { name: 'Dana' })).body.link as string);
});
afterAll(() => test?.close());

async function tokenOf(link: string): Promise<string> {
  const url = new URL(link);
  expect(url.origin + url.pathname).toBe(`${test.controlUrl.replace('127.0.0.1', 'localhost')}/sign-in`);
  const opened = await ask('POST', '/api/session', null, { secret: url.hash.slice(1) });
  return opened.body.token as string;
}

async function ask(method: string, path: string, token: string | null, body?: unknown) {
  const response = await fetch(`${test.controlUrl}${path}`, {
    method,
    headers: {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const isJson = /^application\/(problem\+)?json/.test(response.headers.get('content-type') ?? '');
  const text = await response.text();
  return { status: response.status, body: (isJson ? JSON.parse(text) : {}) as Record<string, unknown> };
}

/** What somebody who was added without a word about roles holds. */
const mayApprover = (access: string): boolean =>
  access === 'self' || [...BUILT_IN_ROLES.approver.actions, ...BUILT_IN_ROLES.auditor.actions].includes(access as Action);

const NOBODY = '00000000-0000-7000-8000-000000000000';
const addressOf = (path: string): string =>
  path
    .replace(':id', `${path.includes('people') ? 'per' : 'apr'}_${NOBODY}`)
    .replace(':name', 'nothing')
    .replace(':seq', '999999');

describe('every route of the control plane', () => {
  it('says which roles may use it, and none is named that is not there', () => {
    const routes = test.server.controlRoutes.filter(({ method }) => method !== 'HEAD');
    expect(routes.length).toBeGreaterThan(40);
    for (const route of routes)
      expect((ROUTE_ACTIONS as Record<string, unknown>)[`${route.method} ${route.path}`], route.path).toEqual(route.access);
    expect(Object.keys(ROUTE_ACTIONS).sort()).toEqual(routes.map(({ method, path }) => `${method} ${path}`).sort());
  });

  it('is open to the role it names and shut to the other, whatever is asked of it', async () => {
    const shut: string[] = [];
    for (const { method, path, access } of test.server.controlRoutes) {
      // Its own session would end; a link would void the one under test.
      if (access === 'anyone' || method === 'HEAD' || (method === 'DELETE' && path === '/api/session')) continue;
      // A body that is not even JSON: a role that is shut out never learns what the body should be.
      const body = method === 'GET' || method === 'DELETE' ? undefined : '{"not json';
      const answer = await ask(method, addressOf(path), approver, body);
      const isShut = answer.status === 403 && answer.body.code === 'CONTROL_ROLE_FORBIDDEN';
      expect([method, path, isShut]).toEqual([method, path, !mayApprover(access)]);
      if (isShut) shut.push(`${method} ${path}`);
      const asOwner = await ask(method, addressOf(path), test.server.ownerToken, body);
      expect([method, path, asOwner.body.code === 'CONTROL_ROLE_FORBIDDEN']).toEqual([method, path, false]);
    }
    expect(shut).toContain('POST /api/keys');
    expect(shut).toContain('POST /api/sign-in-links');
    expect(shut).toContain('PUT /api/integrations/:name');
    expect(shut.filter((route) => route.startsWith('GET '))).toEqual([]);
  });

  it('lets an approver change nothing but approvals, versions to approve, a restore that waits and the own session', () => {
    const changes = Object.entries(ROUTE_ACTIONS).filter(
      ([route, access]) => !route.startsWith('GET ') && access !== 'anyone' && mayApprover(access),
    );
    expect(changes.map(([route]) => route).sort()).toEqual([
      'DELETE /api/session',
      'POST /api/approvals/:id/approve',
      'POST /api/approvals/:id/cancel',
      'POST /api/approvals/:id/deny',
      'POST /api/ledger/checkpoint',
      'POST /api/ledger/verify',
      'POST /api/restore/confirm',
      'POST /api/workflows/:name/approve',
    ]);
  });

  it('stays shut by the method HEAD too', async () => {
    for (const path of ['/api/keys', '/api/people', '/api/events']) {
      expect((await fetch(`${test.controlUrl}${path}`, { method: 'HEAD' })).status).toBe(401);
    }
  });
});

describe('people', () => {
  it('are listed with their role, and leave at once with their session', async () => {
    const { body } = await test.owner('POST', '/api/people', { name: 'Sam' });
    const sam = await tokenOf(body.link as string);
    expect((await ask('GET', '/api/session', sam)).body).toMatchObject({ role: 'approver', name: 'Sam' });
    const people = (await ask('GET', '/api/people', sam)).body.people as { id: string; role: string; name: string | null }[];
    expect(people.map(({ role, name }) => [role, name])).toEqual([
      ['owner', null],
      ['approver', 'Dana'],
      ['approver', 'Sam'],
    ]);
    expect(JSON.stringify(people)).not.toContain('spl_');
    expect((await test.owner('DELETE', `/api/people/${body.id}`)).body).toEqual({ removed: true });
    expect((await ask('GET', '/api/people', sam)).status).toBe(401);
    expect((await test.owner('DELETE', `/api/people/${body.id}`)).body.code).toBe('IDENTITY_PERSON_UNKNOWN');
    const owner = people.find(({ role }) => role === 'owner')?.id;
    expect(await test.owner('DELETE', `/api/people/${owner}`)).toMatchObject({ status: 409, body: { code: 'IDENTITY_OWNER_STAYS' } });
  });

  it('are never added by a page, which may have been taken over', async () => {
    const secret = await test.server.rooms.identity.ownerLink(test.server.rooms.tenant);
    const opened = await fetch(`${test.controlUrl}/api/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' },
      body: JSON.stringify({ secret, as: 'cookie' }),
    });
    const cookie = (opened.headers.get('set-cookie') ?? '').split(';')[0] as string;
    const answer = await fetch(`${test.controlUrl}/api/people`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin', cookie },
      body: JSON.stringify({ name: 'Second me' }),
    });
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([403, 'CONTROL_LINK_FROM_TERMINAL']);
  });
});
