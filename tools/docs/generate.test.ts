import { expect, it } from 'vitest';
import { stalePages } from './generate.ts';

it('has docs that agree with the tables the program runs by', () => {
  expect(stalePages()).toEqual([]);
});
