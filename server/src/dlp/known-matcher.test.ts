import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { detect } from './detect.ts';
import { createKnownMatcher } from './known-matcher.ts';
import type { DlpType, KnownValue } from './types.ts';

function knownValue(type: DlpType, value: string, subject: string | null = null): KnownValue {
  return { type, value, subject };
}

const customer = createKnownMatcher([
  knownValue('PERSON', 'Zoë'),
  knownValue('PERSON', "O'Neill-Groß"),
  knownValue('PERSON', "Zoë O'Neill-Groß"),
  knownValue('EMAIL', 'zoe.gross@example.com'),
  knownValue('PHONE', '+49 1512 3456789'),
  knownValue('STREET_ADDRESS', 'Lange Str. 5b Apt. 7'),
  knownValue('CITY', 'Bad Tölz'),
  knownValue('POSTCODE', '83646'),
  knownValue('POSTCODE', 'L8L 2Q6'),
  knownValue('CUSTOMER_ID', 'zoe_gross_4711'),
  knownValue('PERSON', '王小明'),
]);

function found(text: string): string[] {
  return detect(text, { known: customer })
    .filter((span) => span.known)
    .map((span) => `${span.type} ${text.slice(span.start, span.end)}`);
}

describe('known values', () => {
  it.each([
    ['ask Zoë!', 'PERSON Zoë'],
    ['ask zoe today', 'PERSON zoe'],
    ['ZOE', 'PERSON ZOE'],
    ["Zoë's parcel", 'PERSON Zoë'],
    ["ZOË O'NEILL-GROSS", "PERSON ZOË O'NEILL-GROSS"],
    ['zoe oneill gross', 'PERSON zoe oneill gross'],
    ["O'Neill-Groß, Zoë", "PERSON O'Neill-Groß, Zoë"],
    ['O\u2019Neill Gross', 'PERSON O\u2019Neill Gross'],
    ['user zoe77 wrote', 'PERSON zoe77'],
    ['user zoe_o.neill wrote', 'PERSON zoe_o.neill'],
    ['zoeoneillgross', 'PERSON zoeoneillgross'],
    ['see https://club.example/x/zoe77 now', 'URL https://club.example/x/zoe77'],
    ['mail zoe@other.example now', 'EMAIL zoe@other.example'],
    ['zoe.gross (at) example (dot) com', 'EMAIL zoe.gross (at) example (dot) com'],
    ['zoe.gross at example dot com', 'EMAIL zoe.gross at example dot com'],
    ['+49 (0)1512/345 67 89', 'PHONE +49 (0)1512/345 67 89'],
    ['0044 1512 3456789', 'PHONE 0044 1512 3456789'],
    ['01512-3456789', 'PHONE 01512-3456789'],
    ['15123456789', 'PHONE 15123456789'],
    ['lange strasse 5B', 'STREET_ADDRESS lange strasse 5B'],
    ['LANGE STR 5b, apt 7', 'STREET_ADDRESS LANGE STR 5b, apt 7'],
    ['Bad Toelz', 'CITY Bad Toelz'],
    ['D-83646', 'POSTCODE 83646'],
    ['l8l2q6', 'POSTCODE l8l2q6'],
    ['id zoe_gross_4711.', 'CUSTOMER_ID zoe_gross_4711'],
    ['我是王小明。', 'PERSON 王小明'],
  ])('are found in %j', (text, expected) => {
    expect(found(text)).toEqual([expected]);
  });

  it.each(['zoetrope', 'Lange Str. 15', '183646', '83646.50 EUR', '8 3 6 4 6', 'bad weather', 'L8L 2Q7', 'the gross price'])(
    'are not found in %j',
    (text) => {
      expect(found(text)).toEqual([]);
    },
  );

  it('takes an everyday word for a name only where it is written like one', () => {
    const known = createKnownMatcher([knownValue('PERSON', 'Will'), knownValue('CITY', 'Nice'), knownValue('PERSON', 'Jo')]);
    const spans = (text: string): number => detect(text, { known }).length;
    expect(spans('it will be nice, jo')).toBe(0);
    expect(spans('Will from Nice, Jo')).toBe(3);
  });

  it('marks spans of known values and gives the longest match', () => {
    const text = `Dear Zoë O'Neill-Groß,`;
    expect(detect(text, { known: customer })).toEqual([{ start: 5, end: 21, type: 'PERSON', confidence: 1, known: true, personal: true }]);
  });

  it('covers all of two values that share a word', () => {
    const known = createKnownMatcher([knownValue('PERSON', 'Ann Bo'), knownValue('PERSON', 'Bo Li')]);
    expect(detect('so Ann Bo Li.', { known }).map(({ start, end }) => [start, end])).toEqual([
      [3, 9],
      [10, 12],
    ]);
  });

  it('finds them in base64, percent and JSON escapes', () => {
    for (const form of ['Z%6F%C3%AB', 'Zo\\u00eb', Buffer.from('so Zoë called').toString('base64')])
      expect(found(`a ${form} b`)).toHaveLength(1);
  });

  it('works with phones only, with nothing, and with values added later', () => {
    const phones = createKnownMatcher([knownValue('PHONE', '+49 1512 3456789')]);
    expect(detect('01512 3456789, Anna', { known: phones })).toMatchObject([{ type: 'PHONE', known: true }]);
    const matcher = createKnownMatcher([]);
    expect(matcher.find('Anna')).toEqual([]);
    matcher.add([knownValue('PERSON', 'Anna')]);
    expect([matcher.size, matcher.find('Anna').length]).toEqual([1, 1]);
  });

  it('refuses more values than it can match', () => {
    const many = Array.from({ length: 50_001 }, (_, index) => knownValue('PHONE', String(index)));
    expect(() => createKnownMatcher(many)).toThrow(expect.objectContaining({ code: 'DLP_TOO_MANY_KNOWN_VALUES' }));
  });
});

// An independent reader of texts: undoes every disguise by simple means, then looks for the bare value.
function bare(text: string): string {
  let plain = text;
  for (let round = 0; round < 3; round += 1) {
    plain = plain
      .replace(/\\u([0-9a-fA-F]{4})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
      .replace(/(?:%[0-9a-fA-F]{2})+/g, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'));
  }
  return plain
    .normalize('NFKC')
    .replace(/[\u200b-\u200f\u2060\ufeff\u00ad]/g, '')
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase();
}

const disguises: readonly (readonly [string, (value: string) => string])[] = [
  ['as it is', (value) => value],
  ['upper case', (value) => value.toUpperCase()],
  ['lower case', (value) => value.toLowerCase()],
  ['accents dropped', (value) => value.normalize('NFD').replace(/\p{M}/gu, '')],
  ['decomposed', (value) => value.normalize('NFD')],
  ['zero width inserted', (value) => [...value].join('\u200b')],
  ['soft hyphens inserted', (value) => [...value].join('\u00ad')],
  ['full width', (value) => value.replace(/[!-~]/g, (unit) => String.fromCharCode(unit.charCodeAt(0) + 0xfee0))],
  ['URL-encoded', (value) => encodeURIComponent(value)],
  ['URL-encoded whole', (value) => [...Buffer.from(value)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')],
  ['JSON-escaped', (value) => [...value].map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')],
  ['JSON-escaped accents', (value) => value.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)],
];

const first = fc.constantFrom('Zoë', 'Jürgen', 'Ågot', 'Łukasz', 'Ignace', 'Noémie', 'Søren', 'Xenia', 'Iñigo');
const last = fc.constantFrom("O'Hallorann", 'Quist-Ömer', 'van der Blaak', 'Çelikoğlu', 'Ruuskanen', 'Ålund', 'Zavrel', 'Großmeyer');
const record = fc.record({
  first,
  last,
  domain: fc.constantFrom('example.com', 'mail.example.org', 'shop.example'),
  digits: fc.integer({ min: 1000000, max: 9999999 }),
  street: fc.constantFrom('Lilienweg', 'Rue des Échelles', 'Calle Ñandú', 'Torggatan'),
  house: fc.integer({ min: 1, max: 250 }),
  city: fc.constantFrom('Bad Tölz', 'Łódź', 'Évreux', 'Skövde', 'Port Quillan'),
  zip: fc.constantFrom('83646', '90-001', 'L8L 2Q6', '4743 HV'),
});
const around = fc.constantFrom(
  ['', ''],
  ['Dear ', ', thanks'],
  ['(', ')'],
  ['"', '"'],
  ['order for\n', '.'],
  ['a/', '/b'],
  ['x=', '&y=1'],
  ['**', '**'],
);

describe('a value known from a structured field', () => {
  it('never survives in any disguise', () => {
    fc.assert(
      fc.property(record, around, fc.constantFrom(...disguises), (made, [before, after], [, disguise]) => {
        const values: KnownValue[] = [
          knownValue('PERSON', made.first),
          knownValue('PERSON', made.last),
          knownValue('PERSON', `${made.first} ${made.last}`),
          knownValue('EMAIL', `q${made.digits}@${made.domain}`),
          knownValue('PHONE', `+4915${made.digits}12`),
          knownValue('STREET_ADDRESS', `${made.street} ${made.house}`),
          knownValue('CITY', made.city),
          knownValue('POSTCODE', made.zip),
        ];
        const known = createKnownMatcher(values);
        for (const { value } of values) {
          const text = `${before}${disguise(value)}${after}`;
          let masked = '';
          let copied = 0;
          for (const span of detect(text, { known })) {
            masked += `${text.slice(copied, span.start)}<>`;
            copied = span.end;
          }
          expect(bare(masked + text.slice(copied))).not.toContain(bare(value));
        }
      }),
      { numRuns: 600 },
    );
  });
});
