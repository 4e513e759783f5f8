import { describe, expect, it } from 'vitest';
import type { Handling } from '#core';
import { createConversation } from './conversation.ts';
import { type Destination, DLP_TYPES, type DlpType, type KnownValue } from './types.ts';

const ALL: Destination = { types: 'all', escape: 'none', inLinks: false };
const IN_JSON: Destination = { types: 'all', escape: 'json', inLinks: false };
const user = { format: 'text', role: 'user' } as const;
const known: readonly KnownValue[] = [
  { type: 'PERSON', value: 'Zoë Groß', subject: 'customer:1' },
  { type: 'PERSON', value: 'Max Ilves', subject: 'customer:2' },
  { type: 'EMAIL', value: 'zoe@example.com', subject: 'customer:1' },
  { type: 'PHONE', value: '+4915123456789', subject: 'customer:1' },
  { type: 'PHONE', value: '+4915123000000', subject: 'customer:2' },
];

describe('render', () => {
  it('numbers by first appearance over all messages, the same value always alike', () => {
    const conversation = createConversation({ known });
    expect(conversation.render('You help Zoë Groß.', { format: 'text', role: 'system' })).toBe('You help <PERSON_1>.');
    expect(conversation.render('Max Ilves asked, ZOE GROSS paid', user)).toBe('<PERSON_2> asked, <PERSON_1> paid');
    expect(conversation.render('zoe@example.com, other@example.com, ZOE@EXAMPLE.COM', user)).toBe('<EMAIL_1>, <EMAIL_2>, <EMAIL_1>');
    expect(conversation.render('+49 (0)1512 3456789 or 01512 3456789 or 01512 3000000', user)).toBe('<PHONE_1> or <PHONE_1> or <PHONE_2>');
    expect(conversation.size).toBe(6);
    expect(conversation.counts).toEqual({ PERSON: 3, EMAIL: 3, PHONE: 3 });
  });

  it('returns a text without personal data as the same string', () => {
    const text = `a parcel, <b>bold</b> & ${'x'.repeat(50)} https://shop.example/p/1 {not json`;
    const conversation = createConversation({ known });
    expect(conversation.render(text, user)).toBe(text);
    const json = '{"a": [1, "two", 3.5],  "b":"https://shop.example/p/1"}';
    expect(conversation.render(json, { format: 'json', role: 'tool_result' })).toBe(json);
    expect(conversation.size).toBe(0);
  });

  it('masks cards and secrets for good, and drops the verification value', () => {
    const conversation = createConversation({ known: [] });
    const rendered = conversation.render('pay 4242 4242 4242 4242 cvv 123, key sk_live_abcdefghijklmnop1234', user);
    expect(rendered).toBe('pay [card ending 4242] cvv [secret removed], key [secret removed]');
    expect(conversation.restore(rendered, ALL).text).toBe(rendered);
    expect(conversation.size).toBe(0);
    expect(conversation.counts).toEqual({ CARD: 1, SECRET: 2 });
  });

  it('replaces a link only when it is about somebody', () => {
    const conversation = createConversation({ known });
    expect(conversation.render('https://shop.example/p/1 https://shop.example/u/zoe77', user)).toBe('https://shop.example/p/1 <URL_1>');
  });

  it('never lets two people share a number, even when their names fold alike', () => {
    const conversation = createConversation({
      known: [
        { type: 'PERSON', value: 'José Muller', subject: 'a' },
        { type: 'PERSON', value: 'Jose Müller', subject: 'b' },
      ],
    });
    const rendered = conversation.render('José Muller, Jose Müller, JOSE MULLER', user);
    expect(rendered).toBe('<PERSON_1>, <PERSON_2>, <PERSON_3>');
    expect(conversation.restore(rendered, ALL).text).toBe('José Muller, Jose Müller, JOSE MULLER');
  });

  it('keeps people apart who share a family name and stand side by side', () => {
    const family = ['Peter Quist', 'Anna Quist'].map((value) => ({ type: 'PERSON', value, subject: null }) as const);
    const conversation = createConversation({ known: family });
    expect(conversation.render('Peter Quist, Anna Quist, Quist anna@example.com', user)).toBe(
      '<PERSON_1>, <PERSON_2>, <PERSON_3> <EMAIL_1>',
    );
  });

  it('does not give a number with the same last digits but another country for the known one', () => {
    const conversation = createConversation({ known });
    const rendered = conversation.render('+49 1512 3456789 and +44 1512 3456789, 2 51 23456789', user);
    expect(rendered).toBe('<PHONE_1> and <PHONE_2>, <PHONE_3>');
    expect(conversation.restore(rendered, ALL).text).toBe('+4915123456789 and +44 1512 3456789, 2 51 23456789');
  });

  it('does not take a look-alike address for the known one', () => {
    const conversation = createConversation({ known });
    const alike = 'zo\u0435@example.com';
    const rendered = conversation.render(`zoe@example.com ${alike} zo%D0%B5@example.com ZOE@example.com \uff5aoe@example.com`, user);
    expect(rendered).toBe('<EMAIL_1> <EMAIL_2> <EMAIL_2> <EMAIL_1> <EMAIL_1>');
    expect(conversation.restore('<EMAIL_2>', ALL).text).toBe(alike);
  });

  it('asks about phone numbers only so often in all parts together', () => {
    const conversation = createConversation({ known: [] });
    const parts = Array.from({ length: 3000 }, (_, index) => conversation.render(`111-111-${1000 + index}`, user));
    expect([parts[0], parts.at(-1)?.startsWith('<PHONE_')]).toEqual(['111-111-1000', true]);
  });

  it('does not choose between two known numbers that both fit', () => {
    const phones = ['+4915123456789', '+4415123456789'].map((value) => ({ type: 'PHONE', value, subject: null }) as const);
    const conversation = createConversation({ known: phones });
    const rendered = conversation.render('0151 23456789', user);
    expect(rendered).toBe('<PHONE_1>');
    expect(conversation.restore(rendered, ALL).text).toBe('0151 23456789');
  });

  it('gives back the record spelling of a known value and the decoded form of an encoded one', () => {
    const conversation = createConversation({ known });
    const rendered = conversation.render('ZOE GROSS, new%40example.org', user);
    expect(rendered).toBe('<PERSON_1>, <EMAIL_1>');
    expect(conversation.restore(rendered, ALL).text).toBe('Zoë Groß, new@example.org');
  });

  it('stops when there are more values than numbers', () => {
    const conversation = createConversation({ known: [] });
    const many = Array.from({ length: 100_000 }, (_, index) => `a${index}@b.example`).join(' ');
    expect(() => conversation.render(many, user)).toThrow(expect.objectContaining({ code: 'DLP_TOO_MANY_VALUES' }));
  });
});

describe('render of JSON', () => {
  const result = { format: 'json', role: 'tool_result' } as const;

  it('masks leaves by their field names and keeps everything else byte for byte', () => {
    const conversation = createConversation({ known: [] });
    const text = '{ "first_name":"Ann",  "zip": 83646, "phone": 5551234, "n": 12345678901234, "note": "for Ann\\nand zoe@example.com" }';
    expect(conversation.render(text, result)).toBe(
      '{ "first_name":"<PERSON_1>",  "zip": "<POSTCODE_1>", "phone": "<PHONE_1>", "n": 12345678901234, "note": "for <PERSON_1>\\nand <EMAIL_1>" }',
    );
  });

  it('reads JSON within JSON, and keys that are values', () => {
    const conversation = createConversation({ known: [] });
    const text = JSON.stringify({ 'zoe@example.com': JSON.stringify({ last_name: 'Quist', x: 1 }) });
    const rendered = conversation.render(text, result);
    expect(rendered).toBe(JSON.stringify({ '<EMAIL_1>': JSON.stringify({ last_name: '<PERSON_1>', x: 1 }) }));
    expect(conversation.restore(rendered, IN_JSON).text).toContain('zoe@example.com');
  });

  it('remembers what a structured field said for the rest of the conversation', () => {
    const conversation = createConversation({ known: [] });
    conversation.render('{"customer":{"first_name":"Ignace","last_name":"Quist"}}', result);
    expect(conversation.render('Ignace is waiting, says QUIST', { format: 'text', role: 'assistant' })).toBe(
      '<PERSON_1> is waiting, says <PERSON_2>',
    );
  });

  it('learns from a tool result that does not say it is JSON', () => {
    const conversation = createConversation({ known: [] });
    expect(conversation.render('{"first_name": "Ignace"}', { format: 'text', role: 'tool_result' })).toBe('{"first_name": "<PERSON_1>"}');
    expect(conversation.render('{"first_name": "refund"} and refund', user)).toBe('{"first_name": "refund"} and refund');
    expect(conversation.render('{"first_name": "refund"}', user)).toBe('{"first_name": "refund"}');
  });

  it('masks examples in a tool schema and learns nothing from the names of its properties', () => {
    const conversation = createConversation({ known });
    const schema =
      '{"name":"find","properties":{"email":{"description":"e.g. zoe@example.com"},"city":"the town"},"first_name":"Ignace","description":"Ignace, the town"}';
    const rendered = conversation.render(schema, { format: 'json', role: 'tool_schema' });
    expect(rendered).toBe(schema.replace('zoe@example.com', '<EMAIL_1>'));
  });

  it('falls back to the text when it is not JSON after all', () => {
    const conversation = createConversation({ known });
    expect(conversation.render('{"a": "zoe\\u0040example.com", broken', result)).toBe('{"a": "<EMAIL_1>", broken');
  });

  it('masks numbers with a sign, and numbers in any notation stay as they are', () => {
    const conversation = createConversation({ known: [] });
    expect(conversation.render('[-4242424242424242, 1.5e10, -0.25]', result)).toBe('["-[card ending 4242]", 1.5e10, -0.25]');
  });

  it('restores values escaped, so that arguments stay JSON', () => {
    const odd = 'Zo"ë\\ Groß\n';
    const conversation = createConversation({ known: [] });
    const rendered = conversation.render(JSON.stringify({ full_name: odd.trim() }), result);
    expect(JSON.parse(conversation.restore(rendered, IN_JSON).text)).toEqual({ full_name: odd.trim() });
  });
});

describe('what goes wrong elsewhere and must not here', () => {
  it('placeholders stay in the arguments of a tool call: they are restored there', () => {
    const conversation = createConversation({ known });
    conversation.render('refund zoe@example.com', user);
    expect(conversation.restore('{"to":"<EMAIL_1>","text":"Hi \\u003cEMAIL_1\\u003e"}', IN_JSON).text).toBe(
      '{"to":"zoe@example.com","text":"Hi zoe@example.com"}',
    );
  });

  it('numbering restarts with each message, and two people share a number: it goes on over the conversation', () => {
    const conversation = createConversation({ known });
    const rendered = ['I am Zoë Groß', 'and I am Max Ilves'].map((text) => conversation.render(text, user));
    expect(rendered).toEqual(['I am <PERSON_1>', 'and I am <PERSON_2>']);
    expect(rendered.map((text) => conversation.restore(text, ALL).text)).toEqual(['I am Zoë Groß', 'and I am Max Ilves']);
  });

  it('the map of one request serves another: conversations share nothing', () => {
    const [one, two] = [createConversation({ known }), createConversation({ known })];
    one.render('zoe@example.com', user);
    expect(two.restore('<EMAIL_1>', ALL)).toMatchObject({ text: '<EMAIL_1>', restored: 0, foreign: ['<EMAIL_1>'], withheld: [] });
    two.render('other@example.com', user);
    expect(two.restore('<EMAIL_1>', ALL).text).toBe('other@example.com');
    expect(one.restore('<EMAIL_1>', ALL).text).toBe('zoe@example.com');
  });

  it('a setting has no effect: a destination gets the classes it may see', () => {
    const conversation = createConversation({ known });
    const rendered = conversation.render('Zoë Groß, zoe@example.com', user);
    const onlyEmail: Destination = { types: new Set(['EMAIL']), escape: 'none', inLinks: false };
    expect(conversation.restore(rendered, onlyEmail)).toMatchObject({
      text: '<PERSON_1>, zoe@example.com',
      restored: 1,
      foreign: [],
      withheld: ['<PERSON_1>'],
    });
  });

  it('the whole stream is held back: words leave as they come', () => {
    const conversation = createConversation({ known });
    conversation.render('zoe@example.com', user);
    const stream = conversation.restoreStream(ALL);
    expect(stream.push('Hello there, ')).toBe('Hello there, ');
    expect(stream.push('write to <EMA')).toBe('write to ');
    expect(stream.push('IL_1> soon')).toBe('zoe@example.com soon');
    expect(stream.end()).toBe('');
  });

  it('arguments of tool calls leave unmasked: they are masked like words', () => {
    const conversation = createConversation({ known });
    expect(conversation.render('{"email":"zoe@example.com"}', { format: 'json', role: 'tool_arguments' })).toBe('{"email":"<EMAIL_1>"}');
  });

  it('offsets of the output are taken for the input’s: finds of every length keep their places', () => {
    const conversation = createConversation({ known });
    const text = 'a@b.example Zoë Groß a.very.long.address@sub.domain.example Max Ilves a@b.example';
    const rendered = conversation.render(text, user);
    expect(rendered).toBe('<EMAIL_1> <PERSON_1> <EMAIL_2> <PERSON_2> <EMAIL_1>');
    expect(conversation.restore(rendered, ALL).text).toBe(text);
  });

  it('what is refused or gone for good is so within a find of another class', () => {
    const rest = Object.fromEntries(DLP_TYPES.map((type) => [type, 'tokenise'])) as Record<DlpType, Handling>;
    const link = 'see https://x.example/r?email=zoe@example.com&ssn=123-45-6789';
    const refusing = createConversation({ known: [], handling: { ...rest, EMAIL: 'refuse' } });
    refusing.render(link, user);
    expect(refusing.refused).toEqual({ EMAIL: 1 });
    const masking = createConversation({ known: [], handling: { ...rest, SSN: 'mask' } });
    expect(masking.render(link, user)).toBe('see [ssn removed]');
    expect(masking.tokens()).toEqual([]);
    expect(createConversation({ known: [], handling: rest }).render(link, user)).toBe('see <URL_1>');
  });

  it('masks system prompts, tool descriptions and tool schemas like everything else', () => {
    for (const role of ['system', 'assistant', 'tool_result', 'tool_schema', 'tool_arguments', 'other'] as const) {
      for (const format of ['text', 'json'] as const) {
        const conversation = createConversation({ known });
        const text = format === 'json' ? '{"description":"ask Zoë Groß"}' : 'ask Zoë Groß';
        expect(conversation.render(text, { format, role })).toBe(text.replace('Zoë Groß', '<PERSON_1>'));
      }
    }
  });
});
