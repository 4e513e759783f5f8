// International bank account numbers and US social security numbers.

import { isDash, isDigit, isLatin, isWord } from './characters.ts';
import type { Groups } from './number-groups.ts';
import { wordBefore } from './number-groups.ts';
import type { Report } from './types.ts';

/** Length of an IBAN by country (ISO 13616, SWIFT registry). */
const IBAN_LENGTHS: ReadonlyMap<string, number> = new Map(
  (
    'AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18 FK18 ' +
    'FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 ' +
    'LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 ' +
    'SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30'
  )
    .split(' ')
    .map((entry) => [entry.slice(0, 2), Number(entry.slice(2))]),
);

/** ISO 7064 MOD 97-10 over the number with its first four characters moved to the end. National check digits are not looked at. */
export function passesIban(compact: string): boolean {
  let rest = 0;
  const moved = compact.slice(4) + compact.slice(0, 4);
  for (let at = 0; at < moved.length; at += 1) {
    const unit = moved.charCodeAt(at);
    const value = isDigit(unit) ? unit - 48 : (unit & 95) - 55;
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest === 1;
}

/** `at` is the first digit after two letters. */
export function recogniseIban(text: string, at: number, report: Report): void {
  const start = at - 2;
  if (isWord(text.charCodeAt(start - 1))) return;
  const wanted = IBAN_LENGTHS.get(text.slice(start, at).toUpperCase());
  if (wanted === undefined) return;
  let compact = text.slice(start, at);
  let end = at;
  while (compact.length < wanted) {
    const unit = text.charCodeAt(end);
    if (isDigit(unit) || isLatin(unit)) compact += text[end];
    else if (!(unit === 32 || unit === 9 || unit === 46 || isDash(unit)) || !isWord(text.charCodeAt(end + 1))) return;
    end += 1;
  }
  if (!isWord(text.charCodeAt(end)) && passesIban(compact)) report(start, end, 'IBAN', 0.99);
}

/** SSA rules: area not 000, 666 or 900 and above, group not 00, serial not 0000. */
function isSsn(area: string, group: string, serial: string): boolean {
  return area !== '000' && area !== '666' && area < '900' && group !== '00' && serial !== '0000';
}

/** Three groups of 3, 2 and 4 joined by dashes; joined by spaces or written as nine digits only after a word that says so. */
export function recogniseSsn(text: string, { starts, ends }: Groups, report: Report): void {
  for (let first = 0; first < starts.length; first += 1) {
    const start = starts[first] as number;
    const length = (ends[first] as number) - start;
    if (isWord(text.charCodeAt(start - 1)) || text[start - 1] === '+') continue;
    if (length === 9) {
      const digits = text.slice(start, start + 9);
      const legal = isSsn(digits.slice(0, 3), digits.slice(3, 5), digits.slice(5));
      if (legal && !isWord(text.charCodeAt(start + 9)) && wordBefore(text, start) === 'ssn') report(start, start + 9, 'SSN', 0.9);
      continue;
    }
    if (length !== 3 || first + 2 >= starts.length) continue;
    const [middle, last] = [starts[first + 1] as number, starts[first + 2] as number];
    const [middleEnd, end] = [ends[first + 1] as number, ends[first + 2] as number];
    if (middleEnd - middle !== 2 || end - last !== 4 || middle !== start + 4 || last !== middleEnd + 1) continue;
    const joint = text.charCodeAt(start + 3);
    if (joint !== text.charCodeAt(middleEnd) || !(isDash(joint) || joint === 32) || isWord(text.charCodeAt(end))) continue;
    if (isJoined(text, start, end)) continue;
    if (!isSsn(text.slice(start, start + 3), text.slice(middle, middleEnd), text.slice(last, end))) continue;
    if (isDash(joint) || wordBefore(text, start) === 'ssn') report(start, end, 'SSN', 0.95);
  }
}

/** Part of a longer number: another group hangs on by a dash or a stop. */
function isJoined(text: string, start: number, end: number): boolean {
  const joins = (unit: number): boolean => isDash(unit) || unit === 46;
  return (
    (joins(text.charCodeAt(start - 1)) && isWord(text.charCodeAt(start - 2))) ||
    (joins(text.charCodeAt(end)) && isDigit(text.charCodeAt(end + 1)))
  );
}
