// Opens a session, whichever way somebody came in. The token is random, stored as a keyed hash and given out once.
// INVARIANT: a browser's session ends after twelve hours whatever happens in it, and belongs to the key it was opened with.

import {
  type Clock,
  type JsonObject,
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
import type { Follower } from '../follow.ts';
import { addSession, endSessions } from '../store/people.ts';
import { formatToken, type Hasher, newToken } from '../workloads/tokens.ts';
import { deviceOf } from './bound-key.ts';

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

export interface JustOpened extends OpenedSession {
  readonly tenant: TenantId;
  /** Earlier ones of the same person in the same browser, whose cookie this one's takes the place of. */
  readonly ended: readonly SessionId[];
}

export interface SessionOpener {
  /** In the transaction that found out who it is. */
  open(tx: Tx, tenant: TenantId, opening: SessionOpening): Promise<JustOpened>;
  /** After its commit: this process lets the session in. */
  opened(session: JustOpened): Promise<OpenedSession>;
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
      const ended = key === null ? [] : await endSessions(tx, tenant, { person, boundKey: key }, new Date(nowMs));
      const row = { id, person, kind, method, label: label.slice(0, MAX_LABEL_CHARS), boundKey: key, device } as const;
      const times = { createdAt: new Date(nowMs), expiresAt, passkeyAt: method === 'passkey' ? new Date(nowMs) : null };
      await addSession(tx, tenant, { ...row, ...times, lookup: token.lookup, hash: hasher.hash('sps', token), pepper: hasher.pepperId });
      const facts = { kind, method, ...(device === null ? {} : { device }) };
      const event = (type: string, subject: SessionId, of: JsonObject) =>
        makeEvent({ clock, random }, { tenant, type: `identity.session.${type}`, actor: `person:${person}`, subject, public: of });
      await appendEvents(tx, [...ended.map((one) => event('closed', one, {})), event('opened', id, facts)]);
      return { tenant, ended, session: id, token: formatToken('sps', token), expiresAtMs: expiresAt.getTime() };
    },
    async opened({ tenant, ended, ...session }) {
      for (const id of ended) await follower.refresh({ tenant, kind: '-session', id });
      await follower.refresh({ tenant, kind: 'session', id: session.session });
      return session;
    },
  };
}
