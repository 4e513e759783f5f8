// A person's passkeys: made, named, taken away. A passkey is discoverable and verifies its user; where it comes from is not asked.
// INVARIANT: whoever has a passkey adds or removes one only right after using one; a row without our seal is no passkey.

import {
  type Clock,
  isOwner,
  makeEvent,
  newId,
  type PasskeyId,
  type PersonId,
  type PersonPrincipal,
  type Random,
  type Refusal,
  type SealChange,
  type TenantId,
  type Tx,
} from '#core';
import { appendEvents, type Database } from '#storage';
import { identityFault, refusal } from '../errors.ts';
import type { Follower } from '../follow.ts';
import { actingOwnersIn } from '../people/owners.ts';
import type { Challenges } from '../signing-in/challenges.ts';
import type { RelyingParty } from '../signing-in/relying-party.ts';
import { announce } from '../store/changes.ts';
import {
  countRecoveryCodes,
  holdPasskey,
  insertPasskey,
  listPasskeys,
  type PasskeyRow,
  removePasskeys,
  renamePasskey,
} from '../store/passkeys.ts';
import { holdPerson, listPeople } from '../store/people.ts';
import { stampSession } from '../store/sessions.ts';
import type { Hasher } from '../workloads/tokens.ts';
import { challengeOf } from './assertion.ts';
import { creationOptions, readNewPasskey, thumbprintOf } from './creation.ts';
import { sealPasskey } from './seal.ts';

export interface PasskeyView {
  readonly id: PasskeyId;
  readonly name: string;
  readonly createdAt: Date;
  readonly usedAt: Date | null;
  /** Kept by a password manager or the vendor's cloud, so that it is on several devices. */
  readonly isSynced: boolean;
}

/** What a browser hands over after `navigator.credentials.create`. */
export interface NewPasskey {
  readonly id: string;
  readonly clientDataJSON: string;
  readonly attestationObject: string;
  readonly transports: readonly string[];
}

export interface Passkeys {
  enrolOptions(person: PersonPrincipal): Promise<object | Refusal>;
  enrol(person: PersonPrincipal, made: NewPasskey & { readonly name: string; readonly seal?: SealChange }): Promise<PasskeyView | Refusal>;
  passkeys(tenant: TenantId, person: PersonId): Promise<readonly PasskeyView[]>;
  rename(person: PersonPrincipal, id: PasskeyId, name: string): Promise<PasskeyView | Refusal>;
  /** Takes away one's own, or somebody else's where the caller has checked that this person may. */
  remove(by: PersonPrincipal, of: PersonId, id: PasskeyId, seal?: SealChange): Promise<Refusal | null>;
}

export interface PasskeyDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly random: Random;
  readonly hasher: Hasher;
  readonly follower: Follower;
  readonly challenges: Challenges;
  readonly relyingParty: () => RelyingParty;
}

/** How long the use of a passkey counts for what is asked after it. */
export const FRESH_MS = 5 * 60_000;
const MAX_PASSKEYS = 20;
const NAME = /^[\p{L}\p{M}\p{N}][\p{L}\p{M}\p{N} .,'’()&+/-]{0,59}$/u;

export const boundTo = ({ person, session }: PersonPrincipal): string => `${person} ${session}`;

export function isFresh({ proof }: PersonPrincipal, nowMs: number): boolean {
  return proof.passkeyAtMs !== null && nowMs - proof.passkeyAtMs < FRESH_MS;
}

/** Why somebody has to use a second factor before what they are about to do; null when they just did, or have none to use. */
export function unconfirmed(person: PersonPrincipal, { hasPasskey, nowMs }: { hasPasskey: boolean; nowMs: number }): Refusal | null {
  if (isFresh(person, nowMs)) return null;
  if (hasPasskey) return refusal('IDENTITY_PASSKEY_FRESH_NEEDED');
  const isSingleFactor = person.proof.method === 'sso' && person.proof.passkeyAtMs === null;
  return isSingleFactor ? refusal('IDENTITY_SECOND_FACTOR_NEEDED') : null;
}

export const viewOf = ({ id, name, createdAt, usedAt, isSynced }: PasskeyRow): PasskeyView => ({ id, name, createdAt, usedAt, isSynced });

export function createPasskeys(deps: PasskeyDeps): Passkeys {
  const { db, clock, random, hasher, follower, challenges, relyingParty } = deps;

  /** The first one needs nothing more; a later one the use of an earlier one, or the recovery code that brought the person in. */
  const mayChange = (person: PersonPrincipal, present: readonly PasskeyRow[]): Refusal | null => {
    if (present.length === 0 || person.proof.method === 'recovery' || isFresh(person, clock.now())) return null;
    return refusal('IDENTITY_PASSKEY_FRESH_NEEDED');
  };

  const nameOf = (text: string): string => {
    const name = text.normalize('NFC').trim();
    if (!NAME.test(name)) throw identityFault('IDENTITY_INPUT_INVALID', 'name');
    return name;
  };

  const event = async (
    tx: Tx,
    by: PersonPrincipal,
    type: string,
    row: PasskeyRow | Omit<PasskeyRow, 'usedAt' | 'removedAt'>,
    seal?: SealChange,
  ) => {
    const facts = { person: row.person, thumbprint: thumbprintOf(row.publicKey) };
    const shown = { id: row.id, person: row.person, thumbprint: facts.thumbprint, synced: row.isSynced };
    const change = type === 'removed' ? { before: shown, after: null } : { before: null, after: shown };
    const sealed = (await seal?.(tx, change)) ?? null;
    return makeEvent(
      { clock, random },
      { tenant: row.tenant, type: `identity.passkey.${type}`, actor: `person:${by.person}`, subject: row.id, public: facts, sealed },
    );
  };

  return {
    async enrolOptions(person) {
      const { home: tenant } = person;
      const { present, name } = await db.inTenant(tenant, async (tx) => ({
        present: await listPasskeys(tx, tenant, person.person),
        name: (await listPeople(tx, tenant)).find(({ id }) => id === person.person)?.name ?? null,
      }));
      const refused = mayChange(person, present);
      if (refused !== null) return refused;
      if (present.length >= MAX_PASSKEYS) return refusal('IDENTITY_PASSKEY_LIMIT');
      const challenge = await challenges.make('enrol', boundTo(person));
      return creationOptions({ rp: relyingParty(), person: person.person, name, challenge, present });
    },

    async enrol(person, { name: text, seal, ...made }) {
      const name = nameOf(text);
      const challenge = challengeOf(made.clientDataJSON);
      if (!(await challenges.take('enrol', boundTo(person), challenge))) return refusal('IDENTITY_PASSKEY_NOT_ENROLLED');
      const rp = relyingParty();
      const read = await readNewPasskey(made, { challenge, rp });
      if (read === null) return refusal('IDENTITY_PASSKEY_NOT_ENROLLED');
      const { home: tenant } = person;
      const id = newId('psk', clock, random);
      const told = await db.inTenant(tenant, async (tx) => {
        if (!(await holdPerson(tx, tenant, person.person))) return refusal('IDENTITY_PERSON_UNKNOWN');
        const present = await listPasskeys(tx, tenant, person.person);
        const refused = mayChange(person, present);
        if (refused !== null) return refused;
        if (present.length >= MAX_PASSKEYS) return refusal('IDENTITY_PASSKEY_LIMIT');
        const core = { tenant, id, person: person.person, rp: rp.id, credential: read.credential, publicKey: read.publicKey };
        const kept = {
          name,
          transports: made.transports,
          counter: read.counter,
          isSynced: read.isSynced,
          createdAt: new Date(clock.now()),
        };
        const row = { ...core, ...kept, seal: sealPasskey(hasher, core) };
        if (!(await insertPasskey(tx, row))) return refusal('IDENTITY_PASSKEY_NOT_ENROLLED');
        await appendEvents(tx, [await event(tx, person, 'enrolled', row, seal)]);
        await stampSession(tx, tenant, person.session, new Date(clock.now()));
        await announce(tx, tenant, 'person', person.person);
        return { row };
      });
      if (!('row' in told)) return told;
      await follower.refresh({ tenant, kind: 'person', id: person.person });
      return viewOf({ ...told.row, usedAt: null, removedAt: null });
    },

    passkeys: async (tenant, person) => (await db.inTenant(tenant, (tx) => listPasskeys(tx, tenant, person))).map(viewOf),

    async rename(person, id, text) {
      const name = nameOf(text);
      const { home: tenant } = person;
      return db.inTenant(tenant, async (tx) => {
        const row = await holdPasskey(tx, tenant, id);
        if (row === null || row.person !== person.person) return refusal('IDENTITY_PASSKEY_UNKNOWN');
        await renamePasskey(tx, tenant, id, name);
        return viewOf({ ...row, name });
      });
    },

    async remove(by, of, id, seal) {
      const isOwn = of === by.person;
      const tenant = isOwn ? by.home : by.tenant;
      const told = await db.inTenant(tenant, async (tx) => {
        const present = await listPasskeys(tx, tenant, of);
        if (!present.some((one) => one.id === id)) return refusal('IDENTITY_PASSKEY_UNKNOWN');
        // Without a passkey nobody is asked for one: only an owner takes one from an owner.
        if (!isOwn && !isOwner(by) && (await actingOwnersIn(tx, tenant, clock.now())).includes(of))
          return refusal('IDENTITY_GRANT_OWNER_ONLY');
        // Whoever holds the machine holds its keys: its command line is the way out for somebody who lost everything else.
        if (isOwn && by.proof.method !== 'cli') {
          const refused = mayChange(by, present);
          if (refused !== null) return refused;
          if (present.length === 1 && (await countRecoveryCodes(tx, tenant, of)) === 0) return refusal('IDENTITY_PASSKEY_LAST');
        }
        const [row] = await removePasskeys(tx, tenant, { person: of, id }, new Date(clock.now()));
        if (row === undefined) return refusal('IDENTITY_PASSKEY_UNKNOWN');
        await appendEvents(tx, [await event(tx, by, 'removed', row, seal)]);
        await announce(tx, tenant, 'person', of);
        return null;
      });
      if (told !== null) return told;
      await follower.refresh({ tenant, kind: 'person', id: of });
      return null;
    },
  };
}
