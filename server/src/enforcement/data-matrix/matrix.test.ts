// Who may see what, resolved: defaults, rules over them, rules on trial, and what no rule can change.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DATA_CLASS_NAMES, DESTINATION_KINDS, dataClassOfType, dataClassSpec, HANDLINGS, isLocked } from '#core';
import { DLP_TYPES } from '#dlp';
import { createMatrix, type DataRule, DEFAULT_MATRIX, integrationDestination, RULE_MODES } from './matrix.ts';

const rule = fc.record<DataRule>({
  destination: fc.constantFrom<string>(...DESTINATION_KINDS, 'integration:shop', 'integration:gpt'),
  dataClass: fc.constantFrom(...DATA_CLASS_NAMES),
  mode: fc.constantFrom(...RULE_MODES),
  handling: fc.constantFrom(...HANDLINGS),
});

describe('who may see what', () => {
  it('is the table of classes where a tenant has no rule', () => {
    for (const kind of DESTINATION_KINDS) {
      const { handling } = DEFAULT_MATRIX.towards(kind, 'shop');
      for (const type of DLP_TYPES) expect(handling[type]).toBe(dataClassSpec(dataClassOfType(type) ?? 'credential').handling[kind]);
    }
  });

  it('a rule for an integration goes before one for its kind, and one for the kind before the default', () => {
    const matrix = createMatrix(
      [
        { destination: 'model', dataClass: 'email_address', mode: 'enforce', handling: 'mask' },
        { destination: integrationDestination('gpt'), dataClass: 'email_address', mode: 'enforce', handling: 'refuse' },
      ],
      [{ dataClass: 'place', unsure: 'refuse' }],
    );
    expect(matrix.cell('model', 'gpt', 'email_address')).toEqual({ handling: 'refuse', from: 'integration', trial: null, asIs: false });
    expect(matrix.cell('model', 'other', 'email_address')).toEqual({ handling: 'mask', from: 'kind', trial: null, asIs: false });
    expect(matrix.cell('tool', 'gpt', 'email_address').from).toBe('integration');
    expect(matrix.cell('model', 'gpt', 'person_name')).toEqual({ handling: 'tokenise', from: 'default', trial: null, asIs: false });
    expect([matrix.unsure('place'), matrix.unsure('account_name')]).toEqual(['refuse', 'leave']);
  });

  it('what an integration may be given opens no page that one of its operations fetches; what it may not closes that, too', () => {
    const rule = (dataClass: DataRule['dataClass'], handling: DataRule['handling']): DataRule => ({
      destination: integrationDestination('shop'),
      ...{ dataClass, mode: 'enforce', handling },
    });
    const matrix = createMatrix([rule('email_address', 'clear'), rule('product', 'refuse')], []);
    expect(matrix.cell('tool', 'shop', 'email_address').handling).toBe('clear');
    expect(matrix.cell('web', 'shop', 'email_address')).toMatchObject({ handling: 'refuse', from: 'default' });
    expect(matrix.cell('web', 'shop', 'product')).toMatchObject({ handling: 'refuse', from: 'integration' });
  });

  it('a rule on trial decides nothing: what was in force stays', () => {
    const matrix = createMatrix([{ destination: 'model', dataClass: 'email_address', mode: 'monitor', handling: 'refuse' }], []);
    const towards = matrix.towards('model', 'gpt');
    expect([towards.handling.EMAIL, towards.trial.get('EMAIL'), towards.refused.has('EMAIL')]).toEqual(['tokenise', 'refuse', false]);
  });

  it('card numbers and secrets never reach a model, a customer or the web in clear or as placeholders, whatever rules are stored', () => {
    fc.assert(
      fc.property(
        fc.array(rule, { maxLength: 30 }),
        fc.constantFrom(...DESTINATION_KINDS),
        fc.constantFrom('shop', 'gpt', null),
        (rules, kind, name) => {
          const matrix = createMatrix(rules, []);
          for (const dataClass of DATA_CLASS_NAMES)
            expect(isLocked(dataClass, kind, matrix.cell(kind, name, dataClass).handling)).toBe(false);
          if (kind !== 'tool') {
            const { handling, seen } = matrix.towards(kind, name);
            for (const type of ['CARD', 'SECRET'] as const)
              expect([handling[type] === 'mask' || handling[type] === 'refuse', seen.has(type)]).toEqual([true, false]);
          }
        },
      ),
      { numRuns: 1000 },
    );
  });
});
