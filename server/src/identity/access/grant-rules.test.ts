// The rules of granting, for grants of every kind.

import { testGrant } from '@sallyport/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type ActedOn,
  type Action,
  BUILT_IN_ROLES,
  CONFLICTS,
  CONTROL_ACTIONS,
  conflictsIn,
  covers,
  type Grant,
  may,
  ROLES,
  type Scope,
} from '#core';
import { conflictsAmong, isWithinScope, newConflicts, overlap, refuseGiver } from './grant-rules.ts';

const name = fc.constantFrom('a', 'b');
const dataClass = fc.constantFrom('contact' as const, 'address' as const);
const scope: fc.Arbitrary<Scope> = fc.record({ workspace: name, workflow: name, integration: name, dataClass }, { requiredKeys: [] });
const thing: fc.Arbitrary<ActedOn> = fc.record(
  { workspaces: fc.subarray(['a', 'b']), workflow: name, integration: name, dataClass },
  { requiredKeys: [] },
);
const actions = fc.subarray([...new Set(CONFLICTS.flatMap((each) => [...each.actions])), 'runs.view' as const]);
const grant: fc.Arbitrary<Grant> = fc
  .record({ scope, actions, via: fc.constantFrom('direct', 'group:grp_1', 'break_glass'), isConditional: fc.boolean() })
  .map(({ scope: narrowed, actions: held, via, isConditional }) =>
    testGrant('auditor', {
      scope: narrowed,
      actions: new Set<Action>(held),
      via: via as Grant['via'],
      condition: isConditional ? { passkey: 'fresh' } : null,
    }),
  );
const grants = fc.array(grant, { maxLength: 5 });
const runs = { numRuns: 1_000 };

describe('scopes', () => {
  test('what lies within another covers nothing the other does not', () => {
    fc.assert(
      fc.property(scope, scope, thing, (narrow, wide, on) => {
        if (isWithinScope(narrow, wide) && covers(narrow, on)) expect(covers(wide, on)).toBe(true);
      }),
      runs,
    );
  });

  test('that both cover a thing overlap, whichever is asked first', () => {
    fc.assert(
      fc.property(scope, scope, thing, (one, other, on) => {
        expect(overlap(one, other)).toBe(overlap(other, one));
        // A thing can be in two workspaces, and two scopes of one workspace each do not count as meeting there.
        const isPlain = one.workspace === undefined || other.workspace === undefined || one.workspace === other.workspace;
        if (isPlain && covers(one, on) && covers(other, on)) expect(overlap(one, other)).toBe(true);
      }),
      runs,
    );
  });
});

describe('conflicts', () => {
  test('no built-in role but the owner’s holds one, and the owner’s holds them all [R3]', () => {
    for (const role of ROLES) {
      const found = conflictsIn(new Set(BUILT_IN_ROLES[role].actions));
      expect([role, found.length]).toEqual([role, role === 'owner' ? CONFLICTS.length : 0]);
    }
  });

  test('administration and daily work share no action: who gives access neither runs, decides, edits nor reads a case', () => {
    const admin = new Set<string>(BUILT_IN_ROLES.admin.actions);
    for (const action of [
      'workflows.run',
      'workflows.publish',
      'workflows.edit',
      'approvals.decide',
      'effects.resolve',
      'runs.content',
      'runs.view',
    ])
      expect(admin.has(action), action).toBe(false);
    for (const role of ['operator', 'support', 'marketer', 'approver', 'workflow_author', 'analyst', 'auditor'] as const)
      for (const action of [
        'access.grant',
        'people.manage',
        'keys.manage',
        'conditions.manage',
        'federation.manage',
        'integrations.manage',
      ])
        expect((BUILT_IN_ROLES[role].actions as readonly string[]).includes(action), `${role} ${action}`).toBe(false);
  });

  test('never vanish by one more grant, unless it makes an owner', () => {
    fc.assert(
      fc.property(grants, grant, (held, more) => {
        const before = conflictsAmong(held);
        expect(conflictsAmong([...held, more])).toEqual(expect.arrayContaining([...before]));
        expect(conflictsAmong([...held, more, testGrant('owner')])).toEqual([]);
      }),
      runs,
    );
  });

  test('are found however the actions came together, and where nothing is narrowed they are those of the whole set', () => {
    fc.assert(
      fc.property(grants, (held) => {
        const flat = held.map((each) => ({ ...each, scope: {} }));
        expect(conflictsAmong(flat)).toEqual(conflictsIn(new Set(held.flatMap((each) => [...each.actions]))));
        for (const found of conflictsAmong(held)) expect(conflictsAmong(flat)).toContain(found);
      }),
      runs,
    );
  });

  test('that were there on one thing, for a time or beside ownership are new on more, for longer and without it', () => {
    const [writes, approves] = [testGrant('workflow_author'), testGrant('approver')];
    const named = (found: readonly { readonly actions: readonly string[] }[]) => found.map(({ actions: pair }) => pair.join(' '));
    const pair = ['workflows.edit workflows.approve'];
    const narrowed = { ...approves, scope: { workflow: 'refunds' } };
    expect(named(newConflicts([writes, narrowed], [writes, narrowed, approves]))).toEqual(pair);
    expect(named(newConflicts([writes, approves], [writes, narrowed, approves]))).toEqual([]);
    const brief = { ...approves, expiresAtMs: 1_000 };
    expect(named(newConflicts([writes, brief], [writes, brief, approves]))).toEqual(pair);
    expect(named(newConflicts([writes, brief], [writes, brief, testGrant('auditor')]))).toEqual([]);
    const owns = testGrant('owner');
    expect(named(newConflicts([owns, writes], [owns, writes, approves]))).toEqual([]);
    const ownsBriefly = { ...owns, expiresAtMs: 1_000 };
    expect(named(newConflicts([ownsBriefly, writes], [ownsBriefly, writes, approves]))).toEqual(pair);
    expect(named(newConflicts([ownsBriefly, writes], [ownsBriefly, writes, brief]))).toEqual([]);
  });

  test('that were there before stand in nobody’s way', () => {
    fc.assert(
      fc.property(grants, (held) => {
        expect(newConflicts(held, held)).toEqual([]);
      }),
      runs,
    );
  });
});

describe('who gives', () => {
  test('gives nothing beyond what they hold there, unless they may give access there', () => {
    fc.assert(
      fc.property(grants, grant, thing, (own, given, on) => {
        if (refuseGiver(own, given) !== null || !covers(given.scope, on)) return;
        const lasting = { grants: own.filter(({ via, condition }) => via !== 'break_glass' && condition === null) };
        if (may(lasting, 'access.grant', on)) return;
        for (const action of given.actions) expect(may(lasting, action, on)).toBe(true);
      }),
      runs,
    );
  });

  test('makes no owner without being one', () => {
    fc.assert(
      fc.property(grants, (own) => {
        const everything = testGrant('admin', { actions: new Set(CONTROL_ACTIONS) });
        expect(refuseGiver([...own, everything], testGrant('owner'))).toMatchObject({ code: 'IDENTITY_GRANT_OWNER_ONLY' });
        expect(refuseGiver([...own, testGrant('owner')], testGrant('owner'))).toBe(null);
      }),
      runs,
    );
  });
});
