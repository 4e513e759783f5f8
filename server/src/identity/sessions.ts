// How people come in: one-time links, browser sessions, the credential of the local command line.
// INVARIANT: a link opens one session at most, whoever tries it at the same time; links and tokens are stored as keyed hashes only.

import {
  type Clock,
  makeEvent,
  type NewEvent,
  newId,
  type PersonId,
  type PersonPrincipal,
  type Random,
  type Refusal,
  type SealChange,
  type SessionId,
  type TenantId,
  type Tx,
  type UnixMs,
} from '#core';
import { appendEvents, type Database } from '#storage';
import { identityFault, refusal } from './errors.ts';
import type { Follower } from './follow.ts';
import { addSession, endSessions, findLink, findOwner, holdPerson, replaceLinks, useLink } from './store/people.ts';
import { formatToken, type Hasher, NO_HASH, NO_TOKEN, newToken, parseToken, sameHash } from './tokens.ts';

export interface OpenedSession {
  readonly token: string;
  readonly expiresAtMs: UnixMs;
}

export interface Sessions {
  /** A secret that signs the tenant's owner in once, within 15 minutes. Makes earlier unused ones void. */
  ownerLink(tenant: TenantId, seal?: SealChange): Promise<string>;
  redeem(secret: string): Promise<OpenedSession | Refusal>;
  /** Ends this session in every process. */
  signOut(person: PersonPrincipal): Promise<void>;
  /** Ends every session of the person. */
  signOutEverywhere(person: PersonPrincipal): Promise<number>;
  /** The token of the local command line, as the owner. Ends the earlier one of the same label. */
  createCliCredential(tenant: TenantId, label: string): Promise<string>;
}

export interface SessionsDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly random: Random;
  readonly hasher: Hasher;
  readonly follower: Follower;
}

const LINK_LIFETIME_MS = 15 * 60_000;
const SESSION_LIFETIME_MS = 12 * 60 * 60_000;
/** Replaced at each start of the server; a year covers one that is never restarted. */
const CLI_LIFETIME_MS = 366 * 24 * 60 * 60_000;
const LABEL = /^[a-z0-9][a-z0-9._-]{0,63}$/;

interface Opening {
  readonly person: PersonId;
  readonly kind: 'browser' | 'cli';
  readonly label: string;
  readonly lifetimeMs: number;
}

export function createSessions({ db, clock, random, hasher, follower }: SessionsDeps): Sessions {
  const now = (): Date => new Date(clock.now());
  const event = (tenant: TenantId, type: string, subject: string, person: PersonId, facts: NewEvent['public']): NewEvent =>
    makeEvent({ clock, random }, { tenant, type: `identity.${type}`, actor: `person:${person}`, subject, public: facts });

  async function open(tx: Tx, tenant: TenantId, { person, kind, label, lifetimeMs }: Opening): Promise<OpenedSession & { id: SessionId }> {
    const id = newId('ses', clock, random);
    const token = newToken(random);
    const expiresAt = new Date(clock.now() + lifetimeMs);
    const hash = hasher.hash('sps', token);
    await addSession(tx, tenant, {
      id,
      person,
      kind,
      label,
      lookup: token.lookup,
      hash,
      pepper: hasher.pepperId,
      createdAt: now(),
      expiresAt,
    });
    await appendEvents(tx, [event(tenant, 'session.opened', id, person, { kind })]);
    return { id, token: formatToken('sps', token), expiresAtMs: expiresAt.getTime() };
  }

  async function end(tenant: TenantId, person: PersonId, which: Parameters<typeof endSessions>[2]): Promise<number> {
    const ended = await db.inTenant(tenant, async (tx) => {
      const ids = await endSessions(tx, tenant, which, now());
      await appendEvents(
        tx,
        ids.map((id) => event(tenant, 'session.closed', id, person, {})),
      );
      return ids;
    });
    for (const id of ended) await follower.refresh({ tenant, kind: '-session', id });
    return ended.length;
  }

  async function ownerOf(tx: Tx, tenant: TenantId): Promise<PersonId> {
    const owner = await findOwner(tx, tenant);
    if (owner === null) throw identityFault('IDENTITY_INPUT_INVALID', 'the tenant has no owner');
    return owner;
  }

  return {
    async ownerLink(tenant, seal) {
      const token = newToken(random);
      await db.inTenant(tenant, async (tx) => {
        const person = await ownerOf(tx, tenant);
        const expiresAt = new Date(clock.now() + LINK_LIFETIME_MS);
        await replaceLinks(tx, tenant, {
          lookup: token.lookup,
          hash: hasher.hash('spl', token),
          pepper: hasher.pepperId,
          person,
          expiresAt,
        });
        const facts = { expiresAt: expiresAt.toISOString() };
        const sealed = (await seal?.(tx, { before: null, after: { person, role: 'owner', ...facts } })) ?? null;
        await appendEvents(tx, [{ ...event(tenant, 'link.created', person, person, facts), sealed }]);
      });
      return formatToken('spl', token);
    },

    async redeem(secret) {
      const token = parseToken('spl', secret);
      const link = token === null ? null : await findLink(db, token.lookup);
      const isRight = sameHash(link?.hash ?? NO_HASH, hasher.hash('spl', token ?? NO_TOKEN));
      if (token === null || link === null || !isRight) return refusal('IDENTITY_LINK_INVALID');
      const { tenant } = link;
      const opened = await db.inTenant(tenant, async (tx) => {
        const person = await useLink(tx, tenant, token.lookup, now());
        if (person === null || (await holdPerson(tx, tenant, person)) === null) return null;
        return open(tx, tenant, { person, kind: 'browser', label: '', lifetimeMs: SESSION_LIFETIME_MS });
      });
      if (opened === null) return refusal('IDENTITY_LINK_INVALID');
      await follower.refresh({ tenant, kind: 'session', id: opened.id });
      return { token: opened.token, expiresAtMs: opened.expiresAtMs };
    },

    signOut: async ({ tenant, person, session }) => {
      await end(tenant, person, { id: session });
    },

    signOutEverywhere: ({ tenant, person }) => end(tenant, person, { person }),

    async createCliCredential(tenant, label) {
      if (!LABEL.test(label)) throw identityFault('IDENTITY_INPUT_INVALID', 'label');
      const { opened, ended } = await db.inTenant(tenant, async (tx) => {
        const person = await ownerOf(tx, tenant);
        const old = await endSessions(tx, tenant, { person, label }, now());
        await appendEvents(
          tx,
          old.map((id) => event(tenant, 'session.closed', id, person, {})),
        );
        return { ended: old, opened: await open(tx, tenant, { person, kind: 'cli', label, lifetimeMs: CLI_LIFETIME_MS }) };
      });
      for (const id of ended) await follower.refresh({ tenant, kind: '-session', id });
      await follower.refresh({ tenant, kind: 'session', id: opened.id });
      return opened.token;
    },
  };
}
