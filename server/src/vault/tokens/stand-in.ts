// Random stand-ins in the form of a value, for what takes nothing else: none of them reaches anybody or pays anything. Nothing of the value is in
// them, so the vault's row is the only way back. Pure.

import type { DataClass, Random } from '#core';
import { passesIban, passesLuhn } from '#dlp';

type Make = (random: Random) => string;

/** `count` random digits, each equally likely. */
function digits(random: Random, count: number): string {
  let out = '';
  while (out.length < count) for (const byte of random.bytes(count)) if (byte < 250 && out.length < count) out += String(byte % 10);
  return out;
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz234567';
/** RFC 2606 keeps example.com for nobody: no mail arrives under it. */
const email: Make = (random) => `t${[...random.bytes(26)].map((byte) => LETTERS[byte % 32]).join('')}@tokens.example.com`;

/** 555-0100 to 555-0199 are kept for fiction in every area of the North American plan; areas like N11 are no areas. */
const phone: Make = (random) => {
  for (;;) {
    const area = digits(random, 3);
    if (/^[2-9][0-8]\d$/.test(area) && !area.endsWith('11') && area !== '555') return `+1${area}55501${digits(random, 2)}`;
  }
};

/** ISO/IEC 7812 gives 9 to national bodies; no card scheme issues 9999. The check digit is wrong on purpose. */
const card: Make = (random) => {
  for (;;) {
    const number = `9999${digits(random, 12)}`;
    if (!passesLuhn(number, 0, number.length)) return number;
  }
};

/** ISO 3166 keeps ZZ for users: no country has it. The check digits are wrong on purpose. */
const iban: Make = (random) => {
  for (;;) {
    const number = `ZZ${digits(random, 20)}`;
    if (!passesIban(number)) return number;
  }
};

const STAND_INS: Partial<Readonly<Record<DataClass, Make>>> = {
  email_address: email,
  phone_number: phone,
  payment_card: card,
  bank_account: iban,
};

/** Null where no form is kept free for nobody. */
export const standIn = (dataClass: DataClass, random: Random): string | null => STAND_INS[dataClass]?.(random) ?? null;
export const hasStandIn = (dataClass: DataClass): boolean => STAND_INS[dataClass] !== undefined;
