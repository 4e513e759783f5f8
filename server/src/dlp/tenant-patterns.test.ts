// Patterns of tenants: what is accepted, what is refused and why, and that no pattern takes more time than its text deserves.

import { describe, expect, it } from 'vitest';
import { isRefusal } from '#core';
import {
  compilePattern,
  createConversation,
  detect,
  MAX_PATTERN_CHARS,
  type PatternSpec,
  type TenantPattern,
  tryPattern,
} from './index.ts';
import { searchPatterns } from './pattern-search.ts';

const spec = (pattern: string, more: Partial<PatternSpec> = {}): PatternSpec => ({
  name: 'member',
  dataClass: 'customer_number',
  pattern,
  matches: ['MB-123456'],
  differs: [],
  ...more,
});
const ready = (pattern: string, more: Partial<PatternSpec> = {}): TenantPattern => {
  const made = compilePattern(spec(pattern, more));
  if (isRefusal(made)) throw new Error(made.code);
  return made;
};
const codeOf = (asked: PatternSpec): unknown => {
  const made = compilePattern(asked);
  return isRefusal(made) ? [made.code, made.evidence.field] : 'accepted';
};

describe('patterns of tenants', () => {
  it('are held against their examples, and a refusal says which, not what', () => {
    expect(codeOf(spec('MB-[0-9]{6}', { differs: ['MB-12', 'SKU-123456'] }))).toBe('accepted');
    expect(codeOf(spec('MX-[0-9]{6}'))).toEqual(['DLP_PATTERN_EXAMPLE', 'matches.0']);
    expect(codeOf(spec('[A-Z]{2}-[0-9]+', { differs: ['nothing', 'XY-1'] }))).toEqual(['DLP_PATTERN_EXAMPLE', 'differs.1']);
    expect(codeOf(spec('MB-[0-9]{6}', { matches: [] }))).toEqual(['DLP_PATTERN_TOO_LARGE', 'matches']);
  });

  it.each([
    ['(a)\\1', 'DLP_PATTERN_UNSUPPORTED'],
    ['(?=a)b', 'DLP_PATTERN_UNSUPPORTED'],
    ['(?<!a)b', 'DLP_PATTERN_UNSUPPORTED'],
    ['[', 'DLP_PATTERN_UNSUPPORTED'],
    ['(?:a{1000}){1000}', 'DLP_PATTERN_UNSUPPORTED'],
    ['\\p{L}{1,900}\\p{N}{1,900}\\p{L}{1,900}', 'DLP_PATTERN_TOO_LARGE'],
    ['(?i)(?:[a-z ]?){300}x9', 'DLP_PATTERN_TOO_LARGE'],
    ['a*', 'DLP_PATTERN_TOO_WIDE'],
    ['(?:MB-[0-9]{6})?', 'DLP_PATTERN_TOO_WIDE'],
    ['^', 'DLP_PATTERN_TOO_WIDE'],
    ['x'.repeat(MAX_PATTERN_CHARS + 1), 'DLP_PATTERN_TOO_LARGE'],
  ])('%s is refused', (pattern, code) => {
    const made = tryPattern({ dataClass: 'customer_number', pattern });
    expect(isRefusal(made) && made.code).toBe(code);
    // The pattern is the tenant's; it is in no message.
    if (isRefusal(made) && pattern.length > 3) expect(made.reason).not.toContain(pattern);
  });

  it('a class that is found in no text has no pattern', () => {
    expect(codeOf(spec('MB-[0-9]{6}', { dataClass: 'review' }))).toEqual(['DLP_PATTERN_CLASS', 'class']);
  });

  it('are found in texts, escapes and JSON, and masked as their class', () => {
    const patterns = [ready('MB-[0-9]{6}')];
    const text = 'My number is MB-123456.';
    expect(detect(text, { patterns })).toMatchObject([{ start: 13, end: 22, type: 'CUSTOMER_ID', personal: true }]);
    expect(detect('?member=MB%2D123456&x', { patterns })).toHaveLength(1);
    const conversation = createConversation({ known: [], patterns });
    expect(conversation.render('{"note":"MB-123456"} and MB-654321, MB-123456', { format: 'text', role: 'user' })).toBe(
      '{"note":"<CUSTOMER_ID_1>"} and <CUSTOMER_ID_2>, <CUSTOMER_ID_1>',
    );
    const vouchers = [ready('GC-[A-Z0-9]{8}', { name: 'voucher', dataClass: 'gift_card', matches: ['GC-AB12CD34'] })];
    expect(createConversation({ known: [], patterns: vouchers }).render('code GC-AB12CD34', { format: 'text', role: 'user' })).toBe(
      'code [secret removed]',
    );
  });

  it('find a value wherever it stands in a long text, on the border of windows too', () => {
    const pattern = ready('MB-[0-9]{6}');
    for (let at = 380; at < 520; at += 1) {
      const text = `${' '.repeat(at)}MB-123456${' '.repeat(900)}`;
      expect(detect(text, { patterns: [pattern] })).toMatchObject([{ start: at, end: at + 9 }]);
    }
  });

  it('where there is more to find than anybody can mean, the rest counts as one find', () => {
    const spans = detect('a1'.repeat(256), { patterns: [ready('[a-z][0-9]', { matches: ['a1'] })] });
    expect(spans.at(-1)?.end).toBe(512);
  });

  /** Times the engine looks at a character, and the most it may. */
  const readsOf = (patterns: readonly TenantPattern[], text: string): number => {
    const meter = { left: 1e12 };
    searchPatterns(patterns, text, { report: () => {}, meter });
    return 1e12 - meter.left + text.length * 16;
  };
  const tried = (pattern: string): TenantPattern => {
    const one = tryPattern({ dataClass: 'customer_number', pattern });
    if (isRefusal(one)) throw new Error(one.code);
    return { name: 'x', ...one };
  };

  it.each(['x(?:.*y)?', '(?:a+)+b', '(?:a|aa)+c', '(?i)[a-z]{1,60}z{3}', '.+z', '\\bxa{1,40}\\b', '(?:[a-z]{1,60}){1,4}z|q'])(
    '%s grows with the text alone',
    (pattern) => {
      const patterns = [tried(pattern)];
      readsOf(patterns, 'xa'.repeat(2_048));
      const cost = readsOf(patterns, 'xa'.repeat(2_048));
      expect(readsOf(patterns, 'xa'.repeat(32_768))).toBeLessThan(20 * cost);
    },
  );

  it('where none of them finds anything, a text costs what following one automaton costs, however many there are and with word borders too', () => {
    const patterns = Array.from({ length: 20 }, (_, nth) => tried(`\\b\\d{${nth + 8}}\\b`));
    const text = 'Hello, order 2041 of the blue chair has not arrived, it was sent on 3 May with 1234567. '.repeat(200);
    readsOf(patterns, text);
    expect(readsOf(patterns, text)).toBeLessThan(text.length);
    expect(readsOf(patterns, `${text} 12345678 ${text}`)).toBeLessThan(2 * text.length + 5_000);
  });

  it.each([
    ['(?i)(?:[a-z]{1,60}){1,4}z|q', 'aaaaaaaq'],
    ['\\b[A-Za-z ]{1,200}Q\\b|x', 'aaa x '],
  ])('%s on a text made for it is stopped, and the call refused', (pattern, unit) => {
    const patterns = [tried(pattern)];
    expect(() => detect(unit.repeat(40_000), { patterns })).toThrow(expect.objectContaining({ code: 'DLP_PATTERNS_TOO_DEAR' }));
    // Of a usual length it is read to its end.
    expect(detect(unit.repeat(100), { patterns }).length).toBeGreaterThan(0);
  });

  it('find what each finds alone and unfiltered, at every place of a window [seed 7]', () => {
    const patterns = [
      '\\bAB?\\b',
      '(?m)^a+$',
      '\\B[01]{2}',
      'a\\b.',
      '(?:a|b)*?0',
      '$|1$',
      '^ab',
      '[^a]\\z',
      'é\\b|\\bé',
      'ab{2,}|b',
    ].flatMap((pattern) => {
      const one = tryPattern({ dataClass: 'customer_number', pattern });
      return isRefusal(one) ? [] : [one];
    });
    expect(patterns.length).toBeGreaterThan(6);
    let seed = 7;
    const next = (below: number): number => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
      return (seed >>> 8) % below;
    };
    for (let round = 0; round < 400; round += 1) {
      const text = Array.from({ length: next(40) }, () => ['a', 'b', 'A', '0', '1', ' ', '\n', 'é', '😀'][next(9)]).join('');
      const found: string[] = [];
      searchPatterns(patterns, text, { report: (start, end) => found.push(`${start}-${end}`), meter: { left: 1e9 } });
      const alone = patterns.flatMap(({ compiled }) => {
        const finds: string[] = [];
        const matcher = compiled.matcher(text);
        while (matcher.find()) if (matcher.end() > matcher.start()) finds.push(`${matcher.start()}-${matcher.end()}`);
        return finds;
      });
      expect(found.sort(), JSON.stringify(text)).toEqual(alone.sort());
    }
  });
});
