// What a reply names of what is sold, and what is no name.

import { expect, it } from 'vitest';
import { goodsNamed } from './goods-named.ts';

type Output = Parameters<typeof goodsNamed>[0];
const titles = (trusted: boolean): Output =>
  ({ effect: 'read', output: { fields: [{ path: '[].title', dataClass: 'product', trusted }] } }) as unknown as Output;
const named = (...texts: readonly string[]): readonly string[] =>
  goodsNamed(
    titles(true),
    texts.map((title) => ({ title })),
  );

it('what the database can not keep is no name: it would take the names beside it with it', () => {
  expect(named('A\u0000b', 'A\ud800b', 'Oak\u0007 lamp', 'Ab 👍', 'Oak\n lamp')).toEqual(['Ab 👍', 'Oak lamp']);
});

it('a sentence, markup or an address is none, nor what an outsider can write', () => {
  expect(named('Great lamp. Buy it', '<b>lamp</b>', 'a@example.com', 'Lamp No.5')).toEqual(['Lamp No.5']);
  expect(goodsNamed(titles(false), [{ title: 'Lamp' }])).toEqual([]);
});
