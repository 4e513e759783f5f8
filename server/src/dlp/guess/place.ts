// Guesses cities and postcodes: next to a street, behind words that announce them, or together in the order of a country.
// A region or country between city and postcode goes with the postcode.

import type { Report } from '../types.ts';
import type { Street } from './street.ts';

const CODE =
  '(?:\\d{3}\\s\\d{3}(?!\\d)|\\d{2}-\\d{3}(?!\\d)|\\d{3}\\s\\d{2}(?!\\d)|\\d{5}-\\d{3,4}|\\d{4}\\s?[A-Z]{2}(?![\\p{L}\\d])|\\d{4,6}(?!\\d)|[A-Z]{1,2}\\d[A-Z\\d]?\\s?\\d[A-Z]{2}(?![\\p{L}\\d])|[A-Z]\\d[A-Z]\\s?\\d[A-Z]\\d(?![\\p{L}\\d]))';
const CAPITALS =
  "(?:St\\.? ?)?\\p{Lu}[\\p{L}\\p{M}'’-]{1,30}(?:[ -](?:am |an der |an |im |in |sur |sous |de la |de |del |della |di |la |le |do |da |los |upon |of |bei |aan den |den )?\\p{L}[\\p{L}\\p{M}'’-]{1,30}){0,3}";
const GAP = '[,;]?\\s{0,4}(?:>\\s?)?,?\\s{0,4}(?:>\\s?)?';
const REGION = `(?:(?:\\p{Lu}[\\p{L}.-]{1,20}|nan|\\d{2})(?: \\p{Lu}[\\p{L}.-]{1,20}){0,2})`;
/** Behind a street: `, 20000 City`, `, City 20000`, `\\nCity, Region 20000`, `; City; Region 20000`, `, 20000`, `, City`. */
const CODE_CITY = new RegExp(`^${GAP}(${CODE})[, ]\\s?(${CAPITALS})`, 'u');
const CITY_CODE = new RegExp(`^(${GAP})(${CAPITALS})(?=[\\s,;])${GAP}((?:${REGION}${GAP}){0,2}${CODE})`, 'u');
const ONLY_CODE = new RegExp(`^${GAP}(${CODE})`, 'u');
const ONLY_CITY = new RegExp(`^(?:, |\\s?\\n\\s{0,4}>?\\s?)(${CAPITALS})`, 'u');
const AFTER_STREET = 140;

const SAYS_CODE = new RegExp(
  `(?:\\bzip(?: ?code)?|\\bpost(?:al)? ?code|\\bpostleitzahl|\\bplz|\\bcode postal|\\bc[oó]digo postal|\\bc\\.?p\\.?|\\bcap|\\bpostcode)['"]?(?:\\s(?:is|ist|est|es|è)|:)?:?\\s{0,2}['"]?(${CODE})`,
  'giu',
);
const SAYS_CITY =
  /(?:\b(?:lives?|living|resident|based|residing) in|\bwohn\w{0,3}(?: \w{1,8})? in|\bhabite(?:nt)? à|\bviv\w{1,3} en|\babit\w{1,3} a|\bwo(?:on|nen)(?:t)? in|["']?\b(?:city|town|ort|ville|ciudad|citt[aà]|stad)["']?:)\s{0,2}['"]?(?=\p{Lu})/giu;
const CITY_HERE = new RegExp(CAPITALS, 'uy');

/** Only the words of a city: up to the first small word that is no part of it. */
function cityEnd(city: string): number {
  const match = /\s\p{Ll}[\p{L}\p{M}]*$/u.exec(city);
  return match === null ? city.length : match.index;
}

function afterStreet(text: string, from: number, report: Report): void {
  const tail = text.slice(from, from + AFTER_STREET);
  const first = CODE_CITY.exec(tail);
  if (first !== null) {
    const code = tail.indexOf(first[1] as string);
    const city = first.index + first[0].length - (first[2] as string).length;
    report(from + code, from + code + (first[1] as string).length, 'POSTCODE', 0.85);
    report(from + city, from + city + cityEnd(first[2] as string), 'CITY', 0.8);
    return;
  }
  const second = CITY_CODE.exec(tail);
  if (second !== null) {
    const city = (second[1] as string).length;
    const end = second[0].length;
    report(from + city, from + city + (second[2] as string).length, 'CITY', 0.8);
    report(from + end - (second[3] as string).length, from + end, 'POSTCODE', 0.85);
    return;
  }
  const code = ONLY_CODE.exec(tail);
  if (code !== null) {
    report(from + code[0].length - (code[1] as string).length, from + code[0].length, 'POSTCODE', 0.8);
    return;
  }
  const city = ONLY_CITY.exec(tail);
  if (city !== null) {
    const start = from + city[0].length - (city[1] as string).length;
    report(start, start + cityEnd(city[1] as string), 'CITY', 0.6);
  }
}

export function guessPlaces(text: string, streets: readonly Street[], report: Report): void {
  for (const { end } of streets) afterStreet(text, end, report);
  for (const match of text.matchAll(SAYS_CODE)) {
    const end = match.index + match[0].length;
    report(end - (match[1] as string).length, end, 'POSTCODE', 0.9);
  }
  for (const match of text.matchAll(SAYS_CITY)) {
    CITY_HERE.lastIndex = match.index + match[0].length;
    const city = CITY_HERE.exec(text);
    if (city !== null) report(city.index, city.index + cityEnd(city[0]), 'CITY', 0.75);
  }
}
