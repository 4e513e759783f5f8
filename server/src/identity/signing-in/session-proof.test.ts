import { generateKeyPairSync, sign } from 'node:crypto';
import { fixedClock } from '@sallyport/testkit';
import { expect, test } from 'vitest';
import { newId } from '#core';
import { nodeRandom } from '../test/opened-identity.ts';
import { boundKeyText } from './bound-key.ts';
import { createProofChecker } from './session-proof.ts';

const clock = fixedClock();
const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const { x = '', y = '' } = keys.publicKey.export({ format: 'jwk' });
const boundKey = boundKeyText({ x, y }) ?? '';
const session = { id: newId('ses', clock, nodeRandom), boundKey };
const part = (text: string): string => Buffer.from(text).toString('base64url');
const signed = (header: string, payload: string): string => {
  const input = `${part(header)}.${part(payload)}`;
  return `${input}.${sign('sha256', Buffer.from(input), { key: keys.privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
};
const HEADER = '{"typ":"sallyport-proof+jwt","alg":"ES256"}';
let nth = 0;
const claims = (iat = Math.floor(clock.now() / 1_000)): string => {
  nth += 1;
  return `{"htm":"GET","htu":"/api/x","sid":"${session.id}","iat":${iat},"jti":"${String(nth).padStart(16, '0')}"}`;
};
const checker = createProofChecker({ clock });
const codeOf = (proof: string): string => checker.check(session, { proof, method: 'GET', target: '/api/x' })?.code ?? 'in';

test('a proof is a compact JWS with exactly our header; another type, algorithm, member or a doubled one is none', () => {
  expect(codeOf(signed(HEADER, claims()))).toBe('in');
  for (const header of [
    '{"typ":"JWT","alg":"ES256"}',
    '{"typ":"sallyport-proof+jwt","alg":"none"}',
    '{"typ":"sallyport-proof+jwt","alg":"ES256","jwk":{}}',
    '{"typ":"sallyport-proof+jwt","alg":"ES256","alg":"none"}',
  ])
    expect([header, codeOf(signed(header, claims()))]).toEqual([header, 'IDENTITY_PROOF_INVALID']);
  const good = signed(HEADER, claims());
  for (const broken of [`${good}.`, good.slice(0, -4), good.replace('.', '..'), `${good}AAAA`, 'x'.repeat(5_000)])
    expect(codeOf(broken)).toBe('IDENTITY_PROOF_INVALID');
});

test('a proof is good once in a process, for a minute, and what was used is forgotten when it is too old anyway', () => {
  const proof = signed(HEADER, claims());
  expect([codeOf(proof), codeOf(proof)]).toEqual(['in', 'IDENTITY_PROOF_INVALID']);
  clock.advance(60_000);
  expect(codeOf(proof)).toBe('IDENTITY_PROOF_INVALID');
  clock.advance(1_000);
  expect(codeOf(proof)).toBe('IDENTITY_PROOF_STALE');
  expect(codeOf(signed(HEADER, claims()))).toBe('in');
});

test('a key that is no point of the curve binds nothing', () => {
  expect(boundKeyText({ x: 'A'.repeat(43), y: 'A'.repeat(43) })).toBeNull();
  expect(boundKeyText({ x, y: `${y}"` })).toBeNull();
});
