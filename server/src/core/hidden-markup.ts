// Finds HTML that a browser would not show: comments and elements hidden by attribute or style.
// One linear pass, no backtracking; works on text that merely contains markup. Changes nothing.

import type { HiddenText } from './hidden-characters.ts';

/** Stretches of hidden markup in order, not overlapping. */
export function findHiddenMarkup(text: string): readonly HiddenText[] {
  const found: HiddenText[] = [];
  for (let at = text.indexOf('<!--'); at !== -1; ) {
    const close = text.indexOf('-->', at + 4);
    const end = close === -1 ? text.length : close + 3;
    found.push({ kind: 'html_comment', start: at, end, count: end - at });
    at = text.indexOf('<!--', end);
  }
  return found;
}
