// Invents persons and credentials that nobody has: new each time, in no list, with valid check digits, in ranges that nobody gives out.
// INVARIANT: every value holds enough chance of ours that nobody can name one, not even whoever chose its domain.

import type { Random } from '#core';

export const VALUE_NAMES = ['name', 'email', 'phone', 'street', 'card', 'iban', 'secret'] as const;
export type ValueName = (typeof VALUE_NAMES)[number];

export const CANARY_KINDS = ['person', 'credential'] as const;
export type CanaryKind = (typeof CANARY_KINDS)[number];

/** What is planted, in the spelling in which it is shown to be copied. */
export type PlantedValues = Partial<Readonly<Record<ValueName, string>>>;

const CONSONANTS = 'bdfgklmnprtvz';
const VOWELS = 'aeiou';
const LETTERS = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789';
/** Common ones, so that the name reads as one; the family name is invented. */
const FIRST_NAMES = ['Anna', 'Maria', 'Laura', 'Julia', 'Sofia', 'Emma', 'Martin', 'Daniel', 'Thomas', 'Peter', 'David', 'Lukas'] as const;
const DEFAULT_DOMAIN = 'example.com';

export interface Inventing {
  below(limit: number): number;
  word(syllables: number): string;
  named(syllables: number): string;
  digits(count: number): string;
  letters(count: number): string;
}

export function inventing(random: Random): Inventing {
  const below = (limit: number): number => {
    // No remainder that would favour small numbers.
    const most = 2 ** 32 - (2 ** 32 % limit);
    for (;;) {
      const drawn = random.bytes(4).reduce((sum, byte) => sum * 256 + byte, 0);
      if (drawn < most) return drawn % limit;
    }
  };
  const pick = (from: string): string => from.charAt(below(from.length));
  const word = (syllables: number): string => Array.from({ length: syllables }, () => pick(CONSONANTS) + pick(VOWELS)).join('');
  return {
    below,
    word,
    named: (syllables) => {
      const text = word(syllables);
      return text.charAt(0).toUpperCase() + text.slice(1);
    },
    digits: (count) => Array.from({ length: count }, () => below(10)).join(''),
    letters: (count) => Array.from({ length: count }, () => pick(LETTERS)).join(''),
  };
}

export function withLuhn(digits: string): string {
  let sum = 0;
  for (const [index, digit] of [...digits].reverse().entries()) {
    const doubled = index % 2 === 0 ? Number(digit) * 2 : Number(digit);
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return `${digits}${(10 - (sum % 10)) % 10}`;
}

export function withCheckDigits(country: string, account: string): string {
  const numbers = [...`${account}${country}00`].map((char) => (/\d/.test(char) ? char : String(char.charCodeAt(0) - 55))).join('');
  let rest = 0;
  for (const digit of numbers) rest = (rest * 10 + Number(digit)) % 97;
  return `${country}${String(98 - rest).padStart(2, '0')}${account}`;
}

export interface PersonOptions {
  /** Where mail to the person would arrive: `example.com`, or one of the tenant's own. */
  readonly domain?: string | undefined;
  /** A mailbox of the tenant's own: the person's address is made under it, as `mailbox+chance@domain`. */
  readonly mailbox?: string | undefined;
}

export function inventPerson(random: Random, { domain = DEFAULT_DOMAIN, mailbox }: PersonOptions = {}): PlantedValues {
  const { below, word, named, digits } = inventing(random);
  const family = `${named(4)}${word(1)}x`;
  const first = FIRST_NAMES[below(FIRST_NAMES.length)] as string;
  // Not the family name: what is found then says which of the two it is.
  const local = `${first.toLowerCase()}.${word(5)}`;
  return {
    name: `${first} ${family}`,
    email: `${mailbox === undefined ? local : `${mailbox}+${word(6)}`}@${domain}`,
    // ARCEP keeps these numbers for films and books.
    phone: `+33 6 39 98 ${digits(2)} ${digits(2)}`,
    street: `${named(5)}weg ${1 + below(98)}`,
    // The first bank number of Visa, which no bank issues.
    card: withLuhn(`400000${digits(9)}`),
    // No German bank has a number that begins with 0.
    iban: withCheckDigits('DE', `0${digits(17)}`),
  };
}

export function inventCredential(random: Random): PlantedValues {
  return { secret: `sk-proj-${inventing(random).letters(40)}` };
}
