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

/** Spellings of one folded word that people use for the same name: `müller` is written muller, mueller; `mueller` also müller. */
export function spellings(word: string): readonly string[] {
  const found = new Set([foldText(word)]);
  const written = foldText(
    word
      .toLowerCase()
      .normalize('NFC')
      .replace(/[äöü]/g, (letter) => ({ ä: 'ae', ö: 'oe', ü: 'ue' })[letter] ?? letter),
  );
  found.add(written);
  found.add(
    foldText(
      word
        .toLowerCase()
        .normalize('NFC')
        .replace(/[øå]/g, (letter) => (letter === 'ø' ? 'oe' : 'aa')),
    ),
  );
  // The other way round only for words long enough not to become another one.
  found.add(written.replace(/(?<![a-z])[a-z]{5,}(?![a-z])/g, (long) => long.replace(/([aou])e/g, '$1')));
  return [...found];
}
