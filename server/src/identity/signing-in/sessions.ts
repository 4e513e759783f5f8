// How people come in and go out: one-time links, the credential of the local command line, and the open sessions with their end.
// INVARIANT: a link opens one session at most, whoever tries it at the same time; links and tokens are stored as keyed hashes only.

import {
  type Clock,
  makeEvent,
  type NewEvent,
  type PersonId,
  type PersonPrincipal,
  type Random,
  type Refusal,
  type SealChange,
  type SessionId,
  type TenantId,
  type Tx,
} from '#core';
import { appendEvents, type Database, runAgainOnConflict } from '#storage';
import { identityFault, refusal } from '../errors.ts';
import type { Follower } from '../follow.ts';
import { ownersIn } from '../people/owners.ts';
import { endSessions, findLink, holdPerson, replaceLinks, useLink } from '../store/people.ts';
import { type OpenSession, openSessions, touchSession } from '../store/sessions.ts';
import { formatToken, type Hasher, NO_HASH, NO_TOKEN, newToken, parseToken, sameHash } from '../workloads/tokens.ts';
import { type Browser, type OpenedSession, type SessionOpener, UNKNOWN_BROWSER } from './open-session.ts';

export type { OpenedSession } from './open-session.ts';

export interface Sessions {
  /** A secret that signs the tenant's owner in once, within 10 minutes. Makes earlier unused ones void. */
  ownerLink(tenant: TenantId, seal?: SealChange): Promise<string>;
  /** The same, asked for by somebody else: `may` says in its transaction, with earlier links gone, why it is not made after all. */
  ownerLinkIf(tenant: TenantId, may: (tx: Tx, owner: PersonId) => Promise<Refusal | null>): Promise<string | Refusal>;
  /** The same for whoever asks: nobody makes themselves somebody else by it. */
  ownLink(person: PersonPrincipal, seal?: SealChange): Promise<string>;
  redeem(secret: string, browser?: Browser): Promise<OpenedSession | Refusal>;
  /** Ends this session in every process. */
  signOut(person: PersonPrincipal): Promise<void>;
  /** Ends every session of the person. */
  signOutEverywhere(person: PersonPrincipal): Promise<number>;
  /** Newest first: those of one person, or everybody's. */
  openSessions(tenant: TenantId, person: PersonId | null): Promise<readonly OpenSession[]>;
  /** Ends one session, of whomever: that `by` may is checked by the caller. */
  endSession(by: PersonPrincipal, tenant: TenantId, id: SessionId, seal?: SealChange): Promise<Refusal | null>;
  /** Somebody did something in this session: it is not idle. Written every two minutes at most. */
  touch(person: PersonPrincipal): Promise<void>;
  /** The token of the local command line, as the owner. Ends the earlier one of the same label. */
  createCliCredential(tenant: TenantId, label: string): Promise<string>;
}

export interface SessionsDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly random: Random;
  readonly hasher: Hasher;
  readonly follower: Follower;
  readonly opener: SessionOpener;
}

class LinkRefused extends Error {
  readonly refusal: Refusal;
  constructor(refusal: Refusal) {
    super(refusal.code);
    this.refusal = refusal;
  }
}

const LINK_LIFETIME_MS = 10 * 60_000;
const LABEL = /^[a-z0-9][a-z0-9._-]{0,63}$/;
const TOUCH_EVERY_MS = 2 * 60_000;
const MAX_TOUCHED = 10_000;

export function createSessions({ db, clock, random, hasher, follower, opener }: SessionsDeps): Sessions {
  const now = (): Date => new Date(clock.now());
  /** When each session was last noted here. */
  const touched = new Map<SessionId, number>();
  const event = (tenant: TenantId, type: string, subject: string, person: PersonId, facts: NewEvent['public']): NewEvent =>
    makeEvent({ clock, random }, { tenant, type: `identity.${type}`, actor: `person:${person}`, subject, public: facts });

  async function end(
    by: { readonly tenant: TenantId; readonly person: PersonId; readonly seal?: SealChange | undefined },
    which: Parameters<typeof endSessions>[2],
  ): Promise<number> {
    const { tenant, person, seal } = by;
    const endIn = async (tx: Tx): Promise<readonly SessionId[]> => {
      const ids = await endSessions(tx, tenant, which, now());
      const events: NewEvent[] = [];
      for (const id of ids) {
        const sealed = (await seal?.(tx, { before: { id }, after: null })) ?? null;
        events.push({ ...event(tenant, 'session.closed', id, person, {}), sealed });
      }
      await appendEvents(tx, events);
      return ids;
    };
    const ended = await runAgainOnConflict(() => db.inTenant(tenant, endIn));
    for (const id of ended) await follower.refresh({ tenant, kind: '-session', id });
    return ended.length;
  }

  async function ownerOf(tx: Tx, tenant: TenantId): Promise<PersonId> {
    const [owner] = await ownersIn(tx, tenant, clock.now());
    if (owner === undefined) throw identityFault('IDENTITY_INPUT_INVALID', 'the tenant has no owner');
    return owner;
  }

  async function linkFor(
    tenant: TenantId,
    whose: (tx: Tx) => Promise<PersonId>,
    { seal, may }: { readonly seal?: SealChange | undefined; readonly may?: (tx: Tx, owner: PersonId) => Promise<Refusal | null> } = {},
  ): Promise<string> {
    const token = newToken(random);
    await db.inTenant(tenant, async (tx) => {
      const person = await whose(tx);
      const expiresAt = new Date(clock.now() + LINK_LIFETIME_MS);
      await replaceLinks(tx, tenant, {
        lookup: token.lookup,
        hash: hasher.hash('spl', token),
        pepper: hasher.pepperId,
        person,
        expiresAt,
      });
      // Asked now, when nobody can come in any more by a link of before: who did, did so already.
      const refused = (await may?.(tx, person)) ?? null;
      if (refused !== null) throw new LinkRefused(refused);
      const facts = { expiresAt: expiresAt.toISOString() };
      const sealed = (await seal?.(tx, { before: null, after: { person, ...facts } })) ?? null;
      await appendEvents(tx, [{ ...event(tenant, 'link.created', person, person, facts), sealed }]);
    });
    return formatToken('spl', token);
  }

  return {
    ownerLink: (tenant, seal) => linkFor(tenant, (tx) => ownerOf(tx, tenant), { seal }),
    ownerLinkIf: (tenant, may) =>
      linkFor(tenant, (tx) => ownerOf(tx, tenant), { may }).catch((fault: unknown) => {
        // Thrown, so that the link of before is good again.
        if (fault instanceof LinkRefused) return fault.refusal;
        throw fault;
      }),
    ownLink: ({ home, person }, seal) => linkFor(home, async () => person, { seal }),

    async redeem(secret, browser = UNKNOWN_BROWSER) {
      const token = parseToken('spl', secret);
      const link = token === null ? null : await findLink(db, token.lookup);
      const isRight = sameHash(link?.hash ?? NO_HASH, hasher.hash('spl', token ?? NO_TOKEN));
      if (token === null || link === null || !isRight) return refusal('IDENTITY_LINK_INVALID');
      const { tenant } = link;
      const opened = await db.inTenant(tenant, async (tx) => {
        const person = await useLink(tx, tenant, token.lookup, now());
        if (person === null || !(await holdPerson(tx, tenant, person))) return null;
        return opener.open(tx, tenant, { person, method: 'link', ...browser });
      });
      return opened === null ? refusal('IDENTITY_LINK_INVALID') : opener.opened(opened);
    },

    // A session belongs to the tenant of its person, whichever tenant they work in now.
    signOut: async ({ home, person, session }) => {
      await end({ tenant: home, person }, { id: session });
    },

    signOutEverywhere: ({ home, person }) => end({ tenant: home, person }, { person }),

    openSessions: (tenant, person) => db.inTenant(tenant, (tx) => openSessions(tx, tenant, person, now())),

    async endSession({ person }, tenant, id, seal) {
      return (await end({ tenant, person, seal }, { id })) === 1 ? null : refusal('IDENTITY_SESSION_UNKNOWN');
    },

    async touch({ home, session, proof }) {
      const nowMs = clock.now();
      if (proof.method === 'cli' || nowMs - (touched.get(session) ?? 0) < TOUCH_EVERY_MS) return;
      if (touched.size >= MAX_TOUCHED) touched.clear();
      touched.set(session, nowMs);
      if (!(await db.inTenant(home, (tx) => touchSession(tx, home, session, now())))) return;
      await follower.refresh({ tenant: home, kind: 'session', id: session });
    },

    async createCliCredential(tenant, label) {
      if (!LABEL.test(label)) throw identityFault('IDENTITY_INPUT_INVALID', 'label');
      const { opened, ended } = await db.inTenant(tenant, async (tx) => {
        const person = await ownerOf(tx, tenant);
        const old = await endSessions(tx, tenant, { person, label }, now());
        await appendEvents(
          tx,
          old.map((id) => event(tenant, 'session.closed', id, person, {})),
        );
        return { ended: old, opened: await opener.open(tx, tenant, { person, method: 'cli', key: null, label }) };
      });
      for (const id of ended) await follower.refresh({ tenant, kind: '-session', id });
      return (await opener.opened(opened)).token;
    },
  };
}
