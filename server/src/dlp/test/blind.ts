// Sentences written for tests without a look at any other data, with what is personal in them marked (`{P:Anna Quist}`), and sentences
// in which nobody is meant. `blind.txt`: kind, language, text; `\n` is a new line. All names, numbers and addresses are invented.

import { readFileSync } from 'node:fs';

export interface Marked {
  readonly id: string;
  readonly source: 'shop' | 'general' | 'nobody';
  readonly lang: string;
  readonly text: string;
  readonly spans: readonly { readonly start: number; readonly end: number; readonly type: string; readonly value: string }[];
}

/** `?`: named, but of no class that is asked for. `G`: what a shop sells; nothing personal. */
const TYPES: Readonly<Record<string, string>> = {
  P: 'PERSON',
  E: 'EMAIL',
  T: 'PHONE',
  S: 'STREET_ADDRESS',
  C: 'CITY',
  Z: 'POSTCODE',
  N: 'CREDIT_CARD',
  I: 'IBAN',
  X: 'US_SSN',
  H: 'IP',
  U: 'URL',
  D: 'DATE_OF_BIRTH',
  L: 'USERNAME',
  '?': 'LOCATION',
};

export const goods: string[] = [];

function marked(line: string, index: number): Marked {
  const [source = '', lang = '', written = ''] = line.split('\t');
  const spans: { start: number; end: number; type: string; value: string }[] = [];
  let text = '';
  for (const piece of written.replaceAll('\\n', '\n').split(/(\{[A-Z?]:[^}]*\})/)) {
    const mark = /^\{([A-Z?]):([^}]*)\}$/.exec(piece);
    const [, letter = '', value = piece] = mark ?? [];
    const type = TYPES[letter];
    if (type !== undefined) spans.push({ start: text.length, end: text.length + value.length, type, value });
    else if (letter === 'G') goods.push(value);
    text += value;
  }
  return { id: `blind-${index + 1}`, source: source as Marked['source'], lang, text, spans };
}

export const blind: readonly Marked[] = readFileSync(new URL('./blind.txt', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map(marked);
