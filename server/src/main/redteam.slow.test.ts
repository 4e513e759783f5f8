// The insider scenarios against a real server, as `sallyport redteam run insider` runs them.

import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type As, type Reply, runInsider } from '#redteam';
import { startTestServer, type TestServer } from '../../../testkit/test-server.ts';
import { foldersOf } from './folders.ts';
import { loadConfig } from './load-config.ts';
import { openTamper } from './redteam/tamper.ts';
import { systemClock } from './world.ts';

let test: TestServer & { readonly folder: string };

beforeAll(async () => {
  test = await startTestServer({ allowPrivate: [] });
}, 60_000);
afterAll(() => test?.close());

const PORTS = {
  clock: systemClock,
  wait: (ms: number) => pause(ms),
  mark: systemClock.now().toString(36),
  progress: () => {},
  call: async (method: string, path: string, body?: unknown, as?: As): Promise<Reply> => {
    const response = await fetch(`${test.controlUrl}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${as?.token ?? test.server.ownerToken}`,
        ...(as?.tenant === undefined ? {} : { 'x-sallyport-tenant': as.tenant }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = /^application\/(problem\+)?json/.test(response.headers.get('content-type') ?? '');
    return { status: response.status, body: isJson && text !== '' ? JSON.parse(text) : null };
  },
};

function tamper() {
  const flags = { '--data-dir': `${test.folder}/data`, '--secrets-dir': `${test.folder}/secrets` };
  const config = loadConfig({ flags, env: {}, file: null });
  return openTamper(config, foldersOf(config, { isRoot: process.getuid?.() === 0, home: test.folder }));
}

/** Who means harm gets this far. A scenario that is weaker than this says so here. */
const EXPECTED = {
  'bulk-export': 'alerted',
  'self-grant': 'alerted',
  accomplice: 'alerted',
  'others-sign-in': 'blocked',
  'own-version': 'blocked',
  'own-call': 'blocked',
  'case-reading': 'blocked',
  'break-glass-alone': 'alerted',
  loosen: 'alerted',
  'key-copy': 'alerted',
  'agency-outside': 'blocked',
  'rights-back': 'blocked',
  'alerts-off': 'alerted',
  'log-deletion': 'blocked',
  'log-sql': 'found',
} as const;

describe('an insider [R6]', () => {
  it('is blocked, alerted about or found in every scenario; the evidence is there, and nothing of the run stays', async () => {
    const report = await runInsider({ ...PORTS, tamper: await tamper() });
    const weak = report.scenarios.flatMap(({ scenario, steps }) =>
      steps.filter(({ outcome }) => !['blocked', 'alerted', 'found'].includes(outcome)).map((step) => [scenario, step.tried, step.told]),
    );
    expect(weak).toEqual([]);
    expect(Object.fromEntries(report.scenarios.map(({ scenario, outcome }) => [scenario, outcome]))).toEqual(EXPECTED);
    expect([report.clean, report.leftBehind]).toEqual([true, []]);
    const steps = report.scenarios.flatMap((one) => one.steps);
    expect(steps.length).toBeGreaterThan(70);
    for (const { outcome, evidence, tried } of steps)
      if (outcome === 'alerted') expect([tried, evidence[0]?.id.startsWith('alr_')]).toEqual([tried, true]);
    expect(steps.filter(({ evidence }) => evidence[0]?.type === 'control.access.denied').length).toBeGreaterThan(30);
    // Nothing of it happened where people work.
    const people = (await test.owner('GET', '/api/people')).body.people as readonly unknown[];
    const grants = (await test.owner('GET', '/api/alerts?state=all')).body.alerts as readonly unknown[];
    expect([people.length, grants.length]).toEqual([1, 0]);
  }, 60_000);

  it('is tried again in the same tenants', async () => {
    const report = await runInsider({ ...PORTS, mark: `${PORTS.mark}b`, tamper: null }, ['others-sign-in', 'own-call', 'log-sql']);
    expect(report.scenarios.map(({ outcome }) => outcome)).toEqual(['blocked', 'blocked', 'not tried']);
    expect([report.clean, report.leftBehind]).toEqual([true, []]);
    for (const { evidence } of report.scenarios[0]?.steps ?? []) expect(evidence[0]?.type).toBe('control.access.denied');
  }, 30_000);

  it('leaves no key, way in, right or freeze behind for longer than until the next run, also when it was killed in the middle', async () => {
    const made: string[] = [];
    const killed = async (method: string, path: string, body?: unknown, as?: As): Promise<Reply> => {
      // The first look for alerts comes when every scene is set.
      if (made.includes('dead') || path.startsWith('/api/alerts')) {
        made.push('dead');
        throw new Error('killed');
      }
      return PORTS.call(method, path, body, as);
    };
    const scenes = ['self-grant', 'accomplice', 'loosen', 'key-copy', 'agency-outside'];
    await expect(runInsider({ ...PORTS, call: killed, mark: `${PORTS.mark}c`, tamper: null }, scenes)).rejects.toThrow('killed');
    const next = await runInsider({ ...PORTS, mark: `${PORTS.mark}d`, tamper: null }, ['own-version']);
    expect([next.clean, next.leftBehind]).toEqual([true, []]);

    const link = await PORTS.call('POST', `/api/tenants/${next.tenant}/owner-link`, { recover: true });
    const secret = String((link.body as { link: string }).link).split('#')[1];
    const { token } = (await PORTS.call('POST', '/api/session', { secret })).body as { token: string };
    const look = async (path: string): Promise<Record<string, readonly Record<string, unknown>[]>> =>
      (await PORTS.call('GET', path, undefined, { token })).body as never;
    const { keys = [] } = await look('/api/keys');
    const { groups } = await look('/api/access/groups');
    const { roles = [] } = await look('/api/access/roles');
    const { freezes = [] } = await look('/api/conditions');
    const { tokens } = await look('/api/scim');
    expect({
      people: (await look('/api/people')).people?.length,
      keys: keys.filter(({ revokedAt }) => revokedAt === null),
      groups,
      roles: roles.filter(({ role }) => String(role).startsWith('custom:')),
      integrations: (await look('/api/integrations')).integrations,
      freezes: freezes.filter(({ active }) => active),
      tokens,
    }).toEqual({ people: 1, keys: [], groups: [], roles: [], integrations: [], freezes: [], tokens: [] });
  }, 60_000);
});
