// What hides in a text is shown; what is meant to be read stays as it is.

import { describe, expect, it } from 'vitest';
import { visible } from './visible.ts';

describe('a text that is judged as it is written', () => {
  it.each([
    ['a direction that turns the rest around', 'pay\u202eeerf', 'pay⟨U+202E⟩eerf'],
    ['a joiner of no width', 'refu\u200bnd', 'refu⟨U+200B⟩nd'],
    ['letters of the tag plane', 'ok\u{e0041}', 'ok⟨U+E0041⟩'],
    ['a carriage return', 'a\rb', 'a⟨U+000D⟩b'],
    ['a blank that is a letter', 'a\u3164b', 'a⟨U+3164⟩b'],
  ])('shows %s', (_what, text, shown) => {
    expect(visible(text)).toBe(shown);
  });

  it('keeps tabs, line ends, and letters of every script', () => {
    const text = 'a\tb\nschön Привет 日本 שלום 😀';
    expect(visible(text)).toBe(text);
  });
});
