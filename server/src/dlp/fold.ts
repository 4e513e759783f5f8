// The folded form of a text: lower case, no accents, letters that Unicode does not decompose written out. For comparing only.
// Works on canonical text, so disguises (full width, look-alikes, invisible characters) are gone already.

const WRITTEN_OUT: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ł: 'l',
  ħ: 'h',
  ı: 'i',
  ŋ: 'n',
  ĸ: 'k',
  ŧ: 't',
};

const cache = new Map<string, string>();
const CACHE_ENTRIES = 4096;

function foldCharacter(character: string): string {
  const known = cache.get(character);
  if (known !== undefined) return known;
  let folded = '';
  for (const part of character.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().normalize('NFKD').replace(/\p{M}/gu, '')) {
    folded += WRITTEN_OUT[part] ?? part;
  }
  if (cache.size < CACHE_ENTRIES) cache.set(character, folded);
  return folded;
}

export interface Folded {
  readonly text: string;
  /** Offset in the source of each unit and one past the end; `null` when offsets are equal. */
  readonly map: Int32Array | null;
}

const NOT_ASCII = /[^\0-\x7f]/;

export function fold(source: string): Folded {
  if (!NOT_ASCII.test(source)) return { text: source.toLowerCase(), map: null };
  let text = '';
  const offsets: number[] = [];
  let at = 0;
  for (const character of source) {
    const folded = character < '\x80' ? character.toLowerCase() : foldCharacter(character);
    for (let unit = 0; unit < folded.length; unit += 1) offsets.push(at);
    text += folded;
    at += character.length;
  }
  offsets.push(at);
  return { text, map: Int32Array.from(offsets) };
}

export function foldText(source: string): string {
  return fold(source).text;
}

const UMLAUT_PAIR = /[aou]e/;
const LONG_WORD = /(?<![a-z])[a-z]{5,}(?![a-z])/g;

/** `mueller` is also written müller; only words long enough not to become another one. */
function withoutPairs(written: string): string {
  return UMLAUT_PAIR.test(written) ? written.replace(LONG_WORD, (long) => long.replace(/([aou])e/g, '$1')) : written;
}

/** Folded spellings that people use for the same value: `müller` is written muller and mueller; `ø` and `å` are written oe and aa. */
export function spellings(value: string): readonly string[] {
  const lower = value.toLowerCase();
  if (!NOT_ASCII.test(lower)) {
    const bare = withoutPairs(lower);
    return bare === lower ? [lower] : [lower, bare];
  }
  const composed = lower.normalize('NFC');
  const written = foldText(composed.replace(/[äöü]/g, (letter) => ({ ä: 'ae', ö: 'oe', ü: 'ue' })[letter] ?? letter));
  const northern = foldText(composed.replace(/[øå]/g, (letter) => (letter === 'ø' ? 'oe' : 'aa')));
  return [...new Set([foldText(composed), written, northern, withoutPairs(written)])];
}
