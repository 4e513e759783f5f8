// Grants, groups, custom roles and emergency access over a real database and several processes.

import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  type Action,
  actionsOf,
  type Grant,
  type GroupId,
  isOwner,
  isRefusal,
  type PersonId,
  type PersonPrincipal,
  type Refusal,
  type TenantId,
} from '#core';
import type { Identity } from '../identity.ts';
import { peopleBefore } from '../store/restore.ts';
import { HOUR_MS, newName, type OpenedIdentity, openIdentity, until } from '../test/opened-identity.ts';
import { type Agree, BREAK_GLASS_MS } from './break-glass.ts';

let given: OpenedIdentity;
let identity: Identity;
let tenant: TenantId;
let owner: PersonId;
beforeAll(async () => {
  given = await openIdentity();
  identity = given.identity;
});
afterAll(() => given.close());
beforeEach(async () => {
  tenant = await identity.createTenant({ name: newName() });
  owner = (await identity.listPeople(tenant))[0]?.id as PersonId;
});

const ok = <T>(value: T | Refusal): T => {
  if (isRefusal(value)) throw new Error(value.code);
  return value;
};
const code = (value: unknown): string => (isRefusal(value) ? value.code : 'done');

interface Somebody {
  readonly id: PersonId;
  readonly token: string;
  now(of?: Identity): PersonPrincipal;
  can(action: Action, of?: Identity): boolean;
}

async function join(name: string, roles: readonly string[]): Promise<Somebody> {
  const added = ok(await identity.addPerson({ tenant, name, roles, actor: owner }));
  const { token } = ok(await identity.redeem(added.secret));
  const now = (of = identity): PersonPrincipal => ok(of.authenticateSession(token));
  return { id: added.id, token, now, can: (action, of) => actionsOf(now(of)).has(action) };
}
const give = (subject: string, role: string, actor: string = owner, more: object = {}) =>
  identity.grant({ tenant, subject, role, actor, ...more });
const eventsOf = (subject: string) =>
  given.database.admin<{ type: string; public: Record<string, unknown> }>(
    'select type, public::jsonb as public from event_inbox where subject = $1 order by sequence',
    [subject],
  );

describe('a grant', () => {
  test('gives its role in sessions that are open, in every process, and takes it when it ends', async () => {
    const other = await given.another();
    const sam = await join('Sam', ['auditor']);
    await until(() => !isRefusal(other.identity.authenticateSession(sam.token)));
    expect([sam.can('workflows.run'), sam.can('workflows.run', other.identity)]).toEqual([false, false]);
    const { id } = ok(await give(sam.id, 'operator'));
    expect(sam.can('workflows.run')).toBe(true);
    await until(() => sam.can('workflows.run', other.identity));
    expect(await identity.endGrant({ tenant, grant: id, actor: owner })).toBe(null);
    expect(sam.can('workflows.run')).toBe(false);
    await until(() => !sam.can('workflows.run', other.identity));
    expect(code(await identity.endGrant({ tenant, grant: id, actor: owner }))).toBe('IDENTITY_GRANT_UNKNOWN');
  });

  test('runs out at its moment, though nobody is told', async () => {
    const sam = await join('Sam', ['analyst']);
    ok(await give(sam.id, 'operator', owner, { expiresAtMs: given.clock.now() + 60_000 }));
    given.clock.advance(59_999);
    expect(sam.can('workflows.run')).toBe(true);
    given.clock.advance(1);
    expect(sam.can('workflows.run')).toBe(false);
    expect(sam.can('runs.view')).toBe(true);
  });

  test('is refused when one person would hold two actions that must be two people’s; it names both, and an owner may [R3]', async () => {
    const sam = await join('Sam', ['approver']);
    const refused = await give(sam.id, 'admin');
    expect(refused).toMatchObject({
      code: 'IDENTITY_GRANT_CONFLICT',
      evidence: { actions: ['access.grant', 'approvals.decide'], person: sam.id },
    });
    expect(sam.can('access.grant')).toBe(false);
    expect(code(await give(owner, 'admin'))).toBe('done');
    expect(code(await give(owner, 'approver'))).toBe('done');
    expect(isOwner({ grants: await identity.effectiveGrants(tenant, owner) })).toBe(true);
  });

  test('on one workflow does not conflict with one on another, and does with one on everything', async () => {
    const sam = await join('Sam', ['analyst']);
    ok(await give(sam.id, 'workflow_author', owner, { scope: { workflow: 'refunds' } }));
    ok(await give(sam.id, 'approver', owner, { scope: { workflow: 'answers' } }));
    expect(code(await give(sam.id, 'approver', owner, { scope: { workflow: 'refunds' } }))).toBe('IDENTITY_GRANT_CONFLICT');
    expect(code(await give(sam.id, 'approver'))).toBe('IDENTITY_GRANT_CONFLICT');
    expect(code(await give(sam.id, 'approver', owner, { scope: { integration: 'shop' } }))).toBe('IDENTITY_GRANT_CONFLICT');
  });

  test('is given by nobody who neither holds it nor may give access; ownership by owners alone', async () => {
    const [admin, operator, sam] = [await join('Ada', ['admin']), await join('Oz', ['operator']), await join('Sam', ['analyst'])];
    expect(await give(sam.id, 'approver', operator.id)).toMatchObject({ code: 'IDENTITY_GRANT_NOT_HELD' });
    expect(code(await give(sam.id, 'operator', operator.id))).toBe('done');
    expect(code(await give(sam.id, 'owner', admin.id))).toBe('IDENTITY_GRANT_OWNER_ONLY');
    expect(code(await give(sam.id, 'security', admin.id))).toBe('done');
    expect(code(await give(sam.id, 'owner'))).toBe('done');
    const ownership = (await identity.listGrants(tenant, sam.id)).find(({ role }) => role === 'owner');
    expect(code(await identity.endGrant({ tenant, grant: ownership?.id as never, actor: admin.id }))).toBe('IDENTITY_GRANT_OWNER_ONLY');
    expect(code(await identity.removePerson({ tenant, person: sam.id, actor: admin.id }))).toBe('IDENTITY_GRANT_OWNER_ONLY');
  });

  test('of somebody who may give access on one workflow reaches no further than it', async () => {
    const [lead, sam] = [await join('Lee', ['analyst']), await join('Sam', ['analyst'])];
    ok(await give(lead.id, 'admin', owner, { scope: { workflow: 'refunds' } }));
    expect(code(await give(sam.id, 'operator', lead.id))).toBe('IDENTITY_GRANT_NOT_HELD');
    expect(code(await give(sam.id, 'operator', lead.id, { scope: { workflow: 'answers' } }))).toBe('IDENTITY_GRANT_NOT_HELD');
    expect(code(await give(sam.id, 'operator', lead.id, { scope: { workflow: 'refunds' } }))).toBe('done');
  });

  test('to oneself is on record as such, and conflicts are refused all the same', async () => {
    const admin = await join('Ada', ['admin']);
    ok(await give(admin.id, 'analyst', admin.id));
    expect(code(await give(admin.id, 'operator', admin.id))).toBe('IDENTITY_GRANT_CONFLICT');
    const self = (await eventsOf(admin.id)).filter(({ type, public: facts }) => type === 'identity.grant.created' && facts.isSelf === true);
    expect(self).toHaveLength(1);
  });

  test('lifts nothing that bounds one’s own access: no end, no condition, no end when unused, directly or by a group', async () => {
    const soon = given.clock.now() + HOUR_MS;
    const ends = await join('Ada', []);
    ok(await give(ends.id, 'admin', owner, { expiresAtMs: soon }));
    expect(code(await give(ends.id, 'admin', ends.id))).toBe('IDENTITY_OWN_ACCESS');
    expect(code(await give(ends.id, 'auditor', ends.id))).toBe('IDENTITY_OWN_ACCESS');
    expect(code(await give(ends.id, 'admin', ends.id, { expiresAtMs: soon + 1 }))).toBe('IDENTITY_OWN_ACCESS');
    // Nor narrowed to a part, nor through a group.
    expect(code(await give(ends.id, 'admin', ends.id, { scope: { integration: 'shop' } }))).toBe('IDENTITY_OWN_ACCESS');
    const group = ok(await identity.createGroup({ tenant, name: 'Runs it', actor: ends.id }));
    ok(await give(group.id, 'admin', ends.id));
    expect(code(await identity.joinGroup({ tenant, group: group.id, person: ends.id, actor: ends.id }))).toBe('IDENTITY_OWN_ACCESS');
    ok(await give(ends.id, 'auditor', owner));
    expect(code(await give(ends.id, 'analyst', ends.id, { expiresAtMs: soon }))).toBe('done');
    const bound = await join('Bea', []);
    ok(await give(bound.id, 'admin', owner, { condition: { passkey: 'fresh' } }));
    expect(code(await give(bound.id, 'admin', bound.id))).not.toBe('done');
    // Somebody else decides, and an owner about themselves too.
    expect(code(await give(ends.id, 'admin', owner))).toBe('done');
    expect(code(await give(owner, 'auditor', owner))).toBe('done');
  });

  test('leaves nobody without an owner, also when two owners end each other at once', async () => {
    const [first] = (await identity.listGrants(tenant, owner)).filter(({ role }) => role === 'owner');
    expect(code(await identity.endGrant({ tenant, grant: first?.id as never, actor: owner }))).toBe('IDENTITY_LAST_OWNER');
    const sam = await join('Sam', ['auditor']);
    const second = ok(await give(sam.id, 'owner'));
    const ended = await Promise.all([
      identity.endGrant({ tenant, grant: second.id, actor: owner }),
      identity.endGrant({ tenant, grant: first?.id as never, actor: sam.id }),
    ]);
    expect(ended.map(code).filter((one) => one === 'done')).toHaveLength(1);
    const owners = await given.database.db.inTenant(tenant, (tx) => identity.peopleWho(tx, tenant, 'restore.confirm'));
    expect(owners.length).toBeGreaterThan(0);
  });

  test('of a form nobody knows is refused, and names the field', async () => {
    const sam = await join('Sam', ['auditor']);
    for (const [role, more, field] of [
      ['operator', { scope: { workflow: 'a b' } }, 'scope'],
      ['operator', { condition: { hours: { from: 25, to: 3 } } }, 'condition.hours'],
      ['operator', { expiresAtMs: given.clock.now() }, 'expiresAt'],
      ['operator', { reason: 'x'.repeat(501) }, 'reason'],
      ['owner', { scope: { workflow: 'refunds' } }, 'scope'],
    ] as const)
      expect(await give(sam.id, role, owner, more)).toMatchObject({ code: 'IDENTITY_INPUT_INVALID', evidence: { field } });
    // A class nothing in the role is done by: it would look like access and be none.
    for (const [role, dataClass] of [
      ['operator', 'contact'],
      ['support', 'payment'],
      ['support', 'nothing'],
    ] as const)
      expect(code(await give(sam.id, role, owner, { scope: { dataClass: dataClass as never } }))).toBe('IDENTITY_GRANT_CLASS_EMPTY');
    for (const role of ['agent', 'boss', 'custom:nothing', '__proto__'])
      expect(code(await give(sam.id, role))).toBe('IDENTITY_ROLE_UNKNOWN');
    const stranger = (await identity.createTenant({ name: newName() }).then((of) => identity.listPeople(of)))[0]?.id as string;
    expect(code(await give(stranger, 'operator'))).toBe('IDENTITY_SUBJECT_UNKNOWN');
  });

  test('is simulated before it is given: what it would add, take and bring into conflict', async () => {
    const sam = await join('Sam', ['workflow_author']);
    const adds = ok(await identity.simulate(tenant, { subject: sam.id, role: 'approver' }));
    const of = (grants: readonly Grant[] | undefined) => actionsOf({ grants: grants ?? [] });
    expect(of(adds.people[0]?.after).has('approvals.decide')).toBe(true);
    expect(of(adds.people[0]?.before).has('approvals.decide')).toBe(false);
    expect(adds.conflicts.map(({ actions }) => actions)).toContainEqual(['workflows.edit', 'workflows.approve']);
    const [mine] = await identity.listGrants(tenant, owner);
    expect(ok(await identity.simulate(tenant, { end: mine?.id as never })).leavesNoOwner).toBe(true);
    expect(sam.can('approvals.decide')).toBe(false);
  });
});

test('somebody is alone again when everybody else is removed, whether they ever signed in or not', async () => {
  expect(identity.isSolo(tenant)).toBe(true);
  const { id } = ok(await identity.addPerson({ tenant, name: 'Kim', roles: ['auditor'], actor: owner }));
  expect(identity.isSolo(tenant)).toBe(false);
  expect(await identity.removePerson({ tenant, person: id, actor: owner })).toBe(null);
  expect(identity.isSolo(tenant)).toBe(true);
});

describe('a group', () => {
  test('is renamed by whoever may give what it holds; the log has both names sealed, and none in the open', async () => {
    const made = ok(await identity.createGroup({ tenant, name: 'Nights', actor: owner }));
    const other = ok(await identity.createGroup({ tenant, name: 'Days', actor: owner }));
    const sealed: unknown[] = [];
    const seal = async (_tx: unknown, change: unknown): Promise<Uint8Array> => {
      sealed.push(change);
      return Uint8Array.of(1);
    };
    const renamed = ok(await identity.renameGroup({ tenant, group: made.id, name: ' Late shift ', actor: owner, seal }));
    expect(renamed).toMatchObject({ id: made.id, name: 'Late shift', members: [] });
    expect(sealed).toEqual([{ before: { id: made.id, name: 'Nights' }, after: { id: made.id, name: 'Late shift' } }]);
    expect(await eventsOf(made.id)).toContainEqual({ type: 'identity.group.renamed', public: { people: 0 } });
    expect(code(await identity.renameGroup({ tenant, group: made.id, name: 'Days', actor: owner }))).toBe('IDENTITY_NAME_TAKEN');
    expect(code(await identity.renameGroup({ tenant, group: made.id, name: '<b>', actor: owner }))).toBe('IDENTITY_INPUT_INVALID');
    ok(await identity.renameGroup({ tenant, group: made.id, name: 'Late shift', actor: owner, seal }));
    expect(sealed).toHaveLength(1);
    ok(await give(other.id, 'admin'));
    const admin = await join('Ada', ['admin']);
    const lead = await join('Lee', ['analyst']);
    expect(code(await identity.renameGroup({ tenant, group: other.id, name: 'Rulers', actor: lead.id }))).toBe('IDENTITY_GRANT_NOT_HELD');
    expect(code(await identity.renameGroup({ tenant, group: other.id, name: 'Rulers', actor: admin.id }))).toBe('done');
    await identity.removeGroup({ tenant, group: other.id, actor: owner });
    expect(code(await identity.renameGroup({ tenant, group: other.id, name: 'Gone', actor: owner }))).toBe('IDENTITY_GROUP_UNKNOWN');
  });

  const group = async (name: string): Promise<GroupId> => ok(await identity.createGroup({ tenant, name, actor: owner })).id;

  test('gives its members what it holds, and takes it when they leave, at once', async () => {
    const sam = await join('Sam', ['analyst']);
    const id = await group('Support');
    ok(await give(id, 'support'));
    expect(await identity.joinGroup({ tenant, group: id, person: sam.id, actor: owner })).toBe(null);
    expect(sam.now().grants.map(({ role, via }) => [role, via])).toContainEqual(['support', `group:${id}`]);
    expect(await identity.leaveGroup({ tenant, group: id, person: sam.id, actor: owner })).toBe(null);
    expect(sam.can('workflows.run')).toBe(false);
    await identity.joinGroup({ tenant, group: id, person: sam.id, actor: owner });
    expect(await identity.removeGroup({ tenant, group: id, actor: owner })).toBe(null);
    expect(sam.can('workflows.run')).toBe(false);
    expect(code(await identity.joinGroup({ tenant, group: id, person: sam.id, actor: owner }))).toBe('IDENTITY_GROUP_UNKNOWN');
  });

  test('brings nobody two actions that conflict: neither by joining, nor by what it is given later [R3]', async () => {
    const sam = await join('Sam', ['approver']);
    const admins = await group('Admins');
    ok(await give(admins, 'admin'));
    expect(await identity.joinGroup({ tenant, group: admins, person: sam.id, actor: owner })).toMatchObject({
      code: 'IDENTITY_GRANT_CONFLICT',
    });
    const empty = await group('Later');
    await identity.joinGroup({ tenant, group: empty, person: sam.id, actor: owner });
    expect(await give(empty, 'admin')).toMatchObject({ code: 'IDENTITY_GRANT_CONFLICT', evidence: { person: sam.id } });
    expect(code(await give(empty, 'owner'))).toBe('IDENTITY_GRANT_OWNER_ONLY');
  });

  test('is joined by the word of somebody who may give what it holds, and of nobody else', async () => {
    const [operator, sam] = [await join('Oz', ['operator']), await join('Sam', ['analyst'])];
    const id = await group('Deciders');
    ok(await give(id, 'approver'));
    expect(code(await identity.joinGroup({ tenant, group: id, person: sam.id, actor: operator.id }))).toBe('IDENTITY_GRANT_NOT_HELD');
    expect(code(await identity.createGroup({ tenant, name: 'Deciders', actor: owner }))).toBe('IDENTITY_NAME_TAKEN');
  });
});

describe('a custom role', () => {
  const put = (name: string, actions: readonly string[], actor: string = owner) =>
    identity.putRole({ tenant, name, meaning: 'A role.', actions, actor });

  test('stands for its actions; a change holds at once for whoever has it, and is on record with what it loosened', async () => {
    const sam = await join('Sam', ['analyst']);
    ok(await put('desk', ['approvals.view']));
    ok(await give(sam.id, 'custom:desk'));
    expect([sam.can('approvals.view'), sam.can('workflows.pause')]).toEqual([true, false]);
    ok(await put('desk', ['workflows.pause']));
    expect([sam.can('approvals.view'), sam.can('workflows.pause')]).toEqual([false, true]);
    const changed = (await eventsOf(tenant)).find(({ type }) => type === 'identity.role.changed');
    expect(changed?.public).toMatchObject({ role: 'custom:desk', loosened: ['workflows.pause'], narrowed: ['approvals.view'], people: 1 });
    expect(code(await identity.removeRole({ tenant, name: 'desk', actor: owner }))).toBe('IDENTITY_ROLE_IN_USE');
  });

  test('holds no two actions that conflict, by itself or with what its people hold besides [R3]', async () => {
    expect(code(await put('both', ['access.grant', 'approvals.decide']))).toBe('IDENTITY_GRANT_CONFLICT');
    const sam = await join('Sam', ['approver']);
    ok(await put('desk', ['runs.view']));
    ok(await give(sam.id, 'custom:desk'));
    expect(await put('desk', ['runs.view', 'access.grant'])).toMatchObject({
      code: 'IDENTITY_GRANT_CONFLICT',
      evidence: { person: sam.id },
    });
    expect(sam.can('access.grant')).toBe(false);
  });

  test('is made of actions of the table only, by whoever may give them', async () => {
    for (const actions of [[], ['runs.fly'], ['guard.money']])
      expect(await put('odd', actions)).toMatchObject({ evidence: { field: 'actions' } });
    expect(code(await put('a b', ['runs.view']))).toBe('IDENTITY_INPUT_INVALID');
    const operator = await join('Oz', ['operator']);
    expect(code(await put('more', ['access.grant'], operator.id))).toBe('IDENTITY_GRANT_NOT_HELD');
  });
});

describe('emergency access', () => {
  const agree = async () => ({ signature: null, passkey: null });
  const ask = (person: PersonId, role = 'operator', reason = 'The night shift is away.') =>
    identity.askBreakGlass({ tenant, person, role, reason, actor: person });

  test('is signed by whoever agrees: over exactly who gets which role and why, and nothing is given when they do not sign', async () => {
    const sam = await join('Sam', ['analyst']);
    const { id } = ok(await ask(sam.id));
    const unsigned: Agree = async (_tx, { needed }) => needed;
    expect(code(await identity.approveBreakGlass({ tenant, id, actor: owner, agree: unsigned }))).toBe(
      'IDENTITY_BREAK_GLASS_SIGNATURE_REQUIRED',
    );
    expect(sam.can('workflows.run')).toBe(false);
    const shown = ok(await identity.approvableBreakGlass({ tenant, id, actor: owner }));
    const reason = createHash('sha256').update('The night shift is away.').digest('hex');
    expect(shown).toEqual({ purpose: 'emergency access', lines: [tenant, id, sam.id, 'operator', reason] });
    expect(code(await identity.approvableBreakGlass({ tenant, id, actor: sam.id }))).toBe('IDENTITY_BREAK_GLASS_OWN');
    const passkey = 'a'.repeat(64);
    ok(
      await identity.approveBreakGlass({
        ...{ tenant, id, actor: owner },
        agree: async (_tx, { endorsable }) => {
          expect(endorsable).toEqual(shown);
          return { signature: 'kept', passkey };
        },
      }),
    );
    const [event] = await given.database.admin(
      "select public from event_inbox where type = 'identity.break_glass.opened' and subject = $1",
      [id],
    );
    expect(event).toMatchObject({ public: { person: sam.id, signed: true, passkey } });
    expect(await identity.endBreakGlass({ tenant, id, actor: sam.id })).toBe(null);
  });

  test('takes two people, lasts half an hour, and is over by itself', async () => {
    const sam = await join('Sam', ['analyst']);
    const asked = ok(await ask(sam.id));
    expect(code(await identity.approveBreakGlass({ tenant, id: asked.id, actor: sam.id, agree }))).toBe('IDENTITY_BREAK_GLASS_OWN');
    expect(code(await ask(sam.id))).toBe('IDENTITY_BREAK_GLASS_OPEN');
    const opened = ok(await identity.approveBreakGlass({ tenant, id: asked.id, actor: owner, agree }));
    expect(opened.expiresAt.getTime() - given.clock.now()).toBe(BREAK_GLASS_MS);
    expect(BREAK_GLASS_MS).toBe(30 * 60_000);
    expect(sam.can('workflows.run')).toBe(true);
    given.clock.advance(BREAK_GLASS_MS);
    expect(sam.can('workflows.run')).toBe(false);
    expect(await identity.closeLapsedBreakGlass()).toBe(1);
    expect(await identity.closeLapsedBreakGlass()).toBe(0);
    expect((await eventsOf(asked.id)).map(({ type }) => type.replace('identity.break_glass.', ''))).toEqual(['asked', 'opened', 'ended']);
    expect(JSON.stringify(await eventsOf(asked.id))).not.toContain('night');
  });

  test('is ended earlier by whoever holds it or may agree to it, and not by others', async () => {
    const [sam, kim] = [await join('Sam', ['analyst']), await join('Kim', ['analyst'])];
    const asked = ok(await ask(sam.id));
    ok(await identity.approveBreakGlass({ tenant, id: asked.id, actor: owner, agree }));
    expect(code(await identity.endBreakGlass({ tenant, id: asked.id, actor: kim.id }))).toBe('IDENTITY_BREAK_GLASS_UNKNOWN');
    expect(await identity.endBreakGlass({ tenant, id: asked.id, actor: sam.id })).toBe(null);
    expect(sam.can('workflows.run')).toBe(false);
    expect(code(await identity.endBreakGlass({ tenant, id: asked.id, actor: owner }))).toBe('IDENTITY_BREAK_GLASS_OVER');
  });

  test('is agreed to by nobody without the right to, and by nobody who has it from an emergency', async () => {
    const [sam, kim] = [await join('Sam', ['analyst']), await join('Kim', ['analyst'])];
    const asked = ok(await ask(sam.id, 'security'));
    expect(code(await identity.approveBreakGlass({ tenant, id: asked.id, actor: kim.id, agree }))).toBe('IDENTITY_GRANT_NOT_HELD');
    ok(await identity.approveBreakGlass({ tenant, id: asked.id, actor: owner, agree }));
    expect(sam.can('workflows.pause')).toBe(true);
    const other = ok(await ask(kim.id));
    expect(code(await identity.approveBreakGlass({ tenant, id: other.id, actor: sam.id, agree }))).toBe('IDENTITY_GRANT_NOT_HELD');
  });

  test('of an administrator gives nothing that would last: no access, no people, no keys', async () => {
    const sam = await join('Sam', ['analyst']);
    const asked = ok(await ask(sam.id, 'admin'));
    ok(await identity.approveBreakGlass({ tenant, id: asked.id, actor: owner, agree }));
    expect(sam.can('sessions.end')).toBe(true);
    for (const action of ['access.grant', 'people.manage', 'keys.manage', 'access.break_glass'] as const)
      expect(sam.can(action), action).toBe(false);
    expect(code(await give(sam.id, 'operator', sam.id))).toBe('IDENTITY_GRANT_NOT_HELD');
  });

  test('is refused where there is no second person: alone, or with nobody who may agree', async () => {
    expect(code(await ask(owner))).toBe('IDENTITY_BREAK_GLASS_SOLO');
    await join('Kim', ['analyst']);
    expect(code(await ask(owner))).toBe('IDENTITY_BREAK_GLASS_ALONE');
  });

  test('is not for owners’ rights, and not where one has it already', async () => {
    const operator = await join('Oz', ['operator']);
    expect(code(await ask(operator.id, 'owner'))).toBe('IDENTITY_ROLE_UNKNOWN');
    expect(code(await ask(operator.id, 'operator'))).toBe('IDENTITY_BREAK_GLASS_NEEDLESS');
    expect(code(await ask(operator.id, 'admin', ' '))).toBe('IDENTITY_INPUT_INVALID');
  });

  test('is agreed to as it was asked for: a role that was changed since is asked for anew', async () => {
    const sam = await join('Sam', ['analyst']);
    const put = (actions: string[]) => identity.putRole({ tenant, actor: owner, name: 'desk', meaning: 'Helps out', actions });
    ok(await put(['hooks.view']));
    const asked = ok(await ask(sam.id, 'custom:desk'));
    given.clock.advance(1_000);
    ok(await put(['hooks.view', 'workflows.run']));
    expect(code(await identity.approveBreakGlass({ tenant, id: asked.id, actor: owner, agree }))).toBe('IDENTITY_BREAK_GLASS_OVER');
    expect(sam.can('workflows.run')).toBe(false);
  });

  test('leaves no room for what may not be held together for longer than it lasts [R3]', async () => {
    const [sam, ada] = [await join('Sam', ['approver']), await join('Ada', ['admin'])];
    const asked = ok(await ask(sam.id));
    ok(await identity.approveBreakGlass({ tenant, id: asked.id, actor: owner, agree }));
    expect(code(await give(sam.id, 'operator', ada.id))).toBe('IDENTITY_GRANT_CONFLICT');
    expect(code(await give(sam.id, 'auditor', ada.id))).toBe('done');
  });

  test('a request nobody answers in half an hour is over', async () => {
    const sam = await join('Sam', ['analyst']);
    const asked = ok(await ask(sam.id));
    given.clock.advance(30 * 60_000);
    expect(code(await identity.approveBreakGlass({ tenant, id: asked.id, actor: owner, agree }))).toBe('IDENTITY_BREAK_GLASS_OVER');
    expect(sam.can('workflows.run')).toBe(false);
  });
});

test('a restored database counts whoever could confirm it then: not auditors, nor who was given it since', async () => {
  const before = async (): Promise<number> => (await given.database.db.inTenant(tenant, (tx) => peopleBefore(tx, tenant, at))).length;
  const [dana, sam] = [await join('Dana', ['approver']), await join('Sam', ['auditor'])];
  const at = given.clock.now();
  expect(await before()).toBe(2);
  given.clock.advance(1_000);
  ok(await give(sam.id, 'approver'));
  await join('Late', ['approver']);
  expect(await before()).toBe(2);
  expect(await identity.removePerson({ tenant, person: dana.id, actor: owner })).toBe(null);
  expect(await before()).toBe(1);
});
