// Names that nobody told us about, found by the words around them and their shape; and names of things left alone.

import { describe, expect, it } from 'vitest';
import { createKnownMatcher } from '../index.ts';
import { found, lists } from '../test/lists.ts';
import { languageOf } from './language.ts';
import { wordsOf } from './words.ts';

const names = (text: string, language = 'en'): readonly string[] =>
  found(text, { language })
    .filter((find) => find.startsWith('PERSON:'))
    .map((find) => find.slice('PERSON:'.length));

describe('a person is found', () => {
  it.each([
    ['en', 'Good morning, Priscilla Okonkwo-Hayes here, my parcel is late.', 'Priscilla Okonkwo-Hayes'],
    ['en', 'please update my surname to Thistlewood, I got married', 'Thistlewood'],
    ['en', 'Can you ring Mr. Abernathy about the return?', 'Abernathy'],
    ['en', 'Signed for by T. Ramanathan at reception.', 'T. Ramanathan'],
    ['en', 'kind regards,\nogechi', 'ogechi'],
    ['en', 'User HENRIKE VOSSBERG logged in.', 'HENRIKE VOSSBERG'],
    ['en', 'Order placed by Wanjiru Kamau (wkamau@example.org).', 'Wanjiru Kamau'],
    ['de', 'Gutschrift bitte an Kontoinhaber Torben Achterberg.', 'Torben Achterberg'],
    ['de', 'Kundin Frau Dr. Wiebke Harmsen bittet um Rückruf.', 'Wiebke Harmsen'],
    ['fr', 'Le colis de Mme Bensaïd est perdu.', 'Bensaïd'],
    ['es', 'El cliente Anselmo Quiroga Paz pide la devolución.', 'Anselmo Quiroga Paz'],
    ['it', 'Salve, mi chiamo Ottavia Brambilla.', 'Ottavia Brambilla'],
    ['en', '{"first_name":"Ludmilla","note":"late"}', 'Ludmilla'],
    ['en', 'DELIVERY FAILED: JORIS VAN DEN BROEK, KERKSTRAAT 9', 'JORIS VAN DEN BROEK'],
    ['de', 'Mein Nachbar Gregor hat das Paket angenommen.', 'Gregor'],
    ['de', 'Die Lieferung soll an Torben Achterberg, Hinter der Kirche 8, 29221 Celle.', 'Torben Achterberg'],
    ['fr', 'Mon mari Anatole a signé.', 'Anatole'],
    ['nl', 'Mevrouw van der Velde belde over haar pakket.', 'van der Velde'],
  ])('%s: %s', (language, text, name) => {
    expect(names(text, language)).toEqual([name]);
  });

  it('again where only one name is said later', () => {
    expect(names('My name is Anselmo Quiroga. Tell the driver that Quiroga is upstairs.')).toEqual(['Anselmo Quiroga', 'Quiroga']);
  });

  it('by the address the text gives beside it', () => {
    expect(names('Write to pilvi.rautio@example.org. Pilvi', 'fi')).toEqual(['Pilvi']);
  });
});

describe('a thing is no person', () => {
  it.each([
    ['en', 'Does the Harper Lounge Chair come in oak?'],
    ['en', 'The Lincoln desk lamp and the Charlotte rug are back in stock.'],
    ['en', 'The Dr. Brandt 1460 costs 90 dollars.'],
    ['en', 'Our Spring Collection launches on Monday; see the Lookbook.'],
    ['en', 'April and May were strong months in London and Paris.'],
    ['en', 'Excuse me, sir, is anybody there?'],
    ['en', 'Compare Norman Winslow jackets with Sally Corbin bags.'],
    ['en', 'Ordered 20 Wendell cups and 5 flasks.'],
    ['de', 'Ist die Lampe Emma noch in Weiß lieferbar?'],
    ['fr', 'Le canapé Louise est-il disponible en bleu ?'],
    ['es', 'La lámpara Sofía llega en 3 días.'],
    ['it', 'La borsa Bianca è disponibile in pelle nera.'],
    ['nl', 'De Hanna lamp is weer op voorraad.'],
  ])('%s: %s', (language, text) => {
    expect(found(text, { language })).toEqual([]);
  });
});

describe('what is certain stands', () => {
  it('a guess never takes a piece out of an address that was recognised', () => {
    expect(found('Mail Anna.Quist@example.com now', { language: 'en' })).toEqual(['EMAIL:Anna.Quist@example.com']);
  });

  it('a known name may grow, and stays known', () => {
    const known = createKnownMatcher([{ type: 'PERSON', value: 'Ottavia', subject: null }]);
    expect(found('My name is Ottavia Brambilla.', { language: 'en', known })).toEqual(['PERSON:Ottavia Brambilla']);
  });
});

describe('the parts', () => {
  it('words know where a sentence begins, also behind a title', () => {
    expect(wordsOf('Ask Dr. Quist. Then go.').map(({ text, opening }) => [text, opening])).toEqual([
      ['Ask', true],
      ['Dr', false],
      ['Quist', false],
      ['Then', true],
      ['go', false],
    ]);
  });

  it.each([
    ['en', 'where is the parcel that you have sent'],
    ['de', 'ich warte auf das Paket und es ist nicht da'],
    ['fr', 'je vous remercie pour la commande qui est sur le site'],
    ['es', 'por favor envíen el pedido a la casa de mi madre'],
    ['it', 'grazie, il pacco non è arrivato e sono in attesa'],
    ['nl', 'ik heb het pakket niet en graag een nieuwe met spoed'],
  ])('%s is told by its small words', (language, text) => {
    expect(languageOf(wordsOf(text))).toBe(language);
  });

  it('lists know forms of words', () => {
    expect(['parcel', 'parcels', 'waiting', 'baked'].map((word) => lists.isWord(word))).toEqual([true, true, true, true]);
    expect(lists.isWord('quiroga')).toBe(false);
  });
});
