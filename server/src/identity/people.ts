// The people of a tenant beside its owner: added with a role, let in by one-time links, removed with all their sessions.
// INVARIANT: the owner stays; whoever is removed is out of every process, and can not come in by a link made before.

import { type Clock, type NewEvent, newId, type PersonId, type Random, type Refusal, type Role, type TenantId, type Tx } from '#core';
import { appendEvents, type Database } from '#storage';
import { identityFault, refusal } from './errors.ts';
import type { Follower } from './follow.ts';
import {
  activePeople,
  addPerson,
  endSessions,
  holdPerson,
  listPeople,
  type PersonRecord,
  removePerson,
  replaceLinks,
} from './store/people.ts';
import { formatToken, type Hasher, newToken } from './tokens.ts';

export interface Invitation {
  readonly id: PersonId;
  readonly name: string;
  readonly role: Role;
  /** Signs the person in once, until `expiresAtMs`. */
  readonly secret: string;
  readonly expiresAtMs: number;
}

interface By {
  readonly tenant: TenantId;
  readonly actor: string;
}

export interface People {
  addPerson(input: By & { readonly name: string }): Promise<Invitation>;
  /** A fresh link; earlier unused ones of the person become void. */
  invitePerson(input: By & { readonly person: PersonId }): Promise<Invitation | Refusal>;
  removePerson(input: By & { readonly person: PersonId }): Promise<Refusal | null>;
  /** With those who were removed, so that old decisions keep a name. */
  listPeople(tenant: TenantId): Promise<readonly PersonRecord[]>;
  /** Who may decide now, in the transaction that decides. */
  activePeople(tx: Tx, tenant: TenantId): Promise<readonly PersonId[]>;
}

export interface PeopleDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly random: Random;
  readonly hasher: Hasher;
  readonly follower: Follower;
}

/** Longer than an owner's own link: whoever is invited has to see the message first. */
const INVITATION_LIFETIME_MS = 24 * 60 * 60_000;
const MAX_PEOPLE = 200;
/** Letters, digits and the signs of names; nothing that could pass for something else on a screen. */
const NAME = /^[\p{L}\p{M}\p{N}][\p{L}\p{M}\p{N} .,'’()-]{0,79}$/u;

export function createPeople({ db, clock, random, hasher, follower }: PeopleDeps): People {
  const now = (): Date => new Date(clock.now());
  const event = (by: By, type: string, subject: PersonId, facts: NewEvent['public']): NewEvent => ({
    id: newId('evt', clock, random),
    tenant: by.tenant,
    type: `identity.${type}`,
    occurredAtMs: clock.now(),
    actor: by.actor,
    subject,
    public: facts,
    sealed: null,
  });

  async function invite(tx: Tx, by: By, person: Pick<Invitation, 'id' | 'name' | 'role'>): Promise<Invitation> {
    const token = newToken(random);
    const expiresAtMs = clock.now() + INVITATION_LIFETIME_MS;
    const expiresAt = new Date(expiresAtMs);
    const link = { lookup: token.lookup, hash: hasher.hash('spl', token), pepper: hasher.pepperId, person: person.id, expiresAt };
    await replaceLinks(tx, by.tenant, link);
    await appendEvents(tx, [event(by, 'link.created', person.id, { expiresAt: expiresAt.toISOString() })]);
    return { ...person, secret: formatToken('spl', token), expiresAtMs };
  }

  return {
    async addPerson(input) {
      const name = input.name.normalize('NFC').trim();
      if (!NAME.test(name)) throw identityFault('IDENTITY_INPUT_INVALID', 'name');
      return db.inTenant(input.tenant, async (tx) => {
        if ((await activePeople(tx, input.tenant)).length >= MAX_PEOPLE) throw identityFault('IDENTITY_INPUT_INVALID', 'too many people');
        const person = { id: newId('per', clock, random), name, role: 'approver' } as const;
        await addPerson(tx, input.tenant, { ...person, createdAt: now() });
        await appendEvents(tx, [event(input, 'person.added', person.id, { role: person.role })]);
        return invite(tx, input, person);
      });
    },

    invitePerson: (input) =>
      db.inTenant(input.tenant, async (tx) => {
        const role = await holdPerson(tx, input.tenant, input.person);
        if (role === null) return refusal('IDENTITY_PERSON_UNKNOWN');
        if (role === 'owner') return refusal('IDENTITY_OWNER_STAYS');
        const known = (await listPeople(tx, input.tenant)).find(({ id }) => id === input.person);
        return invite(tx, input, { id: input.person, role, name: known?.name ?? '' });
      }),

    async removePerson(input) {
      const { tenant, person } = input;
      const ended = await db.inTenant(tenant, async (tx) => {
        if (!(await removePerson(tx, tenant, person, now()))) {
          return refusal((await holdPerson(tx, tenant, person)) === 'owner' ? 'IDENTITY_OWNER_STAYS' : 'IDENTITY_PERSON_UNKNOWN');
        }
        const sessions = await endSessions(tx, tenant, { person }, now());
        await appendEvents(tx, [
          event(input, 'person.removed', person, {}),
          ...sessions.map((id) => ({ ...event(input, 'session.closed', person, {}), subject: id })),
        ]);
        return sessions;
      });
      if (!Array.isArray(ended)) return ended as Refusal;
      for (const id of ended) await follower.refresh({ tenant, kind: '-session', id });
      return null;
    },

    listPeople: (tenant) => db.inTenant(tenant, (tx) => listPeople(tx, tenant)),
    activePeople,
  };
}
