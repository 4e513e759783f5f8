// What a model of names adds: it covers more, never less, and what has a form or is known stays what it is.

import { describe, expect, it } from 'vitest';
import { collectKnown } from '../collect-known.ts';
import { detect } from '../detect.ts';
import { createKnownMatcher } from '../known-matcher.ts';
import type { NerSpan } from '../ner/find-names.ts';
import type { NerType } from '../ner/labels.ts';
import { lists } from '../test/lists.ts';
import { createCatalogue } from './catalogue.ts';

const find = (
  text: string,
  said: readonly (readonly [string, NerType, number?])[],
  more: { readonly catalogue?: readonly string[]; readonly customer?: object } = {},
): string[] => {
  const spans: NerSpan[] = said.map(([words, type, confidence = 0.9]) => {
    const start = text.indexOf(words);
    return { start, end: start + words.length, type, confidence };
  });
  const catalogue = more.catalogue === undefined ? null : createCatalogue(more.catalogue);
  const known = more.customer === undefined ? {} : { known: createKnownMatcher(collectKnown({ customer: more.customer } as never)) };
  return detect(text, { ...known, guessing: { lists, language: 'en', catalogue, second: () => spans } })
    .filter(({ personal }) => personal)
    .map(({ start, end, type }) => `${type} ${text.slice(start, end)}`);
};

describe('a second finder', () => {
  it.each<[string, string, Parameters<typeof find>[1], Parameters<typeof find>[2], string[]]>([
    ['adds what ours did not find', 'parcel for quorrazim veldt here', [['quorrazim veldt', 'PERSON']], {}, ['PERSON quorrazim veldt']],
    ['is joined with ours, which says what it is', 'My name is Ingrid Solheim.', [['Solheim.', 'CITY']], {}, ['PERSON Ingrid Solheim']],
    ['grows ours', 'My name is Ingrid Solheim quorra today', [['Solheim quorra', 'PERSON']], {}, ['PERSON Ingrid Solheim quorra']],
    [
      'takes nothing from what has a form, and what stands beside it is still covered',
      'quorra zim ingrid@example.com veldt tarn',
      [['quorra zim ingrid@example.com veldt tarn', 'PERSON']],
      {},
      ['PERSON quorra zim', 'EMAIL ingrid@example.com', 'PERSON veldt tarn'],
    ],
    [
      'takes nothing from what is known as something else, and what stands beside it is still covered',
      'talk to Tarnmouth quorra',
      [['Tarnmouth quorra', 'PERSON']],
      { customer: { city: 'Tarnmouth' } },
      ['CITY Tarnmouth', 'PERSON quorra'],
    ],
    ['grows a known name', 'talk to Ada quorra', [['Ada quorra', 'PERSON']], { customer: { first_name: 'Ada' } }, ['PERSON Ada quorra']],
    [
      'leaves nothing uncovered where it runs from a name of ours into an address of ours',
      'My name is Ingrid Solheim 47 Bramley Close, thanks',
      [['Solheim 47', 'PERSON']],
      {},
      ['STREET_ADDRESS Ingrid Solheim 47 Bramley Close'],
    ],
    ['never touches what the catalogue sells', 'one quorra chair', [['quorra', 'PERSON']], { catalogue: ['quorra chair'] }, []],
    ['a mark of punctuation is no part of a name', 'for (quorra), thanks', [['(quorra),', 'PERSON']], {}, ['PERSON quorra']],
    ['marks alone are nothing', 'so --- well', [['---', 'PERSON']], {}, []],
  ])('%s', (_what, text, said, more, found) => {
    expect(find(text, said, more)).toEqual(found);
  });
});
