// What names of fields say, in six languages, and which names say nothing.

import { describe, expect, it } from 'vitest';
import type { DataClass } from './data-classes.ts';
import { classOfName, piiOfName } from './field-names.ts';
import { PII_CLASSES } from './labels.ts';

describe('the class a field’s name speaks for', () => {
  const cases: readonly [name: string, expected: DataClass | null][] = [
    ['email', 'email_address'],
    ['billingEmail', 'email_address'],
    ['E-Mail-Adresse', 'email_address'],
    ['correo_electronico', 'email_address'],
    ['Telefonnummer', 'phone_number'],
    ['téléphone', 'phone_number'],
    ['Straße', 'street_address'],
    ['shipping_address_line1', 'street_address'],
    ['indirizzo', 'street_address'],
    ['huisnummer', 'street_address'],
    ['PLZ', 'place'],
    ['código postal', 'place'],
    ['woonplaats', 'place'],
    ['Geburtsdatum', 'birth_date'],
    ['date_de_naissance', 'birth_date'],
    ['achternaam', 'person_name'],
    ['Cognome', 'person_name'],
    ['numero_cliente', 'customer_number'],
    ['codice_fiscale', 'government_id'],
    ['card_number', 'payment_card'],
    ['IBAN', 'bank_account'],
    ['Gutscheincode', 'gift_card'],
    ['customer_ip_address', 'network_address'],
    ['clientSecret', 'credential'],
    ['tracking_number', 'delivery'],
    ['opmerking', 'conversation'],
    ['allergies', 'health_detail'],
    // About the thing, and not the thing.
    ['email_count', null],
    ['is_email', null],
    ['phone_verified', null],
    ['address_id', null],
    ['wombat', null],
    ['', null],
  ];
  it.each(cases)('%j: %s', (name, expected) => {
    expect(classOfName(name)?.dataClass ?? null).toBe(expected);
  });

  it('a name is a person’s within a person, and nobody’s within a thing', () => {
    expect([classOfName('name', 'customer')?.dataClass, classOfName('name', 'product'), classOfName('name', 'line_items')]).toEqual([
      'person_name',
      null,
      null,
    ]);
  });

  it('counts as every class of personal data when nobody knows it, or when it is about nobody', () => {
    expect([piiOfName('wombat'), piiOfName('sku'), piiOfName('a.b[].email')]).toEqual([PII_CLASSES, PII_CLASSES, ['contact']]);
  });

  it('a very long name is read no further than its bound', () => {
    expect(classOfName(`${'x'.repeat(1_000_000)}_email`)).toBeNull();
  });
});
