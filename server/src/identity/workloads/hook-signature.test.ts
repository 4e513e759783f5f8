import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { nodeRandom } from '../test/opened-identity.ts';
import { hookKey, isInTime, isSignedBy, newHookSecret, TOLERANCE_MS } from './hook-signature.ts';

// The example of the specification: github.com/standard-webhooks/standard-webhooks, its libraries' first test.
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const VECTOR = {
  id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  timestampS: 1_614_265_330,
  body: Buffer.from('{"test": 2432232314}'),
  signatures: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
};
const keyOf = (secret: string) => hookKey(secret) ?? expect.fail('not a secret');
const KEYS = [keyOf(SECRET), keyOf(newHookSecret(nodeRandom))] as const;
const sign = (content: string): string =>
  `v1,${createHmac('sha256', Buffer.from(SECRET.slice(6), 'base64'))
    .update(content)
    .digest('base64')}`;

describe('the signature of a delivery', () => {
  test('is that of the specification, under either of two secrets', () => {
    expect(isSignedBy(KEYS, VECTOR)).toBe(true);
    expect(isSignedBy([KEYS[1], KEYS[0]], VECTOR)).toBe(true);
    expect(isSignedBy([KEYS[1], KEYS[1]], VECTOR)).toBe(false);
  });

  test.each([
    ['another body', { body: Buffer.from('{"test": 2432232315}') }],
    ['the same body written in another way', { body: Buffer.from('{"test":2432232314}') }],
    ['another id', { id: 'msg_p5jXN8AQM9LWM0D4loKWxJel' }],
    ['another timestamp', { timestampS: 1_614_265_331 }],
    ['a part moved from the id into the timestamp', { id: 'msg', timestampS: 1 }],
    ['no signature', { signatures: '' }],
    ['another version', { signatures: VECTOR.signatures.replace('v1,', 'v1a,') }],
    ['no version', { signatures: VECTOR.signatures.slice(3) }],
    ['a cut signature', { signatures: VECTOR.signatures.slice(0, -4) }],
    ['a signature in another alphabet', { signatures: VECTOR.signatures.replace('+', '-').replace('/', '_') }],
    ['a signature and more', { signatures: `${VECTOR.signatures}AA` }],
    ['a signature after commas', { signatures: `v1,AAAA,${VECTOR.signatures}` }],
  ])('does not fit %s', (_what, change) => {
    expect(isSignedBy(KEYS, { ...VECTOR, ...change })).toBe(false);
  });

  test('is found among those of other secrets and versions, but not behind any number of them', () => {
    const other = sign('something else');
    expect(isSignedBy(KEYS, { ...VECTOR, signatures: `v1a,xyz ${other} ${VECTOR.signatures}` })).toBe(true);
    expect(isSignedBy(KEYS, { ...VECTOR, signatures: `${`${other} `.repeat(8)}${VECTOR.signatures}` })).toBe(false);
  });
});

describe('a secret', () => {
  test('is made anew each time, in the form of the standard', () => {
    const [one, other] = [newHookSecret(nodeRandom), newHookSecret(nodeRandom)];
    expect(one).not.toBe(other);
    expect(one).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(hookKey(one)?.symmetricKeySize).toBe(32);
  });

  test.each([
    '',
    'whsec_',
    SECRET.slice(6),
    `whsec_${'A'.repeat(31)}`,
    `whsec_${'A'.repeat(200)}`,
    `${SECRET} `,
    `whsec_${'A'.repeat(42)}B=`,
    'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS_',
  ])('of another form is none: %s', (text) => {
    expect(hookKey(text)).toBe(null);
  });
});

test('five minutes either way are in time, and not a millisecond more', () => {
  const nowMs = 1_614_265_330_000;
  expect([nowMs - TOLERANCE_MS, nowMs + TOLERANCE_MS].map((at) => isInTime(at / 1_000, nowMs))).toEqual([true, true]);
  expect(isInTime((nowMs - TOLERANCE_MS) / 1_000, nowMs + 1)).toBe(false);
  expect(isInTime((nowMs + TOLERANCE_MS) / 1_000, nowMs - 1)).toBe(false);
});
