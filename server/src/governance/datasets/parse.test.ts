// Tables and who reads which part of them: by values alone.

import { describe, expect, test } from 'vitest';
import { isRefusal, type Refusal } from '#core';
import { type Dropped, dropCards } from './drop-cards.ts';
import { passes, readableFor } from './filters.ts';
import { type Cells, createTableReader, type DatasetFormat } from './parse.ts';

/** The whole of a text, cut where the numbers say. */
function parseDataset(
  format: DatasetFormat,
  text: string,
  cuts: readonly number[] = [],
): { columns: readonly string[] | null; rows: Cells[] } | Refusal {
  const reader = createTableReader(format);
  const rows: Cells[] = [];
  const ends = [...cuts, text.length];
  for (const [nth, end] of ends.entries()) {
    const some = reader.push(text.slice(nth === 0 ? 0 : ends[nth - 1], end));
    if (isRefusal(some)) return some;
    rows.push(...some);
  }
  const last = reader.end();
  return isRefusal(last) ? last : { columns: reader.columns(), rows: [...rows, ...last] };
}

const wrong = (format: DatasetFormat, text: string): unknown => {
  const table = parseDataset(format, text);
  return isRefusal(table) ? table.evidence : table;
};

describe('a file', () => {
  test('of CSV keeps quotes, commas and line ends inside of cells', () => {
    expect(parseDataset('csv', '\ufeffa,b\r\n"x, ""y""\nz",2\r\n')).toEqual({ columns: ['a', 'b'], rows: [['x, "y"\nz', '2']] });
  });

  test('of JSON lines fills what a record leaves out, and refuses what would be lost', () => {
    expect(parseDataset('jsonl', '{"a":"x","b":1}\n\n{"a":null}\n')).toEqual({
      columns: ['a', 'b'],
      rows: [
        ['x', '1'],
        ['', ''],
      ],
    });
    expect(wrong('jsonl', '{"a":1}\n{"a":1,"c":2}')).toEqual({ line: 2, why: 'cells' });
  });

  test.each([
    ['csv', '', 1, 'empty'],
    ['csv', 'a,a\n', 1, 'column_twice'],
    ['csv', 'a b\n', 1, 'column_name'],
    ['csv', '__proto__\n', 1, 'column_name'],
    ['csv', 'a\n"x\n', 3, 'quote'],
    ['csv', 'a\n"x"y\n', 2, 'quote'],
    ['csv', 'a,b\n1,2,3\n', 2, 'cells'],
    ['jsonl', '{"a":1,"a":2}', 1, 'json'],
  ] as const)('of %s %j is refused in line %i: %s', (format, text, line, why) => {
    expect(wrong(format, text)).toEqual({ line, why });
  });
});

describe('a file that comes in pieces', () => {
  const CSV = '\ufeffa,b\r\n"x, ""y""\r\nz",2\r\n"",\r\nlast,\r3';
  const LINES = '{"a":"x\\ny","b":1}\r\n\n{"a":null}\n{"b":"end"}';
  const BROKEN = 'a,b\n1,2\n"x"y,3\n';

  test.each([
    ['csv', CSV],
    ['jsonl', LINES],
    ['csv', BROKEN],
  ] as const)('of %s is the same table, or wrong in the same line, wherever it is cut', (format, text) => {
    const whole = parseDataset(format, text);
    for (let one = 0; one <= text.length; one += 1)
      for (let other = one; other <= text.length; other += 1) expect(parseDataset(format, text, [one, other])).toEqual(whole);
  });
});

describe('card numbers in a dataset', () => {
  test('go for good wherever they stand, but for their last four digits, with the code beside them; other numbers stay', () => {
    const dropped: Dropped = { cards: 0, codes: 0 };
    const kept = (text: string): string => dropCards(text, dropped);
    expect(kept('paid with 4242 4242 4242 4242, cvv 123, thanks')).toBe('paid with [card ending 4242], cvv [code not kept], thanks');
    expect(kept('4111111111111111')).toBe('[card ending 1111]');
    expect(kept('cvc: 7788')).toBe('cvc: [code not kept]');
    expect(dropped).toEqual({ cards: 2, codes: 2 });
    for (const text of ['order 1234567890123', 'call +49 30 5550100', 'sku 4242 4242 4242 4243', '', 'size 123'])
      expect(kept(text)).toBe(text);
    expect(dropped).toEqual({ cards: 2, codes: 2 });
  });

  test('go however they are written: other spaces, dashes and digits, escaped, encoded, a code named in any of its words', () => {
    for (const text of [
      ...['\u202f', '\u2009', '\t', '\u2013', ' - '.trim(), '%20', '&nbsp;', '\u200b'].map((gap) =>
        ['4111', '1111', '1111', '1111'].join(gap),
      ),
      ...[
        '\uff14\uff11\uff11\uff11 \uff11\uff11\uff11\uff11 \uff11\uff11\uff11\uff11 \uff11\uff11\uff11\uff11',
        `\u0664${'\u0661'.repeat(15)}`,
      ],
      ...[Buffer.from('4111111111111111').toString('base64'), Buffer.from('4111 1111 1111 1111').toString('base64url')],
      ...['Prufnummer: 123', 'veiligheidscode 123'],
    ]) {
      const dropped: Dropped = { cards: 0, codes: 0 };
      expect([text, dropCards(text, dropped)]).not.toEqual([text, text]);
      expect(dropped.cards + dropped.codes).toBe(1);
    }
  });
});

describe('a reader', () => {
  const grant = (subject: string, columns: readonly string[] | null, values?: readonly string[]) => ({
    id: subject,
    subject,
    columns,
    filter: values === undefined ? null : { column: 'city', kind: 'one_of' as const, values },
  });
  const reader = { person: 'per_1', roles: ['analyst'], isManager: false };
  const all = ['email', 'city'];

  test('reads nothing of a dataset that was granted to others, whoever manages it reads all of it', () => {
    const others = [grant('per_2', null), grant('role:auditor', null)];
    expect(readableFor(reader, all, others, null)).toMatchObject({ code: 'GOVERNANCE_DATASET_NOT_GRANTED' });
    expect(readableFor({ ...reader, isManager: true }, all, others, null)).toEqual({ columns: all, filters: [] });
  });

  test('does not read columns of one grant for rows of another', () => {
    const grants = [grant('per_1', ['email'], ['Rome']), grant('role:analyst', ['city'])];
    expect(readableFor(reader, all, grants, ['email', 'city'])).toMatchObject({ code: 'GOVERNANCE_DATASET_NOT_GRANTED' });
    expect(readableFor(reader, all, grants, ['email'])).toEqual({ columns: ['email'], filters: [grants[0]?.filter] });
    expect(readableFor(reader, all, grants, ['city'])).toEqual({ columns: ['city'], filters: [] });
  });

  test('sees a row when its filter lets it', () => {
    const filters = [{ column: 'city', kind: 'not' as const, values: ['Rome'] }];
    expect([passes(filters, () => 'Rome'), passes(filters, () => 'Bonn'), passes([], () => 'Rome')]).toEqual([false, true, true]);
  });
});
