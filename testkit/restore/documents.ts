// Replies as models write them, made of placeholders in every tolerated form, invented ones, links, escapes and other writing, from a seed;
// and the conversation they belong to. Decides nothing about what is right.

import { type Conversation, createConversation } from '../../server/src/dlp/index.ts';

export type Draw = (below: number) => number;

/** xorshift32 (Marsaglia 2003): the same documents for the same seed, everywhere. */
export function drawFrom(seed: number): Draw {
  let state = seed >>> 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const VALUES = [
  'zoe@example.com',
  'max@example.org',
  'Zoë "Z" Groß',
  '王小明',
  '+4915123456789',
  'DE89370400440532013000',
  'Lange Straße 5',
  '123-45-6789',
  'https://shop.example/u/zoe?token=a1b2c3d4e5f6',
  '<EMAIL_1>',
];

/** A conversation in which ten values were given out, as the gateway would hold it. */
export function conversationOfTen(): Conversation {
  const conversation = createConversation({
    known: [
      { type: 'PERSON', value: 'Zoë "Z" Groß', subject: null },
      { type: 'PERSON', value: '王小明', subject: null },
      { type: 'STREET_ADDRESS', value: 'Lange Straße 5', subject: null },
    ],
  });
  for (const value of VALUES) conversation.render(`It is ${value} here`, { format: 'text', role: 'user' });
  return conversation;
}

const OPEN = ['<', '[', '&lt;', '&#60;', '&#x3C;', '\\u003c', '\uff1c', '\uff3b', '< '];
const CLOSE = ['>', ']', '&gt;', '&#62;', '&#x3E;', '\\u003e', '\uff1e', '\uff3d', ' >'];
const NAMES = [
  'EMAIL',
  'email',
  'Person',
  'PERSON',
  'STREET_ADDRESS',
  'street address',
  'PHONE',
  'IBAN',
  'SSN',
  'URL',
  'LITERAL',
  'ＥＭＡＩＬ',
];
const BETWEEN = ['_', ' ', '-', '\\_', '\u2011', '', '\uff3f'];
const NUMBERS = ['1', '2', '3', '12', '01', '9', '１', '99999', '1234567'];
const NOISE = [
  ' ',
  '\n',
  'Hello, ',
  'ä😀',
  '👨‍👩‍👧',
  'é',
  'https://e.example/?q=',
  '](',
  ')',
  '<img src="',
  '">',
  '\\',
  '\\n',
  '"',
  '&',
  '&lt',
  '<EMAIL',
  '[PERSON',
  '\\u00',
  'www.',
  '</b>',
  'a < b',
];

export function documentFrom(draw: Draw): string {
  const pick = (list: readonly string[]): string => list[draw(list.length)] as string;
  let text = '';
  for (let left = 1 + draw(10); left > 0; left -= 1) {
    const angle = draw(4);
    text +=
      angle === 0
        ? pick(NOISE)
        : angle === 1
          ? pick(NOISE) + pick(NOISE)
          : angle === 2
            ? `<${pick(['EMAIL', 'PERSON', 'PHONE', 'IBAN', 'URL', 'STREET_ADDRESS', 'LITERAL'])}_${1 + draw(3)}>`
            : pick(OPEN) + pick(NAMES) + pick(BETWEEN) + pick(NUMBERS) + pick(CLOSE);
  }
  return text;
}
