// Our own API against broken authorisation: what compares two tenants and what asks every route with a role find nothing on the routes as
// they are, and find a route that reads by id without the tenant, one that acts without it, and one that does not ask for the action.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { compareTenants, judge, runMatrix, type Send } from '../server/src/cli/index.ts';
import { type ControlPorts, ROUTE_ACTIONS } from '../server/src/control/index.ts';
import type { PersonPrincipal } from '../server/src/core/index.ts';
import { startTestServer, type TestServer } from './test-server.ts';
import { storeWaitingCall } from './waiting-call.ts';

type Body = Record<string, unknown>;

let test: TestServer;
let tenants = 0;
const planted = { readsById: false, actsById: false, lists: false, listsNames: false, forgetsToAsk: false };

/** As if the query behind the route had no tenant in it. */
const anywhere = (person: PersonPrincipal): PersonPrincipal => ({ ...person, tenant: test.server.rooms.tenant });

function careless(ports: ControlPorts): ControlPorts {
  const { approvals, workloads, integrations, authorize } = ports;
  return {
    ...ports,
    approvals: {
      ...approvals,
      show: (person, id) => approvals.show(planted.readsById ? anywhere(person) : person, id),
      deny: (person, id, reason) => approvals.deny(planted.actsById ? anywhere(person) : person, id, reason),
      cancel: (person, id, reason) => approvals.cancel(planted.actsById ? anywhere(person) : person, id, reason),
    },
    workloads: { ...workloads, list: (tenant) => workloads.list(planted.lists ? test.server.rooms.tenant : tenant) },
    integrations: { ...integrations, list: (tenant) => integrations.list(planted.listsNames ? test.server.rooms.tenant : tenant) },
    authorize: (person, action, ...rest) => (planted.forgetsToAsk && action === 'keys.view' ? null : authorize(person, action, ...rest)),
  };
}

const send: Send = async (token, method, path, body) => {
  const response = await fetch(`${test.controlUrl}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body }),
  });
  const text = await response.text();
  const isJson = /^application\/(problem\+)?json/.test(response.headers.get('content-type') ?? '');
  return { status: response.status, body: isJson && text !== '' ? JSON.parse(text) : null };
};

async function enter(link: unknown): Promise<string> {
  const { body } = await send('', 'POST', '/api/session', JSON.stringify({ secret: new URL(String(link)).hash.slice(1) }));
  return String((body as Body).token);
}

async function must(method: string, path: string, body: unknown): Promise<Body> {
  const answer = await test.owner(method, path, body);
  if (answer.status >= 400) throw new Error(`${method} ${path}: ${answer.status} ${String(answer.body.code)}`);
  return answer.body;
}

beforeAll(async () => {
  test = await startTestServer({ allowPrivate: [], seams: { decorateControl: careless } });
  const { tenant } = test.server.rooms;
  await storeWaitingCall(test.server, { tenant, name: 'first', sentence: 'Refund somebody' });
  const person = await must('POST', '/api/people', { name: 'Sam', roles: ['auditor'] });
  await must('POST', '/api/access/groups', { name: 'Night shift' });
  await must('PUT', '/api/access/roles/desk', { meaning: 'A desk.', actions: ['runs.view'] });
  await must('POST', '/api/workspaces', { name: 'first-team' });
  await must('PUT', '/api/integrations/first-model', { kind: 'model', baseUrl: 'https://api.example.com/v1', models: ['m'] });
  await must('POST', '/api/reviews', { subjects: [person.id] }).catch(() => null);
}, 60_000);
/** Who asks about much that is not there is stopped for it: each comparison has an asker of its own, and another one then. */
const newAsker = async (): Promise<string> => {
  tenants += 1;
  return enter((await must('POST', '/api/tenants', { name: `shop-${tenants}` })).link);
};
beforeEach(() => {
  for (const fault of Object.keys(planted) as (keyof typeof planted)[]) planted[fault] = false;
});
afterAll(() => test?.close());

const compare = async (acts = false) =>
  compareTenants(await newAsker(), test.server.ownerToken, send, { acts, isEmpty: true, renew: newAsker });
const routesOf = ({ different }: Awaited<ReturnType<typeof compare>>): readonly string[] => different.map(({ route }) => route);

describe('one tenant’s owner, asking about another’s things', () => {
  it('is told what is told of nothing: on every route of the table that has a thing to ask about, looking and acting', async () => {
    const looked = await compare();
    expect(looked.different).toEqual([]);
    expect(looked.compared).toBeGreaterThan(5);
    const acted = await compare(true);
    expect(acted.different).toEqual([]);
    const withThings = Object.keys(ROUTE_ACTIONS).filter((route) => route.includes(':') && !/ \/(?:scim|sso)\//.test(route));
    console.log(`${acted.compared} compared on ${acted.routes} of ${withThings.length} routes`);
    expect(acted.routes).toBeGreaterThan(withThings.length * 0.6);
  }, 60_000);

  it('is found out where a route reads, acts or lists without the tenant', async () => {
    planted.readsById = true;
    expect(routesOf(await compare())).toEqual(['GET /api/approvals/:id']);
    planted.readsById = false;
    planted.lists = true;
    expect(routesOf(await compare())).toContain('GET /api/workloads');
    planted.lists = false;
    planted.listsNames = true;
    expect(routesOf(await compare())).toEqual(['GET /api/integrations']);
    planted.listsNames = false;
    planted.actsById = true;
    expect(routesOf(await compare(true))).toContain('POST /api/approvals/:id/cancel');
  }, 60_000);
});

describe('a role that has no right to a route', () => {
  it('is refused on all of them, and found out where a route does not ask', async () => {
    const { link } = await must('POST', '/api/people', { name: 'Kay', roles: ['marketer'] });
    const token = await enter(link);
    const matrix = async () => {
      const verdict = judge(await runMatrix([{ tenant: 'first', isFirst: true, role: 'marketer', token }], send, () => {}));
      return [...new Set(verdict.unexpectedAllows.map(({ route }) => route))];
    };
    expect(await matrix()).toEqual([]);
    planted.forgetsToAsk = true;
    expect(await matrix()).toEqual(['GET /api/keys']);
  }, 60_000);
});
