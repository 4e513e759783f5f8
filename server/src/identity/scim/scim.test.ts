// SCIM bodies, filters and patches as Okta and Entra send them, and what must not come of the ones that nobody should send.

import fc from 'fast-check';
import { scimPatch } from 'scim-patch';
import { describe, expect, test } from 'vitest';
import { GROUP, USER } from './attributes.ts';
import { matches, mustEqual, parseFilter } from './filter.ts';
import { applyPatch } from './patch.ts';
import { isScimFault, renderFault, type ScimFault } from './scim-error.ts';
import { readResource, type ScimObject } from './values.ts';

const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
const patch = (...Operations: object[]): object => ({ schemas: [PATCH], Operations });
const ok = (answer: ScimObject | ScimFault): ScimObject => {
  if (isScimFault(answer)) throw new Error(answer.detail);
  return answer;
};
const typeOf = (answer: unknown): string | null => (isScimFault(answer) ? (answer.scimType ?? String(answer.status)) : 'fine');
const dana = (): ScimObject => ({
  userName: 'dana@example.com',
  externalId: '00u1',
  displayName: 'Dana Example',
  name: { givenName: 'Dana', familyName: 'Example' },
  active: true,
  emails: [{ value: 'dana@example.com', type: 'work', primary: true }],
});
const team = (...members: string[]): ScimObject => ({ displayName: 'Support', members: members.map((value) => ({ value })) });
const user = (...operations: object[]): ScimObject => ok(applyPatch(USER, dana(), patch(...operations)));
const membersAfter = (...operations: object[]): unknown[] =>
  ((ok(applyPatch(GROUP, team('a', 'b', 'c'), patch(...operations))).members ?? []) as ScimObject[]).map(({ value }) => value);

describe('a user as it is sent', () => {
  test('by Okta: what we keep is kept, the rest is left out', () => {
    const read = ok(
      readResource(USER, {
        schemas: ['urn:ietf:params:scim:schemas:core:2.0:User', 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'],
        userName: 'dana@example.com',
        name: { givenName: 'Dana', familyName: 'Example', honorificPrefix: 'Dr' },
        emails: [{ primary: true, value: 'dana@example.com', type: 'work' }],
        displayName: 'Dana Example',
        locale: 'en-US',
        externalId: '00u1',
        groups: [{ value: 'grp_of_somebody_else' }],
        password: 'not kept',
        active: true,
        'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User': { department: 'Support' },
      }),
    );
    expect(read).toEqual(dana());
  });

  test('by Entra: texts for booleans, names in any case, empty values for none', () => {
    const read = ok(
      readResource(USER, {
        UserName: 'dana@example.com',
        ACTIVE: 'False',
        displayname: '',
        externalId: null,
        emails: [{ type: 'work' }, { type: 'other', value: 'd@example.com', primary: 'True' }],
        'urn:ietf:params:scim:schemas:core:2.0:User:name': { FORMATTED: 'Dana Example' },
      }),
    );
    expect(read).toEqual({
      userName: 'dana@example.com',
      active: false,
      emails: [{ type: 'other', value: 'd@example.com', primary: true }],
      name: { formatted: 'Dana Example' },
    });
  });

  test.each([
    ['no object', [], 'invalidSyntax'],
    ['no user name', { displayName: 'x' }, 'invalidValue'],
    ['a number for a name', { userName: 7 }, 'invalidValue'],
    ['active that is neither', { userName: 'x', active: 'perhaps' }, 'invalidValue'],
    ['a line break in a name', { userName: 'x\ny' }, 'invalidValue'],
    ['a name without end', { userName: 'x'.repeat(400) }, 'invalidValue'],
    ['too many addresses', { userName: 'x', emails: Array.from({ length: 5_001 }, (_, n) => ({ value: `${n}` })) }, 'tooMany'],
  ])('with %s is refused', (_what, body, type) => {
    expect(typeOf(readResource(USER, body))).toBe(type);
  });
});

describe('a patch of a user', () => {
  test.each([
    ['Okta deactivates without a path', { op: 'replace', value: { active: false } }],
    ['Entra deactivates with a text', { op: 'Replace', path: 'active', value: 'False' }],
    ['Entra without a path and with another case', { op: 'REPLACE', value: { Active: 'False' } }],
    ['another case of the path', { op: 'replace', path: 'ACTIVE', value: false }],
    ['the path with its schema', { op: 'replace', path: 'urn:ietf:params:scim:schemas:core:2.0:User:active', value: 'false' }],
    ['the schema as an object', { op: 'replace', value: { 'urn:ietf:params:scim:schemas:core:2.0:User': { active: false } } }],
  ])('%s', (_what, operation) => {
    expect(user(operation)).toEqual({ ...dana(), active: false });
  });

  test('without a path takes several attributes, also by dotted names and by filters', () => {
    const changed = user({
      op: 'replace',
      value: {
        id: 'per_of_somebody_else',
        schemas: [],
        displayName: 'Dana E',
        'name.givenName': 'D',
        'emails[type eq "work"].value': 'new@example.com',
        'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department': 'Support',
        'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User': { manager: 'x' },
      },
    });
    expect(changed).toEqual({
      ...dana(),
      displayName: 'Dana E',
      name: { givenName: 'D', familyName: 'Example' },
      emails: [{ value: 'new@example.com', type: 'work', primary: true }],
    });
  });

  test('adds an address that is not there yet by the filter that describes it', () => {
    const changed = user({ op: 'Add', path: 'emails[type eq "home"].value', value: 'home@example.com' });
    expect(changed.emails).toEqual([
      { value: 'dana@example.com', type: 'work', primary: true },
      { value: 'home@example.com', type: 'home' },
    ]);
  });

  test('keeps one primary address', () => {
    const changed = user({ op: 'add', path: 'emails', value: [{ value: 'two@example.com', primary: 'True' }] });
    expect((changed.emails as ScimObject[]).map(({ primary }) => primary)).toEqual([false, true]);
  });

  test('removes by null, by remove, and leaves what it does not know', () => {
    expect(user({ op: 'replace', path: 'externalId', value: null }).externalId).toBeUndefined();
    expect(user({ op: 'remove', path: 'name.familyName' }).name).toEqual({ givenName: 'Dana' });
    expect(user({ op: 'remove', path: 'emails[type eq "work"]' }).emails).toBeUndefined();
    expect(user({ op: 'replace', path: 'nickName', value: 'D' }, { op: 'remove', path: 'urn:example:2.0:User:badge' })).toEqual(dana());
  });

  test.each([
    ['no schema', { Operations: [{ op: 'replace', path: 'active', value: false }] }, 'invalidSyntax'],
    ['no operations', patch(), 'invalidSyntax'],
    ['another operation', patch({ op: 'move', path: 'active' }), 'invalidSyntax'],
    ['a removal without a path', patch({ op: 'remove' }), 'noTarget'],
    ['the id', patch({ op: 'replace', path: 'id', value: 'per_x' }), 'mutability'],
    ['the user name taken away', patch({ op: 'remove', path: 'userName' }), 'invalidValue'],
    ['a filter that can not be read', patch({ op: 'remove', path: 'emails[type eq]' }), 'invalidPath'],
    ['a filter on what has one value', patch({ op: 'replace', path: 'active[value eq true]', value: false }), 'invalidPath'],
    [
      'nothing that the filter could mean',
      patch({ op: 'replace', path: 'emails[type ne "work"].value', value: 'x@example.com' }),
      'noTarget',
    ],
    ['too many operations', patch(...Array.from({ length: 1_001 }, () => ({ op: 'add', path: 'active', value: true }))), 'tooMany'],
  ])('with %s is refused and changes nothing', (_what, body, type) => {
    const before = dana();
    expect(typeOf(applyPatch(USER, before, body))).toBe(type);
    expect(before).toEqual(dana());
  });

  test('can not reach the prototype of objects, by path or by key', () => {
    const bodies = ['__proto__.polluted', 'constructor.prototype.polluted', '__proto__', 'name.__proto__'].flatMap((path) => [
      patch({ op: 'add', path, value: 'x' }),
      patch({ op: 'add', value: { [path]: { polluted: 'x' } } }),
    ]);
    for (const body of bodies) applyPatch(USER, dana(), body);
    applyPatch(USER, dana(), JSON.parse(`{"schemas":["${PATCH}"],"Operations":[{"op":"add","value":{"__proto__":{"polluted":"x"}}}]}`));
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});

function scimPatchOrNull(resource: object, operations: readonly object[]): Record<string, unknown> | null {
  try {
    return scimPatch(resource as never, operations as never) as unknown as Record<string, unknown>;
  } catch {
    return null;
  }
}

describe('a patch of a group', () => {
  test.each([
    ['Okta removes by filter', [{ op: 'remove', path: 'members[value eq "b"]' }], ['a', 'c']],
    ['Entra removes by value', [{ op: 'Remove', path: 'members', value: [{ value: 'b', $ref: null }] }], ['a', 'c']],
    ['a removal names the member with its name', [{ op: 'remove', path: 'members', value: { value: 'b', display: 'B' } }], ['a', 'c']],
    ['a removal by a plain text', [{ op: 'remove', path: 'members', value: 'b' }], ['a', 'c']],
    ['a removal by a filter of two', [{ op: 'remove', path: 'members[value eq "a" or value eq "c"]' }], ['b']],
    ['a removal of nobody who is in it', [{ op: 'remove', path: 'members[value eq "z"]' }], ['a', 'b', 'c']],
    ['a removal with an empty list removes nobody', [{ op: 'remove', path: 'members', value: [] }], ['a', 'b', 'c']],
    ['a removal of all', [{ op: 'remove', path: 'members' }], []],
    ['an addition of several', [{ op: 'add', path: 'members', value: [{ value: 'd' }, { value: 'a' }] }], ['a', 'b', 'c', 'd']],
    ['an addition of one, not in a list', [{ op: 'Add', path: 'members', value: { value: 'd' } }], ['a', 'b', 'c', 'd']],
    ['a replacement', [{ op: 'replace', path: 'members', value: [{ value: 'd' }] }], ['d']],
    ['a replacement without a path', [{ op: 'replace', value: { id: 'x', displayName: 'S', members: [{ value: 'e' }] } }], ['e']],
    [
      'one after the other',
      [
        { op: 'remove', path: 'members' },
        { op: 'add', path: 'members', value: [{ value: 'x' }] },
      ],
      ['x'],
    ],
    ['a colon in the id of the filter', [{ op: 'remove', path: 'members[value eq "urn:a"]' }], ['a', 'b', 'c']],
    ['ids compared letter by letter', [{ op: 'remove', path: 'members[value eq "A"]' }], ['a', 'b', 'c']],
  ])('%s', (_what, operations, left) => {
    expect(membersAfter(...operations)).toEqual(left);
  });

  test('[PROMISE-10] with more values or more filtering than any directory sends is refused before it is work for everybody', () => {
    const addresses = (n: number): object[] => Array.from({ length: 5_000 }, (_, at) => ({ value: `${n}-${at}` }));
    const additions = Array.from({ length: 20 }, (_, n) => ({ op: 'add', path: 'emails', value: addresses(n) }));
    const members = Array.from({ length: 5_000 }, (_, n) => `m${n}`);
    const filter = Array.from({ length: 100 }, (_, n) => `value eq "x${n}"`).join(' or ');
    const removals = Array.from({ length: 500 }, () => ({ op: 'remove', path: `members[${filter}]` }));
    const startedMs = performance.now();
    expect(typeOf(applyPatch(USER, dana(), patch(...additions)))).toBe('tooMany');
    expect(typeOf(applyPatch(GROUP, team(...members), patch(...removals)))).toBe('tooMany');
    const one = members.slice(0, 199).map((member) => ({ op: 'remove', path: `members[value eq "${member}"]` }));
    expect(ok(applyPatch(GROUP, team(...members), patch(...one))).members).toHaveLength(4_801);
    expect(performance.now() - startedMs).toBeLessThan(20_000);
  });

  test('gives what another implementation gives for patches that are beyond doubt', () => {
    const id = fc.constantFrom('a', 'b', 'c', 'd', 'e');
    const operation = fc.oneof(
      id.map((value) => ({ op: 'remove' as const, path: `members[value eq "${value}"]` })),
      fc.uniqueArray(id, { minLength: 1 }).map((ids) => ({ op: 'add' as const, path: 'members', value: ids.map((value) => ({ value })) })),
      fc
        .uniqueArray(id, { minLength: 1 })
        .map((ids) => ({ op: 'replace' as const, path: 'members', value: ids.map((value) => ({ value })) })),
      fc
        .string({ minLength: 1, maxLength: 9, unit: fc.constantFrom('x', 'y', 'z') })
        .map((value) => ({ op: 'replace' as const, path: 'displayName', value })),
    );
    const seed = 20_261_123;
    fc.assert(
      fc.property(fc.array(operation, { minLength: 1, maxLength: 6 }), (operations) => {
        const ours = ok(applyPatch(GROUP, team('a', 'b', 'c'), patch(...operations)));
        const resource = {
          schemas: [],
          meta: { created: new Date(0), lastModified: new Date(0) },
          ...structuredClone(team('a', 'b', 'c')),
        };
        const patched = scimPatchOrNull(resource, operations);
        fc.pre(patched !== null); // it has no removal from a list that is empty
        const { schemas: _schemas, meta: _meta, ...theirs } = patched as Record<string, unknown>;
        expect(ours).toEqual(Array.isArray(theirs.members) && theirs.members.length === 0 ? { displayName: theirs.displayName } : theirs);
      }),
      { seed, numRuns: 300 },
    );
  });
});

describe('a filter', () => {
  const holds = (text: string, resource: ScimObject = dana()): boolean | string => {
    const filter = parseFilter(USER, text);
    return isScimFault(filter) ? (filter.scimType ?? '') : matches(filter, resource);
  };
  test.each([
    ['userName eq "DANA@example.com"', true],
    ['USERNAME Eq "dana@example.com"', true],
    ['urn:ietf:params:scim:schemas:core:2.0:User:userName eq "dana@example.com"', true],
    ['externalId eq "00u1"', true],
    ['externalId eq "00U1"', false],
    ['active eq true', true],
    ['active eq "True"', true],
    ['active eq false', false],
    ['emails eq "dana@example.com"', true],
    ['emails.value eq "DANA@example.com"', true],
    ['emails[type eq "work" and value co "@example"]', true],
    ['emails[type eq "home"]', false],
    ['name.familyName sw "Ex" and not (active eq false)', true],
    ['nickName eq "x"', false],
    ['nickName pr', false],
    ['displayName pr', true],
    ['userName ne "kim@example.com"', true],
    ['displayName eq null', false],
    ['userName eq "a" or userName eq "dana@example.com"', true],
    ['title eq "x" and (userName co "dana" or userName co "kim")', false],
  ])('%s', (text, expected) => {
    expect(holds(text)).toBe(expected);
  });

  test('understands quotes and backslashes as JSON, and a lone backslash as itself', () => {
    expect(holds('userName eq "corp\\\\dana"', { userName: 'corp\\dana' })).toBe(true);
    expect(holds('userName eq "corp\\dana"', { userName: 'corp\\dana' })).toBe(true);
    expect(holds('userName eq "say \\"hi\\""', { userName: 'say "hi"' })).toBe(true);
    expect(holds('userName eq "\\u0064ana"', { userName: 'dana' })).toBe(true);
    expect(holds('userName eq "0"', { userName: '0' })).toBe(true);
  });

  test.each([
    '',
    'userName',
    'userName eq',
    'eq "x"',
    'userName like "x"',
    'userName eq "x" extra',
    '(userName pr',
    `${'('.repeat(50)}userName pr${')'.repeat(50)}`,
    `${'not '.repeat(40)}(userName pr)`,
    `userName eq "${'x'.repeat(3_000)}"`,
  ])('%# that can not be read is refused', (text) => {
    expect(holds(text)).toBe('invalidFilter');
  });

  test('says which row it can only be about', () => {
    const equal = (text: string, name: string): string | null => {
      const filter = parseFilter(USER, text);
      return isScimFault(filter) ? 'fault' : mustEqual(filter, name);
    };
    expect(equal('userName eq "a" and active eq true', 'userName')).toBe('a');
    expect(equal('userName eq "a" or active eq true', 'userName')).toBeNull();
    expect(equal('not (userName eq "a")', 'userName')).toBeNull();
    expect(equal('externalId eq "e"', 'userName')).toBeNull();
  });

  test('never throws, whatever text it is', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), (text) => {
        const filter = parseFilter(USER, text);
        if (!isScimFault(filter)) matches(filter, dana());
      }),
      { seed: 7, numRuns: 500 },
    );
  });
});

test('an error has the form of RFC 7644 and names no value', () => {
  const fault = readResource(USER, { userName: 'x', active: 'canary-value' });
  if (!isScimFault(fault)) throw new Error('was read');
  expect(renderFault(fault)).toEqual({
    schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
    status: '400',
    scimType: 'invalidValue',
    detail: 'The attribute active is neither true nor false.',
  });
});
