// The gate over requirements is shown each way in which manifest and tests can disagree.

import { describe, expect, it } from 'vitest';
import { citationsIn } from './citations.ts';
import { judge } from './gate.ts';
import { MANIFEST, type Requirement, requirements } from './requirements.ts';
import { treeOf } from './tree.ts';

// Ids are put together, so that this file cites nothing itself.
const cite = (...ids: readonly string[]): string => `[${ids.join(', ')}]`;
const named = (name: string): string => `it('${name}', () => undefined);`;
const row = (id: string, state: string): Requirement => ({
  id,
  area: 'data',
  state: state as 'planned',
  behaviour: 'A shop owner can see what was done.',
});

function failuresOf(rows: readonly Requirement[], test: string): readonly string[] {
  return judge(requirements, treeOf({ [MANIFEST]: JSON.stringify({ requirements: rows }), 'server/src/core/a.test.ts': test })).failures;
}

describe('the gate over requirements', () => {
  it('accepts a delivered id with a test and a planned id without one', () => {
    expect(failuresOf([row('A3', 'delivered'), row('A4', 'planned')], named(`refuses plain text ${cite('A3')}`))).toEqual([]);
  });

  it('refuses a test that cites an unknown id', () => {
    expect(failuresOf([row('A3', 'planned')], named(cite('A9')))).toEqual([
      `server/src/core/a.test.ts cites A9, which is not in ${MANIFEST}`,
    ]);
  });

  it('refuses a delivered id that no test cites', () => {
    expect(failuresOf([row('A3', 'delivered')], named('nothing'))).toEqual(['A3 is called delivered but no test cites it']);
  });

  it('refuses a cited id that is still planned', () => {
    expect(failuresOf([row('PROMISE-4', 'planned')], named(cite('PROMISE-4')))).toHaveLength(1);
  });

  it('refuses an id that stands twice, and says so when the two contradict', () => {
    expect(failuresOf([row('A3', 'planned'), row('A3', 'planned')], '')).toEqual(['A3 stands twice in the manifest']);
    expect(failuresOf([row('A3', 'planned'), row('A3', 'delivered')], named(cite('A3')))).toContain('A3 is both planned and delivered');
  });

  it('refuses unknown states, unknown members and a behaviour that is no sentence', () => {
    expect(failuresOf([row('A3', 'done')], '')).toHaveLength(1);
    expect(failuresOf([{ ...row('A3', 'planned'), owner: 'x' } as Requirement], '')).toHaveLength(1);
    expect(failuresOf([{ ...row('A3', 'planned'), behaviour: 'two\nlines' }], '')).toHaveLength(1);
  });

  it('fails when the manifest is empty', () => {
    expect(failuresOf([], '')).toEqual(['looked at nothing']);
  });
});

describe('citations', () => {
  const idsIn = (text: string): readonly string[] => citationsIn('a.test.ts', text).map((citation) => citation.id);

  it.each([
    [`it('${cite('A3')} refuses', run)`, ['A3']],
    [`test("refuses ${cite('A3')}${cite('D2')}", run)`, ['A3', 'D2']],
    [`describe(\`the wall ${cite('PROMISE-10', 'W3')}\`, run)`, ['PROMISE-10', 'W3']],
    [`it.each([1, 2])('case %s ${cite('X12')}', run)`, ['X12']],
    [`it.skipIf(isMissing)('case ${cite('X12')}', run)`, ['X12']],
    [`describe.sequential(\`\${name} ${cite('W5')}\`, run)`, ['W5']],
    [`describe('a', () => { it('${cite('M1')}', run); })`, ['M1']],
  ])('are read from the name in %s', (text, ids) => {
    expect(idsIn(text)).toEqual(ids);
  });

  it.each([
    'const list = [A3, D2];',
    `const list = ['${cite('A3')}'];`,
    `it('plain', () => expect('${cite('A3')}').toBe(1));`,
    `it.each(['${cite('A3')}'])('case %s', run);`,
    `expect(rows['${cite('A3')}']);`,
    `it('a placeholder [EMAIL_1] and a size [A1234]', run);`,
    `log('${cite('A3')}');`,
  ])('are not read from %s', (text) => {
    expect(idsIn(text)).toEqual([]);
  });
});
