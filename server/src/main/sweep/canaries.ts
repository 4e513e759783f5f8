// Invents the people and the secrets that a sweep plants: new at each sweep, in no list, with valid check digits. Nobody of them exists.

import type { Random } from '#core';
import { withCheckDigits, withLuhn } from '#governance';

export interface Canaries {
  /** Ends in letters of its own for each customer, so that all of them share it. */
  readonly lastName: string;
  readonly firstName: string;
  readonly mailbox: string;
  readonly street: string;
  /** Of one customer each: digits have no common part. */
  readonly phone: string;
  readonly card: string;
  readonly iban: string;
  readonly typedKey: string;
  readonly providerKey: string;
  readonly shopToken: string;
}

const CONSONANTS = 'bdfgklmnprtvz';
const VOWELS = 'aeiou';

export function makeCanaries(random: Random): Canaries {
  const below = (limit: number): number => (random.bytes(4) as Buffer | Uint8Array).reduce((sum, byte) => (sum * 256 + byte) % limit, 0);
  const pick = (from: string): string => from[below(from.length)] as string;
  const word = (syllables: number): string =>
    Array.from({ length: syllables }, () => pick(CONSONANTS) + pick(VOWELS))
      .join('')
      .concat('x');
  const digits = (count: number): string => Array.from({ length: count }, () => below(10)).join('');
  const named = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
  const letters = (count: number): string =>
    Array.from({ length: count }, () => pick('ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789')).join('');
  return {
    lastName: named(word(5)),
    firstName: named(word(5)),
    mailbox: word(6),
    street: `${named(word(5))}straße`,
    // A range no network gives out, in a form every recogniser knows.
    phone: `+1 415 555 01${digits(2)}`,
    card: withLuhn(`4000${digits(11)}`),
    iban: withCheckDigits('DE', `${digits(18)}`),
    typedKey: `sk-proj-${letters(40)}`,
    providerKey: `sk-${letters(44)}`,
    shopToken: `shpat_${random.bytes(16).reduce((text, byte) => text + byte.toString(16).padStart(2, '0'), '')}`,
  };
}

const grouped = (text: string, by: number, separator: string): string => (text.match(new RegExp(`.{1,${by}}`, 'g')) ?? []).join(separator);

/** By name, each in the spellings people write it in. Names of values, never the values, leave this program. */
export function canaryValues(canaries: Canaries): ReadonlyMap<string, readonly string[]> {
  const { lastName, firstName, mailbox, street, phone, card, iban } = canaries;
  const national = phone.replace(/\D/g, '').slice(1);
  return new Map([
    ['last name of a customer', [lastName]],
    ['first name of a customer', [firstName]],
    ['e-mail address of a customer', [mailbox]],
    ['street of a customer', [street]],
    [
      'phone number of a customer',
      [phone, phone.replace(/\s/g, ''), national, `(${national.slice(0, 3)}) ${national.slice(3, 6)}-${national.slice(6)}`],
    ],
    ['card number of a customer', [card, grouped(card, 4, ' '), grouped(card, 4, '-')]],
    ['bank account of a customer', [iban, grouped(iban, 4, ' '), iban.slice(4)]],
    ['key that a person typed', [canaries.typedKey]],
    ['key of the model’s provider', [canaries.providerKey]],
    ['token of the shop', [canaries.shopToken]],
  ]);
}
