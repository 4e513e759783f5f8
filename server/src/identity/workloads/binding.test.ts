import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';
import { SignJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { newId, type Random } from '#core';
import { nodeRandom } from '../test/opened-identity.ts';
import {
  BINDING_AUDIENCE,
  type BindingClaims,
  createBindingKeys,
  importPublicKey,
  parsePublicKey,
  signBinding,
  verifyBinding,
} from './binding.ts';

const NOW = 1_893_456_000_000;
const NOW_S = NOW / 1_000;
const clock = { now: () => NOW };
const random: Random = nodeRandom;
const workload = newId('wkl', clock, random);
const run = newId('run', clock, random);
const keys = createBindingKeys();
const key = await importPublicKey(parsePublicKey(keys.publicKeyJwk) as string);

const claims = (change: Partial<Record<keyof BindingClaims, unknown>> = {}): BindingClaims => {
  const all = { iss: workload, aud: BINDING_AUDIENCE, run, iat: NOW_S, exp: NOW_S + 120, jti: 'statement-0123456789', ...change };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as BindingClaims;
};
const verify = (presented: string): ReturnType<typeof verifyBinding> => verifyBinding(presented, { workload, key, now: NOW });
const codeOf = async (presented: string): Promise<string> => {
  const result = await verify(presented);
  return 'code' in result ? result.code : result.tier;
};
const encode = (value: unknown): string => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
/** Signs any header and payload, also ones jose would not. */
const signRaw = (header: unknown, payload: unknown, privateJwk: object = keys.privateKeyJwk): string => {
  const signed = `${encode(header)}.${encode(payload)}`;
  return `${signed}.${sign(null, Buffer.from(signed), createPrivateKey({ key: privateJwk as never, format: 'jwk' })).toString('base64url')}`;
};

describe('a binding', () => {
  test('gives run, customer, tool call and a statement that is the workload’s own', async () => {
    const full = await signBinding(keys.privateKeyJwk, claims({ customer: { id: '42', assurance: 'session' }, tool_call_id: 'call_1' }));
    expect(await verify(full)).toEqual({
      tier: 'bound',
      run,
      customer: { id: '42', assurance: 'session' },
      toolCallId: 'call_1',
      statement: `${workload} statement-0123456789`,
      expiresAtMs: NOW + 150_000,
    });
    expect(await verify(await signBinding(keys.privateKeyJwk, claims()))).toMatchObject({ customer: null, toolCallId: null });
  });

  test('made by hand with a type in its header is as good', async () => {
    expect(await codeOf(signRaw({ alg: 'EdDSA', typ: 'JWT' }, claims()))).toBe('bound');
  });

  test.each([
    ['another workload', { iss: newId('wkl', clock, random) }],
    ['no workload', { iss: undefined }],
    ['another audience', { aud: 'somebody-else' }],
    ['a list of audiences', { aud: [BINDING_AUDIENCE] }],
    ['no run', { run: undefined }],
    ['a run that is none', { run: 'run_1' }],
    ['an unknown assurance', { customer: { id: '42', assurance: 'certain' } }],
    ['an empty customer', { customer: { id: '', assurance: 'session' } }],
    ['a customer with more to it', { customer: { id: '42', assurance: 'session', admin: true } }],
    ['an unknown claim', { role: 'owner' } as never],
    ['a short statement id', { jti: 'short' }],
    ['a statement id with spaces', { jti: 'statement 0123456789' }],
    ['a fractional time', { iat: NOW_S + 0.5 }],
    ['a time as text', { exp: String(NOW_S + 60) }],
  ])('for %s is refused', async (_what, change) => {
    expect(await codeOf(await signBinding(keys.privateKeyJwk, claims(change)))).toBe('IDENTITY_BINDING_INVALID');
  });

  test.each([
    ['expired beyond the skew', { iat: NOW_S - 100, exp: NOW_S - 30 }, 'IDENTITY_BINDING_EXPIRED'],
    ['expired within the skew', { iat: NOW_S - 100, exp: NOW_S - 29 }, 'bound'],
    ['from the future beyond the skew', { iat: NOW_S + 31, exp: NOW_S + 60 }, 'IDENTITY_BINDING_EXPIRED'],
    ['from the future within the skew', { iat: NOW_S + 30, exp: NOW_S + 60 }, 'bound'],
    ['five minutes long', { exp: NOW_S + 300 }, 'bound'],
    ['longer than five minutes', { exp: NOW_S + 301 }, 'IDENTITY_BINDING_EXPIRED'],
    ['ending before it begins', { iat: NOW_S, exp: NOW_S - 1 }, 'IDENTITY_BINDING_EXPIRED'],
    ['without length', { exp: NOW_S }, 'IDENTITY_BINDING_EXPIRED'],
    ['good for ever', { exp: 1e12 }, 'IDENTITY_BINDING_INVALID'],
  ])('%s is %s', async (_what, change, code) => {
    expect(await codeOf(await signBinding(keys.privateKeyJwk, claims(change)))).toBe(code);
  });

  test('signed by another key, changed, cut or unsigned is refused', async () => {
    const good = await signBinding(keys.privateKeyJwk, claims());
    const [header, payload, signature] = good.split('.') as [string, string, string];
    const forged = [
      await signBinding(createBindingKeys().privateKeyJwk, claims()),
      `${header}.${encode(claims({ customer: { id: '43', assurance: 'sso_mfa' } }))}.${signature}`,
      `${header}.${payload}.`,
      `${header}.${payload}`,
      `${encode({ alg: 'none' })}.${payload}.`,
      `${header}.${payload}.${signature.slice(0, -2)}`,
      `${good}.extra`,
      `${good}\n`,
      '',
      'x',
      'a.b.c',
      'x'.repeat(10_000),
      `${header}.${encode('x'.repeat(8_000))}.${signature}`,
    ];
    for (const presented of forged) expect(await codeOf(presented)).toBe('IDENTITY_BINDING_INVALID');
  });

  test('can not choose its algorithm or its key', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const body = claims() as unknown as Record<string, unknown>;
    const other = createBindingKeys();
    const presented = [
      await new SignJWT(body).setProtectedHeader({ alg: 'ES256' }).sign(privateKey),
      await new SignJWT(body).setProtectedHeader({ alg: 'HS256' }).sign(Buffer.from((keys.publicKeyJwk as { x: string }).x, 'base64url')),
      await new SignJWT(body).setProtectedHeader({ alg: 'HS256' }).sign(Buffer.from(JSON.stringify(keys.publicKeyJwk))),
      signRaw({ alg: 'EdDSA', jwk: other.publicKeyJwk }, claims(), other.privateKeyJwk),
      signRaw({ alg: 'EdDSA', jwk: keys.publicKeyJwk }, claims()),
      signRaw({ alg: 'EdDSA', crit: ['x'], x: 1 }, claims()),
      signRaw({ alg: 'EdDSA', b64: false, crit: ['b64'] }, claims()),
      signRaw({ alg: 'EdDSA', zip: 'DEF' }, claims()),
      signRaw({ alg: 'EdDSA', jku: 'https://evil.example/keys' }, claims()),
    ];
    for (const text of presented) expect(await codeOf(text)).toBe('IDENTITY_BINDING_INVALID');
  });

  test('whose claims two parsers could read differently is refused', async () => {
    const text = JSON.stringify(claims());
    const twice = text.replace('{', `{"iss":"${newId('wkl', clock, random)}",`);
    for (const payload of [twice, `${text} {}`, `\ufeff${text}`, 'null', '[]', '"x"', '{', text.replace('}', ',"__proto__":{}}')]) {
      expect(await codeOf(signRaw({ alg: 'EdDSA' }, payload))).toBe('IDENTITY_BINDING_INVALID');
    }
  });
});

describe('a binding key', () => {
  test('is taken in its public form only', () => {
    expect(parsePublicKey(keys.publicKeyJwk)).toContain('"Ed25519"');
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' });
    for (const wrong of [
      keys.privateKeyJwk,
      rsa,
      null,
      'x',
      {},
      { ...keys.publicKeyJwk, x: 'short' },
      { ...keys.publicKeyJwk, crv: 'X25519' },
      { ...keys.publicKeyJwk, more: 1 },
    ]) {
      expect(parsePublicKey(wrong)).toBeNull();
    }
  });
});
