// The written policy says what the rules do, and nothing else.

import { describe, expect, it } from 'vitest';
import { DATA_CLASS_NAMES, DESTINATION_KINDS, dataClassSpec, HANDLINGS, isLocked } from './data-classes.ts';
import { dataPolicy, dataPolicyText } from './data-policy.ts';

describe('the written data policy', () => {
  it('names every class with what is done towards every destination, when unsure, and how long it is kept [D0]', () => {
    const text = dataPolicyText(dataPolicy(), 'Policy');
    expect(DATA_CLASS_NAMES.length).toBeGreaterThanOrEqual(25);
    const sections = new Map(
      text.split('\n\n').flatMap((part) => (part.startsWith('  ') ? [[part.trim().split(':')[0] as string, part]] : [])),
    );
    const words = { clear: 'as it is', tokenise: 'as a placeholder', mask: 'removed for good', refuse: 'refused' };
    for (const name of DATA_CLASS_NAMES) {
      const section = sections.get(name)?.split('\n') ?? [];
      const spec = dataClassSpec(name);
      expect([name, section[0]]).toEqual([name, `  ${name}: ${spec.meaning}`]);
      const told = section.slice(1, 1 + DESTINATION_KINDS.length).map((line) => line.replace(/^.*?: /, '').replace(/ \(.*/, ''));
      expect(told).toEqual(DESTINATION_KINDS.map((kind) => words[spec.handling[kind]]));
      expect(section.filter((line) => line.includes('(locked'))).toHaveLength(
        DESTINATION_KINDS.filter((kind) => isLocked(name, kind, 'clear')).length,
      );
      expect(section.at(-1)).toContain(
        spec.keepDays === null ? 'as long as the record' : spec.keepDays === 0 ? 'not kept' : 'after its purpose ended',
      );
    }
  });

  it('changes with each rule: no two handlings of a cell read the same', () => {
    for (const name of DATA_CLASS_NAMES) {
      for (const kind of DESTINATION_KINDS) {
        const texts = HANDLINGS.map((handling) => dataPolicyText(dataPolicy({ [name]: { handling: { [kind]: handling } } }), ''));
        expect(new Set(texts).size).toBe(HANDLINGS.length);
      }
    }
  });

  it('says what a tenant changed', () => {
    const [name] = dataPolicy({ person_name: { handling: { model: 'mask' }, keepDays: 7 } });
    expect([name?.changed, dataPolicyText(name === undefined ? [] : [name], '')]).toEqual([
      ['model', 'keepDays'],
      expect.stringMatching(/a model: removed for good \(changed here\)[\s\S]*kept: 7 days after its purpose ended \(changed here\)/),
    ]);
  });
});
