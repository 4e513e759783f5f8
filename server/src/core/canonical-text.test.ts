import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { canonicalText, foldHomoglyph, stripHidden } from './index.ts';

// Many cases on a busy machine; nothing here waits.
vi.setConfig({ testTimeout: 60_000 });

const tag = (message: string): string => [...message].map((letter) => String.fromCodePoint(0xe0000 + letter.charCodeAt(0))).join('');
const hiddenThings = ['\u200b', '\u200c', '\u200d', '\u2060', '\ufeff', '\u202e', '\u2066', '\u00ad', '\ufe0f', '\u{e0041}', '\u{e0101}'];
const visibleThings = [
  'a',
  'Z',
  '7',
  ' ',
  '@',
  '.',
  'é',
  'e',
  '\u0301',
  '\u0327',
  'ﬃ',
  'а',
  'Ω',
  '漢',
  '😀',
  '👩',
  'م',
  'क',
  '्',
  '한',
  '\u1161',
  '１',
  '½',
  'ς',
];
const anyText = fc
  .array(fc.oneof(fc.constantFrom(...hiddenThings), fc.constantFrom(...visibleThings), fc.string({ unit: 'binary', maxLength: 2 })), {
    maxLength: 40,
  })
  .map((parts) => parts.join(''));

describe('canonicalText', () => {
  it('returns the same string for plain printable ASCII', () => {
    const text = 'Order #1001 for jo@example.com,\n\ttotal < 30 & paid.';
    expect(canonicalText(text)).toMatchObject({ text, changed: false, findings: [] });
  });

  it.each([
    ['full width', 'ＪＯ＠ｅｘａｍｐｌｅ．ｃｏｍ', 'JO@example.com'],
    ['Cyrillic look-alikes', 'раураӏ.соm', 'paypal.com'],
    ['Greek look-alikes', 'ΑΒΕΖ', 'ABEZ'],
    ['Armenian look-alikes', 'օոս', 'onu'],
    ['Cherokee look-alikes', 'ᎪᏴᏟ', 'ABC'],
    ['mathematical letters', '𝐢𝐠𝐧𝐨𝐫𝐞 𝓪𝓵𝓵', 'ignore all'],
    ['circled letters', 'ⓘⓖⓝ', 'ign'],
    ['Arabic-Indic digits', '٤٢٤٢', '4242'],
    ['Devanagari digits', '४२', '42'],
    ['typographic dashes and quotes', '555–0100 ‘x’', "555-0100 'x'"],
    ['decomposed accents', 'cafe\u0301', 'café'],
    ['a zero-width character inside a composition', 'cafe\u200b\u0301', 'café'],
    ['zero-width splitting', 'i\u200bg\u200cn\u2060ore', 'ignore'],
    ['bidi overrides', 'a\u202eb\u202cc', 'abc'],
    ['tag characters', `hi${tag('ignore')}`, 'hi'],
    ['variation selectors', 'a\u{e0101}\ufe01b', 'ab'],
    ['control characters', 'jo\u0000hn\u001b', 'john'],
  ])('folds %s', (_name, input, expected) => {
    expect(canonicalText(input).text).toBe(expected);
  });

  it('counts hidden characters without repeating what they say', () => {
    expect(canonicalText(`a${tag('hi!')}b\u200b\u200b`).findings).toEqual([
      { kind: 'tag_characters', start: 1, end: 7, count: 3 },
      { kind: 'zero_width', start: 8, end: 10, count: 2 },
    ]);
  });

  it('does not report emoji sequences, flags and joiners of scripts that need them', () => {
    const text = `👩‍👩‍👧 ❤️ 1️⃣ \u{1f3f4}${tag('gbeng')}\u{e007f} می‌خواهم क्‍ष`;
    expect(canonicalText(text).findings).toEqual([]);
  });

  it('leads offsets back to the original', () => {
    const original = 'x\u200bｊｏ＠e.com ﬃ!';
    const canonical = canonicalText(original);
    const start = canonical.text.indexOf('jo@');
    expect(canonical.text).toBe('xjo@e.com ffi!');
    const span = canonical.toOriginalSpan(start, start + 'jo@e.com'.length);
    expect(original.slice(span.start, span.end)).toBe('ｊｏ＠e.com');
    const ligature = canonical.toOriginalSpan(canonical.text.indexOf('fi'), canonical.text.indexOf('fi') + 1);
    expect(original.slice(ligature.start, ligature.end)).toBe('ﬃ');
    expect(canonical.toOriginal(canonical.text.length)).toBe(original.length);
  });

  it('is its own canonical text, holds nothing hidden, and maps offsets monotonically within the original', () => {
    fc.assert(
      fc.property(anyText, (original) => {
        const canonical = canonicalText(original);
        expect(canonicalText(canonical.text).text).toBe(canonical.text);
        expect(canonicalText(canonical.text).findings).toEqual([]);
        let last = 0;
        for (let offset = 0; offset <= canonical.text.length; offset += 1) {
          const at = canonical.toOriginal(offset);
          expect(at).toBeGreaterThanOrEqual(last);
          expect(at).toBeLessThanOrEqual(original.length);
          last = at;
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('is a fixed point for every single code point', () => {
    const moved: string[] = [];
    for (let point = 0; point <= 0x10ffff; point += point >= 0x32000 && point < 0xe0000 ? 997 : 1) {
      if (point >= 0xd800 && point <= 0xdfff) continue;
      const once = canonicalText(`a${String.fromCodePoint(point)}b`).text;
      if (canonicalText(once).text !== once) moved.push(point.toString(16));
    }
    expect(moved).toEqual([]);
  });

  it('stays linear on a megabyte of combining marks and joiners', () => {
    const text = 'a\u0316\u0301'.padEnd(300_000, '\u0316\u0301') + '\u200d'.repeat(300_000);
    expect(canonicalText(text).findings).toHaveLength(1);
  });

  it('folds every decimal digit of every script to its value', () => {
    for (const [zero, nine] of [
      ['٠', '٩'],
      ['۰', '۹'],
      ['०', '९'],
      ['๐', '๙'],
      ['𑁦', '𑁯'],
    ] as const) {
      expect(foldHomoglyph(zero)).toBe('0');
      expect(foldHomoglyph(nine)).toBe('9');
    }
  });
});

describe('stripHidden', () => {
  it('returns the same string when nothing is hidden', () => {
    for (const text of ['plain a < b', '👩‍👩‍👧 ❤️', 'می‌خواهم', 'Größe – “ok”', 'раураӏ', `\u{1f3f4}${tag('gbsct')}\u{e007f}`]) {
      expect(stripHidden(text)).toEqual({ text, removed: [] });
    }
  });

  it('removes tag characters, zero-width runs and direction overrides, and says how many', () => {
    const stripped = stripHidden(`Thanks${tag('send all')} for\u200b\u200b it\u202e`);
    expect(stripped.text).toBe('Thanks for it');
    expect(stripped.removed.map((hidden) => [hidden.kind, hidden.count])).toEqual([
      ['tag_characters', 8],
      ['zero_width', 2],
      ['bidi_control', 1],
    ]);
  });

  it('removes messages dressed as flags, emoji selectors and joiners', () => {
    expect(stripHidden(`\u{1f3f4}${tag('ignore')}\u{e007f}`).text).toBe('\u{1f3f4}');
    expect(stripHidden('😀\u{e0101}\u{e0102}').text).toBe('😀');
    expect(stripHidden('a\ufe00\ufe01\ufe02b').text).toBe('ab');
    expect(stripHidden('a\u200db\u200cc').text).toBe('abc');
  });

  it('has nothing left to remove the second time', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const once = stripHidden(text).text;
        expect(stripHidden(once)).toEqual({ text: once, removed: [] });
      }),
      { numRuns: 1000 },
    );
  });
});
