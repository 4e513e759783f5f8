// The digit groups of one number-like stretch, and the words before it that say what it is.
// Shared by the recognisers of cards, social security numbers and phones.

import { nextGroup } from './anchors.ts';
import { isDigit, KIND, kindOf } from './characters.ts';

export interface Groups {
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

export function readGroups(text: string, from: number, to: number): Groups {
  const starts: number[] = [];
  const ends: number[] = [];
  for (let start = from; start !== -1 && start < to; ) {
    let end = start;
    while (isDigit(text.charCodeAt(end))) end += 1;
    starts.push(start);
    ends.push(end);
    start = nextGroup(text, end);
  }
  return { starts, ends };
}

/** Digits of a stretch, separators dropped. */
export function digitsOf(text: string, from: number, to: number): string {
  return text.slice(from, to).replace(/\D/g, '');
}

/** ISO/IEC 7812-1 annex B. Reads digits only; separators are passed over. */
export function passesLuhn(text: string, from: number, to: number): boolean {
  let sum = 0;
  let double = false;
  for (let at = to - 1; at >= from; at -= 1) {
    const unit = text.charCodeAt(at);
    if (!isDigit(unit)) continue;
    const value = double ? (unit - 48) * 2 : unit - 48;
    sum += value > 9 ? value - 9 : value;
    double = !double;
  }
  return sum % 10 === 0;
}

/** Check digit of EAN-13 and other GS1 numbers. */
export function passesEan(text: string, from: number, to: number): boolean {
  let sum = 0;
  let triple = false;
  for (let at = to - 1; at >= from; at -= 1) {
    sum += (text.charCodeAt(at) - 48) * (triple ? 3 : 1);
    triple = !triple;
  }
  return sum % 10 === 0;
}

export type NumberWord = 'card' | 'phone' | 'ssn' | 'other' | 'none';

const LOOK_BACK = 48;

function entries(word: NumberWord, list: string): readonly (readonly [string, NumberWord])[] {
  return list.split(/\s+/).map((entry) => [entry, word] as const);
}

const WORDS: ReadonlyMap<string, NumberWord> = new Map<string, NumberWord>([
  ...entries('card', 'credit debit card karte kreditkarte carte tarjeta carta creditcard visa mastercard amex pan maestro'),
  ...entries('ssn', 'ssn social sozialversicherung sozialversicherungsnummer'),
  ...entries(
    'phone',
    'phone telephone tel téléphone téléphonique teléfono telefono mobile mobil mobiel cell cellphone cellulare móvil movil',
  ),
  ...entries(
    'phone',
    'portable gsm call ring sms whatsapp fax rufnummer anrufen erreichbar ruf rappeler appeler joindre bel bellen dial reach',
  ),
  ...entries('phone', 'numer nummer chiamare chiamami chiamate llamar llámame llamame llame'),
  ...entries(
    'other',
    'order orders commande pedido ordine invoice facture factura fattura factuur tracking parcel shipment sku ean gtin upc isbn',
  ),
  ...entries(
    'other',
    'imei serial article art ref reference ticket konto account vat tax lot batch model version total amount id code quantity',
  ),
  ...entries('other', 'qty hs zip plz postcode case claim po rma coordinate coordinates lat lon lng'),
]);
/** Beginnings of words that are compounded freely, eight letters at most. */
const STEMS: ReadonlyMap<string, NumberWord> = new Map<string, NumberWord>([
  ...entries('phone', 'telefon telefoo handy'),
  ...entries('other', 'bestell rechnun sendung serienn artikel steuern ustid'),
]);
const STEM_LENGTHS = [7, 5];

function meaning(word: string): NumberWord | undefined {
  const exact = WORDS.get(word);
  if (exact !== undefined) return exact;
  for (const length of STEM_LENGTHS) {
    const stem = word.length >= length ? STEMS.get(word.slice(0, length)) : undefined;
    if (stem !== undefined) return stem;
  }
  return undefined;
}

/** Words that may stand between a telling word and its number. */
const FILLERS: ReadonlySet<string> = new Set('no nr num number numero número is ist est es the'.split(' '));

/**
 * What the nearest telling word before `at` calls the number; looks at a short stretch of the same line only. That it is something
 * `other` counts only right before the number: a sentence that mentions an order may still end in a phone number.
 */
export function wordBefore(text: string, at: number): NumberWord {
  const least = Math.max(0, at - LOOK_BACK);
  let adjacent = true;
  for (let end = at; end > least; ) {
    const unit = text.charCodeAt(end - 1);
    if (unit === 10) return 'none';
    if (isDigit(unit)) adjacent = false;
    if (kindOf(unit) !== KIND.letter) {
      end -= 1;
      continue;
    }
    let start = end - 1;
    while (start > least && kindOf(text.charCodeAt(start - 1)) === KIND.letter) start -= 1;
    const written = end - start > 30 ? '' : text.slice(start, end).toLowerCase();
    const whole = !isDigit(text.charCodeAt(start - 1)) && text[start - 1] !== '_';
    const word = written.length < 2 || !whole ? undefined : meaning(written);
    if (word !== undefined && (word !== 'other' || adjacent)) return word;
    adjacent &&= FILLERS.has(written);
    end = start;
  }
  return 'none';
}
