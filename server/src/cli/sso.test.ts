// The commands of company logins and provisioning: what they send, that a secret comes from a file, and that nothing ends unasked.

import { describe, expect, it } from 'vitest';
import { EXIT, runCommandLine } from './index.ts';
import { idleIo, idleMain } from './test/idle.ts';

const KNOWN = {
  name: 'corp',
  label: 'Corp',
  issuer: 'https://login.example.com',
  clientId: 'old',
  authMethod: 'client_secret_basic',
  mode: 'invited',
  scopes: ['profile'],
  groupsClaim: null,
  groups: {},
  externalIdClaim: null,
  secondFactorAcr: [],
  enabled: true,
  accounts: 2,
  testedAt: null,
  testCode: null,
  redirectUri: 'https://shop.example.com/sso/callback',
  publicJwk: null,
};

function harness(answers: Record<string, unknown> = {}, typed: string | null = null) {
  const out: string[] = [];
  const sent: { method: string; path: string; body: unknown }[] = [];
  const io = idleIo({
    out: (text) => out.push(text),
    err: (text) => out.push(text),
    readFile: async () => 'the secret\n',
    ask: async () => typed,
  });
  const main = idleMain({
    connect: async () => ({
      origin: 'http://127.0.0.1:4810',
      call: async (method, path, body) => {
        if (method !== 'GET') sent.push({ method, path, body });
        return { status: 200, body: (answers[`${method} ${path}`] ?? (method === 'GET' ? { providers: [KNOWN] } : {})) as never };
      },
      stream: async () => (async function* () {})(),
    }),
  });
  return { out, sent, run: (...argv: string[]) => runCommandLine(argv, io, main) };
}

describe('sallyport sso', () => {
  it('sets up a login with a secret from a file, which is printed nowhere', async () => {
    const { run, sent, out } = harness();
    const argv = [
      'sso',
      'add',
      'okta',
      '--issuer',
      'https://example.okta.com',
      '--client-id',
      '0oa1',
      '--secret-file',
      's',
      '--group',
      'a=b=grp_1',
    ];
    expect(await run(...argv)).toBe(EXIT.done);
    expect(sent).toEqual([
      {
        method: 'PUT',
        path: '/api/federation/okta',
        body: {
          label: 'okta',
          issuer: 'https://example.okta.com',
          clientId: '0oa1',
          groups: { 'a=b': 'grp_1' },
          secret: 'the secret',
          enabled: true,
        },
      },
    ]);
    expect(out.join('\n')).not.toContain('the secret');
  });

  it('changes what is given and leaves the rest, the secret included', async () => {
    const { run, sent } = harness();
    expect(await run('sso', 'add', 'corp', '--mode', 'just_in_time', '--off')).toBe(EXIT.done);
    const { name: _n, accounts: _a, testedAt: _t, testCode: _c, redirectUri: _r, publicJwk: _p, ...kept } = KNOWN;
    expect(sent[0]?.body).toEqual({ ...kept, mode: 'just_in_time', secret: null, enabled: false });
  });

  it('says what a test found, and ends with another code when it found something', async () => {
    const bad = {
      'POST /api/federation/corp/test': { ok: false, testCode: 'IDENTITY_SSO_UNREACHABLE', sentence: 'It could not be reached.' },
    };
    const failed = harness(bad);
    expect(await failed.run('sso', 'test', 'corp')).toBe(EXIT.no);
    expect(failed.out.join('\n')).toContain('IDENTITY_SSO_UNREACHABLE: It could not be reached.');
    expect(await harness({ 'POST /api/federation/corp/test': { ok: true } }).run('sso', 'test', 'corp')).toBe(EXIT.done);
  });

  it('removes nothing without the name', async () => {
    const unsure = harness({}, 'other');
    expect(await unsure.run('sso', 'remove', 'corp')).toBe(EXIT.no);
    expect(unsure.sent).toEqual([]);
    const sure = harness({}, 'corp');
    expect(await sure.run('sso', 'remove', 'corp')).toBe(EXIT.done);
    expect(sure.sent).toEqual([{ method: 'DELETE', path: '/api/federation/corp', body: undefined }]);
  });

  it('lists logins with what their test found', async () => {
    const { run, out } = harness();
    expect(await run('sso', 'list')).toBe(EXIT.done);
    expect(out.join('\n')).toMatch(/corp.*https:\/\/login\.example\.com.*never/);
  });
});

describe('sallyport scim', () => {
  it('prints address and token once', async () => {
    const made = { baseUrl: 'https://shop.example.com/scim/v2', token: 'spv_x', overlapUntil: null };
    const { run, out } = harness({ 'POST /api/scim/token': made });
    expect(await run('scim', 'token')).toBe(EXIT.done);
    expect(out.join('\n')).toContain('spv_x');
  });

  it('says when the provider came last and what failed', async () => {
    const status = { on: true, tokens: [{}], lastRequestAt: 'then', lastFailure: { at: 'now', what: 'POST /Users 400 invalidValue' } };
    const { run, out } = harness({ 'GET /api/scim': status });
    expect(await run('scim', 'status')).toBe(EXIT.done);
    expect(out.join('\n')).toContain('POST /Users 400 invalidValue');
  });

  it('does not end unasked', async () => {
    const { run, sent } = harness({}, 'no');
    expect(await run('scim', 'off')).toBe(EXIT.no);
    expect(sent).toEqual([]);
    expect(await run('scim', 'off', '--yes')).toBe(EXIT.done);
    expect(sent).toEqual([{ method: 'DELETE', path: '/api/scim', body: undefined }]);
  });
});
