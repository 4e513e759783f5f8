// The console has words for everything that can be granted, and for nothing else.

import { describe, expect, it } from 'vitest';
import { BUILT_IN_ROLES, CONTROL_ACTIONS, ROLES } from '../server/src/core/index.ts';
import { actionWords, areaWords, roleWords } from './src/strings/en/access-words.ts';

describe('the words of access in the console', () => {
  it('name every action of the control plane, and none that does not exist', () => {
    expect(Object.keys(actionWords).toSorted()).toEqual([...CONTROL_ACTIONS].toSorted());
  });

  it('name every area of actions', () => {
    const areas = new Set(CONTROL_ACTIONS.map((action) => action.split('.')[0] ?? ''));
    expect(Object.keys(areaWords).toSorted()).toEqual([...areas].toSorted());
  });

  it('name every built-in role', () => {
    expect(Object.keys(roleWords).toSorted()).toEqual([...ROLES].toSorted());
    expect(Object.keys(BUILT_IN_ROLES).every((role) => role in roleWords)).toBe(true);
  });
});
