// The people of a tenant beside its owner: added with a role, let in by one-time links, removed with all their sessions.
// INVARIANT: the owner stays; whoever is removed is out of every process, and can not come in by a link made before.

import {
  type ActedOn,
  type Action,
  type Change,
  type Clock,
  covers,
  isRefusal,
  makeEvent,
  type NewEvent,
  newId,
  type PersonId,
  type Random,
  type Refusal,
  type SealChange,
  type TenantId,
  type Tx,
  type UnixMs,
} from '#core';
import { appendEvents, type Database } from '#storage';
import { toGrant } from '../access/effective.ts';
import type { Grants } from '../access/grants.ts';
import { identityFault, refusal } from '../errors.ts';
import type { Follower } from '../follow.ts';
import { effectiveRows } from '../store/effective-rows.ts';
import { activePeople, addPerson, holdersOf, holdPerson, listPeople, type PersonRecord, replaceLinks } from '../store/people.ts';
import { formatToken, type Hasher, newToken } from '../workloads/tokens.ts';
import type { Deprovision } from './deprovision.ts';
import { actingOwnersIn, ownersIn } from './owners.ts';

export interface Invitation {
  readonly id: PersonId;
  readonly name: string;
  readonly roles: readonly string[];
  /** Signs the person in once, until `expiresAtMs`. */
  readonly secret: string;
  readonly expiresAtMs: number;
}

export interface ListedPerson extends PersonRecord {
  /** Of their grants that hold now, each once. */
  readonly roles: readonly string[];
}

interface By {
  readonly tenant: TenantId;
  readonly actor: string;
  /** Seals what was before and after for the event. */
  readonly seal?: SealChange;
}

export interface People {
  /** With these roles over the whole tenant; without any named, those of somebody who decides and sees everything. */
  addPerson(
    input: By & { readonly name: string; readonly roles?: readonly string[]; readonly expiresAtMs?: UnixMs },
  ): Promise<Invitation | Refusal>;
  /** A fresh link; earlier unused ones of the person become void. */
  invitePerson(input: By & { readonly person: PersonId }): Promise<Invitation | Refusal>;
  removePerson(input: By & { readonly person: PersonId }): Promise<Refusal | null>;
  /** With those who were removed, so that old decisions keep a name. */
  listPeople(tenant: TenantId): Promise<readonly ListedPerson[]>;
  /** Everybody who was not removed. */
  activePeople(tx: Tx, tenant: TenantId): Promise<readonly PersonId[]>;
  /** Who holds the action now, on this when it is named and else on anything, in the transaction that counts them. */
  peopleWho(tx: Tx, tenant: TenantId, action: Action, on?: ActedOn): Promise<readonly PersonId[]>;
}

export interface PeopleDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly random: Random;
  readonly hasher: Hasher;
  readonly follower: Follower;
  readonly deprovision: Deprovision['deprovision'];
  readonly grantIn: Grants['grantIn'];
}

/** Longer than an owner's own link: whoever is invited has to see the message first. */
const INVITATION_LIFETIME_MS = 24 * 60 * 60_000;
const MAX_PEOPLE = 200;
/** Of somebody added without a word about it. */
const USUAL_ROLES: readonly string[] = ['approver', 'auditor'];
/** Letters, digits and the signs of names; nothing that could pass for something else on a screen. */
const NAME = /^[\p{L}\p{M}\p{N}][\p{L}\p{M}\p{N} .,'’()-]{0,79}$/u;

class RolesRefused extends Error {
  readonly refusal: Refusal;
  constructor(refusal: Refusal) {
    super(refusal.code);
    this.refusal = refusal;
  }
}

export function createPeople({ db, clock, random, hasher, follower, deprovision, grantIn }: PeopleDeps): People {
  const now = (): Date => new Date(clock.now());
  const event = async (
    tx: Tx,
    by: By,
    told: { type: string; subject: PersonId; facts: NewEvent['public']; change: Change },
  ): Promise<NewEvent> =>
    makeEvent(
      { clock, random },
      {
        tenant: by.tenant,
        type: `identity.${told.type}`,
        actor: by.actor,
        subject: told.subject,
        public: told.facts,
        sealed: (await by.seal?.(tx, told.change)) ?? null,
      },
    );

  async function listed(tx: Tx, tenant: TenantId): Promise<readonly ListedPerson[]> {
    const rows = await effectiveRows(tx, { tenant, nowMs: clock.now() });
    return (await listPeople(tx, tenant)).map((person) => ({
      ...person,
      roles: [...new Set(rows.filter((row) => row.person === person.id).map(({ role }) => role))],
    }));
  }

  async function invite(tx: Tx, by: By, person: Pick<Invitation, 'id' | 'name' | 'roles'>): Promise<Invitation> {
    const token = newToken(random);
    const expiresAtMs = clock.now() + INVITATION_LIFETIME_MS;
    const expiresAt = new Date(expiresAtMs);
    const link = { lookup: token.lookup, hash: hasher.hash('spl', token), pepper: hasher.pepperId, person: person.id, expiresAt };
    await replaceLinks(tx, by.tenant, link);
    const facts = { expiresAt: expiresAt.toISOString() };
    const change = { before: null, after: { person: person.id, roles: person.roles, ...facts } };
    await appendEvents(tx, [await event(tx, by, { type: 'link.created', subject: person.id, facts, change })]);
    return { ...person, secret: formatToken('spl', token), expiresAtMs };
  }

  return {
    async addPerson(input) {
      const name = input.name.normalize('NFC').trim();
      if (!NAME.test(name)) throw identityFault('IDENTITY_INPUT_INVALID', 'name');
      const roles = [...new Set(input.roles ?? USUAL_ROLES)];
      const added = await db
        .inTenant(input.tenant, async (tx) => {
          if ((await activePeople(tx, input.tenant)).length >= MAX_PEOPLE) throw identityFault('IDENTITY_INPUT_INVALID', 'too many people');
          const person = { id: newId('per', clock, random), name, roles };
          await addPerson(tx, input.tenant, { id: person.id, name, role: 'member', createdAt: now() });
          const facts = { roles };
          // Not the name: it is the added person's, and would outlive the erasure of that person under the key of this one.
          const change = { before: null, after: { id: person.id, ...facts } };
          await appendEvents(tx, [await event(tx, input, { type: 'person.added', subject: person.id, facts, change })]);
          for (const role of roles) {
            const given = await grantIn(tx, { ...input, subject: person.id, role });
            if (isRefusal(given)) throw new RolesRefused(given);
          }
          return invite(tx, input, person);
        })
        .catch((fault: unknown) => {
          // Thrown, so that the person is not added without what they were added for.
          if (fault instanceof RolesRefused) return fault.refusal;
          throw fault;
        });
      if (isRefusal(added)) return added;
      await follower.refresh({ tenant: input.tenant, kind: 'person', id: added.id });
      return added;
    },

    invitePerson: (input) =>
      db.inTenant(input.tenant, async (tx) => {
        if (!(await holdPerson(tx, input.tenant, input.person))) return refusal('IDENTITY_PERSON_UNKNOWN');
        if ((await ownersIn(tx, input.tenant, clock.now())).includes(input.person)) return refusal('IDENTITY_OWNER_STAYS');
        const known = (await listed(tx, input.tenant)).find(({ id }) => id === input.person);
        // A link is the person: whoever may add people does not become one that is there already, nor an owner for a time.
        const acting = await actingOwnersIn(tx, input.tenant, clock.now());
        if (input.actor.startsWith('per_') && !acting.includes(input.actor as PersonId)) {
          if (acting.includes(input.person)) return refusal('IDENTITY_GRANT_OWNER_ONLY');
          if (known?.signedInAt !== null || known.hasPasskey) return refusal('IDENTITY_LINK_OWNER_ONLY');
        }
        return invite(tx, input, { id: input.person, roles: known?.roles ?? [], name: known?.name ?? '' });
      }),

    async removePerson(input) {
      const isAllowed = await db.inTenant(input.tenant, async (tx) => {
        const owners = await actingOwnersIn(tx, input.tenant, clock.now());
        return !owners.includes(input.person) || !input.actor.startsWith('per_') || owners.includes(input.actor as PersonId);
      });
      if (!isAllowed) return refusal('IDENTITY_GRANT_OWNER_ONLY');
      const ended = await deprovision(input);
      return isRefusal(ended) ? ended : null;
    },

    listPeople: (tenant) => db.inTenant(tenant, (tx) => listed(tx, tenant)),
    activePeople,
    peopleWho: (tx, tenant, action, on) =>
      holdersOf(tx, tenant, (row) => toGrant(row).actions.has(action) && (on === undefined || covers(row.scope, on)), clock.now()),
  };
}
