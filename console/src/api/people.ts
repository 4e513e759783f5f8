// People of this installation and where they are signed in, as the control plane tells it.

import { queryOptions } from '@tanstack/react-query';
import type { Conflict, GrantView, GroupView, ScopeOf } from './access.ts';
import { api, queryOf } from './client.ts';

export interface Person {
  readonly id: string;
  /** The owner of a new installation has none. */
  readonly name: string | null;
  readonly roles: readonly string[];
  readonly groups?: readonly { readonly id: string; readonly name: string }[];
  readonly addedAt: string;
  readonly signedInAt: string | null;
  readonly hasPasskey?: boolean;
  /** Open now. */
  readonly sessions?: number;
  readonly conflicts?: readonly Conflict[];
  /** When the last of their grants ends; `null` when one has no end. */
  readonly endsAt?: string | null;
}

export interface Invitation {
  readonly id: string;
  readonly name: string;
  readonly link: string;
  readonly expiresAt: string;
}

export interface SessionView {
  readonly id: string;
  readonly person: string;
  readonly kind: string;
  /** What the browser or the terminal calls itself. */
  readonly label: string;
  readonly method: string;
  /** Whether a copied cookie opens nothing. */
  readonly isBound: boolean;
  readonly openedAt: string;
  readonly seenAt: string | null;
  readonly expiresAt: string;
  readonly isThis: boolean;
}

export interface PeopleSearch {
  readonly q?: string;
  readonly role?: string;
  readonly show?: string;
}

export interface PersonSearch {
  readonly tab?: string;
  /** What is tried: an action, and what it is done to. */
  readonly action?: string;
  readonly kind?: string;
  readonly name?: string;
}

/** What other lists know of people: their groups, conflicts, open sessions, and when their access ends. */
export interface PeopleFacts {
  readonly groups: readonly GroupView[];
  readonly conflicts: readonly { readonly person: string; readonly conflicts: readonly Conflict[] }[];
  readonly sessions: readonly { readonly person: string }[] | null;
  readonly grants: readonly GrantView[];
}

export function withFacts(person: Person, { groups, conflicts, sessions, grants }: PeopleFacts): Person {
  const mine = groups.filter(({ members }) => members.includes(person.id));
  const subjects = new Set([person.id, ...mine.map(({ id }) => id)]);
  const ends = grants.filter(({ subject }) => subjects.has(subject)).map(({ expiresAt }) => expiresAt);
  const last = ends.includes(null)
    ? null
    : (ends
        .filter((at) => at !== null)
        .toSorted()
        .at(-1) ?? null);
  return {
    ...person,
    groups: mine.map(({ id, name }) => ({ id, name })),
    conflicts: conflicts.find((one) => one.person === person.id)?.conflicts ?? [],
    endsAt: last,
    ...(sessions === null ? {} : { sessions: sessions.filter((one) => one.person === person.id).length }),
  };
}

/** After this long without a sign-in somebody's access is looked at. */
export const STALE_DAYS = 30;
const DAY_MS = 86_400_000;

export function isStale({ signedInAt, addedAt, sessions }: Person, now: number): boolean {
  return (sessions ?? 0) === 0 && now - Date.parse(signedInAt ?? addedAt) > STALE_DAYS * DAY_MS;
}

export const sessionsQuery = (person: string) =>
  queryOptions({
    queryKey: ['sessions', person],
    queryFn: () => api<{ sessions: readonly SessionView[] }>('GET', `/api/sessions${queryOf({ of: person })}`),
    refetchInterval: 10_000,
    retry: false,
  });

export interface PasskeyOf {
  readonly id: string;
  readonly name: string;
  readonly createdAt: string;
  readonly usedAt: string | null;
}

export const passkeysOfQuery = (person: string) =>
  queryOptions({
    queryKey: ['passkeys', person],
    queryFn: () => api<{ passkeys: readonly PasskeyOf[] }>('GET', `/api/people/${encodeURIComponent(person)}/passkeys`),
  });

export const removePasskeyOf = (person: string, passkey: string): Promise<unknown> =>
  api('DELETE', `/api/people/${encodeURIComponent(person)}/passkeys/${encodeURIComponent(passkey)}`);

export const allSessionsQuery = queryOptions({
  queryKey: ['sessions'],
  queryFn: () => api<{ sessions: readonly SessionView[] }>('GET', '/api/sessions?of=everybody'),
  refetchInterval: 15_000,
});

export interface NewPerson {
  readonly name: string;
  readonly roles: readonly string[];
  readonly scope?: ScopeOf;
  readonly expiresAt?: string;
}

export const invitePerson = (person: NewPerson): Promise<Invitation> => api('POST', '/api/people', person);
export const newLink = (person: string): Promise<Invitation> => api('POST', `/api/people/${encodeURIComponent(person)}/link`);
export const removePerson = (person: string, reason: string): Promise<unknown> =>
  api('DELETE', `/api/people/${encodeURIComponent(person)}`, undefined, reason);
export const endSession = (session: string): Promise<unknown> => api('DELETE', `/api/sessions/${encodeURIComponent(session)}`);
