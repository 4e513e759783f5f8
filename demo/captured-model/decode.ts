// All the ways in which text hides in text, read back: the captured model sees through every disguise its authors knew.
// Bounded, because a hostile input could otherwise unfold without end.

const MAX_DEPTH = 3;
const MAX_READINGS = 64;
const MAX_CHARS = 200_000;

type Decoder = (text: string) => readonly string[];

const TAGS = /[\u{e0020}-\u{e007e}]+/gu;
const ZERO_WIDTH_RUN = /(?:\u200b|\u200c|\u200d|\u2060|\ufeff){8,}/g;
const INVISIBLE = /[\u200b-\u200f\u2060-\u2064\ufeff\u00ad]|[\u{e0000}-\u{e007f}]|\p{Variation_Selector}/gu;
const SELECTORS = /\p{Variation_Selector}{4,}/gu;
const BASE64 = /[A-Za-z0-9+/_-]{20,}={0,2}/g;
const HEX = /(?:[0-9a-fA-F]{2}){12,}/g;
const PERCENT = /(?:%[0-9a-fA-F]{2}|[\w.-])*%[0-9a-fA-F]{2}(?:%[0-9a-fA-F]{2}|[\w.-])*/g;
/** Reversed and rot13 readings of ordinary prose are noise; they count only when they then speak of something. */
const MEANINGFUL = /\b(?:system|refund|customers?|order|ignore|e-?mail|address)\b/i;

const tagCharacters: Decoder = (text) =>
  (text.match(TAGS) ?? []).map((run) =>
    [...run].map((character) => String.fromCodePoint((character.codePointAt(0) as number) - 0xe0000)).join(''),
  );

/** Bits as U+200B = 0 and U+200C = 1, eight to a character; other zero-width characters are separators. Also with the bits swapped. */
const zeroWidthBits: Decoder = (text) =>
  (text.match(ZERO_WIDTH_RUN) ?? []).flatMap((run) => {
    const bits = [...run]
      .filter((character) => character === '\u200b' || character === '\u200c')
      .map((character) => (character === '\u200c' ? 1 : 0));
    return [bits, bits.map((bit) => 1 - bit)].map((each) => printable(bytesOfBits(each))).filter((found) => found !== null);
  });

/** Bytes hidden behind an emoji: U+FE00..FE0F are 0..15, U+E0100..E01EF are 16..255. */
const variationSelectors: Decoder = (text) =>
  (text.match(SELECTORS) ?? [])
    .map((run) => printable(Uint8Array.from([...run], (character) => selectorByte(character.codePointAt(0) as number))))
    .filter((found) => found !== null);

const withoutInvisible: Decoder = (text) => [text.replace(INVISIBLE, '')];
const folded: Decoder = (text) => [text.normalize('NFKC')];
const base64: Decoder = (text) => decodeAll(text, BASE64, (run) => Buffer.from(run.replaceAll('-', '+').replaceAll('_', '/'), 'base64'));
const hex: Decoder = (text) => decodeAll(text, HEX, (run) => Buffer.from(run, 'hex'));
const percent: Decoder = (text) => decodeAll(text, PERCENT, (run) => Buffer.from(unescapePercent(run), 'latin1'));

const entities: Decoder = (text) => [
  text
    .replace(/&#(\d{1,7});/g, (_, code: string) => codePoint(Number(code)))
    .replace(/&#x([0-9a-f]{1,6});/gi, (_, code: string) => codePoint(Number.parseInt(code, 16)))
    .replace(/&(lt|gt|amp|quot);/g, (_, name: string) => ({ lt: '<', gt: '>', amp: '&', quot: '"' })[name] as string),
];

const backwards: Decoder = (text) =>
  text
    .split('\n')
    .map((line) => [...line].reverse().join(''))
    .filter((line) => MEANINGFUL.test(line));

const rot13: Decoder = (text) =>
  [
    text.replace(/[a-z]/gi, (letter) => String.fromCharCode((((letter.charCodeAt(0) & 31) + 12) % 26) + 1 + (letter.charCodeAt(0) & 96))),
  ].filter((turned) => MEANINGFUL.test(turned));

const DECODERS: readonly Decoder[] = [
  tagCharacters,
  zeroWidthBits,
  variationSelectors,
  withoutInvisible,
  folded,
  base64,
  hex,
  percent,
  entities,
  backwards,
  rot13,
];

/** The text itself and everything that can be read into it, each reading once. */
export function readings(text: string): readonly string[] {
  const found = new Set([text.slice(0, MAX_CHARS)]);
  let level = [...found];
  for (let depth = 0; depth < MAX_DEPTH && level.length > 0; depth++) {
    const next: string[] = [];
    for (const reading of level.flatMap((known) => DECODERS.flatMap((decode) => decode(known)))) {
      if (reading === '' || found.has(reading) || found.size >= MAX_READINGS) continue;
      found.add(reading);
      next.push(reading);
    }
    level = next;
  }
  return [...found];
}

function decodeAll(text: string, pattern: RegExp, decode: (run: string) => Uint8Array): readonly string[] {
  return (text.match(pattern) ?? []).map((run) => printable(decode(run))).filter((found) => found !== null);
}

/** The bytes as text if they are clean UTF-8 prose, else null. */
function printable(bytes: Uint8Array): string | null {
  if (bytes.length < 4) return null;
  const text = Buffer.from(bytes).toString('utf8');
  return /[\ufffd\p{Cc}]/u.test(text.replace(/[\t\n\r]/g, ' ')) ? null : text;
}

function bytesOfBits(bits: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(Math.floor(bits.length / 8));
  for (const [index] of bytes.entries()) bytes[index] = bits.slice(index * 8, index * 8 + 8).reduce((byte, bit) => byte * 2 + bit, 0);
  return bytes;
}

function selectorByte(code: number): number {
  return code >= 0xe0100 ? code - 0xe0100 + 16 : code - 0xfe00;
}

function unescapePercent(run: string): string {
  return run.replace(/%([0-9a-fA-F]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}

function codePoint(code: number): string {
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : '';
}
