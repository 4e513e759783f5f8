// The forms in which a value can lie in a file: as it is, in other encodings, escaped, backwards. All of them are looked for at once.
// Holds values in memory only; gives out names of forms, never a value.

import { FEWEST_BYTES } from '#dlp';

export interface Pattern {
  /** Which value, by the name it is known by: `customer e-mail`. */
  readonly value: string;
  readonly form: string;
  /** Lower case where it is ASCII: files are compared so too. */
  readonly bytes: Buffer;
}

const BASE64_SHIFTS = [0, 1, 2] as const;

function swapPairs(bytes: Buffer): Buffer {
  return Buffer.from(bytes).swap16();
}

/** What stands in base64 of any text that holds the value `shift` bytes after a border of three, without what its neighbours decide. */
function base64Core(value: Buffer, shift: number): string {
  const encoded = Buffer.concat([Buffer.alloc(shift), value]).toString('base64');
  return encoded.slice(Math.ceil((shift * 8) / 6), Math.floor(((shift + value.length) * 8) / 6));
}

const perCharacter = (value: string, write: (code: number) => string): string =>
  Array.from({ length: value.length }, (_, at) => write(value.charCodeAt(at))).join('');

function formsOf(value: string): readonly (readonly [form: string, bytes: Buffer])[] {
  const bytes = Buffer.from(value, 'utf8');
  const text = (form: string, written: string): readonly [string, Buffer] => [form, Buffer.from(written, 'utf8')];
  const hex = (code: number, width: number): string => code.toString(16).padStart(width, '0');
  return [
    ['as it is', bytes],
    text('backwards', [...value].reverse().join('')),
    ['UTF-16', Buffer.from(value, 'utf16le')],
    ['UTF-16, big-endian', swapPairs(Buffer.from(value, 'utf16le'))],
    text('hexadecimal', bytes.toString('hex')),
    text('percent-encoded', encodeURIComponent(value)),
    text('percent-encoded, spaces as plus', encodeURIComponent(value).replaceAll('%20', '+')),
    text('percent-encoded whole', [...bytes].map((byte) => `%${hex(byte, 2)}`).join('')),
    text(
      'JSON-escaped',
      perCharacter(value, (code) => (code > 126 ? `\\u${hex(code, 4)}` : String.fromCharCode(code))),
    ),
    text(
      'JSON-escaped whole',
      perCharacter(value, (code) => `\\u${hex(code, 4)}`),
    ),
    text('JSON-escaped slashes', value.replaceAll('/', '\\/')),
    text(
      'HTML-escaped',
      perCharacter(value, (code) => `&#${code};`),
    ),
    text(
      'HTML-escaped, hexadecimal',
      perCharacter(value, (code) => `&#x${code.toString(16)};`),
    ),
    ...BASE64_SHIFTS.flatMap((shift) => [
      text('base64', base64Core(bytes, shift)),
      text('base64url', base64Core(bytes, shift).replaceAll('+', '-').replaceAll('/', '_')),
      text('base64 of UTF-16', base64Core(Buffer.from(value, 'utf16le'), shift)),
    ]),
  ];
}

const FOLDED = (byte: number): number => (byte >= 65 && byte <= 90 ? byte + 32 : byte);

/** ASCII letters in lower case, so that no change of case hides a value. */
export function fold(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.map(FOLDED));
}

/** Values by name, each with the spellings people and programs write it in. */
export function patternsOf(values: ReadonlyMap<string, readonly string[]>): readonly Pattern[] {
  const found = new Map<string, Pattern>();
  for (const [value, spellings] of values) {
    for (const spelling of spellings) {
      for (const [form, bytes] of formsOf(spelling)) {
        const folded = fold(bytes);
        const key = folded.toString('latin1');
        if (folded.length >= FEWEST_BYTES && !found.has(key)) found.set(key, { value, form, bytes: folded });
      }
    }
  }
  return [...found.values()];
}
