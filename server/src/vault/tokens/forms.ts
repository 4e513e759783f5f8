// Which writings of a value are the same value, and of which kinds equal values get the same token. Pure.
// INVARIANT: what can be guessed by trying all of it gets no keyed hash, and so no stable token: a birth date, a postcode, a first name.

import type { DataClass } from '#core';

/**
 * `stable`: equal values, equal token. `fresh`: a new token each time, since the value could be tried out. `gone`: the value is not kept, so the
 * token never opens. `refused`: nothing stands for it at all.
 */
export type TokenKind = 'stable' | 'fresh' | 'gone' | 'refused';

const KIND: Partial<Readonly<Record<DataClass, TokenKind>>> = {
  email_address: 'stable',
  phone_number: 'stable',
  customer_number: 'stable',
  account_name: 'stable',
  bank_account: 'stable',
  street_address: 'stable',
  personal_link: 'stable',
  order_number: 'stable',
  network_address: 'stable',
  payment_card: 'gone',
  gift_card: 'refused',
  credential: 'refused',
};

export const tokenKind = (dataClass: DataClass): TokenKind => KIND[dataClass] ?? 'fresh';

const squeezed = (text: string): string => text.normalize('NFKC').trim().replace(/\s+/g, ' ').toLowerCase();

/** E.164 where the country is told; otherwise its digits, which are the same number only among numbers written so. */
function phone(text: string): string {
  const written = text.normalize('NFKC').trim();
  const isWhole = /^\(?(?:\+|00)/.test(written);
  const digits = (isWhole ? written.replace(/\(0\)/, '') : written).replace(/\D/g, '');
  return isWhole ? `+${digits.replace(/^00/, '')}` : digits;
}

/** What is hashed: one form for all writings of one value. Empty for a value that holds nothing. */
export function tokenForm(dataClass: DataClass, value: string): string {
  switch (dataClass) {
    case 'phone_number':
      return phone(value) || squeezed(value);
    case 'bank_account':
      return value.normalize('NFKC').replace(/\s/g, '').toUpperCase();
    // Case tells these apart at most shops.
    case 'customer_number':
    case 'order_number':
    case 'personal_link':
      return value.normalize('NFKC').trim();
    default:
      return squeezed(value);
  }
}

/** An address or a number says itself whose it is; such keys are of tokens alone, so that a purpose may end without anything else. */
export const ownSubject = (dataClass: DataClass, value: string): string | null =>
  dataClass === 'email_address' || dataClass === 'phone_number' ? `token:${dataClass}:${tokenForm(dataClass, value)}` : null;
