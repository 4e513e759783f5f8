// Tables and who reads which part of them: by values alone.

import { describe, expect, test } from 'vitest';
import { isRefusal } from '#core';
import { passes, readableFor } from './filters.ts';
import { type DatasetFormat, parseDataset } from './parse.ts';

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
