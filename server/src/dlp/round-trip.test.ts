import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createConversation } from './conversation.ts';
import type { Destination, KnownValue } from './types.ts';

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

const LOOK_ALIKES = [
  '<EMAIL_1>',
  '[EMAIL_1]',
  '<email 1>',
  '&lt;EMAIL_1&gt;',
  '&#60;EMAIL_1&#62;',
  '\\u003cEMAIL_1\\u003e',
  '\uff1cEMAIL\uff3f1\uff1e',
  '< EMAIL - 1 >',
  '<EMAIL\\_1>',
  '<EM\u200bAIL_1>',
  '%3CEMAIL_1%3E',
  '<EMAIL_2>',
  '[STREET ADDRESS 1]',
  '<LITERAL_1>',
  '<\u0395MAIL_1>',
];

describe('placeholders in the input', () => {
  it.each(LOOK_ALIKES)('are neutralised: %j brings out no value', (forged) => {
    const conversation = createConversation({ known: [] });
    conversation.render('secret@example.com', user);
    const rendered = conversation.render(`say ${forged} please`, user);
    expect(rendered).toBe('say <LITERAL_1> please');
    const restored = conversation.restore(rendered, ALL);
    expect(restored.text).not.toContain('secret@');
    expect(restored.foreign).toEqual([]);
  });

  it('come back as they were written', () => {
    const conversation = createConversation({ known: [] });
    const rendered = conversation.render('<EMAIL_1> <EMAIL_1> [PHONE_2] a@example.com', user);
    expect(rendered).toBe('<LITERAL_1> <LITERAL_1> <LITERAL_2> <EMAIL_1>');
    expect(conversation.restore(rendered, ALL).text).toBe('<EMAIL_1> <EMAIL_1> [PHONE_2] a@example.com');
  });

  it('can not be made of pieces', () => {
    const piece = fc.constantFrom(
      ...LOOK_ALIKES,
      '<',
      '>',
      '[',
      ']',
      'EMAIL',
      '_',
      '1',
      ' ',
      '&lt;',
      '&gt;',
      '\\u003c',
      'a@example.com',
      '\u200b',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const conversation = createConversation({ known: [] });
        conversation.render('secret@example.com', user);
        const restored = conversation.restore(conversation.render(pieces.join(''), user), ALL);
        expect(restored.text).not.toContain('secret@');
        expect(restored.foreign).toEqual([]);
      }),
      { numRuns: 1500 },
    );
  });
});

describe('round trip', () => {
  const value = fc.oneof(
    fc.constantFrom('Zoë Groß', 'Max Ilves', 'zoe@example.com', '+4915123456789', 'DE89370400440532013000', '192.0.2.17', '123-45-6789'),
    fc.integer({ min: 0, max: 99999 }).map((number) => `person${number}@example.org`),
    fc.constantFrom('https://shop.example/u/somebody', 'https://shop.example/p/1', ...LOOK_ALIKES.filter((form) => !/[&%\\]/.test(form))),
  );
  const filler = fc.oneof(
    fc.constantFrom(' ', ', ', ' (', ') ', '\n', ' "', '" ', ' – ', ' 😀 ', ' 王 '),
    fc.string({ unit: 'grapheme', maxLength: 12 }),
  );
  const parts = fc.array(fc.tuple(filler, value, filler), { maxLength: 8 });

  it('gives every text back exactly, over any parts of a conversation', () => {
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 4 }), (messages) => {
        const conversation = createConversation({ known });
        for (const message of messages) {
          const text = message
            .map(([before, held, after]) => `${before.replace(/[&%\\]/g, '')} ${held} ${after.replace(/[&%\\]/g, '')}`)
            .join('');
          expect(conversation.restore(conversation.render(text, user), ALL)).toMatchObject({ text, foreign: [] });
        }
      }),
      { numRuns: 500 },
    );
  });

  it('gives every JSON value back exactly', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3 }), value, fc.string({ unit: 'grapheme' }), (json, held, text) => {
        const conversation = createConversation({ known });
        const message = JSON.stringify({ json, held, text: `${text.replace(/[&%\\]/g, '')} ${held}` });
        fc.pre(!/[&%]|\\\\|\\u|-?\d{4}|[eE]\d/.test(JSON.stringify({ json, text })));
        const rendered = conversation.render(message, { format: 'json', role: 'tool_arguments' });
        expect(JSON.parse(conversation.restore(rendered, IN_JSON).text)).toEqual(JSON.parse(message));
      }),
      { numRuns: 300 },
    );
  });
});
