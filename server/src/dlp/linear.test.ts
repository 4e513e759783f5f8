// Work grows with the length of the text, whatever the text: counted in characters that the code looks at, not in time.

import { describe, expect, it } from 'vitest';
import { createConversation } from './conversation.ts';
import { detect } from './detect.ts';
import { createKnownMatcher } from './known-matcher.ts';
import { lists } from './test/lists.ts';
import type { KnownValue } from './types.ts';

const known: readonly KnownValue[] = [
  { type: 'PERSON', value: 'Anna Maria Quist', subject: null },
  { type: 'PHONE', value: '+4915112345678', subject: null },
  { type: 'STREET_ADDRESS', value: 'Langenfelder Str. 5 Apt. 716', subject: null },
  { type: 'POSTCODE', value: '12345', subject: null },
  { type: 'EMAIL', value: 'anna@example.com', subject: null },
];

/** Characters read through the string methods and expressions while `work` runs. */
function countSteps(work: () => void): number {
  let steps = 0;
  const { charCodeAt, slice, indexOf, lastIndexOf, includes, startsWith } = String.prototype;
  const { exec } = RegExp.prototype;
  try {
    String.prototype.charCodeAt = function (this: string, at: number) {
      steps += 1;
      return charCodeAt.call(this, at);
    };
    String.prototype.slice = function (this: string, from?: number, to?: number) {
      const piece = slice.call(this, from, to);
      steps += 1 + piece.length;
      return piece;
    };
    String.prototype.indexOf = function (this: string, wanted: string, from?: number) {
      const at = indexOf.call(this, wanted, from);
      steps += 1 + (at === -1 ? this.length : at) - Math.min(from ?? 0, this.length);
      return at;
    };
    String.prototype.lastIndexOf = function (this: string, wanted: string, from?: number) {
      const at = lastIndexOf.call(this, wanted, from);
      steps += 1 + Math.min(from ?? this.length, this.length) - at;
      return at;
    };
    String.prototype.includes = function (this: string, wanted: string, from?: number) {
      steps += 1 + this.length;
      return includes.call(this, wanted, from);
    };
    String.prototype.startsWith = function (this: string, wanted: string, from?: number) {
      steps += wanted.length;
      return startsWith.call(this, wanted, from);
    };
    RegExp.prototype.exec = function (this: RegExp, text: string) {
      const from = this.global || this.sticky ? this.lastIndex : 0;
      const match = exec.call(this, text);
      steps += 1 + (match === null ? text.length - from : match.index + match[0].length - from);
      return match;
    };
    work();
  } finally {
    Object.assign(String.prototype, { charCodeAt, slice, indexOf, lastIndexOf, includes, startsWith });
    RegExp.prototype.exec = exec;
  }
  return steps;
}

const PIECES = [
  '@',
  'a@',
  'a',
  'a.',
  'a@b.',
  '"@',
  '1',
  '1 ',
  '4 ',
  '4111 ',
  '4242 4242 4242 4242 ',
  '424242424242424',
  '012 345 678 ',
  '0123456789 ',
  '+49',
  '+49 151 12345678 ',
  '+123456789 ',
  '15112345678 ',
  '506 606 2740 ',
  '(0) ',
  ':',
  'ab:',
  '::',
  'http://',
  'http://a ',
  'www.',
  '%41',
  '%2541',
  '\\u0041',
  '\\',
  '&amp;',
  '&a',
  'DE89',
  'DE89 ',
  'password=',
  'key:',
  '<',
  '<EMAIL_1',
  '[EMAIL_',
  'YW5uYUBleGFtcGxlLmNvbQ',
  'YW5uYUBleGFtcGxlLmNvbQ ',
  'anna ',
  'anna maria ',
  'anna_',
  'anna.',
  'quist, anna ',
  'langenfelder str 5 apt 7 ',
  '1 2 3 4 ',
  'sk-',
  'eyJ',
  '-----BEGIN ',
  '1.1.1.1 ',
  '1.',
  '255.255.',
  '123-45-',
  '123-45-6789 ',
  'cvv 123 ',
  '\n',
  '\u738b',
  '\u{1f600}',
  'a\u200b',
  'e\u0301',
  '\uff21',
  '\u0430',
  '\u00e91@:=%<[ ',
  '{"a":',
  '"',
  'https://x.example/u/anna?e=a@b.example ',
];

/** Texts on which guesses have most to try. */
const GUESSED = [
  'Anna ',
  'Anna Quist ',
  'Anna a@b.co ',
  'anna quist ',
  'A. ',
  'van der ',
  'de ',
  'Mr. ',
  'name is ',
  'Xx-',
  'X’',
  'Aa\n',
  '12 ',
  '12 Garden ',
  '12 Garden Lane ',
  '1 Aa\n',
  '12 Aa, 12345 Bb, ',
  'Calle ',
  'rue ',
  's/n ',
  'Apt 4 ',
  '3º ',
  'APO AA 12345 ',
  'Unit 12 Box 1 ',
  'corner of X and ',
  'on Garden Garden ',
  'zip 12345 ',
  'lives in Xx ',
  'born 12/12/2012 ',
  'user name is ',
  'a_b1 ',
  '@abc ',
];

/** Four times the text may cost four times the work, and a little for what starts late. */
const GROWTH = 5;
const SHORT = 4_000;

function fill(piece: string, length: number): string {
  return piece.repeat(Math.ceil(length / piece.length)).slice(0, length);
}

describe('work grows in step with the text', () => {
  const matcher = createKnownMatcher(known);

  it.each(PIECES)('when it is full of %j', (piece) => {
    const [short, long] = [fill(piece, SHORT), fill(piece, 4 * SHORT)];
    detect(short, { known: matcher });
    const [few, many] = [short, long].map((text) => countSteps(() => detect(text, { known: matcher }))) as [number, number];
    expect(few).toBeGreaterThanOrEqual(SHORT);
    expect(many).toBeLessThan(GROWTH * few);
    // No hidden factor either: a character is looked at some hundred times at worst.
    expect(many).toBeLessThan(700 * long.length);
  });

  it.each(GUESSED)('when it is full of %j and guesses are made', (piece) => {
    const options = { guessing: { lists, language: null, catalogue: null } };
    const [short, long] = [fill(piece, SHORT), fill(piece, 4 * SHORT)];
    detect(short, options);
    const [few, many] = [short, long].map((text) => countSteps(() => detect(text, options))) as [number, number];
    expect(many).toBeLessThan(GROWTH * few);
    expect(many).toBeLessThan(1_500 * long.length);
  });

  it.each(['<', '<EMAIL_1', '<EMAIL_1>', '&', '\\', '\\u003c', '](', 'https://a.b/', 'a.bc/', '"', '[EMAIL_', '\ud83d', 'x'])(
    'when a reply is full of %j',
    (piece) => {
      const conversation = createConversation({ known });
      conversation.render('anna@example.com', { format: 'text', role: 'user' });
      const cost = (length: number): number =>
        countSteps(() => {
          for (const escaping of ['none', 'json'] as const) {
            const stream = conversation.restoreStream({ types: 'all', escape: escaping, inLinks: false });
            const text = fill(piece, length);
            for (let at = 0; at < text.length; at += 16) stream.push(text.slice(at, at + 16));
            stream.end();
          }
        });
      cost(100);
      expect(cost(4 * SHORT)).toBeLessThan(GROWTH * cost(SHORT));
    },
  );

  it('has a counter that sees quadratic work', () => {
    const quadratic = (text: string): void => {
      for (let at = 0; at < text.length; at += 1) text.slice(at);
    };
    expect(countSteps(() => quadratic(fill('a', 4000)))).toBeGreaterThan(10 * countSteps(() => quadratic(fill('a', 1000))));
  });
});
