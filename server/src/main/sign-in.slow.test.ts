// Signing in over HTTP, as browsers do: what a copied cookie opens, what a proof is good for, and how somebody gets out and back in.

import { passkeyDevice } from '@sallyport/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BrowserSession, browserSession } from '../../../testkit/browser-session.ts';
import { startTestServer, type TestServer } from '../../../testkit/test-server.ts';

interface Entry {
  readonly public: Readonly<Record<string, unknown>>;
}
let test: TestServer;
let origin = '';
beforeAll(async () => {
  test = await startTestServer({ allowPrivate: [] });
  origin = `http://localhost:${test.server.control.port}`;
});
afterAll(() => test?.close());

const link = (): Promise<string> => test.server.rooms.identity.ownerLink(test.server.rooms.tenant);
const codeOf = ({ status, body }: { status: number; body: Record<string, unknown> }): unknown => (status < 300 ? 'ok' : body.code);

async function byLink(): Promise<BrowserSession> {
  const browser = browserSession(origin);
  const answer = await browser.enter('/api/session', { secret: await link(), as: 'cookie' });
  expect(answer.status).toBe(200);
  return browser;
}

async function enrol(browser: BrowserSession, device = passkeyDevice({ origin })) {
  const { body } = await browser.ask('POST', '/api/passkeys/options', {});
  const made = await browser.ask('POST', '/api/passkeys', { ...device.create(body.options as object), name: 'Laptop' });
  expect(made.status).toBe(200);
  return { device, id: String(made.body.id) };
}

describe('a session of a browser', () => {
  it('is refused to whoever copied its cookie, as a cookie and as a bearer token', async () => {
    const browser = await byLink();
    expect(codeOf(await browser.ask('GET', '/api/session'))).toBe('ok');
    expect(codeOf(await browser.ask('GET', '/api/session', undefined, { proof: null }))).toBe('IDENTITY_PROOF_MISSING');
    const thief = browserSession(origin);
    Object.assign(thief, { cookie: browser.cookie, session: browser.session });
    expect(codeOf(await thief.ask('GET', '/api/session'))).toBe('IDENTITY_PROOF_INVALID');
    const token = browser.cookie.split('=')[1] ?? '';
    const bearer = await fetch(`${origin}/api/session`, { headers: { authorization: `Bearer ${token}` } });
    expect([bearer.status, ((await bearer.json()) as { code: string }).code]).toEqual([401, 'IDENTITY_PROOF_MISSING']);
  });

  it('takes a proof once, for the request it was made for, of this session and this minute only', async () => {
    const browser = await byLink();
    const proof = browser.proof('GET', '/api/session');
    const ask = (lies: object) => browser.ask('GET', '/api/session', undefined, lies).then(codeOf);
    expect([await ask({ proof }), await ask({ proof })]).toEqual(['ok', 'IDENTITY_PROOF_INVALID']);
    expect(await ask({ method: 'POST' })).toBe('IDENTITY_PROOF_INVALID');
    expect(await ask({ path: '/api/people' })).toBe('IDENTITY_PROOF_INVALID');
    expect(await ask({ path: '/api/session?x=1' })).toBe('IDENTITY_PROOF_INVALID');
    expect(await ask({ session: (await byLink()).session })).toBe('IDENTITY_PROOF_INVALID');
    expect(await ask({ alg: 'none' })).toBe('IDENTITY_PROOF_INVALID');
    expect(await ask({ proof: 'a.b.c' })).toBe('IDENTITY_PROOF_INVALID');
    const now = Math.floor(Date.now() / 1_000);
    const stale = await browser.ask('GET', '/api/session', undefined, { iatSeconds: now - 120 });
    expect([stale.body.code, Math.abs(Number((stale.body.evidence as Record<string, number>).serverSeconds) - now) < 60]).toEqual([
      'IDENTITY_PROOF_STALE',
      true,
    ]);
    expect(await ask({ iatSeconds: now + 120 })).toBe('IDENTITY_PROOF_STALE');
    expect(await ask({})).toBe('ok');
  });

  it('is listed with what it is, and ended from elsewhere at once', async () => {
    const [here, there] = [await byLink(), await byLink()];
    const { body } = await here.ask('GET', '/api/sessions');
    const listed = (body.sessions as Record<string, unknown>[]).find(({ id }) => id === there.session);
    expect(listed).toMatchObject({ kind: 'browser', method: 'link', label: 'Firefox on Linux', isBound: true, isThis: false });
    expect(codeOf(await here.ask('DELETE', `/api/sessions/${there.session}`))).toBe('ok');
    expect(codeOf(await there.ask('GET', '/api/session'))).toBe('IDENTITY_SESSION_INVALID');
    expect(codeOf(await here.ask('DELETE', `/api/sessions/${there.session}`))).toBe('IDENTITY_SESSION_UNKNOWN');
  });

  it('ends when its person signs in anew in the same browser, which has room for one cookie', async () => {
    const browser = await byLink();
    const before = { cookie: browser.cookie, session: browser.session };
    await browser.enter('/api/session', { secret: await link(), as: 'cookie' });
    expect(codeOf(await browser.ask('GET', '/api/session'))).toBe('ok');
    Object.assign(browser, before);
    expect(codeOf(await browser.ask('GET', '/api/session'))).toBe('IDENTITY_SESSION_INVALID');
  });

  it('of somebody else is neither shown nor ended without the action', async () => {
    const made = await test.owner('POST', '/api/people', { name: 'Ana' });
    const ana = browserSession(origin);
    await ana.enter('/api/session', { secret: String(made.body.link).split('#')[1], as: 'cookie' });
    const owner = await byLink();
    expect(codeOf(await ana.ask('DELETE', `/api/sessions/${owner.session}`))).toBe('CONTROL_ROLE_FORBIDDEN');
    expect(codeOf(await owner.ask('GET', '/api/session'))).toBe('ok');
    expect(codeOf(await test.owner('DELETE', `/api/sessions/${ana.session}`))).toBe('ok');
    expect(codeOf(await ana.ask('GET', '/api/session'))).toBe('IDENTITY_SESSION_INVALID');
  });
});

describe('passkeys', () => {
  it('are made after the link, sign in, and confirm; recovery codes open nothing but a new passkey', async () => {
    const browser = await byLink();
    const { device } = await enrol(browser);
    const codes = (await browser.ask('POST', '/api/recovery-codes')).body.codes as string[];
    expect(codes).toHaveLength(10);

    const fresh = browserSession(origin);
    const ways = await fresh.ask('POST', '/api/sign-in/passkey/options', {});
    expect((await fresh.enter('/api/sign-in/passkey', { assertion: device.get(ways.body.options as object) })).status).toBe(200);
    const session = await fresh.ask('GET', '/api/session');
    expect(session.body).toMatchObject({ hasPasskey: true, origin, proof: { method: 'passkey' } });

    const later = await byLink();
    const change = () => later.ask('POST', '/api/workloads', { name: 'after-the-passkey', integrations: [] });
    expect(await change()).toMatchObject({ status: 403, body: { code: 'CONTROL_STEP_UP_REQUIRED', evidence: { withinSeconds: 300 } } });
    const asked = await later.ask('POST', '/api/step-up/options', {});
    expect(codeOf(await later.ask('POST', '/api/step-up', { assertion: device.get(asked.body.options as object) }))).toBe('ok');
    expect((await later.ask('GET', '/api/session')).body).toMatchObject({ proof: { method: 'link', passkeyAtMs: expect.any(Number) } });
    expect(codeOf(await change())).toBe('ok');

    const lost = browserSession(origin);
    expect((await lost.enter('/api/sign-in/recovery', { code: codes[3] })).status).toBe(200);
    for (const path of ['overview', 'sessions', 'sessions?of=everybody', 'access/effective', 'oauth/consents', 'fleet/tenants'])
      expect(codeOf(await lost.ask('GET', `/api/${path}`)), path).toBe('CONTROL_ENROLMENT_REQUIRED');
    expect(codeOf(await lost.ask('POST', '/api/access/break-glass', { role: 'admin', reason: 'Lost' }))).toBe('CONTROL_ENROLMENT_REQUIRED');
    const kept = (await lost.ask('GET', '/api/passkeys')).body.passkeys as { id: string }[];
    expect(codeOf(await lost.ask('DELETE', `/api/passkeys/${kept[0]?.id}`))).toBe('CONTROL_ENROLMENT_REQUIRED');
    await enrol(lost);
    expect(codeOf(await lost.ask('GET', '/api/overview'))).toBe('ok');
    expect(codeOf(await lost.enter('/api/sign-in/recovery', { code: codes[3] }))).toBe('IDENTITY_RECOVERY_CODE_INVALID');

    for (const passkey of (await test.owner('GET', '/api/passkeys')).body.passkeys as { id: string }[])
      await test.owner('DELETE', `/api/passkeys/${passkey.id}`);
    const used = async () => (await test.owner('GET', '/api/events?type=identity.recovery_code.used&limit=5')).body.events;
    await expect.poll(used, { timeout: 10_000 }).toHaveLength(1);
  });

  it('are not taken from another site, and whoever tries on and on waits', async () => {
    const reply = await fetch(`${origin}/api/sign-in/passkey/options`, { method: 'POST', headers: { 'sec-fetch-site': 'cross-site' } });
    expect(reply.status).toBe(403);
    const browser = browserSession(origin);
    let last = await browser.enter('/api/sign-in/recovery', { code: 'AAAA-AAAA-AAAA-AAAA' });
    for (let nth = 0; nth < 30 && last.status !== 429; nth += 1)
      last = await browser.enter('/api/sign-in/recovery', { code: `AAAA-${nth}` });
    expect([last.status, last.body.code]).toEqual([429, 'IDENTITY_TOO_MANY_ATTEMPTS']);
    expect(Number(last.headers.get('retry-after'))).toBeGreaterThan(0);
    // Each of them is on record, as a few events and a count, with nothing of who tried.
    const refused = async () =>
      (await test.owner('GET', '/api/events?type=control.sign_in.refused&limit=50')).body.events as { entry: Entry }[];
    const gateway = await fetch(`http://127.0.0.1:${test.server.gateway.port}/v1/models`, {
      headers: { authorization: 'Bearer sp_wrong' },
    });
    expect(gateway.status).toBe(401);
    const ways = async () => new Set((await refused()).map(({ entry }) => `${entry.public.how} ${entry.public.code}`));
    await expect
      .poll(ways, { timeout: 10_000 })
      .toEqual(new Set(['recovery_code IDENTITY_RECOVERY_CODE_INVALID', 'session IDENTITY_TOO_MANY_ATTEMPTS', 'key IDENTITY_KEY_UNKNOWN']));
    for (const { entry } of await refused()) expect(Object.keys(entry.public).sort()).toEqual(['code', 'how', 'times']);
    // Other ways in are open.
    expect(codeOf(await browser.enter('/api/session', { secret: await link(), as: 'cookie' }))).toBe('ok');
  });
});

it('localhost is this server by either of its addresses, and links lead there', async () => {
  for (const host of ['127.0.0.1', '[::1]']) {
    const reply = await fetch(`http://${host}:${test.server.control.port}/healthz`);
    expect(reply.status).toBe(200);
  }
  const made = await test.owner('POST', '/api/sign-in-links');
  expect(String(made.body.link)).toMatch(new RegExp(`^${origin}/sign-in#spl_`));
});
