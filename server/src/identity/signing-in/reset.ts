// A person begins anew: whatever they signed in with is gone, and a one-time link lets them in to make a new passkey.
// For somebody who lost everything, or whose things somebody else has. Only an owner does it.

import { type Clock, isOwner, makeEvent, type PersonId, type PersonPrincipal, type Random, type Refusal, type SealChange } from '#core';
import { appendEvents, type Database } from '#storage';
import { refusal } from '../errors.ts';
import type { Follower } from '../follow.ts';
import { announce } from '../store/changes.ts';
import { removePasskeys, replaceRecoveryCodes } from '../store/passkeys.ts';
import { endSessions, holdPerson, replaceLinks } from '../store/people.ts';
import { formatToken, type Hasher, newToken } from '../workloads/tokens.ts';

export interface FreshLink {
  readonly secret: string;
  readonly expiresAtMs: number;
}

export interface Resets {
  resetPerson(by: PersonPrincipal, person: PersonId, seal?: SealChange): Promise<FreshLink | Refusal>;
}

const LINK_LIFETIME_MS = 24 * 60 * 60_000;

export function createResets(deps: {
  readonly db: Database;
  readonly clock: Clock;
  readonly random: Random;
  readonly hasher: Hasher;
  readonly follower: Follower;
}): Resets {
  const { db, clock, random, hasher, follower } = deps;
  return {
    async resetPerson(by, person, seal) {
      // The link is the person: whoever may manage people would become any of them by it.
      if (!isOwner(by)) return refusal('IDENTITY_LINK_OWNER_ONLY');
      const { tenant } = by;
      const token = newToken(random);
      const expiresAtMs = clock.now() + LINK_LIFETIME_MS;
      const now = new Date(clock.now());
      const told = await db.inTenant(tenant, async (tx) => {
        if (!(await holdPerson(tx, tenant, person))) return refusal('IDENTITY_PERSON_UNKNOWN');
        const passkeys = await removePasskeys(tx, tenant, { person }, now);
        await replaceRecoveryCodes(tx, tenant, person, { hashes: [], at: now });
        const sessions = await endSessions(tx, tenant, { person }, now);
        const link = { lookup: token.lookup, hash: hasher.hash('spl', token), pepper: hasher.pepperId };
        await replaceLinks(tx, tenant, { ...link, person, expiresAt: new Date(expiresAtMs) });
        const facts = { passkeys: passkeys.length, sessions: sessions.length };
        const sealed = (await seal?.(tx, { before: { person, ...facts }, after: { person, passkeys: 0, sessions: 0 } })) ?? null;
        const event = { tenant, type: 'identity.person.reset', actor: `person:${by.person}`, subject: person, public: facts, sealed };
        await appendEvents(tx, [makeEvent({ clock, random }, event)]);
        await announce(tx, tenant, 'person', person);
        return null;
      });
      if (told !== null) return told;
      await follower.refresh({ tenant, kind: 'person', id: person });
      return { secret: formatToken('spl', token), expiresAtMs };
    },
  };
}
