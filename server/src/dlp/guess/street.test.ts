// Streets, places, dates of birth and user names by their grammar, and numbers beside words that are none of these.

import { describe, expect, it } from 'vitest';
import { createCatalogue } from '../index.ts';
import { found } from '../test/lists.ts';

describe('an address is found in its parts', () => {
  it.each([
    [
      'My parcel went to 14 Birchwood Close, Harrogate HG2 8QT.',
      ['STREET_ADDRESS:14 Birchwood Close', 'CITY:Harrogate', 'POSTCODE:HG2 8QT'],
    ],
    ['at 221 Kestrel Way, Apt 4B, Dayton, OH 45402.', ['STREET_ADDRESS:221 Kestrel Way, Apt 4B', 'CITY:Dayton', 'POSTCODE:OH 45402']],
    ['Ahornallee 17\n04105 Leipzig', ['STREET_ADDRESS:Ahornallee 17', 'POSTCODE:04105', 'CITY:Leipzig']],
    ['Adresse: Vogelsang 4, 29221 Celle.', ['STREET_ADDRESS:Vogelsang 4', 'POSTCODE:29221', 'CITY:Celle']],
    ['Langer Str. 5a 2 OG, 29221 Celle', ['STREET_ADDRESS:Langer Str. 5a 2 OG', 'POSTCODE:29221', 'CITY:Celle']],
    ['au 8 bis rue des Tanneurs, 29000 Quimper.', ['STREET_ADDRESS:8 bis rue des Tanneurs', 'POSTCODE:29000', 'CITY:Quimper']],
    ['Calle de la Luna 24, 3º B, 28004 Madrid.', ['STREET_ADDRESS:Calle de la Luna 24, 3º B', 'POSTCODE:28004', 'CITY:Madrid']],
    ['in Via dei Mille 33, 20129 Milano.', ['STREET_ADDRESS:Via dei Mille 33', 'POSTCODE:20129', 'CITY:Milano']],
    ['Lindelaan 45, 9203 LK Drachten.', ['STREET_ADDRESS:Lindelaan 45', 'POSTCODE:9203 LK', 'CITY:Drachten']],
    ['Menekli Sokak 990, Bursa 16010', ['STREET_ADDRESS:Menekli Sokak 990', 'CITY:Bursa', 'POSTCODE:16010']],
    ['ship it to P.O. Box 4471, please', ['STREET_ADDRESS:P.O. Box 4471']],
    ['Unit 1234 Box 5678\nAPO AE 09012', ['STREET_ADDRESS:Unit 1234 Box 5678', 'POSTCODE:APO AE 09012']],
    ['my zip code is 48213', ['POSTCODE:48213']],
    ['we both live in Harrogate', ['CITY:Harrogate']],
  ])('%s', (text, parts) => {
    expect(found(text)).toEqual(parts);
  });
});

describe('a date of birth and a user name are found by what stands before them', () => {
  it.each([
    ['she was born on March 3rd, 2011.', ['DATE_OF_BIRTH:March 3rd, 2011']],
    ['dob: 1988-04-12', ['DATE_OF_BIRTH:1988-04-12']],
    ['née le 04/03/1979', ['DATE_OF_BIRTH:04/03/1979']],
    ['geboren am 4. März 1979', ['DATE_OF_BIRTH:4. März 1979']],
    ['my login is obrank_88', ['USERNAME:obrank_88']],
    ['reset pilvi.rautio42 please', ['USERNAME:pilvi.rautio42']],
  ])('%s', (text, parts) => {
    expect(found(text)).toEqual(parts);
  });
});

describe('numbers and words that are no address', () => {
  it.each([
    'Black Friday starts November 27, 2026 at 9:00.',
    'Order total 129.99, 3 items, warehouse 12 Bay 4, aisle 7.',
    'The sofa fits in 160 x 230 cm.',
    'Write 120 words in a friendly tone.',
    'It shipped on 2026-08-12 with 3-5 days to go.',
    'Version 2.14.3 of the app crashes.',
  ])('%s', (text) => {
    expect(found(text)).toEqual([]);
  });
});

describe('the catalogue is an allow-list', () => {
  it.each(['learnt', 'given'] as const)(
    'a title that is part of what somebody wrote of themselves takes nothing of it away (%s)',
    (source) => {
      const sold = createCatalogue(['Birchwood Close Lamp', 'Harper Ellison', 'Blue Quorra'], source);
      expect(found('My parcel went to 14 Birchwood Close, Harrogate HG2 8QT.', { catalogue: sold })).toContain(
        'STREET_ADDRESS:14 Birchwood Close',
      );
      expect(found('My name is Harper Ellison Petrossian.', { catalogue: sold })).toEqual(['PERSON:Harper Ellison Petrossian']);
      expect(found('Is the Harper Ellison in stock?', { catalogue: sold })).toEqual([]);
    },
  );

  const catalogue = createCatalogue(['Herman Milford Chair', 'Clara', 'GX-1200']);
  it('for guesses at names', () => {
    const text = 'Who sells Herman Milford chairs here? Dear Clara fans, buy one.';
    expect(found(text, { language: 'en' }).length).toBeGreaterThan(0);
    expect(found(text, { language: 'en', catalogue })).toEqual([]);
  });

  it('learnt, takes a sure name away where its whole title stands, and nowhere else', () => {
    const sold = createCatalogue(['Anna Smith Perfume'], 'learnt');
    expect(found('Is the Anna Smith Perfume back?', { catalogue: sold })).toEqual([]);
    expect(found('My name is Anna Smith, where is my order?', { catalogue: sold })).toEqual(['PERSON:Anna Smith']);
  });

  it('never for what is certain', () => {
    const sold = createCatalogue(['anna@example.com']);
    expect(found('anna@example.com', { catalogue: sold })).toEqual(['EMAIL:anna@example.com']);
  });

  it('finds its entries whatever their case, in one pass', () => {
    expect(catalogue.find('the gx 1200 and CLARA')).toEqual([
      expect.objectContaining({ start: 4, end: 11, words: 2 }),
      expect.objectContaining({ start: 16, end: 21, words: 1, isWhole: true }),
    ]);
  });
});
