// The end of everything a person has here, in one transaction and one change that every process hears: sessions, grants, groups, links,
// passkeys, recovery codes, keys, and what is handed in as further ends. What comes back later is the account and nothing else.
// INVARIANT: the last owner stays; whoever is removed is out of every process as soon as it hears of it.

import {
  type Clock,
  type JsonObject,
  makeEvent,
  type PersonId,
  type Random,
  type Refusal,
  type SealChange,
  type TenantId,
  type Tx,
} from '#core';
import { appendEvents, type Database, runAgainOnConflict } from '#storage';
import { refusal } from '../errors.ts';
import type { Follower } from '../follow.ts';
import { endAccessOf, holdTenant } from '../store/deprovision.ts';
import { closeGrantsOf } from '../store/grants.ts';
import { removePerson } from '../store/people.ts';
import { markRemovedHere } from '../store/scim.ts';
import { ownersIn } from './owners.ts';

/** Who acts when an identity provider sends a change. */
export const SCIM_ACTOR = 'scim';

export interface Ending {
  readonly tenant: TenantId;
  readonly person: PersonId;
  /** Who asked for it: a person, or `SCIM_ACTOR`. */
  readonly actor: string;
  readonly seal?: SealChange;
}

/** Ends something else of the person in the same transaction; how much of it there was, by a word. */
export type FurtherEnd = (tx: Tx, ending: Ending & { readonly at: Date }) => Promise<Readonly<Record<string, number>>>;

export interface Ended {
  readonly tenant: TenantId;
  readonly person: PersonId;
  /** What ended, by a word, and how much of it. */
  readonly counts: Readonly<Record<string, number>>;
}

export interface Deprovision {
  deprovision(ending: Ending): Promise<Ended | Refusal>;
  /** In a transaction of the caller, who calls `heardEnd` after its commit. */
  deprovisionIn(tx: Tx, ending: Ending): Promise<Ended | Refusal>;
  /** This process lets the person out without waiting to hear of it. */
  heardEnd(ended: Ended): Promise<void>;
}

export interface DeprovisionDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly random: Random;
  readonly follower: Follower;
  readonly furtherEnds?: readonly FurtherEnd[];
}

export function createDeprovision({ db, clock, random, follower, furtherEnds = [] }: DeprovisionDeps): Deprovision {
  async function deprovisionIn(tx: Tx, ending: Ending): Promise<Ended | Refusal> {
    const { tenant, person, actor } = ending;
    const at = new Date(clock.now());
    await holdTenant(tx, tenant);
    const owners = await ownersIn(tx, tenant, clock.now());
    if (owners.includes(person) && owners.length === 1) return refusal('IDENTITY_OWNER_STAYS');
    if (!(await removePerson(tx, tenant, person, at))) return refusal('IDENTITY_PERSON_UNKNOWN');
    const grants = await closeGrantsOf(tx, tenant, person, { by: actor, at });
    const access = await endAccessOf(tx, tenant, person, at);
    if (actor !== SCIM_ACTOR) await markRemovedHere(tx, tenant, person, at);
    const counts: Record<string, number> = {
      sessions: access.sessions.length,
      grants: grants.length,
      keys: access.keys.length,
      passkeys: access.passkeys,
      recoveryCodes: access.recoveryCodes,
      emergencies: access.emergencies,
    };
    for (const end of furtherEnds) Object.assign(counts, await end(tx, { ...ending, at }));
    const event = (type: string, subject: string, facts: JsonObject) =>
      makeEvent({ clock, random }, { tenant, type: `identity.${type}`, actor, subject, public: facts });
    const sealed = (await ending.seal?.(tx, { before: { id: person, ...counts }, after: null })) ?? null;
    await appendEvents(tx, [
      { ...event('person.removed', person, { ended: counts }), sealed },
      ...access.sessions.map((id) => event('session.closed', id, {})),
      ...access.keys.map((id) => event('key.revoked', id, {})),
    ]);
    return { tenant, person, counts };
  }

  const heardEnd: Deprovision['heardEnd'] = ({ tenant, person }) => follower.refresh({ tenant, kind: '-person', id: person });

  return {
    deprovisionIn,
    heardEnd,
    async deprovision(ending) {
      const ended = await runAgainOnConflict(() => db.inTenant(ending.tenant, (tx) => deprovisionIn(tx, ending)));
      if ('counts' in ended) await heardEnd(ended);
      return ended;
    },
  };
}
