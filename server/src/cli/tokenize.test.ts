// `tokenize` on conversations of a user's own: what leaves, that it comes back exactly, what is gone for good, and when it stops.

import { describe, expect, it } from 'vitest';
import type { JsonObject } from '#core';
import { SallyportError } from '#core';
import type { Io } from './command.ts';
import { runOffline } from './offline.ts';

const refuse = (): never => {
  throw new Error('not asked for');
};

async function run(input: string, ...argv: string[]) {
  const printed: string[] = [];
  const err: string[] = [];
  const order: string[] = [];
  const io: Io = {
    out: (text) => printed.push(text),
    err: (text) => err.push(text),
    write: async (chunk) => {
      printed.push(String(chunk));
      order.push('written');
    },
    bytes: async function* () {},
    readFile: async () => '["Herman Milford Chair"]',
    lines: async function* (path) {
      if (path !== 'in') throw new SallyportError('CLI_INPUT_UNREADABLE', `${path} can not be read.`);
      for (const line of input.split('\n')) {
        order.push('read');
        yield line;
      }
    },
    writeFile: refuse,
    saveFile: refuse,
    withTemporaryFile: refuse,
    unreadable: refuse,
    readFolder: refuse,
    openNames: refuse,
    ask: refuse,
  };
  const code = await runOffline(['tokenize', ...argv, 'in'], io);
  const out = printed.join('');
  return {
    code,
    err: err.join('\n'),
    order,
    out,
    rows: out
      .trim()
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as JsonObject),
  };
}

const lines = (rows: readonly unknown[]): string => rows.map((row) => JSON.stringify(row)).join('\n');

const OPENAI = {
  id: 'a',
  lang: 'en',
  messages: [
    { role: 'system', content: 'Answer Ottavia Brambilla kindly.' },
    { role: 'user', name: 'Ottavia Brambilla', content: [{ type: 'text', text: 'I am OTTAVIA@example.com, call +49 30 901820 😀' }] },
    {
      role: 'assistant',
      content: null,
      // As Python writes it: escapes where JSON needs none.
      tool_calls: [
        { id: 'call_1', type: 'function', function: { name: 'find', arguments: '{"q": "Zo\\u00eb Gro\\u00df", "phone": 4930901820}' } },
      ],
    },
    { role: 'tool', tool_call_id: 'call_1', content: '{"email":"ottavia@example.com","tel":4930901820,"note":"a\\/b <EMAIL_1>"}' },
  ],
  tools: [
    { type: 'function', function: { name: 'find', description: 'Ask ops@example.com', parameters: { type: 'object', maximum: 99999999 } } },
  ],
  context: { customer: { first_name: 'Ottavia', last_name: 'Brambilla', email: 'ottavia@example.com' } },
  metadata: { agent: 'Ottavia Brambilla', seen: 4930901820 },
};
const ANTHROPIC = {
  id: 'b',
  system: [{ type: 'text', text: 'You serve zoe@example.com', cache_control: { type: 'ephemeral' } }],
  messages: [
    {
      role: 'assistant',
      content: [{ type: 'tool_use', id: 'toolu_1', name: 'look_up', input: { email: 'zoe@example.com', phone: '030 901820' } }],
    },
    {
      role: 'user',
      content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: [{ type: 'text', text: '[Zoe](mailto:zoe@example.com)' }] }],
    },
  ],
  tools: [{ name: 'look_up', description: 'For zoe@example.com', input_schema: { type: 'object' } }],
};

describe('tokenize', () => {
  it('leaves nothing personal in any part of a conversation but the map, one number a value, in either shape', async () => {
    const { code, rows } = await run(lines([OPENAI, ANTHROPIC]), '--json');
    expect(code).toBe(0);
    for (const row of rows) {
      const { tokens: _tokens, written: _written, ...rest } = row;
      expect(JSON.stringify(rest)).not.toMatch(/ottavia|brambilla|@example\.com|901820|Zo(ë|\\u00eb)/i);
    }
    const [first = {}, second = {}] = rows;
    expect((first.messages as JsonObject[])[3]?.content).toBe('{"email":"<EMAIL_1>","tel":"<PHONE_2>","note":"a/b <LITERAL_1>"}');
    expect((first.messages as JsonObject[])[0]?.content).toBe('Answer <PERSON_1> kindly.');
    expect((first.metadata as JsonObject).agent).toBe('<PERSON_1>');
    expect(second.system).toEqual([{ type: 'text', text: 'You serve <EMAIL_1>', cache_control: { type: 'ephemeral' } }]);
    expect(second.tools).toEqual([{ name: 'look_up', description: 'For <EMAIL_1>', input_schema: { type: 'object' } }]);
  });

  it('gives the input back exactly: spellings, escapes, numbers and links included', async () => {
    const { out } = await run(lines([OPENAI, ANTHROPIC, { id: 3, text: 'Zoe@Example.com or zoe@example.com' }]));
    const back = await run(out.trim(), '--restore', '--json');
    expect(back.rows).toEqual([OPENAI, ANTHROPIC, { id: 3, text: 'Zoe@Example.com or zoe@example.com' }]);
  });

  it('masks card numbers and secrets for good and says so: they are in nothing that leaves', async () => {
    const row = { id: 1, text: '4242 4242 4242 4242 belongs to zoe@example.com, password: hunter2hunter2', n: 5555555555554444 };
    const { out, rows } = await run(lines([row]), '--json');
    expect(out).not.toMatch(/4242 4242|hunter2|55555555/);
    expect(rows[0]).toMatchObject({
      text: '[card ending 4242] belongs to <EMAIL_1>, password: [secret removed]',
      n: '[card ending 4444]',
      irreversible: [
        { type: 'CARD', count: 2 },
        { type: 'SECRET', count: 1 },
      ],
    });
    const { rows: back } = await run(out.trim(), '--restore', '--json');
    expect(back[0]).toMatchObject({
      text: '[card ending 4242] belongs to zoe@example.com, password: [secret removed]',
      irreversible: [{}, {}],
    });
  });

  it('restores a reply by its row’s map only: unknown numbers are kept and named, links are not filled, arguments are escaped', async () => {
    const { rows } = await run(
      lines([
        { id: 1, text: 'I am "Zoë" Groß, zoe@example.com', context: { customer: { name: 'Zoë "Z" Groß', email: 'zoe@example.com' } } },
      ]),
    );
    const reply = {
      role: 'assistant',
      content: 'To [email 1], not <EMAIL_2>: https://x.example/?q=<EMAIL_1>',
      tool_calls: [{ function: { name: 'f', arguments: '{"to":"&lt;EMAIL_1&gt;"}' } }],
    };
    const { rows: back } = await run(lines([{ ...rows[0], reply }]), '--restore', '--json');
    expect(back[0]).toMatchObject({
      reply: {
        content: 'To zoe@example.com, not <EMAIL_2>: https://x.example/?q=<EMAIL_1>',
        tool_calls: [{ function: { arguments: '{"to":"zoe@example.com"}' } }],
      },
      foreign: ['<EMAIL_2>'],
      withheld: ['<EMAIL_1>'],
    });
  });

  it.each(['bytes', 'utf16'])('checks every text against every cut by %s, and counts', async (split) => {
    const { rows, err } = await run(lines([OPENAI, ANTHROPIC]), '--split', split);
    for (const row of rows) expect(row.split).toMatchObject({ by: split, mismatches: [] });
    expect(err).toMatch(/^2 conversations; \d+ cuts by (bytes|utf16), 0 mismatches\.$/);
    expect(Number(/(\d+) cuts/.exec(err)?.[1])).toBeGreaterThan(800);
    const again = await run(lines(rows.map(({ split: _split, ...row }) => row)), '--restore', '--split', split);
    expect(again.rows[0]?.split).toMatchObject({ by: split, mismatches: [] });
  });

  it('holds one row at a time, and takes a name in the catalogue for no person', async () => {
    const { order, rows } = await run(lines([{ text: 'Is Herman Milford still on sale?' }, { text: 'x' }]), '--catalogue', 'c', '--json');
    expect(order).toEqual(['read', 'written', 'read', 'written']);
    expect(rows[0]).toEqual({ text: 'Is Herman Milford still on sale?', tokens: [] });
  });

  it.each([
    ['{"id":1}', [], 'in line 1: has neither messages nor a text.'],
    ['\n{bad', [], 'in line 2: is not JSON that can be read one way only (JSON_SYNTAX, character 2).'],
    ['{"messages":[3]}', [], 'in line 1: has a message that is no object.'],
    ['{"text":"a","tokens":3}', [], 'in line 1: has a member tokens, which is where the result goes; is it tokenised already?'],
    ['{"text":"a","m":{"zoe@example.com":1}}', [], 'in line 1: has a key that is itself personal data; put it into a value.'],
    ['{"text":"a"}', ['--restore'], 'in line 1: has no tokens, so there is nothing to restore from.'],
    ['{"text":"a","tokens":[{"placeholder":"EMAIL","value":"x"}]}', ['--restore'], 'in line 1: has a token whose placeholder is none.'],
  ])('unreadable input ends it with 3 and names file and line: %j', async (input, argv, message) => {
    const { code, err } = await run(input, '--json', ...argv);
    expect([code, err]).toEqual([3, `CLI_INPUT_UNREADABLE: ${message}`]);
  });

  it.each([[['--split', 'words']], [['--seed', '0']], [['a', 'b']], [['--restore', '--catalogue', 'c']]])(
    'bad usage ends it with 2: %j',
    async (argv) => {
      expect((await run('{"text":"a"}', ...argv)).code).toBe(2);
    },
  );

  it('knows a bare number by its field in any record of the row, and gives it back as a number', async () => {
    const row = { id: 1, text: 'call 4155550134', extra: { phone: 4155550134, last_name: 'Großmann', note: 'of Großmann' } };
    const { out, rows } = await run(lines([row]), '--json');
    const { tokens: _tokens, written: _written, ...shown } = rows[0] as JsonObject;
    expect([JSON.stringify(shown), out.length > 0]).toEqual([expect.not.stringMatching(/4155550134|Großmann/), true]);
    expect((await run(lines(rows), '--restore', '--json')).rows).toEqual([row]);
  });

  it('reads a row of as many parts as a row may have', async () => {
    const row = { id: 1, messages: [{ role: 'user', content: Array.from({ length: 190_000 }, () => 0) }] };
    expect((await run(lines([row]), '--json')).code).toBe(0);
  });

  it('a row with a member of its own that --split would write over is unreadable', async () => {
    const row = lines([{ text: 'a', split: 'train' }]);
    expect((await run(row, '--json')).rows[0]?.split).toBe('train');
    expect((await run(row, '--json', '--split', 'bytes')).code).toBe(3);
  });

  it('a map of another row restores nothing of this one', async () => {
    const { rows } = await run(
      lines([
        { id: 1, text: 'a@example.com' },
        { id: 2, text: 'b@example.com c@example.com' },
      ]),
      '--json',
    );
    const swapped = { ...rows[1], tokens: rows[0]?.tokens as never, reply: '<EMAIL_2>' };
    const { rows: back } = await run(lines([swapped]), '--restore', '--json');
    expect(JSON.stringify(back)).not.toMatch(/[bc]@example/);
    expect(back[0]?.foreign).toEqual(['<EMAIL_2>']);
  });
});
