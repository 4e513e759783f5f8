// Opens a session, whichever way somebody came in. The token is random, stored as a keyed hash and given out once.
// INVARIANT: a browser's session ends after twelve hours whatever happens in it, and belongs to the key it was opened with.

import {
  type Clock,
  makeEvent,
  newId,
  type PersonId,
  type Random,
  type SessionId,
  type SignInMethod,
  type TenantId,
  type Tx,
  type UnixMs,
} from '#core';
import { appendEvents } from '#storage';
import { deviceOf } from './bound-key.ts';
import type { Follower } from './follow.ts';
import { addSession } from './store/people.ts';
import { formatToken, type Hasher, newToken } from './tokens.ts';

export interface OpenedSession {
  readonly token: string;
  readonly expiresAtMs: UnixMs;
  readonly session: SessionId;
}

/** The browser that signs in: its public key as `boundKeyText` spells it, and what it calls itself in a few words. */
export interface Browser {
  readonly key: string | null;
  readonly label: string;
}

export interface SessionOpening extends Browser {
  readonly person: PersonId;
  readonly method: SignInMethod;
}

export interface SessionOpener {
  /** In the transaction that found out who it is. */
  open(tx: Tx, tenant: TenantId, opening: SessionOpening): Promise<OpenedSession & { readonly tenant: TenantId }>;
  /** After its commit: this process lets the session in. */
  opened(session: OpenedSession & { readonly tenant: TenantId }): Promise<OpenedSession>;
}

export const UNKNOWN_BROWSER: Browser = { key: null, label: '' };
export const SESSION_LIFETIME_MS = 12 * 60 * 60_000;
/** Replaced at each start of the server; a year covers one that is never restarted. */
const CLI_LIFETIME_MS = 366 * 24 * 60 * 60_000;
const MAX_LABEL_CHARS = 64;

export function createSessionOpener(deps: {
  readonly clock: Clock;
  readonly random: Random;
  readonly hasher: Hasher;
  readonly follower: Follower;
}): SessionOpener {
  const { clock, random, hasher, follower } = deps;
  return {
    async open(tx, tenant, { person, method, key, label }) {
      const id = newId('ses', clock, random);
      const token = newToken(random);
      const nowMs = clock.now();
      const expiresAt = new Date(nowMs + (method === 'cli' ? CLI_LIFETIME_MS : SESSION_LIFETIME_MS));
      const kind = method === 'cli' ? 'cli' : 'browser';
      const device = deviceOf(key);
      const row = { id, person, kind, method, label: label.slice(0, MAX_LABEL_CHARS), boundKey: key, device } as const;
      const times = { createdAt: new Date(nowMs), expiresAt, passkeyAt: method === 'passkey' ? new Date(nowMs) : null };
      await addSession(tx, tenant, { ...row, ...times, lookup: token.lookup, hash: hasher.hash('sps', token), pepper: hasher.pepperId });
      const facts = { kind, method, ...(device === null ? {} : { device }) };
      const told = { tenant, type: 'identity.session.opened', actor: `person:${person}`, subject: id, public: facts };
      await appendEvents(tx, [makeEvent({ clock, random }, told)]);
      return { tenant, session: id, token: formatToken('sps', token), expiresAtMs: expiresAt.getTime() };
    },
    async opened({ tenant, ...session }) {
      await follower.refresh({ tenant, kind: 'session', id: session.session });
      return session;
    },
  };
}
