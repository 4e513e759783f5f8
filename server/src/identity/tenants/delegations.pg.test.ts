// Access of an agency's people to a client's tenant, over two processes: given, accepted, used, narrowed, ended from either side.

import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DelegationId, isRefusal, type PersonId, type PersonPrincipal, type TenantId } from '#core';
import { endDelegations } from '../store/restore.ts';
import { HOUR_MS, newName, nodeRandom, type OpenedIdentity, openIdentity, outcome, until } from '../test/opened-identity.ts';
import { createDelegations, type DelegationRecord, type Delegations } from './delegations.ts';
import { type Directory, openDirectory } from './directory.ts';
import { createVisits, type Visits } from './visits.ts';

const DAY_MS = 24 * HOUR_MS;

interface Side {
  readonly directory: Directory;
  readonly delegations: Delegations;
  readonly visits: Visits;
}

let given: OpenedIdentity;
/** Two processes: what one does the other hears. */
let here: Side;
let there: Side;
let agency: TenantId;
let client: TenantId;
let owner: PersonId;
let staff: PersonPrincipal;

async function side(db: OpenedIdentity['database']['db']): Promise<Side> {
  const { clock } = given;
  const directory = await openDirectory({ db, clock, onFault: (fault) => given.faults.push(fault) });
  const deps = { db, clock, random: nodeRandom, directory };
  return { directory, delegations: createDelegations(deps), visits: createVisits(deps) };
}

const principal = (tenant: TenantId, person: PersonId): PersonPrincipal =>
  ({
    kind: 'person',
    tenant,
    home: tenant,
    person,
    session: 'ses_x',
    grants: [],
    proof: { method: 'link', openedAtMs: 0, passkeyAtMs: null },
    device: null,
    risk: 'none',
  }) as never;

async function addStaff(name: string): Promise<PersonPrincipal> {
  const added = await given.identity.addPerson({ tenant: agency, name, roles: ['operator'], actor: 'installation' });
  if (isRefusal(added)) throw new Error(added.code);
  return principal(agency, added.id);
}

async function offered(change: object = {}): Promise<DelegationRecord> {
  const row = await here.delegations.offer({
    tenant: client,
    agency,
    subject: staff.person,
    role: 'operator',
    scope: {},
    expiresAtMs: given.clock.now() + 30 * DAY_MS,
    reason: 'Looks after our shop',
    actor: owner,
    ...change,
  });
  if (isRefusal(row)) throw new Error(row.code);
  return row;
}

const accept = (id: DelegationId) => here.delegations.accept({ agency, client, id, actor: staff.person });
const enters = (where: Side, who = staff) => outcome(where.visits.enter(who, client));
const logOf = async (tenant: TenantId): Promise<{ type: string; actor: string; public: Record<string, unknown> }[]> =>
  given.database.admin(
    `select type, actor, public from event_inbox where tenant = $1 and type like 'identity.delegation.%' order by sequence`,
    [tenant],
  );

beforeAll(async () => {
  given = await openIdentity();
  here = await side(given.database.db);
  there = await side((await given.another()).db);
  agency = await given.identity.createTenant({ name: newName() });
  client = await given.identity.createTenant({ name: newName() });
  await here.directory.refresh(agency);
  await here.directory.refresh(client);
  const [first] = await given.identity.listPeople(client);
  owner = first?.id as PersonId;
  staff = await addStaff('Robin Example');
  await until(() => there.directory.tenant(client) !== null);
});
afterAll(async () => {
  await here.directory.close();
  await there.directory.close();
  await given.close();
});

describe('access given to an agency', () => {
  it('lets nobody in before the agency accepted it, and then only by what it gives', async () => {
    expect(enters(here)).toBe('IDENTITY_DELEGATION_NONE');
    const { id } = await offered({ role: 'admin' });
    expect(enters(here)).toBe('IDENTITY_DELEGATION_NONE');
    // Only the agency it was offered to can accept it, by whatever id another tenant has come to know.
    const other = await given.identity.createTenant({ name: newName() });
    expect(outcome(await here.delegations.accept({ agency: other, client, id, actor: owner }))).toBe('IDENTITY_DELEGATION_UNKNOWN');
    expect(outcome(await accept(id))).toBe('in');
    await until(() => enters(there) === 'in');
    const visitor = there.visits.enter(staff, client) as PersonPrincipal;
    expect(visitor).toMatchObject({ tenant: client, home: agency, person: staff.person });
    expect(visitor.grants.map(({ via, role }) => [via, role])).toEqual([[`delegation:${id}`, 'admin']]);
    const actions = visitor.grants[0]?.actions;
    expect(actions?.has('keys.manage')).toBe(true);
    for (const never of [
      'access.grant',
      'delegation.manage',
      'people.manage',
      'federation.manage',
      'data.reveal',
      'access.break_glass',
    ] as const)
      expect([never, actions?.has(never)]).toEqual([never, false]);
    // Somebody else of the agency holds nothing.
    expect(enters(here, await addStaff('Kim Example'))).toBe('IDENTITY_DELEGATION_NONE');
    await here.delegations.end({ tenant: client, id, actor: owner });
  });

  it('gives nobody two duties that conflict, neither by two offers nor through a group they join', async () => {
    const first = await offered({ role: 'operator' });
    await accept(first.id);
    const offer = { tenant: client, agency, scope: {}, expiresAtMs: given.clock.now() + DAY_MS, reason: 'Decides', actor: owner };
    const second = await here.delegations.offer({ ...offer, subject: staff.person, role: 'approver' });
    expect(outcome(second as object)).toBe('IDENTITY_GRANT_CONFLICT');
    const group = await given.identity.createGroup({ tenant: agency, name: newName(), actor: 'installation' });
    if (isRefusal(group)) throw new Error(group.code);
    given.clock.advance(1);
    const third = await offered({ subject: group.id, role: 'approver' });
    await accept(third.id);
    await given.identity.joinGroup({ tenant: agency, group: group.id, person: staff.person, actor: 'installation' });
    await until(() => there.directory.heldBy(agency, staff.person).length === 2);
    const roles = () => (there.visits.enter(staff, client) as PersonPrincipal).grants.map(({ role }) => role);
    expect(roles()).toEqual(['operator']);
    expect(there.visits.staffWho(client, 'approvals.decide')).toEqual([]);
    await here.delegations.end({ tenant: client, id: first.id, actor: owner });
    await until(() => there.directory.heldBy(agency, staff.person).length === 1);
    expect(roles()).toEqual(['approver']);
    expect(there.visits.staffWho(client, 'approvals.decide')).toEqual([staff.person]);
    await here.delegations.end({ tenant: client, id: third.id, actor: owner });
    await until(() => enters(there) === 'IDENTITY_DELEGATION_NONE');
  });

  it('answers a tenant that gave nothing like one that does not exist', () => {
    const none = here.visits.enter(staff, client);
    expect(here.visits.enter(staff, 'nobody')).toEqual(none);
    expect(outcome(none)).toBe('IDENTITY_DELEGATION_NONE');
  });

  it('can not be given for longer than 90 days, to nobody, as owner, or without a reason', async () => {
    const fails = async (change: object) => {
      const work = offered(change);
      return work.then(
        () => 'given',
        (error: Error & { code?: string }) => error.code ?? error.message,
      );
    };
    expect(await fails({ expiresAtMs: given.clock.now() + 90 * DAY_MS + 1 })).toBe('IDENTITY_INPUT_INVALID');
    expect(await fails({ expiresAtMs: given.clock.now() })).toBe('IDENTITY_INPUT_INVALID');
    expect(await fails({ reason: ' ' })).toBe('IDENTITY_INPUT_INVALID');
    expect(await fails({ role: 'owner' })).toBe('IDENTITY_ROLE_NOT_DELEGABLE');
    expect(await fails({ role: 'custom:all' })).toBe('IDENTITY_ROLE_NOT_DELEGABLE');
    expect(await fails({ subject: owner })).toBe('IDENTITY_AGENCY_UNKNOWN');
    expect(await fails({ agency: client })).toBe('IDENTITY_INPUT_INVALID');
    expect(await fails({ scope: { workspace: 'none' } })).toBe('IDENTITY_WORKSPACE_UNKNOWN');
  });

  it('is ended by the client at once, in the other process too', async () => {
    const { id } = await offered();
    await accept(id);
    await until(() => enters(there) === 'in');
    await here.delegations.end({ tenant: client, id, actor: owner });
    expect(enters(here)).toBe('IDENTITY_DELEGATION_NONE');
    await until(() => enters(there) === 'IDENTITY_DELEGATION_NONE');
    expect(outcome(await accept(id))).toBe('IDENTITY_DELEGATION_OVER');
  });

  it('is given back by the agency, and by no other tenant', async () => {
    const { id } = await offered();
    await accept(id);
    expect(outcome(await here.delegations.giveBack({ agency: client, client, id, actor: owner }))).toBe('IDENTITY_DELEGATION_UNKNOWN');
    expect(outcome(await here.delegations.giveBack({ agency, client, id, actor: staff.person }))).toBe('in');
    expect(enters(here)).toBe('IDENTITY_DELEGATION_NONE');
  });

  it('runs out by itself, heard or not', async () => {
    const { id } = await offered({ expiresAtMs: given.clock.now() + HOUR_MS });
    await accept(id);
    await until(() => enters(there) === 'in');
    given.clock.advance(HOUR_MS);
    expect([enters(here), enters(there)]).toEqual(['IDENTITY_DELEGATION_NONE', 'IDENTITY_DELEGATION_NONE']);
  });

  it('can be narrowed and shortened, never widened', async () => {
    const { id } = await offered({ role: 'operator', scope: { integration: 'shop' } });
    await accept(id);
    const narrow = async (change: object) => outcome(await here.delegations.narrow({ tenant: client, id, actor: owner, ...change }));
    expect(await narrow({ role: 'admin' })).toBe('IDENTITY_DELEGATION_WIDER');
    expect(await narrow({ scope: {} })).toBe('IDENTITY_DELEGATION_WIDER');
    expect(await narrow({ expiresAtMs: given.clock.now() + 31 * DAY_MS })).toBe('IDENTITY_DELEGATION_WIDER');
    expect(await narrow({ role: 'marketer', scope: { integration: 'shop', workflow: 'reply' } })).toBe('in');
    const [grant] = (here.visits.enter(staff, client) as PersonPrincipal).grants;
    expect(grant).toMatchObject({ role: 'marketer', scope: { integration: 'shop', workflow: 'reply' } });
    await here.delegations.end({ tenant: client, id, actor: owner });
  });

  it('given to a group holds for who is in it, and ends with leaving it', async () => {
    const group = await given.identity.createGroup({ tenant: agency, name: 'Night shift', actor: 'installation' });
    if (isRefusal(group)) throw new Error(group.code);
    const { id } = await offered({ subject: group.id });
    await accept(id);
    expect(enters(here)).toBe('IDENTITY_DELEGATION_NONE');
    const at = { tenant: agency, group: group.id, person: staff.person, actor: 'installation' };
    await given.identity.joinGroup(at);
    await until(() => enters(there) === 'in');
    await given.identity.leaveGroup(at);
    await until(() => enters(there) === 'IDENTITY_DELEGATION_NONE' && enters(here) === 'IDENTITY_DELEGATION_NONE');
    await here.delegations.end({ tenant: client, id, actor: owner });
  });

  it('is lost by who leaves the agency, everywhere, and comes on record in the client', async () => {
    const leaver = await addStaff('Sam Example');
    const { id } = await offered({ subject: leaver.person });
    await accept(id);
    await until(() => enters(there, leaver) === 'in');
    await given.identity.removePerson({ tenant: agency, person: leaver.person, actor: 'installation' });
    await until(() => enters(there, leaver) === 'IDENTITY_DELEGATION_NONE' && enters(here, leaver) === 'IDENTITY_DELEGATION_NONE');
    expect(await here.delegations.endAllOf({ agency, subject: leaver.person, actor: 'system:delegations' })).toBe(1);
    const [row] = (await here.delegations.listGiven(client)).filter((one) => one.id === id);
    expect(row).toMatchObject({ ended_side: 'gone' });
  });

  it('of who left while nobody listened is ended by the sweep', async () => {
    const leaver = await addStaff('Alex Example');
    const { id } = await offered({ subject: leaver.person });
    await accept(id);
    await given.identity.removePerson({ tenant: agency, person: leaver.person, actor: 'installation' });
    await here.delegations.sweep();
    const [row] = (await here.delegations.listGiven(client)).filter((one) => one.id === id);
    expect(row).toMatchObject({ ended_side: 'gone', ended_by: 'system:delegations' });
  });

  describe('and the keys and clients that staff make in the client', () => {
    const keyUnder = async (id: DelegationId, who = staff, days = 60): Promise<string> => {
      const workload = await given.identity.createWorkload({ tenant: client, name: newName(), workflow: null, integrations: ['shop'] });
      const expiresAtMs = given.clock.now() + days * DAY_MS;
      return (await given.identity.createKey({ tenant: client, workload, expiresAtMs, actor: who.person, under: id })).key;
    };
    const works = (key: string): string => outcome(given.identity.authenticate(key));
    const live = async (subject = staff.person as string, role = 'admin'): Promise<DelegationId> => {
      const { id } = await offered({ role, subject });
      await accept(id);
      await until(() => enters(here) === 'in' && enters(there) === 'in');
      return id;
    };

    it('end with the delegation, in the same transaction, and none is made after it or for longer', async () => {
      const id = await live();
      const key = await keyUnder(id);
      const service = await given.identity.createWorkload({ tenant: client, name: newName(), workflow: null, integrations: ['shop'] });
      const { publicKey } = generateKeyPairSync('ed25519');
      const jwks = publicKey.export({ format: 'jwk' });
      const registered = { tenant: client, actor: staff.person, under: id, name: 'Their service', workload: service, jwks };
      const made = await given.identity.oauth.addClient(registered);
      expect(works(key)).toBe('in');
      const [row] = await given.database.admin<{ ends: Date }>(
        'select k.expires_at as ends from identity_keys k join identity_delegations d on d.id = k.made_under where d.id = $1 and k.expires_at = d.expires_at',
        [id],
      );
      expect(row).toBeDefined();
      await here.delegations.end({ tenant: client, id, actor: owner });
      await until(() => works(key) !== 'in');
      expect((await given.identity.oauth.listClients(client)).find((one) => one.id === made.id)?.endedAt).not.toBeNull();
      await expect(keyUnder(id)).rejects.toMatchObject({ code: 'IDENTITY_DELEGATION_OVER' });
      await expect(given.identity.oauth.addClient(registered)).rejects.toMatchObject({ code: 'IDENTITY_DELEGATION_OVER' });
    });

    it('end when it is narrowed to less than making them, and stay when it still gives that', async () => {
      const id = await live();
      const key = await keyUnder(id);
      await here.delegations.narrow({ tenant: client, id, actor: owner, expiresAtMs: given.clock.now() + 10 * DAY_MS });
      expect(works(key)).toBe('in');
      expect(
        await given.database.admin('select 1 from identity_keys where made_under = $1 and expires_at > $2', [
          id,
          new Date(given.clock.now() + 10 * DAY_MS),
        ]),
      ).toEqual([]);
      await here.delegations.narrow({ tenant: client, id, actor: owner, scope: { integration: 'shop' } });
      await until(() => works(key) !== 'in');
      await here.delegations.end({ tenant: client, id, actor: owner });
    });

    it('end with it when the database is put back', async () => {
      const id = await live();
      const key = await keyUnder(id);
      const ended = await given.database.db.inTenant(client, (tx) =>
        endDelegations(tx, client, { by: 'system:restore', atMs: given.clock.now() }),
      );
      expect(ended.find((one) => one.id === id)?.keys).toHaveLength(1);
      await until(() => works(key) !== 'in');
    });

    it('end when their maker leaves the group that holds it, or the agency, while the delegation goes on', async () => {
      const group = await given.identity.createGroup({ tenant: agency, name: newName(), actor: 'installation' });
      if (isRefusal(group)) throw new Error(group.code);
      const member = await addStaff('Toni Example');
      const other = await addStaff('Uma Example');
      for (const { person } of [member, other])
        await given.identity.joinGroup({ tenant: agency, group: group.id, person, actor: 'installation' });
      const { id } = await offered({ role: 'admin', subject: group.id });
      await accept(id);
      await until(() => enters(here, member) === 'in' && enters(here, other) === 'in');
      const [first, second] = [await keyUnder(id, member), await keyUnder(id, other)];
      await here.delegations.sweep();
      expect([works(first), works(second)]).toEqual(['in', 'in']);
      await given.identity.leaveGroup({ tenant: agency, group: group.id, person: member.person, actor: 'installation' });
      await until(() => enters(here, member) === 'IDENTITY_DELEGATION_NONE');
      await here.delegations.sweep();
      await until(() => works(first) !== 'in');
      expect(works(second)).toBe('in');
      await given.identity.removePerson({ tenant: agency, person: other.person, actor: 'installation' });
      // However many colleagues of theirs have keys, too.
      await given.database.admin(
        `insert into identity_keys (tenant, id, workload, lookup, hash, pepper, created_at, expires_at, made_by, made_under)
         select tenant, 'key_many_' || n, workload, 'many_' || n, hash, pepper, created_at, expires_at, 'per_00000000-' || n, made_under
         from identity_keys, generate_series(1, 400) n where made_by = $1 and made_under = $2`,
        [other.person, id],
      );
      await here.delegations.endAllOf({ agency, subject: other.person, actor: 'system:delegations' });
      await until(() => works(second) !== 'in');
      await here.delegations.end({ tenant: client, id, actor: owner });
    });
  });

  it('stands in the logs of both tenants, and every event of staff in the client’s names where they come from', async () => {
    await given.database.admin(`delete from event_inbox`);
    // Ten minutes in which nothing was noted yet, also when this is tried again.
    given.clock.advance(10 * 60_000);
    const { id } = await offered();
    await accept(id);
    const visitor = here.visits.enter(staff, client) as PersonPrincipal;
    await here.visits.note(visitor, 'look');
    await here.visits.note(visitor, 'look');
    await here.visits.note(visitor, 'operate');
    // Another process has noted nothing yet, and does not note it twice.
    await until(() => enters(there) === 'in');
    await there.visits.note(visitor, 'look');
    given.clock.advance(10 * 60_000);
    await here.visits.note(visitor, 'look');
    await here.delegations.end({ tenant: client, id, actor: owner });
    const short = ({ type, actor, public: facts }: Awaited<ReturnType<typeof logOf>>[number]) => [
      type.replace('identity.delegation.', ''),
      actor === staff.person ? 'staff' : actor === owner ? 'owner' : actor,
      facts.home ?? facts.state ?? null,
    ];
    expect((await logOf(client)).map(short)).toEqual([
      ['offered', 'owner', null],
      ['accepted', 'staff', agency],
      ['used', 'staff', agency],
      ['used', 'staff', agency],
      ['used', 'staff', agency],
      ['ended', 'owner', null],
    ]);
    expect((await logOf(agency)).map(short)).toEqual([
      ['held', 'system:delegations', 'offered'],
      ['held', 'staff', 'accepted'],
      ['used', 'staff', null],
      ['used', 'staff', null],
      ['used', 'staff', null],
      ['held', 'system:delegations', 'ended'],
    ]);
    expect((await here.delegations.listGiven(client)).find((one) => one.id === id)).toMatchObject({ used_by: staff.person });
  });

  it('is told to the agency later when the process died before it could', async () => {
    const { id } = await offered();
    await given.database.admin(`update identity_delegations set told = 0 where id = $1`, [id]);
    await given.database.admin(`delete from event_inbox where tenant = $1`, [agency]);
    await here.delegations.sweep();
    expect((await logOf(agency)).map((event) => event.public.state)).toEqual(['offered']);
    await here.delegations.sweep();
    expect(await logOf(agency)).toHaveLength(1);
    await here.delegations.end({ tenant: client, id, actor: owner });
  });

  it('lets nobody act while changes can not be heard', async () => {
    const { id } = await offered();
    await accept(id);
    await until(() => enters(there) === 'in');
    await there.directory.close();
    expect(enters(there)).toBe('IDENTITY_FEED_LOST');
    expect(there.visits.staffWho(client, 'approvals.decide')).toEqual([]);
    await here.delegations.end({ tenant: client, id, actor: owner });
  });
});
