// The anchored recognisers against a naive sweep: twenty plain expressions over the whole text. Whatever the sweep finds must be
// covered. Only what is deliberately not personal (version numbers, check digits that fail) is left out by the generators.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { detect } from './detect.ts';
import { passesLuhn } from './number-groups.ts';
import { passesIban } from './recognise-ids.ts';

const ALNUM = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'];
const of = (units: readonly string[], length: number): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom(...units), { minLength: length, maxLength: length }).map((all) => all.join(''));
const alnum = (length: number): fc.Arbitrary<string> => of(ALNUM, length);
const hex = (length: number): fc.Arbitrary<string> => of([...'0123456789abcdef'], length);
const upper = (length: number): fc.Arbitrary<string> => of([...'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'], length);
const digits = (length: number): fc.Arbitrary<string> => of([...'0123456789'], length);
const b64url = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function withCheckDigit(body: string): string {
  for (let digit = 0; digit < 10; digit += 1) if (passesLuhn(`${body}${digit}`, 0, body.length + 1)) return `${body}${digit}`;
  return body;
}

function withCheckNumber(country: string, body: string): string {
  for (let check = 2; check < 99; check += 1) {
    const iban = `${country}${String(check).padStart(2, '0')}${body}`;
    if (passesIban(iban)) return iban;
  }
  return `${country}00${body}`;
}

const octet = fc.integer({ min: 1, max: 255 });
const sixteen = fc
  .tuple(fc.constantFrom('4', '51', '55', '2221', '6011', '3528'), digits(15))
  .map(([start, rest]) => withCheckDigit((start + rest).slice(0, 15)));
const four = (card: string, joint: string): string => (card.match(/.{4}/g) ?? []).join(joint);

/** Name, generator, and the expression of the naive sweep. */
const CLASSES: readonly (readonly [string, fc.Arbitrary<string>, RegExp])[] = [
  [
    'email',
    fc.tuple(alnum(6), alnum(5), fc.constantFrom('com', 'de', 'example')).map(([a, b, c]) => `${a}.x+y@${b}.${c}`),
    /\b[\w.+-]+@[A-Za-z0-9-]+\.[A-Za-z]{2,}\b/g,
  ],
  [
    'ipv4',
    fc.tuple(octet, octet, octet, octet).map((parts) => parts.join('.')),
    /(?<![\d.])(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]\d?)\.){3}(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]\d?)(?![\d.])/g,
  ],
  [
    'ipv6',
    fc.array(of([...'123456789abcdef'], 4), { minLength: 8, maxLength: 8 }).map((groups) => groups.join(':')),
    /\b(?:[0-9a-f]{4}:){7}[0-9a-f]{4}\b/g,
  ],
  ['card', sixteen, /\b\d{16}\b/g],
  [
    'card grouped',
    fc.tuple(sixteen, fc.constantFrom(' ', '-')).map(([card, joint]) => four(card, joint)),
    /\b\d{4}([ -])\d{4}\1\d{4}\1\d{4}\b/g,
  ],
  ['amex', of([...'0123456789'], 13).map((rest) => withCheckDigit(`37${rest.slice(1)}`)), /\b37\d{13}\b/g],
  ['iban', digits(18).map((body) => withCheckNumber('DE', body)), /\bDE\d{20}\b/g],
  [
    'iban grouped',
    digits(18).map((body) => four(`${withCheckNumber('GB', `ABCD${body.slice(0, 14)}`)}  `, ' ').trim()),
    /\bGB\d\d [A-Z]{4} \d{4} \d{4} \d{4} \d\d\b/g,
  ],
  [
    'ssn',
    fc
      .tuple(fc.integer({ min: 100, max: 599 }), fc.integer({ min: 10, max: 99 }), fc.integer({ min: 1000, max: 9999 }))
      .map((all) => all.join('-')),
    /(?<![\w-])[1-5]\d{2}-[1-9]\d-[1-9]\d{3}(?![\w-])/g,
  ],
  ['phone', digits(7).map((rest) => `+4915${rest}12`), /\+4915\d{9}\b/g],
  ['openai', alnum(40).map((rest) => `sk-proj-${rest}`), /\bsk-proj-[A-Za-z0-9_-]{20,}/g],
  ['anthropic', alnum(40).map((rest) => `sk-ant-api03-${rest}`), /\bsk-ant-[A-Za-z0-9_-]{20,}/g],
  ['stripe', alnum(24).map((rest) => `sk_live_${rest}`), /\b[sr]k_(?:live|test)_[A-Za-z0-9]{16,}/g],
  ['shopify', hex(32).map((rest) => `shpat_${rest}`), /\bshp(?:at|ca|pa|ss)_[a-f0-9]{32}\b/g],
  ['aws', upper(16).map((rest) => `AKIA${rest}`), /\bAKIA[A-Z0-9]{16}\b/g],
  ['github', alnum(36).map((rest) => `ghp_${rest}`), /\bgh[pousr]_[A-Za-z0-9]{36}\b/g],
  ['slack', alnum(24).map((rest) => `xoxb-123456789012-${rest}`), /\bxox[bpars]-[A-Za-z0-9-]{20,}/g],
  ['google', alnum(35).map((rest) => `AIza${rest}`), /\bAIza[A-Za-z0-9_-]{35}\b/g],
  ['jwt', alnum(30).map((rest) => `${b64url({ alg: 'HS256' })}.${b64url({ sub: 'somebody' })}.${rest}`), /\beyJ[\w-]+\.eyJ[\w-]+\.[\w-]+/g],
  ['sallyport', alnum(50).map((rest) => `sp_${rest}`), /\bsp_[A-Za-z0-9_-]{50,}/g],
];

const CHECKS: Readonly<Record<string, (hit: string) => boolean>> = {
  card: (hit) => passesLuhn(hit, 0, hit.length) && /^(?:4|5[1-5]|2221|6011|3528)/.test(hit),
  'card grouped': (hit) => passesLuhn(hit, 0, hit.length) && /^(?:4|5[1-5]|2221|6011|3528)/.test(hit),
  amex: (hit) => passesLuhn(hit, 0, hit.length),
  iban: (hit) => passesIban(hit),
  'iban grouped': (hit) => passesIban(hit.replaceAll(' ', '')),
};

const between = fc.constantFrom(
  ' ',
  '  ',
  ', ',
  '; ',
  '\n',
  ' and ',
  ' (',
  ') ',
  '" "',
  ' | ',
  ' - ',
  '. ',
  ': ',
  '\t',
  ' <',
  '> ',
  ' = ',
  '/ ',
  ',',
);
const noise = fc.constantFrom(
  '',
  '',
  'order 17',
  '12 15 9 22',
  '3.5 kg',
  'x@',
  '@y',
  '::',
  '12:30',
  'a.b.c',
  '1.2',
  '9-9',
  'naïve',
  '100%',
  'A&B',
  '+',
  '(',
  '4242',
  'DE',
  'sk-',
  '😀',
);

describe('the anchored recognisers', () => {
  it('have twenty classes to answer for', () => {
    expect(CLASSES).toHaveLength(20);
    for (const [name, made, naive] of CLASSES) {
      for (const sample of fc.sample(made, 20)) expect([name, sample.match(naive)?.[0]]).toEqual([name, sample]);
    }
  });

  it('cover every find of a naive sweep over twenty classes', () => {
    const item = fc.oneof(...CLASSES.map(([, made]) => made));
    const text = fc.array(fc.tuple(item, between, noise, between), { minLength: 1, maxLength: 12 }).map((all) => all.flat().join(''));
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(text, (made) => {
        const spans = detect(made).filter((span) => span.personal);
        const uncovered: string[] = [];
        for (const [name, , naive] of CLASSES) {
          for (const match of made.matchAll(naive)) {
            if (CHECKS[name]?.(match[0]) === false) continue;
            seen.set(name, (seen.get(name) ?? 0) + 1);
            const [start, end] = [match.index, match.index + match[0].length];
            if (!spans.some((span) => span.start <= start && span.end >= end)) uncovered.push(`${name} ${match[0]}`);
          }
        }
        expect(uncovered).toEqual([]);
      }),
      { numRuns: 1500 },
    );
    // A sweep that looked at nothing must fail.
    expect([...seen.values()].every((count) => count >= 100)).toBe(true);
    expect(seen.size).toBe(20);
  });
});
