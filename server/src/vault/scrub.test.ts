import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createScrubber, formsOf } from './scrub.ts';

const SECRET = 'sk_live_9f/8+a="Zq%41';
const scrubber = createScrubber(formsOf(SECRET));
const secretText = fc.string({
  minLength: 8,
  maxLength: 24,
  unit: fc.constantFrom('a', 'b', 'A', '1', '/', '+', '=', '"', '%', '_', '-', '~', ' '),
});

function inPieces(pieces: readonly string[], forms: readonly string[]): string {
  const stream = createScrubber(forms).stream();
  return pieces.map((piece) => stream.push(piece)).join('') + stream.end();
}

describe('[PROMISE-6] a secret in a reply', () => {
  test.each([
    ['as it is', SECRET],
    ['in JSON', JSON.stringify({ token: SECRET })],
    ['in JSON with escaped slashes', JSON.stringify(SECRET).replaceAll('/', '\\/')],
    ['in a URL', `https://x.example/?k=${encodeURIComponent(SECRET)}`],
    ['in a form', new URLSearchParams({ k: SECRET }).toString()],
    ['in base64', Buffer.from(SECRET).toString('base64')],
    ['in base64 behind a user name', `Basic ${Buffer.from(`user:${SECRET}`).toString('base64')}`],
    ['in base64 between other text', Buffer.from(`ab${SECRET}cdefg`).toString('base64')],
    ['in base64url', Buffer.from(`x${SECRET}`).toString('base64url')],
    ['in base64 in a URL', encodeURIComponent(Buffer.from(SECRET).toString('base64'))],
    ['in hex', Buffer.from(SECRET).toString('hex')],
    ['in upper-case hex', Buffer.from(SECRET).toString('hex').toUpperCase()],
  ])('is taken out %s', (_how, text) => {
    const clean = scrubber.scrub(`before ${text} after`);
    expect(clean).toContain('[secret removed]');
    expect(clean).toMatch(/^before .* after$/);
    for (const form of formsOf(SECRET)) expect(clean).not.toContain(form);
  });

  test('text without it is the same string', () => {
    const text = 'nothing to see, sk_live_9f is not enough';
    expect(scrubber.scrub(text)).toBe(text);
  });

  test('for any secret, no form is left, wherever it stands', () => {
    fc.assert(
      fc.property(secretText, fc.string(), fc.string(), fc.nat(20), (secret, before, after, which) => {
        const forms = formsOf(secret);
        const clean = createScrubber(forms).scrub(before + (forms[which % forms.length] as string) + after);
        for (const form of forms) if (!'[secret removed]'.includes(form)) expect(clean).not.toContain(form);
      }),
    );
  });

  test('a stream cut at every place gives the same as the whole text', () => {
    const text = `a${SECRET}b${Buffer.from(`u:${SECRET}`).toString('base64')}c${SECRET.slice(0, 9)}${SECRET}${SECRET.slice(0, 5)}`;
    const whole = scrubber.scrub(text);
    for (let first = 0; first <= text.length; first += 1) {
      for (let second = first; second <= text.length; second += 7) {
        expect(inPieces([text.slice(0, first), text.slice(first, second), text.slice(second)], formsOf(SECRET))).toBe(whole);
      }
    }
    expect(inPieces([...text], formsOf(SECRET))).toBe(whole);
  });

  test('the same for any secrets that overlap, in any pieces', () => {
    const near = fc.string({ minLength: 1, maxLength: 5, unit: fc.constantFrom('a', 'b') });
    fc.assert(
      fc.property(fc.array(near, { minLength: 1, maxLength: 3 }), fc.array(near, { maxLength: 8 }), (secrets, pieces) => {
        const forms = [...new Set(secrets)].sort((left, right) => right.length - left.length);
        expect(inPieces(pieces, forms)).toBe(createScrubber(forms).scrub(pieces.join('')));
      }),
      { numRuns: 500 },
    );
  });

  test('a stream holds back no more than a secret is long', () => {
    const stream = scrubber.stream();
    let released = 0;
    for (let index = 0; index < 200; index += 1) {
      released += stream.push('s').length;
      expect(index + 1 - released).toBeLessThanOrEqual(Math.max(...formsOf(SECRET).map((form) => form.length)));
    }
  });
});
