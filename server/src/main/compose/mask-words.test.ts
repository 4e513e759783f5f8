// What of a waiting call's words is replaced: what the shop's records know, and nothing a person has to judge.

import { expect, it } from 'vitest';
import type { KnownValue } from '#dlp';
import { maskWords } from './mask-words.ts';

const known: readonly KnownValue[] = [
  { type: 'EMAIL', value: 'mara@example.com', subject: 'C-1' },
  { type: 'STREET_ADDRESS', value: '12 Elm Street', subject: 'C-1' },
  { type: 'CUSTOMER_ID', value: 'C-1', subject: 'C-1' },
];

it('replaces what the records know, each value under one number, and says how many', () => {
  const text = 'Send “hello” to “mara@example.com” for C-1; parcel to “12 Elm Street”, copy to “MARA@example.com”';
  const masked = maskWords(text, known, false);
  expect(masked.text).toContain('to “<EMAIL_1>” for C-1; parcel to “<STREET_ADDRESS_1>”');
  expect(masked.text.toLowerCase()).not.toContain('mara@');
  expect(masked).toMatchObject({ values: 3, classes: ['email', 'street_address'] });
});

it('leaves a recipient nobody knew before, for that is what is judged; once decided nothing that looks personal stays', () => {
  const text = 'Send “the list” to “thief@example.net”';
  expect(maskWords(text, known, false)).toEqual({ text, values: 0, classes: [] });
  expect(maskWords(text, [], true)).toMatchObject({ text: 'Send “the list” to “<EMAIL_1>”', values: 1 });
  expect(maskWords('Refund 60.00 USD of order O-1042', [], true)).toMatchObject({ values: 0 });
});
