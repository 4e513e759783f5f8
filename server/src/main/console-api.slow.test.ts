// The control plane as the console uses it: the session in a cookie, pages and their policy, and what the ledger tells about calls.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CAPTURED_MODELS } from '@sallyport/demo';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '#core';
import { startTestServer, type TestServer } from '../../../testkit/test-server.ts';
import { overviewPorts } from './compose/overview-ports.ts';
import { loadConsoleFiles } from './console-files.ts';
import { type Demo, startDemo } from './demo-parts.ts';
import { systemClock, systemRandom } from './world.ts';

let test: TestServer;
let demo: Demo;
let cookie = '';
const EMAIL = 'nobody.at.all@example.com';
const SAME = { 'sec-fetch-site': 'same-origin' };

async function request(method: string, path: string, headers: Record<string, string> = {}, body?: object) {
  const reply = await fetch(`${test.controlUrl}${path}`, {
    method,
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await reply.text();
  const isJson = (reply.headers.get('content-type') ?? '').includes('json');
  return { status: reply.status, headers: reply.headers, text, body: isJson ? (JSON.parse(text) as Record<string, unknown>) : {} };
}

async function gateway(path: string, body: object) {
  const reply = await fetch(`${test.gatewayUrl}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${demo.key().key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: reply.status, body: (await reply.json()) as Record<string, string> };
}

const link = () => test.server.rooms.identity.ownerLink(test.server.rooms.tenant);

beforeAll(async () => {
  execFileSync(process.execPath, [join(import.meta.dirname, '../../../console/build.js')]);
  demo = await startDemo();
  test = await startTestServer({ allowPrivate: [new URL(demo.shop.url).host, new URL(demo.model.url).host] });
  await demo.install(test.server);
  const opened = await request('POST', '/api/session', SAME, { secret: await link(), as: 'cookie' });
  cookie = (opened.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
});
afterAll(async () => {
  await test?.close();
  await demo?.close();
});

describe('the session of a browser', () => {
  it('is a cookie that no script reads and no other site sends, and its token is in no answer', async () => {
    const opened = await request('POST', '/api/session', SAME, { secret: await link(), as: 'cookie' });
    expect(opened.status).toBe(200);
    expect(opened.headers.get('set-cookie')).toMatch(/^sallyport_session=sps_[\w-]+; Path=\/; HttpOnly; SameSite=Strict; Max-Age=4\d{4}$/);
    expect(Object.keys(opened.body)).toEqual(['session', 'expiresAt']);
    const own = (opened.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    expect((await request('GET', '/api/session', { ...SAME, cookie: own })).status).toBe(200);
    const out = await request('DELETE', '/api/session', { ...SAME, cookie: own });
    expect(out.headers.get('set-cookie')).toContain('Max-Age=0');
    expect(out.headers.get('clear-site-data')).toBe('"cache"');
    expect((await request('GET', '/api/session', { ...SAME, cookie: own })).status).toBe(401);
  });

  it.each([
    ['another site', { 'sec-fetch-site': 'cross-site' }],
    ['another program on this machine', { 'sec-fetch-site': 'same-site' }],
    ['an address that somebody typed', { 'sec-fetch-site': 'none' }],
    ['another origin, told by an older browser', { origin: 'http://127.0.0.1:9' }],
    ['no browser that says where it comes from', {}],
  ])('changes nothing for a request from %s', async (_name, from) => {
    const headers = { ...from, cookie } as Record<string, string>;
    const answer = await request('POST', '/api/workloads', headers, { name: 'forged' });
    expect([answer.status, answer.body.code]).toEqual([403, 'CONTROL_CROSS_SITE']);
    const signIn = await request('POST', '/api/session', from as Record<string, string>, { secret: await link(), as: 'cookie' });
    expect([signIn.status, signIn.headers.get('set-cookie')]).toEqual([403, null]);
    const names = ((await request('GET', '/api/workloads', { ...SAME, cookie })).body.workloads as { name: string }[]).map(
      ({ name }) => name,
    );
    expect(names).not.toContain('forged');
  });

  it('changes what its own page asks for, also for a browser that only sends an origin', async () => {
    for (const [name, from] of [
      ['by-fetch-site', SAME],
      ['by-origin', { origin: test.controlUrl }],
    ] as const) {
      expect((await request('POST', '/api/workloads', { ...from, cookie }, { name })).status).toBe(200);
    }
  });

  it('can not make a link that outlives it; the command line can', async () => {
    const page = await request('POST', '/api/sign-in-links', { ...SAME, cookie });
    expect([page.status, page.body.code]).toEqual([403, 'CONTROL_LINK_FROM_TERMINAL']);
    const made = await test.owner('POST', '/api/sign-in-links');
    expect((await request('POST', '/api/session', SAME, { secret: made.body.secret as string, as: 'cookie' })).status).toBe(200);
  });
});

describe('what the ledger tells about calls', () => {
  it('counts, lists and traces them by outcome, with references and counts and never a value', async () => {
    const order = [...demo.shop.state.orders.values()][0]?.id ?? '';
    const asked = await gateway(`/connect/demo-shop/orders/${order}/refunds`, { amount: '12.00' });
    expect(asked.body.code).toBe('ENDORSEMENT_REQUIRED');
    await gateway('/v1/chat/completions', { model: CAPTURED_MODELS[0], messages: [{ role: 'user', content: `Write to ${EMAIL}.` }] });
    const refused = await gateway(`/connect/demo-shop/orders/${order}/refunds`, { amount: '99999.00' });
    expect([refused.status, refused.body.code === 'ENDORSEMENT_REQUIRED']).toEqual([403, false]);

    const list = async (query: string) => (await test.owner('GET', `/api/calls${query}`)).body.calls as Record<string, unknown>[];
    await expect.poll(async () => (await list('')).length, { timeout: 15_000 }).toBe(3);
    expect((await list('?outcome=asked')).map(({ call }) => call)).toEqual([asked.body.call]);
    expect(await list('?outcome=refused')).toHaveLength(1);
    const tokenised = await list('?tokenised=yes');
    expect(tokenised).toMatchObject([{ outcome: 'completed', integration: 'demo-model', tier: 'plain', tokenised: 1 }]);
    expect(await list('?integration=demo-shop&tier=bound')).toEqual([]);
    expect(await list('?since=1h')).toHaveLength(3);
    const [newest] = await list('?limit=1');
    expect(await list(`?before=${newest?.seq}`)).toHaveLength(2);

    const overview = (await test.owner('GET', '/api/overview')).body;
    expect(overview).toMatchObject({
      calls: { guarded: 3, refused: 1, tokenised: 1, waiting: 1 },
      unresolved: 0,
      integrations: { total: 2, models: 1, shops: 1 },
      keys: { active: 1, expiringSoon: 1 },
    });

    expect(overview.refusals).toEqual([{ code: refused.body.code, count: 1 }]);
    const hours = overview.series as { at: string; guarded: number; refused: number; tokenised: number }[];
    expect(hours).toHaveLength(24);
    const sumOf = (name: 'guarded' | 'refused' | 'tokenised') => hours.reduce((total, hour) => total + hour[name], 0);
    expect([sumOf('guarded'), sumOf('refused'), sumOf('tokenised')]).toEqual([3, 1, 1]);
    expect(overview.business).toMatchObject({ refunds: { count: 0, totals: [] }, refundsStopped: 1, medianAnswerMs: null });
    expect(await list('?effect=money&outcome=refused')).toHaveLength(1);
    expect(await list(`?code=${refused.body.code}`)).toHaveLength(1);
    expect(await list('?effect=send')).toEqual([]);

    const trace = await test.owner('GET', `/api/calls/${asked.body.call}`);
    expect(trace.body).toMatchObject({ outcome: 'asked', stage: 'authorize', code: 'ENDORSEMENT_REQUIRED', approval: asked.body.approval });
    expect(trace.body.codeSentence).toEqual(expect.any(String));
    expect((trace.body.approvalEvents as object[]).length).toBe(1);
    const told = JSON.stringify([overview, await list(''), trace.body, (await test.owner('GET', '/api/events')).body]);
    expect(told).not.toContain(EMAIL);
  });

  it.each(['/api/calls?outcome=nice', '/api/calls?surprise=1', '/api/calls?limit=100000', "/api/events?type=a'b", '/api/events?limit=0'])(
    'refuses %s',
    async (path) => {
      const answer = await test.owner('GET', path);
      expect([answer.status, answer.body.code]).toEqual([400, 'CONTROL_REQUEST_INVALID']);
    },
  );

  it.each(['/api/calls/nope', '/api/calls/call_00000000-0000-7000-8000-000000000000', '/api/events/999999', '/api/events/x'])(
    'knows nothing at %s',
    async (path) => {
      expect((await test.owner('GET', path)).status).toBe(404);
    },
  );

  it('finds events by type and subject, shows the exact leaf, and a separate process verifies all of it', async () => {
    const page = (await test.owner('GET', '/api/events?type=approvals.&limit=5')).body.events as {
      seq: number;
      entry: { subject: string; type: string };
    }[];
    expect(page.map(({ entry }) => entry.type)).toEqual(['approvals.call.requested']);
    const subject = page[0]?.entry.subject ?? '';
    expect((await test.owner('GET', `/api/events?subject=${subject}`)).body.events).toHaveLength(1);
    const event = (await test.owner('GET', `/api/events/${page[0]?.seq}`)).body;
    expect(JSON.parse(event.leaf as string)).toEqual(page[0]?.entry);
    const verdict = (await test.owner('POST', '/api/ledger/verify')).body;
    expect(verdict).toMatchObject({ ok: true, code: 'VERIFIED', firstBad: null, verifierKey: test.server.rooms.ledger.verifierKey });
    await expect
      .poll(async () => (await test.owner('GET', '/api/overview')).body.lastVerified, { timeout: 15_000 })
      .toMatchObject({ ok: true, events: verdict.events });
  });

  it('counts a refund that a person approved and the shop paid, and tells another tenant nothing of it', async () => {
    const order = [...demo.shop.state.orders.values()][1]?.id ?? '';
    const asked = await gateway(`/connect/demo-shop/orders/${order}/refunds`, { amount: '7.50' });
    const shown = await test.owner('GET', `/api/approvals/${asked.body.approval}`);
    await test.owner('POST', `/api/approvals/${asked.body.approval}/approve`, { digest: shown.body.digest });
    await expect
      .poll(async () => (await test.owner('GET', '/api/overview')).body.business, { timeout: 15_000 })
      .toMatchObject({ refunds: { count: 1, totals: [{ currency: 'USD', amount: '7.50' }] } });
    const stranger = newId('ten', systemClock, systemRandom);
    const { calls, business, series, refusals } = await overviewPorts(test.server.rooms).overview(stranger);
    expect([calls.guarded, business.refunds.count, refusals]).toEqual([0, 0, []]);
    expect(series.every((hour) => hour.guarded === 0)).toBe(true);
  });
});

describe('the pages', () => {
  it('are taken from the build by name only, and known types only', () => {
    const folder = mkdtempSync(join(tmpdir(), 'sallyport-dist-'));
    expect(loadConsoleFiles(folder)).toBeNull();
    writeFileSync(join(folder, 'index.html'), '<!doctype html>');
    writeFileSync(join(folder, 'secret.pem'), 'x');
    expect([...(loadConsoleFiles(folder)?.keys() ?? [])]).toEqual(['/index.html']);
    rmSync(folder, { recursive: true });
  });

  it('have a strict policy, are not kept, and every path of the app is the same page; assets are kept for ever', async () => {
    for (const path of ['/', '/inbox', '/calls/call_1?x=1']) {
      const page = await request('GET', path);
      expect([page.status, page.headers.get('content-type'), page.headers.get('cache-control')]).toEqual([
        200,
        'text/html; charset=utf-8',
        'no-store',
      ]);
      expect(page.headers.get('content-security-policy')).toBe(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      );
    }
    const html = (await request('GET', '/')).text;
    expect(html).not.toMatch(/<script(?![^>]*src=)|<style|style=|https?:/);
    const asset = /src="(\/assets\/[^"]+\.js)"/.exec(html)?.[1] ?? '';
    expect((await request('GET', asset)).headers.get('cache-control')).toContain('immutable');
  });

  it.each(['/assets/none.js', '/../server/package.json', '/assets/..%2f..%2fpackage.json', '/api', '/api/none', '/index.html.bak'])(
    'are nothing else: %s',
    async (path) => {
      const answer = await request('GET', path);
      expect([answer.status, answer.body.code]).toEqual([404, 'CONTROL_NOT_FOUND']);
    },
  );
});
