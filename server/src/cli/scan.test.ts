// `scan pii` on rows of a user's own: what it prints, in which order, when it stops, and with which exit code.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SallyportError } from '#core';
import { createCatalogue } from '#dlp';
import { catalogueEntries } from './catalogue-file.ts';
import type { Io } from './command.ts';
import { isOffline, runOffline } from './offline.ts';
import { readLines } from './read-lines.ts';

const refuse = (): never => {
  throw new Error('not asked for');
};

async function scan(files: Readonly<Record<string, string>>, ...argv: string[]) {
  const printed: string[] = [];
  const err: string[] = [];
  const reading: string[] = [];
  const io: Io = {
    out: (text) => printed.push(`${text}\n`),
    err: (text) => err.push(text),
    write: async (chunk) => {
      printed.push(String(chunk));
      reading.push('written');
    },
    bytes: async function* () {},
    readFile: async (path) => files[path] ?? refuse(),
    lines: async function* (path) {
      if (files[path] === undefined) throw new SallyportError('CLI_INPUT_UNREADABLE', `${path} can not be read.`);
      for (const line of (files[path] as string).split('\n')) {
        reading.push('read');
        yield line;
      }
    },
    writeFile: refuse,
    saveFile: refuse,
    withTemporaryFile: refuse,
    unreadable: refuse,
    readFolder: refuse,
    ask: refuse,
    openNames: refuse,
  };
  const code = await runOffline(['scan', 'pii', ...argv], io);
  return { code, err: err.join('\n'), reading, rows: printed.join('').trim().split('\n'), printed: printed.join('') };
}

const ROWS = [
  { id: 'a', text: 'My name is Ottavia Brambilla, 😀 ottavia@example.com', lang: 'en', template: 'x' },
  { id: 7, text: 'Where is my parcel?' },
  { text: 'QUIROGA wants 4242 4242 4242 4242 back', context: { customer: { first_name: 'Anselmo', last_name: 'Quiroga' } } },
]
  .map((row) => JSON.stringify(row))
  .join('\n');

describe('scan pii', () => {
  it('writes one line a row, in order, with places in UTF-16 units', async () => {
    const { code, rows, err } = await scan({ 'in.jsonl': ROWS }, '--json', 'in.jsonl');
    expect([code, err]).toEqual([0, '']);
    expect(rows.map((row) => JSON.parse(row))).toEqual([
      {
        id: 'a',
        spans: [
          { start: 11, end: 28, type: 'PERSON', confidence: 0.95 },
          { start: 33, end: 52, type: 'EMAIL', confidence: 0.99 },
        ],
      },
      { id: 7, spans: [] },
      {
        id: null,
        spans: [
          { start: 0, end: 7, type: 'PERSON', confidence: 1, known: true },
          { start: 14, end: 33, type: 'CREDIT_CARD', confidence: 0.97 },
        ],
      },
    ]);
  });

  it('holds one row at a time: a row is written before the next is read', async () => {
    const { reading } = await scan({ '-': ROWS }, '--json');
    expect(reading).toEqual(['read', 'written', 'read', 'written', 'read', 'written']);
  });

  it('without --json it says places and classes, never what stands there', async () => {
    const { printed, err } = await scan({ '-': ROWS });
    expect(printed).toContain('a  11-28  PERSON  0.95');
    expect(err).toBe('3 texts; 2 PERSON, 1 EMAIL, 1 CREDIT_CARD.');
    expect(printed + err).not.toMatch(/Ottavia|4242|Quiroga/i);
  });

  it('a name in the catalogue is no person', async () => {
    const rows = JSON.stringify({ id: 1, text: 'Is Herman Milford still on sale?' });
    const without = await scan({ '-': rows }, '--json');
    const { rows: found } = await scan(
      { '-': rows, shop: '{"products":[{"title":"Herman Milford Chair"}]}' },
      '--json',
      '--catalogue',
      'shop',
    );
    expect([without.rows[0]?.includes('PERSON'), found]).toEqual([true, ['{"id":1,"spans":[]}']]);
  });

  it.each([
    ['{"id":1,"text":"a"}\n{bad', 'in line 2: is not JSON that can be read one way only (JSON_SYNTAX, character 2).'],
    ['\n[1]', 'in line 2: is not a JSON object.'],
    ['{"id":1}', 'in line 1: has no text, or one that is not a string.'],
    ['{"id":{},"text":"a"}', 'in line 1: has an id that is neither a string nor a number.'],
    ['{"text":"a","context":{"customer":3}}', 'in line 1: has a context.customer that is not an object.'],
  ])('unreadable input ends it with 3 and names file and line: %j', async (body, message) => {
    const { code, err } = await scan({ in: body }, '--json', 'in');
    expect([code, err]).toEqual([3, `CLI_INPUT_UNREADABLE: ${message}`]);
  });

  it.each([[['--nope']], [['a', 'b']], [['--catalogue']]])('bad usage ends it with 2: %j', async (argv) => {
    expect((await scan({ a: '' }, ...argv)).code).toBe(2);
  });

  it.each([
    ['any', 1],
    ['CREDIT_CARD', 1],
    ['IBAN,EMAIL', 1],
    ['IBAN', 0],
    ['NOPE', 2],
  ])('--fail-on %s ends it with %i', async (named, code) => {
    expect((await scan({ '-': ROWS }, '--json', '--fail-on', named)).code).toBe(code);
  });

  it('--patterns finds what the user looks for, and a pattern that fails its own example is named', async () => {
    const rows = JSON.stringify({ id: 1, text: 'member MB-123456' });
    const own = { name: 'member', class: 'customer_number', pattern: 'MB-[0-9]{6}', matches: ['MB-123456'], differs: [] };
    const found = await scan({ '-': rows, own: JSON.stringify({ patterns: [own] }) }, '--json', '--patterns', 'own');
    expect(found.rows).toEqual(['{"id":1,"spans":[{"start":7,"end":16,"type":"CUSTOMER_ID","confidence":0.95}]}']);
    const failing = JSON.stringify([own, { ...own, matches: ['MB-1'] }]);
    const refused = await scan({ '-': rows, own: failing }, '--json', '--patterns', 'own');
    expect([refused.code, refused.err]).toEqual([3, expect.stringContaining('own: pattern 2 DLP_PATTERN_EXAMPLE')]);
    expect((await scan({ '-': rows, own: '{"a":1}' }, '--patterns', 'own')).code).toBe(3);
  });

  it('a catalogue of lines is read line by line, one document whole, and what is more than can be kept is said', async () => {
    const rows = JSON.stringify({ id: 1, text: 'Is Herman Milford still on sale?' });
    for (const shop of [
      'Oak Chair\nHerman Milford Chair\n',
      '{"title":"Oak"}\n{"title":"Herman Milford Chair"}',
      '{\n"products":[{"title":"Herman Milford Chair"}]}',
    ])
      expect((await scan({ '-': rows, shop }, '--json', '--catalogue', 'shop')).rows).toEqual(['{"id":1,"spans":[]}']);
    expect(createCatalogue(Array.from({ length: 500_003 }, (_, nth) => `T${nth}`)).left).toBe(3);
  });

  it('is told from commands that need a server by its whole name', () => {
    expect([['scan', 'pii'], ['scan'], ['scan', '--json', 'pii', 'f'], ['runs', 'list']].map(isOffline)).toEqual([
      true,
      false,
      true,
      false,
    ]);
  });
});

describe('a file of lines', () => {
  async function lines(bytes: string | Uint8Array): Promise<readonly string[]> {
    const folder = mkdtempSync(join(tmpdir(), 'sallyport-lines-'));
    try {
      writeFileSync(join(folder, 'f'), bytes);
      const read: string[] = [];
      for await (const line of readLines(join(folder, 'f'))) read.push(line);
      return read;
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  it('is read whole, whatever ends its lines and wherever a character is cut', async () => {
    const long = 'ä😀'.repeat(40_000);
    expect(await lines(`one\r\n\n${long}\nlast`)).toEqual(['one', '', long, 'last']);
  });

  it('that is no UTF-8 is unreadable', async () => {
    await expect(lines(new Uint8Array([0x61, 0x0a, 0xff, 0xfe]))).rejects.toMatchObject({ code: 'CLI_INPUT_UNREADABLE' });
  });
});

describe('a catalogue', () => {
  it.each([
    ['Oak Chair\nPine Desk\n', ['Oak Chair', 'Pine Desk']],
    ['["Oak Chair"]', ['Oak Chair']],
    ['{"title":"Oak Chair","price":"9"}\n{"sku":"GX-1"}', ['Oak Chair', 'GX-1']],
    ['{"products":[{"title":"Oak Chair","variants":[{"sku":"GX-1"}]}]}', ['Oak Chair', 'GX-1']],
  ])('is read from %j', (text, entries) => {
    expect([...catalogueEntries(text)].sort()).toEqual([...entries].sort());
  });
});
