// Stretches of base64 (RFC 4648, both alphabets) that hold text. Anything that does not decode to readable UTF-8 is left alone.

const VALUE = new Int8Array(128).fill(-1);
for (const [index, character] of [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'].entries()) {
  VALUE[character.charCodeAt(0)] = index;
}
VALUE[45] = 62;
VALUE[95] = 63;

const LEAST = 12;
/** So many characters are decoded first; what is not text there is a picture, a key or a long word. */
const SAMPLE = 16;
const fatalUtf8 = new TextDecoder('utf-8', { fatal: true });

function isAlphabet(unit: number): boolean {
  return unit < 128 && (VALUE[unit] as number) >= 0;
}

function decodeBytes(text: string, from: number, to: number): Uint8Array {
  const bytes = new Uint8Array(Math.floor(((to - from) * 3) / 4));
  let bits = 0;
  let held = 0;
  let count = 0;
  for (let at = from; at < to; at += 1) {
    bits = ((bits << 6) | (VALUE[text.charCodeAt(at)] as number)) & 0xffffff;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    bytes[count] = (bits >> held) & 255;
    count += 1;
  }
  return bytes;
}

function isReadable(bytes: Uint8Array): boolean {
  for (const byte of bytes) if ((byte < 32 && byte !== 9 && byte !== 10 && byte !== 13) || byte === 127) return false;
  return true;
}

export interface EncodedText {
  readonly start: number;
  readonly end: number;
  readonly decoded: string;
}

function decode(text: string, start: number, end: number): string | null {
  if ((end - start) % 4 === 1 || !isReadable(decodeBytes(text, start, Math.min(end, start + SAMPLE)))) return null;
  const bytes = decodeBytes(text, start, end);
  if (!isReadable(bytes)) return null;
  try {
    return fatalUtf8.decode(bytes);
  } catch {
    return null;
  }
}

/** Encoded texts between two offsets. */
export function textInBase64(text: string, from: number, to: number): readonly EncodedText[] {
  const found: EncodedText[] = [];
  for (let at = from; at < to; at += 1) {
    if (!isAlphabet(text.charCodeAt(at))) continue;
    const start = at;
    while (at < to && isAlphabet(text.charCodeAt(at))) at += 1;
    const bodyEnd = at;
    while (at < to && at < bodyEnd + 2 && text.charCodeAt(at) === 61) at += 1;
    const decoded = bodyEnd - start >= LEAST ? decode(text, start, bodyEnd) : null;
    if (decoded !== null) found.push({ start, end: at, decoded });
  }
  return found;
}
