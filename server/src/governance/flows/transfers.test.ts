// Whether personal data may go somewhere: by values alone.

import { describe, expect, test } from 'vitest';
import type { Carried, Place } from './transfers.ts';
import { isDeclared, judgeTransfer } from './transfers.ts';
import type { Destination, Profile } from './types.ts';

const place: Place = { destination: 'desk', host: 'desk.example.com', isOwnMachine: false };
const home = (country: string | null): Profile => ({ home: country, controller: '', contact: '' });
const declared = (change: Partial<Destination> = {}): Destination => ({
  ...{ name: 'desk', vendor: 'Example', country: 'US', host: 'desk.example.com', role: 'processor', legalBasis: 'contract' },
  ...{ transferBasis: 'none', purpose: '', retentionDays: null, measures: '', classes: [], uses: [], optOutField: null, declaredAtMs: 0 },
  ...change,
});
const mail: readonly Carried[] = [{ dataClass: 'email_address', handling: 'clear' }];
const missing = (
  from: string | null,
  to: Destination | undefined,
  at: Place = place,
  carried = mail,
  regions: readonly string[] = [],
): string | null => {
  const { refusal } = judgeTransfer(home(from), at, to, { carried, from: new Set(regions) });
  return refusal === null ? null : String(refusal.evidence.missing);
};

describe('a transfer', () => {
  test.each([
    ['nobody said where the tenant is', null, undefined, null],
    ['the country of the destination is not declared', 'DE', undefined, 'country'],
    ['within one economic area', 'DE', declared({ country: 'FR' }), null],
    ['to another country without a basis', 'DE', declared(), 'transfer_basis'],
    ['on standard clauses', 'DE', declared({ transferBasis: 'scc' }), null],
    ['on the framework to the United States', 'DE', declared({ transferBasis: 'dpf' }), null],
    ['on the framework to another country', 'DE', declared({ transferBasis: 'dpf', country: 'BR' }), 'transfer_basis'],
    ['on an adequacy that was decided', 'DE', declared({ transferBasis: 'adequacy', country: 'JP' }), null],
    ['on an adequacy that nobody decided', 'DE', declared({ transferBasis: 'adequacy', country: 'IN' }), 'transfer_basis'],
    ['declared for another host', 'DE', declared({ transferBasis: 'scc', host: 'old.example.com' }), 'country'],
  ])('%s', (_what, from, to, expected) => {
    expect(missing(from, to)).toBe(expected);
  });

  test('a placeholder is personal data, what was masked is not, and neither is what is about nobody', () => {
    expect(missing('DE', declared(), place, [{ dataClass: 'email_address', handling: 'tokenise' }])).toBe('transfer_basis');
    expect(missing('DE', declared(), place, [{ dataClass: 'email_address', handling: 'mask' }])).toBeNull();
    expect(missing('DE', declared(), place, [{ dataClass: 'product', handling: 'clear' }])).toBeNull();
  });

  test('our own machine is inside until something else is declared about it', () => {
    const own = { ...place, isOwnMachine: true };
    expect([missing('DE', undefined, own), missing('DE', declared(), own)]).toEqual([null, 'transfer_basis']);
    expect([isDeclared(own, undefined, 'email_address'), isDeclared(place, undefined, 'email_address')]).toEqual([true, false]);
  });

  test.each([
    ['read in Europe by a shop in the United States, for a model there', 'US', ['EEA'], declared(), 'transfer_basis'],
    ['the same on the framework', 'US', ['EEA'], declared({ transferBasis: 'dpf' }), null],
    ['read in the United States', 'US', ['US'], declared(), null],
    ['read where nobody said, or on our own machine', 'US', ['unknown', 'own'], declared(), null],
    ['joined of what was read in two places', 'US', ['US', 'GB'], declared(), 'transfer_basis'],
    ['read in the United States, for a model beside the tenant', 'DE', ['US'], declared({ country: 'FR' }), null],
  ])('%s', (_what, at, from, to, expected) => {
    expect(missing(at, to, place, mail, from)).toBe(expected);
  });

  test('names what is missing, where, and which kinds of data, and no value', () => {
    const { refusal, region } = judgeTransfer(home('DE'), place, declared(), { carried: [...mail, ...mail], from: new Set(['US']) });
    expect(region).toBe('US');
    expect(refusal).toMatchObject({
      code: 'GOVERNANCE_TRANSFER_BASIS_MISSING',
      evidence: { destination: 'desk', region: 'US', home: 'EEA', origin: 'EEA', missing: 'transfer_basis', classes: ['email_address'] },
    });
  });
});
