// Ways to hide an instruction in a text that looks ordinary. The inverse of what the captured model decodes.

import { hideInTags } from '../shop/index.ts';

export const inTags = hideInTags;

/** Bits as zero-width characters: U+200B is 0, U+200C is 1. */
export function inZeroWidth(text: string): string {
  const bits = [...Buffer.from(text)].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return [...bits].map((bit) => (bit === '1' ? '\u200c' : '\u200b')).join('');
}

/** Bytes as variation selectors behind an emoji. */
export function inSelectors(text: string): string {
  return `😀${[...Buffer.from(text)].map((byte) => String.fromCodePoint(byte < 16 ? 0xfe00 + byte : 0xe0100 + byte - 16)).join('')}`;
}

export function inBase64(text: string): string {
  return Buffer.from(text).toString('base64');
}

export function backwards(text: string): string {
  return [...text].reverse().join('');
}

export function inComment(text: string): string {
  return `<!-- ${text} -->`;
}

export function fullWidthDigits(text: string): string {
  return text.replace(/[0-9]/g, (digit) => String.fromCharCode(digit.charCodeAt(0) + 0xfee0));
}
