// Guesses cities and postcodes: next to a street, behind words that announce them, or together in the order of a country.
// A region or country between city and postcode goes with the postcode.

import type { Report } from '../types.ts';

const CODE =
  '(?:\\d{3}\\s\\d{3}(?!\\d)|\\d{2}-\\d{3}(?!\\d)|\\d{3}\\s\\d{2}(?!\\d)|\\d{5}-\\d{3,4}|\\d{4}\\s?[A-Z]{2}(?![\\p{L}\\d])|\\d{4,6}(?!\\d)|[A-Z]{1,2}\\d[A-Z\\d]?\\s?\\d[A-Z]{2}(?![\\p{L}\\d])|[A-Z]\\d[A-Z]\\s?\\d[A-Z]\\d(?![\\p{L}\\d]))';
const CAPITALS =
  "(?:St\\.? ?)?\\p{Lu}[\\p{L}\\p{M}'’-]{1,30}(?:[ -](?:am |an der |an |a |im |in |sur |sous |de la |de |del |della |di |la |le |do |da |los |upon |of |bei |aan den |den )?\\p{L}[\\p{L}\\p{M}'’-]{1,30}){0,3}";
const GAP = '\\.?[,;]?\\s{0,6}(?:>\\s?)?,?\\s{0,6}(?:>\\s?)?';
const REGION = '(?:(?:\\p{L}[\\p{L}.-]{1,24}|\\d{2})(?: \\p{L}[\\p{L}.-]{1,20}){0,2})';
/** Behind a street: `, 20000 City`, `, City 20000`, `\\nCity, Region 20000`, `; City; Region 20000`, `, 20000`, `, City`. */
const CODE_CITY = new RegExp(`^${GAP}(${CODE})[, ]\\s?(${CAPITALS})`, 'u');
const CITY_CODE = new RegExp(`^(${GAP})(${CAPITALS})(?=[\\s,;])${GAP}((?:${REGION}${GAP}){0,2}${CODE})`, 'u');
const ONLY_CODE = new RegExp(`^${GAP}(${CODE})`, 'u');
const ONLY_CITY = new RegExp(`^(?:, |\\s?\\n\\s{0,4}>?\\s?)(${CAPITALS})`, 'u');
/** Lines of city and country below a street, without a postcode. */
const LINES = new RegExp(
  `^\\s?\\n[>\\s]{0,6}(${CAPITALS})(?:,? ?\\n[>\\s,]{0,6}(${CAPITALS})(?: \\([\\p{L} ]{2,20}\\))?(?= ?(?:\\n|$|[.?!])))`,
  'u',
);
/** City and country at the end of a sentence. */
const COUNTRY = new RegExp(`^, (${CAPITALS}), \\p{Lu}[\\p{L} ]{2,24}(?=\\s*$|[.?!](?:\\s|$)|\\n)`, 'u');
/** `5 Garden Lane in City.` */
const IN_CITY = new RegExp(`^,? (?:in|à|en|a|te) (${CAPITALS})(?=[.,;!?)]|\\s*$|\\n)`, 'u');
const AFTER_UNIT = new RegExp(`^ (${CAPITALS})`, 'u');
/** The post of armed forces. */
const FORCES = /(?<!\p{L})[AFD]PO,? A[AEP],? \d{5}(?!\d)/giu;
const AFTER_STREET = 140;

const SAYS_CODE = new RegExp(
  `(?:\\bzip(?: ?code)?|\\bpost(?:al)? ?code|\\bpostleitzahl|\\bplz|\\bcode postal|\\bc[oó]digo postal|\\bc\\.?p\\.?|\\bcap|\\bpostcode)['"]?(?:\\s(?:is|ist|est|es|è)|\\s?[:=|])?:?\\s{0,2}['"]?(${CODE})`,
  'giu',
);
const SAYS_CITY =
  /(?:\b(?:lives?|living|resident|based|residing) in|\bwohn\w{0,3}(?: \w{1,8})? in|\bhabite(?:nt)? à|\bviv\w{1,3} en|\babit\w{1,3} a|\bwo(?:on|nen)(?:t)? in|["']?(?<!\p{L})(?:city|town|ort|wohnort|stadt|ville|commune|ciudad|localidad|poblaci[oó]n|citt[aà]|comune|localit[aà]|stad|plaats|woonplaats)["']?\s?[:=|\t])\s{0,2}['"]?(?=\p{Lu})/giu;
const CITY_HERE = new RegExp(`^${CAPITALS}`, 'u');

/** Only the words of a city: up to a small word that is no part of it, unless a sign closes the name. */
function cityEnd(city: string, next: string): number {
  const match = /[,;)\n]/.test(next) ? null : /\s\p{Ll}[\p{L}\p{M}]*$/u.exec(city);
  return match === null ? city.length : match.index;
}

/** Where the stretch of a group of the match lies in the tail; groups of ours end where the match ends or are found from its start. */
const ends = (match: RegExpExecArray, group: string): number => match[0].length - group.length;

/** Reports city and postcode right behind a street; returns where they end, or `from`. `hasUnit`: a flat or floor stood last. */
export function placeBehind(text: string, from: number, hasUnit: boolean, report: Report): number {
  const tail = text.slice(from, from + AFTER_STREET);
  const first = CODE_CITY.exec(tail);
  if (first !== null) {
    const [, code = '', city = ''] = first;
    const at = from + tail.indexOf(code);
    const start = from + ends(first, city);
    const end = start + cityEnd(city, tail[first[0].length] ?? '');
    report(at, at + code.length, 'POSTCODE', 0.85);
    report(start, end, 'CITY', 0.8);
    return end;
  }
  const second = CITY_CODE.exec(tail);
  if (second !== null) {
    const [, gap = '', city = '', code = ''] = second;
    report(from + gap.length, from + gap.length + city.length, 'CITY', 0.8);
    report(from + ends(second, code), from + second[0].length, 'POSTCODE', 0.85);
    return from + second[0].length;
  }
  const only = ONLY_CODE.exec(tail);
  if (only !== null) {
    report(from + ends(only, only[1] as string), from + only[0].length, 'POSTCODE', 0.8);
    return from + only[0].length;
  }
  const lines = LINES.exec(tail) ?? COUNTRY.exec(tail);
  if (lines !== null) {
    report(from + lines[0].indexOf(lines[1] as string), from + lines[0].length, 'CITY', 0.6);
    return from + lines[0].length;
  }
  const city = ONLY_CITY.exec(tail) ?? IN_CITY.exec(tail) ?? (hasUnit ? AFTER_UNIT.exec(tail) : null);
  if (city === null) return from;
  const start = from + ends(city, city[1] as string);
  const end = start + cityEnd(city[1] as string, tail[city[0].length] ?? '');
  report(start, end, 'CITY', 0.6);
  return end;
}

export function guessPlaces(text: string, report: Report): void {
  for (const match of text.matchAll(FORCES)) report(match.index, match.index + match[0].length, 'POSTCODE', 0.9);
  for (const match of text.matchAll(SAYS_CODE)) {
    const end = match.index + match[0].length;
    report(end - (match[1] as string).length, end, 'POSTCODE', 0.9);
  }
  for (const match of text.matchAll(SAYS_CITY)) {
    const start = match.index + match[0].length;
    const city = CITY_HERE.exec(text.slice(start, start + AFTER_STREET))?.[0];
    if (city !== undefined) report(start, start + cityEnd(city, text[start + city.length] ?? ''), 'CITY', 0.75);
  }
}
