// What a BERT tokenizer makes of a text before it cuts it: cleaned, lower case or without accents where its file says so. Every unit that is
// left knows the stretch of the original it came from, so that a find is told in offsets of the original.

export interface Normaliser {
  readonly cleanText: boolean;
  readonly chineseChars: boolean;
  readonly stripAccents: boolean;
  readonly lowercase: boolean;
}

/** One character as the vocabulary sees it, and where it stands in the original. A space stands nowhere. */
export interface Unit {
  readonly char: string;
  readonly start: number;
  /** Grows over marks and invisible characters that follow and are dropped. */
  end: number;
}

const CONTROL = /^[\p{C}\uFFFD]$/u;
const SPACE = /^\s$/u;
const MARK = /^\p{Mn}$/u;
/** The blocks BERT writes apart; kana and hangul are not among them. */
const IDEOGRAPH = /^[\u3400-\u4DBF\u4E00-\u9FFF\uF900-\uFAFF\u{20000}-\u{2A6DF}\u{2A700}-\u{2CEAF}\u{2F800}-\u{2FA1F}]$/u;

const SPACE_UNIT: Unit = Object.freeze({ char: ' ', start: -1, end: -1 });

export function unitsOf(text: string, normaliser: Normaliser): readonly Unit[] {
  const units: Unit[] = [];
  const grow = (end: number): void => {
    const last = units.at(-1);
    if (last !== undefined && last !== SPACE_UNIT) last.end = end;
  };
  let at = 0;
  for (const char of text) {
    const start = at;
    at += char.length;
    if (SPACE.test(char)) {
      units.push(SPACE_UNIT);
      continue;
    }
    if (normaliser.cleanText && CONTROL.test(char)) {
      grow(at);
      continue;
    }
    const isApart = normaliser.chineseChars && IDEOGRAPH.test(char);
    if (isApart) units.push(SPACE_UNIT);
    const shaped = normaliser.stripAccents ? [...char.normalize('NFD')].filter((one) => !MARK.test(one)).join('') : char;
    if (shaped === '') grow(at);
    for (const one of normaliser.lowercase ? shaped.toLowerCase() : shaped) units.push({ char: one, start, end: at });
    if (isApart) units.push(SPACE_UNIT);
  }
  return units;
}

const PUNCTUATION = /^[!-/:-@[-`{-~\p{P}]$/u;

/** Words: runs between spaces, each mark of punctuation by itself. */
export function wordsOfUnits(units: readonly Unit[]): readonly (readonly Unit[])[] {
  const words: Unit[][] = [];
  let open: Unit[] | null = null;
  for (const unit of units) {
    const isAlone = PUNCTUATION.test(unit.char);
    if (unit === SPACE_UNIT || isAlone) open = null;
    if (unit === SPACE_UNIT) continue;
    if (open === null) {
      open = [];
      words.push(open);
    }
    open.push(unit);
    if (isAlone) open = null;
  }
  return words;
}
