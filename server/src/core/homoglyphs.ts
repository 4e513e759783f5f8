// Which characters look like which ASCII character, for matching only: never for what is forwarded or shown.
// Own compact table; the idea (skeletons of confusables) is Unicode UTS #39. Runs after NFKC, so full-width, mathematical
// and circled forms need no rows here. Case is kept; where a script's cases look like different letters, each follows its look.

const LOOK_ALIKES: Readonly<Record<string, string>> = {
  a: 'аαɑᴀӑӓꭺ',
  b: 'ƅвʙᏏᖯ',
  c: 'сϲᴄⲥꮯ',
  d: 'ԁժᏧᴅɗ',
  e: 'еєɛᴇεҽ℮',
  f: 'ϝֆꞙ',
  g: 'ɡցԍᶃɢ',
  h: 'һհнʜℏᏂ',
  i: 'іιɩıɪᎥꙇ',
  j: 'јϳʝյᴊ',
  k: 'кκᴋĸ',
  l: 'ӏʟǀⳑ',
  m: 'мᴍʍ',
  n: 'пηոռɴ',
  o: 'оοօᴏσסഠဝ',
  p: 'рρᴘϸ',
  q: 'ԛգզ',
  r: 'гᴦʀⲅ',
  s: 'ѕꜱʂꮪ',
  t: 'тτᴛ',
  u: 'υսᴜʋ',
  v: 'νѵᴠ',
  w: 'ԝшաωᴡɯ',
  x: 'хχⅹ᙮',
  y: 'уүγʏỿყ',
  z: 'ᴢʐꮓ',
  A: 'АΑᎪᗅꓮ',
  B: 'ВΒᏴᗷꓐ',
  C: 'СϹᏟⲤꓚ',
  D: 'ᎠᗞԀꓓ',
  E: 'ЕΕЄᎬⴹꓰ',
  F: 'ϜᖴꓝꞘ',
  G: 'ԌᏀᏳꓖ',
  H: 'НΗᎻᕼꓧҺ',
  I: 'ІΙӀꓲƖ',
  J: 'ЈᎫᒍꓙͿ',
  K: 'КΚᏦⲔꓗ',
  L: 'ᏞᒪⳐꓡ',
  M: 'МΜᎷᗰϺꓟ',
  N: 'ΝⲚꓠ',
  O: 'ОΟՕⲞꓳⵔ',
  P: 'РΡᏢᑭⲢꓑ',
  Q: 'ԚⵕႭ',
  R: 'ᎡᏒᖇꓣ',
  S: 'ЅՏᏕᏚꓢ',
  T: 'ТΤᎢⲦꓔ',
  U: 'ՍᑌꓴႮ',
  V: 'ѴᏙᐯꓦ',
  W: 'ԜᎳᏔꓪ',
  X: 'ХΧⵝꓫᚷ',
  Y: 'УΥҮᎩⲨꓬ',
  Z: 'ΖᏃꓜ',
  '3': 'ЗзӠƷȜ',
  '6': 'Ꮾ',
  '.': '。۔․‧܁܂꘎',
  ',': '‚،、٫',
  ':': 'ː∶꞉։׃܃',
  ';': ';؛',
  '/': '⁄∕⧸╱',
  '\\': '∖⧵⧹',
  '-': '‐‑‒–—―−⁃˗➖',
  "'": '‘’‛ʼʹ′ˈ׳',
  '"': '“”‟″ˮ״',
  '<': '‹˂ᐸ',
  '>': '›˃ᐳ',
  '(': '❨⟮',
  ')': '❩⟯',
  '[': '❲〔',
  ']': '❳〕',
  '*': '⁎∗٭',
  '~': '∼˜⁓',
  '+': '᛭➕',
  '=': '꓿᐀゠',
  '!': 'ǃ',
  '?': 'ʔ',
  _: 'ˍ',
  ' ': '\u1680\u2800',
  '\n': '\u2028\u2029\u0085',
};

const FOLD: ReadonlyMap<string, string> = new Map(
  Object.entries(LOOK_ALIKES).flatMap(([ascii, forms]) => [...forms].map((form): [string, string] => [form, ascii])),
);
const DECIMAL_DIGIT = /\p{Nd}/u;

/** Digits of every script come in runs of ten that start at zero. */
function digitValue(character: string): string {
  const point = character.codePointAt(0) as number;
  let value = 0;
  while (value < 9 && DECIMAL_DIGIT.test(String.fromCodePoint(point - value - 1))) value += 1;
  return String(value);
}

/** The ASCII character this one passes for, or the character itself. */
export function foldHomoglyph(character: string): string {
  const ascii = FOLD.get(character);
  if (ascii !== undefined) return ascii;
  return character > '\u007f' && DECIMAL_DIGIT.test(character) ? digitValue(character) : character;
}
