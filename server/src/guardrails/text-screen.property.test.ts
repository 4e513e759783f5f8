import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { screenChunks, screenText } from './fixtures.ts';

// Many cases on a busy machine; nothing here waits.
vi.setConfig({ testTimeout: 60_000 });

/** Pieces of constructs, whole attacks, and plain words, put together at random. */
const pieces = fc.constantFrom(
  ...[
    'hello ',
    'the ',
    'h',
    'ht',
    'http',
    'https:',
    '//',
    '/',
    'evil.test',
    '/?d=1',
    'shop.example.com',
    '![',
    '![a](',
    '[',
    ']',
    '](',
    '[a]: ',
    ')',
    '(',
  ],
  ...[
    ':',
    '\n',
    '\n\n',
    '`',
    '```',
    '```\n',
    '~~~',
    '<',
    '>',
    '<img src=',
    '"',
    "'",
    '=',
    '<!--',
    '-->',
    ' alt=x',
    '<b>',
    '</b>',
    '<a href="',
    '\\',
    '!',
    '?',
  ],
  ...[
    'www.',
    'javascript:',
    'data:image/png;base64,AA',
    'mailto:',
    '<EMAIL_1>',
    '\u200b',
    '\u200d',
    '😀',
    '\u{1f3f4}',
    '\u{e0067}',
    '\u{e007f}',
    '\u2764',
    '\ufe0f',
  ],
  ...[
    'é',
    'sk-',
    'AKIA',
    '0123456789ABCDEF',
    'eyJ',
    '-----BEGIN ',
    'PRIVATE KEY-----',
    ' ',
    '.',
    'x',
    'onload=',
    'style',
    '&#58;',
    '{',
    '}',
    ',',
    '\t',
    '@',
  ],
  ...[
    '<script>',
    '<x ',
    'a1b2c3',
    'https://evil.test/?d=S3CR3T',
    '//evil.test/?d=S3CR3T',
    'evil.test/S3CR3T',
    '&#104;ttps://evil.test/?d=S3CR3T',
  ],
  ...['HTTPS:/\\evil.test/x?S3CR3T', 'src="//evil.test/?d=S3CR3T"', 'https://evil.test/cat.png', '\ud83d', '\ude00'],
);
const anyText = fc.array(pieces, { minLength: 1, maxLength: 16 }).map((parts) => parts.join(''));
const cuts = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 8 });
const formats = fc.constantFrom('text' as const, 'text' as const, 'json' as const);

/** Cuts by UTF-16 units, so also between the halves of a pair. */
function cutUp(text: string, lengths: readonly number[]): string[] {
  const chunks: string[] = [];
  for (let at = 0, index = 0; at < text.length; index += 1) {
    const length = lengths[index % lengths.length] as number;
    chunks.push(text.slice(at, at + length));
    at += length;
  }
  return chunks;
}

/** Addresses that a reader could follow, with the data behind the host. Shares no code with the screen. */
const LEAKS = [/(?:https?:[/\\]+|\/\/)evil\.test[^\s<]*S3CR3T/i, /(?<![\w.@/\\;-])evil\.test[/?][^\s<]*S3CR3T/i];

describe('the reply screen', () => {
  it('releases the same and says the same, however the text is cut (4,000 texts)', () => {
    fc.assert(
      fc.property(anyText, cuts, formats, (text, lengths, format) => {
        const whole = screenText(text, format);
        for (const chunks of [cutUp(text, lengths), cutUp(text, [1])]) {
          const pieces = screenChunks(chunks, format);
          expect(pieces.code).toBe(whole.code);
          if (whole.code === null) expect(pieces).toEqual(whole);
        }
      }),
      { numRuns: 4000 },
    );
  });

  it('never releases an address of another host together with the data it carries (10,000 texts)', () => {
    fc.assert(
      fc.property(anyText, cuts, formats, (text, lengths, format) => {
        // An address that begins with the shop leads to the shop, whatever follows.
        fc.pre(!text.includes('shop.example.com'));
        const { released } = screenChunks(cutUp(text, lengths), format);
        for (const leak of LEAKS) expect(leak.exec(released)).toBeNull();
      }),
      { numRuns: 10_000 },
    );
  });

  it('keeps every JSON reply valid, with other values than addresses unchanged (2,000 values)', () => {
    const plain = fc.string({ unit: fc.constantFrom('a', 'B', ' ', '7', '"', '\\', '\n', 'é', '😀', ',', '{', '}', ';'), maxLength: 12 });
    const leaf = fc.oneof(plain, anyText, fc.integer(), fc.boolean(), fc.constant(null));
    const value = fc.dictionary(
      fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'é'), maxLength: 4 }),
      fc.oneof(leaf, fc.array(leaf, { maxLength: 3 })),
      { maxKeys: 4 },
    );
    fc.assert(
      fc.property(value, cuts, (original, lengths) => {
        const { released, code } = screenChunks(cutUp(JSON.stringify(original), lengths), 'json');
        if (code !== null) return;
        const read = JSON.parse(released) as Record<string, unknown>;
        expect(Object.keys(read)).toEqual(Object.keys(original));
        for (const [key, member] of Object.entries(original)) {
          if (typeof member !== 'string' || /^[aB 7"\\\n,{};é😀]*$/u.test(member)) {
            if (!Array.isArray(member)) expect(read[key]).toEqual(member);
          }
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('releases words, code and numbers unchanged and at once (1,000 texts)', () => {
    const words = fc.constantFrom(
      'order ',
      'is 12.50 ',
      'a < b ',
      'x = y; ',
      '(ok) ',
      'Straße ',
      '漢字 ',
      '"quoted" ',
      'it’s ',
      '1,234 ',
      'f(x) ',
      'a > b ',
    );
    fc.assert(
      fc.property(fc.array(words, { maxLength: 40 }), (parts) => {
        const outcome = screenChunks(parts);
        expect(outcome).toEqual({ released: parts.join(''), code: null, findings: {} });
      }),
      { numRuns: 1000 },
    );
  });
});
