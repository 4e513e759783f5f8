// People beside the owner: let in by a link of their own, with their own role, and out for good when they are removed.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isRefusal, newId, type PersonId, type PersonPrincipal, rolesOf, type TenantId } from '#core';
import { outsideTransaction, query, sql } from '#storage';
import type { Identity } from '../identity.ts';
import { announce } from '../store/changes.ts';
import { codeOf, HOUR_MS, newName, nodeRandom, type OpenedIdentity, openIdentity, outcome, until } from '../test/opened-identity.ts';

let given: OpenedIdentity;
let identity: Identity;
const actor = 'installation';
beforeAll(async () => {
  given = await openIdentity();
  identity = given.identity;
});
afterAll(() => given.close());

async function addPerson(input: Parameters<Identity['addPerson']>[0]) {
  const added = await identity.addPerson(input);
  if (isRefusal(added)) throw new Error(added.code);
  return added;
}
const newTenant = (): Promise<TenantId> => identity.createTenant({ name: newName() });
async function enter(secret: string): Promise<{ token: string; person: PersonPrincipal }> {
  const session = await identity.redeem(secret);
  if (isRefusal(session)) throw new Error(session.code);
  const person = identity.authenticateSession(session.token);
  if (isRefusal(person)) throw new Error(person.code);
  return { token: session.token, person };
}
const active = (tenant: TenantId) => given.database.db.inTenant(tenant, (tx) => identity.activePeople(tx, tenant));

describe('somebody the owner added', () => {
  test('comes in once by the link, within a day, as an approver and as nobody else', async () => {
    const tenant = await newTenant();
    const owner = (await enter(await identity.ownerLink(tenant))).person;
    const added = await addPerson({ tenant, name: ' Dana Example ', actor });
    expect(added).toMatchObject({ name: 'Dana Example', roles: ['approver', 'auditor'], expiresAtMs: given.clock.now() + 24 * HOUR_MS });
    const { person } = await enter(added.secret);
    expect(person).toMatchObject({ tenant, person: added.id, home: tenant });
    expect(rolesOf(person)).toEqual(['approver', 'auditor']);
    expect(person.person).not.toBe(owner.person);
    expect(outcome(await identity.redeem(added.secret))).toBe('IDENTITY_LINK_INVALID');
    expect(new Set(await active(tenant))).toEqual(new Set([owner.person, added.id]));
    const other = await given.another();
    expect(await other.identity.listPeople(tenant)).toMatchObject([
      { id: owner.person, roles: ['owner'], name: null },
      { id: added.id, roles: ['approver', 'auditor'], name: 'Dana Example', removedAt: null },
    ]);
  });

  test('has a role in every process, also in one that was started later', async () => {
    const tenant = await newTenant();
    const { token } = await enter((await addPerson({ tenant, name: 'Sam', actor })).secret);
    const other = await given.another();
    expect(other.identity.authenticateSession(token)).toMatchObject({ grants: [{ role: 'approver' }, { role: 'auditor' }] });
  });

  test('gets another link, which makes the earlier one void; a late one is void too', async () => {
    const tenant = await newTenant();
    const { id: person, secret } = await addPerson({ tenant, name: 'Kim', actor });
    const again = await identity.invitePerson({ tenant, person, actor });
    if (isRefusal(again)) throw new Error(again.code);
    expect(again.name).toBe('Kim');
    expect(outcome(await identity.redeem(secret))).toBe('IDENTITY_LINK_INVALID');
    given.clock.advance(24 * HOUR_MS);
    expect(outcome(await identity.redeem(again.secret))).toBe('IDENTITY_LINK_INVALID');
  });

  test('is out although another change of theirs is under way, which is told before the end is', async () => {
    const tenant = await newTenant();
    await enter(await identity.ownerLink(tenant));
    const { id, secret } = await addPerson({ tenant, name: 'Robin', actor });
    const { person } = await enter(secret);
    let removed: ReturnType<Identity['removePerson']> | null = null;
    await given.database.db.inTenant(tenant, async (tx) => {
      await sql`update identity_sessions set ended_at = null where id = ${person.session}`.execute(query(tx));
      removed = outsideTransaction(() => identity.removePerson({ tenant, person: id, actor }));
      for (let isWaiting = false; !isWaiting; ) {
        // A transaction looks at the others once, unless it is told to look anew.
        await sql`select pg_stat_clear_snapshot()`.execute(query(tx));
        const { rows } = await sql`select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(
          query(tx),
        );
        isWaiting = rows.length > 0;
      }
      await announce(tx, tenant, 'session', person.session);
    });
    expect(await removed).toBeNull();
  });

  test('is out everywhere once removed, with every session and link, and stays nameable', async () => {
    const tenant = await newTenant();
    const added = await addPerson({ tenant, name: 'Alex', actor });
    const { token } = await enter(added.secret);
    const again = await identity.invitePerson({ tenant, person: added.id, actor });
    const other = await given.another();
    expect(outcome(other.identity.authenticateSession(token))).toBe('in');
    expect(await identity.removePerson({ tenant, person: added.id, actor })).toBe(null);
    expect(outcome(identity.authenticateSession(token))).toBe('IDENTITY_SESSION_INVALID');
    await until(() => outcome(other.identity.authenticateSession(token)) === 'IDENTITY_SESSION_INVALID');
    if (isRefusal(again)) throw new Error(again.code);
    expect(outcome(await identity.redeem(again.secret))).toBe('IDENTITY_LINK_INVALID');
    expect(await active(tenant)).toHaveLength(1);
    expect((await identity.listPeople(tenant)).find(({ id }) => id === added.id)).toMatchObject({
      name: 'Alex',
      removedAt: new Date(given.clock.now()),
    });
    expect(outcome((await identity.removePerson({ tenant, person: added.id, actor })) as object)).toBe('IDENTITY_PERSON_UNKNOWN');
    expect(outcome(await identity.invitePerson({ tenant, person: added.id, actor }))).toBe('IDENTITY_PERSON_UNKNOWN');
  });

  test('has a name a screen can show, and is of one tenant', async () => {
    const [tenant, other] = [await newTenant(), await newTenant()];
    for (const name of ['', '   ', 'a\u202eb', 'line\nbreak', '\u200b', '<b>', 'x'.repeat(81)]) {
      expect(await codeOf(identity.addPerson({ tenant, name, actor })), name).toBe('IDENTITY_INPUT_INVALID');
    }
    const { id: person } = await addPerson({ tenant, name: 'Jörg O’Neill-Sato', actor });
    expect(outcome((await identity.removePerson({ tenant: other, person, actor })) as object)).toBe('IDENTITY_PERSON_UNKNOWN');
    expect(await active(tenant)).toContain(person);
  });
});

test('the owner stays, and gets no link this way', async () => {
  const tenant = await newTenant();
  const [person] = (await active(tenant)) as [PersonId];
  expect(outcome((await identity.removePerson({ tenant, person, actor })) as object)).toBe('IDENTITY_OWNER_STAYS');
  expect(outcome(await identity.invitePerson({ tenant, person, actor }))).toBe('IDENTITY_OWNER_STAYS');
  const nobody = newId('per', given.clock, nodeRandom);
  expect(outcome((await identity.removePerson({ tenant, person: nobody, actor })) as object)).toBe('IDENTITY_PERSON_UNKNOWN');
});

test('a link for somebody who signed in once is made by an owner alone, however long ago that was', async () => {
  const tenant = await newTenant();
  const [owner] = (await active(tenant)) as [PersonId];
  const ada = await addPerson({ tenant, name: 'Ada', roles: ['admin'], actor: owner });
  const sam = await addPerson({ tenant, name: 'Sam', roles: ['approver'], actor: owner });
  await enter(sam.secret);
  const invite = async (by: PersonId): Promise<string> => outcome(await identity.invitePerson({ tenant, person: sam.id, actor: by }));
  expect(await invite(ada.id)).toBe('IDENTITY_LINK_OWNER_ONLY');
  given.clock.advance(48 * HOUR_MS);
  await identity.sweep();
  expect(await invite(ada.id)).toBe('IDENTITY_LINK_OWNER_ONLY');
  expect(await invite(owner)).toBe('in');
});

test('somebody who owns for a time is nobody’s to become or to remove but an owner’s', async () => {
  const tenant = await newTenant();
  const [owner] = (await active(tenant)) as [PersonId];
  const ada = await addPerson({ tenant, name: 'Ada', roles: ['admin'], actor: owner });
  const expiresAtMs = given.clock.now() + 100 * HOUR_MS;
  const { id: person } = await addPerson({ tenant, name: 'Olga', roles: ['owner'], actor: owner, expiresAtMs });
  expect(outcome(await identity.invitePerson({ tenant, person, actor: ada.id }))).toBe('IDENTITY_GRANT_OWNER_ONLY');
  expect(outcome((await identity.removePerson({ tenant, person, actor: ada.id })) as object)).toBe('IDENTITY_GRANT_OWNER_ONLY');
  expect(outcome(await identity.invitePerson({ tenant, person, actor: owner }))).toBe('in');
  expect(await identity.removePerson({ tenant, person, actor: owner })).toBe(null);
});

test('events name no one, and no link', async () => {
  const tenant = await newTenant();
  const { id, secret } = await addPerson({ tenant, name: 'Canary Name', actor });
  await identity.removePerson({ tenant, person: id, actor });
  const rows = await given.database.admin<{ type: string }>('select * from event_inbox where subject = $1 order by sequence', [id]);
  expect(rows.map(({ type }) => type)).toEqual([
    'identity.person.added',
    'identity.grant.created',
    'identity.grant.created',
    'identity.link.created',
    'identity.person.removed',
  ]);
  expect(JSON.stringify(rows)).not.toContain('Canary');
  expect(JSON.stringify(rows)).not.toContain(secret);
});
