// Whom an ID token that was checked stands for, in the transaction that opens the session: a known account, a provisioned user, somebody new.
// INVARIANTS: an account is recognised by provider and subject and by nothing else; whoever was removed is not made anew by a next login;
// groups that provisioning keeps are not touched; no change leaves the tenant without an owner.

import {
  type Clock,
  type GroupId,
  type JsonObject,
  makeEvent,
  newId,
  type PersonId,
  type ProviderId,
  type Random,
  type TenantId,
  type Tx,
} from '#core';
import { appendEvents } from '#storage';
import { ownersIn } from '../people/owners.ts';
import type { Profiles } from '../people/profiles.ts';
import { accountIndex, MAX_SCIM_USERS } from '../scim/users.ts';
import { announce } from '../store/changes.ts';
import { accountOf, addAccount, findAccount, handOver, type ProviderRow } from '../store/federation.ts';
import { addMember, groupsAmong, listManagedGroups, removeMember, SCIM_SOURCE } from '../store/managed-groups.ts';
import { activePeople, addPerson, holdPerson } from '../store/people.ts';
import { listScimTokens, listScimUsers } from '../store/scim.ts';
import { ownerState } from '../store/tenants.ts';
import type { Hasher } from '../workloads/tokens.ts';
import type { Said } from './claims.ts';

export interface Admission {
  readonly provider: ProviderRow;
  readonly subject: Buffer;
  readonly said: Said;
}

export interface Admitted {
  readonly person: PersonId;
  /** Somebody whose grants or account other processes must read anew. */
  readonly isChanged: boolean;
}

export interface AdmitDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly hasher: Pick<Hasher, 'keyed'>;
  readonly profiles: Profiles;
}

export interface Admitter {
  /** Null when the person has no access here, whatever the reason. */
  admit(tx: Tx, tenant: TenantId, admission: Admission): Promise<Admitted | null>;
  /** Whether the account is this person's already. Nobody is made, found or linked by asking. */
  isOf(tx: Tx, tenant: TenantId, admission: Admission, person: PersonId): Promise<boolean>;
  /** Links the account to somebody who is signed in; false when it is another person's, or the person has another one. */
  link(tx: Tx, tenant: TenantId, admission: Admission, person: PersonId): Promise<boolean>;
}

export function createAdmitter({ clock, random, hasher, profiles }: AdmitDeps): Admitter {
  const now = (): Date => new Date(clock.now());
  const tell = (
    tx: Tx,
    told: { tenant: TenantId; type: string; subject: PersonId; actor: string; facts: JsonObject },
  ): Promise<unknown> => {
    const { tenant, type, subject, actor, facts } = told;
    return appendEvents(tx, [makeEvent({ clock, random }, { tenant, type: `identity.${type}`, actor, subject, public: facts })]);
  };
  const linked = (tx: Tx, tenant: TenantId, person: PersonId, how: { provider: ProviderId; by: string }): Promise<unknown> =>
    tell(tx, { tenant, type: 'sso.linked', subject: person, actor: `person:${person}`, facts: how });

  /**
   * The one active user that provisioning knows by this id, and who has never come in another way: whoever did is linked by themselves, or
   * whoever keeps the ids at the provider or here could become them. Nor is it ever an owner.
   */
  async function provisioned(tx: Tx, tenant: TenantId, { externalId }: Said): Promise<PersonId | null> {
    if (externalId === null) return null;
    const found = await listScimUsers(tx, tenant, { externalId: accountIndex(hasher, 'external id', tenant, externalId) });
    const active = found.filter((user) => user.active);
    const person = found.length === 1 && active.length === 1 ? (active[0]?.person ?? null) : null;
    if (person === null) return null;
    const { hasSignedIn, hasPasskey } = await ownerState(tx, tenant, [person]);
    const owners = await ownersIn(tx, tenant, clock.now());
    return hasSignedIn || hasPasskey || owners.includes(person) ? null : person;
  }

  /** Somebody new, where a login may bring them: never beside provisioning, which says who there is. */
  async function newcomer(tx: Tx, tenant: TenantId, { mode }: ProviderRow): Promise<PersonId | null> {
    if (mode !== 'just_in_time' || (await listScimTokens(tx, tenant)).length > 0) return null;
    if ((await activePeople(tx, tenant)).length >= MAX_SCIM_USERS) return null;
    const person = newId('per', clock, random);
    await addPerson(tx, tenant, { id: person, role: 'member', name: null, createdAt: now() });
    await tell(tx, { tenant, type: 'person.added', subject: person, actor: `person:${person}`, facts: { roles: [] } });
    return person;
  }

  async function whose(tx: Tx, tenant: TenantId, admission: Admission): Promise<{ person: PersonId; isNew: boolean } | null> {
    const { provider, subject, said } = admission;
    const account = { provider: provider.id, subject };
    const known = await findAccount(tx, tenant, account);
    if (known !== null && (await holdPerson(tx, tenant, known))) return { person: known, isNew: false };
    const user = await provisioned(tx, tenant, said);
    const person = user ?? (known === null ? await newcomer(tx, tenant, provider) : null);
    if (person === null || !(await holdPerson(tx, tenant, person))) return null;
    if (known === null) await addAccount(tx, tenant, { ...account, person, at: now() });
    // Removed and provisioned again: the provider says itself that this account is that user now.
    else await handOver(tx, tenant, account, { person, at: now() });
    await linked(tx, tenant, person, { provider: provider.id, by: user === null ? 'first_sign_in' : 'provisioning' });
    return { person, isNew: true };
  }

  /** Exactly the mapped groups that the login names; groups it does not map, and those of provisioning, stay as they are. */
  async function setGroups(tx: Tx, tenant: TenantId, person: PersonId, { provider, said }: Admission): Promise<boolean> {
    const { groupsClaim, groups } = provider.settings;
    if (groupsClaim === null || Object.keys(groups).length === 0) return false;
    const mapped = new Set(Object.values(groups));
    const ours = (await listManagedGroups(tx, tenant, {})).filter(({ id, source }) => mapped.has(id) && source !== SCIM_SOURCE);
    const ids = ours.map(({ id }) => id);
    const wanted = new Set(Object.entries(groups).flatMap(([value, id]) => (said.groups.has(value) ? [id] : [])));
    const held = new Set(await groupsAmong(tx, tenant, person, ids));
    const added: GroupId[] = [];
    const removed: GroupId[] = [];
    for (const group of ids) {
      if (wanted.has(group) && !held.has(group)) {
        await addMember(tx, tenant, { group, person, at: now() });
        added.push(group);
      } else if (!wanted.has(group) && held.has(group)) {
        await removeMember(tx, tenant, group, person);
        if ((await ownersIn(tx, tenant, clock.now())).length > 0) removed.push(group);
        else await addMember(tx, tenant, { group, person, at: now() });
      }
    }
    if (added.length + removed.length === 0) return false;
    await tell(tx, { tenant, type: 'sso.groups', subject: person, actor: `person:${person}`, facts: { added, removed } });
    return true;
  }

  return {
    async admit(tx, tenant, admission) {
      const found = await whose(tx, tenant, admission);
      if (found === null) return null;
      const { person, isNew } = found;
      await rename(tx, tenant, person, admission.said.name);
      const isMoved = await setGroups(tx, tenant, person, admission);
      if (isNew) await announce(tx, tenant, 'person', person);
      return { person, isChanged: isNew || isMoved };
    },

    isOf: async (tx, tenant, { provider, subject }, person) =>
      (await findAccount(tx, tenant, { provider: provider.id, subject })) === person,

    async link(tx, tenant, { provider, subject }, person) {
      const account = { provider: provider.id, subject };
      const known = await findAccount(tx, tenant, account);
      if (known === person) return true;
      if (known !== null && (await holdPerson(tx, tenant, known))) return false;
      if (await hasAnother(tx, tenant, provider.id, person)) return false;
      if (known === null) await addAccount(tx, tenant, { ...account, person, at: now() });
      else await handOver(tx, tenant, account, { person, at: now() });
      await linked(tx, tenant, person, { provider: provider.id, by: 'person' });
      return true;
    },
  };

  /** The name that a login tells, unless provisioning keeps the person, or the name is the same. */
  async function rename(tx: Tx, tenant: TenantId, person: PersonId, name: string | null): Promise<void> {
    const known = (await profiles.read(tx, tenant, [person])).get(person);
    if (name === null || known?.user != null || known?.name === name) return;
    await profiles.put(tx, tenant, { person, profile: { name, user: null }, at: now() });
  }
}

async function hasAnother(tx: Tx, tenant: TenantId, provider: ProviderId, person: PersonId): Promise<boolean> {
  return (await accountOf(tx, tenant, provider, person)) !== null;
}
