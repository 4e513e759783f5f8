// One inbox and one board over the tenants somebody may enter. Each tenant is entered like any visit and read by its own ports, within its
// own walls. INVARIANTS: a tenant that can not be read now hides none of the others, and what one may not see there is not counted; narrowed
// access, and what the tenant asks of everybody's, hold here as in its own lists.

import { tallyWaiting } from '#approvals';
import type { LedgerHealth } from '#audit';
import type { AgencyPorts, AuthorizePorts, ControlPorts, FleetHealthEntry, FleetInboxEntry, FleetPage, FleetQuery } from '#control';
import { type Action, formatTime, isRefusal, maySomewhere, type PersonPrincipal, rolesOf, type TenantId } from '#core';
import { tallyRuns } from '#workflows';
import { systemClock } from '../world.ts';
import { codeOf, type Rooms } from './rooms.ts';

/** Of one tenant, oldest first; the rest is told as more. */
const MAX_WAITING = 20;
/** Looked through where access is narrowed. */
const MAX_LISTED = 200;
/** Tenants read at the same time: each takes a connection or two. */
const AT_ONCE = 4;
const DAY_MS = 24 * 60 * 60_000;
const SOON_MS = 14 * DAY_MS;

interface Place {
  readonly id: TenantId;
  readonly name: string;
  /** Who one is there. */
  readonly person: PersonPrincipal;
}

export interface FleetParts {
  readonly approvals: ControlPorts['approvals'];
  readonly health: Pick<LedgerHealth, 'report'>;
  readonly authorizer: AuthorizePorts;
}

export function fleetPorts(rooms: Rooms, { approvals, health, authorizer }: FleetParts): AgencyPorts['fleet'] {
  const { directory, visits } = rooms.agency;
  const { database } = rooms.guard;

  /** One's own first, then by name. */
  const placesOf = (person: PersonPrincipal): readonly Place[] => {
    const own = { id: person.home, name: directory.tenant(person.home)?.name ?? person.home, person };
    const others = visits.clientsOf(person).flatMap(({ tenant, name }) => {
      const there = visits.enter(person, tenant);
      return isRefusal(there) ? [] : [{ id: tenant, name, person: there }];
    });
    return [own, ...others];
  };
  const untilOf = ({ person, id }: Place): number | null => {
    if (person.home === id) return null;
    const ends = person.grants.map(({ expiresAtMs }) => expiresAtMs ?? 0);
    return ends.length === 0 ? null : Math.max(...ends);
  };

  /** A page of the tenants, each answered for itself. */
  async function page<Entry>(
    person: PersonPrincipal,
    { after, limit }: FleetQuery,
    read: (place: Place) => Promise<Entry>,
    failed: (place: Place, code: string) => Entry,
  ): Promise<FleetPage<Entry>> {
    const all = placesOf(person);
    const from = after === null ? 0 : all.findIndex(({ name }) => name === after) + 1;
    // The tenant the last page ended with may have ended the access since.
    const start = after !== null && from === 0 ? all.findIndex(({ name }, at) => at > 0 && name > after) : from;
    const places = start === -1 ? [] : all.slice(start, start + limit);
    const answer = async (place: Place): Promise<Entry> => {
      try {
        if (place.person.home !== place.id) await visits.note(place.person, 'look');
        return await read(place);
      } catch (fault) {
        return failed(place, codeOf(fault));
      }
    };
    const tenants: Entry[] = [];
    for (let at = 0; at < places.length; at += AT_ONCE) tenants.push(...(await Promise.all(places.slice(at, at + AT_ONCE).map(answer))));
    const isLast = start === -1 || start + limit >= all.length;
    return { tenants, next: isLast ? null : (places.at(-1)?.name ?? null), total: all.length };
  }

  async function inboxOf(place: Place): Promise<FleetInboxEntry> {
    const { id, name, person } = place;
    const empty = { id, name, fault: null, waiting: [], more: false };
    if (!maySomewhere(person, 'approvals.view')) return empty;
    const refused = authorizer.authorize(person, 'approvals.view', 'something');
    if (refused !== null) return { ...empty, fault: refused.code };
    const sees = authorizer.sees(person, 'approvals.view');
    // What narrowed access does not cover is left out, as in the tenant's own list, and only then cut.
    const all = await approvals.list(person, 'pending', sees({}) ? MAX_WAITING + 1 : MAX_LISTED);
    const waiting = all.filter(({ integration, workflow }) => sees({ integration, ...(workflow === null ? {} : { workflow }) }));
    return { ...empty, waiting: waiting.slice(0, MAX_WAITING), more: waiting.length > MAX_WAITING };
  }

  async function healthOf(place: Place): Promise<FleetHealthEntry> {
    const { id, name, person } = place;
    const nowMs = systemClock.now();
    const sees = (action: Action): boolean => authorizer.authorize(person, action, {}) === null;
    const counted = await database.inTenant(id, async (tx) => ({
      runs: sees('runs.view') ? await tallyRuns(tx, id, nowMs - DAY_MS) : null,
      waiting: sees('approvals.view') ? await tallyWaiting(tx, id, nowMs) : null,
      unresolved: sees('effects.view') ? (await rooms.effects.listUnresolved(tx, id)).length : null,
    }));
    const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);
    const isExpiring = ({ revokedAt, expiresAt }: { revokedAt: Date | null; expiresAt: Date }): boolean =>
      revokedAt === null && expiresAt.getTime() > nowMs && expiresAt.getTime() < nowMs + SOON_MS;
    const until = untilOf(place);
    return {
      id,
      name,
      fault: null,
      ledger: sees('ledger.view') ? (await health.report(id)).state : null,
      runs:
        counted.runs === null
          ? null
          : { begun: sum(counted.runs.map(({ runs }) => runs)), failed: sum(counted.runs.map(({ failed }) => failed)) },
      waiting: counted.waiting === null ? null : sum(counted.waiting.map(({ waiting }) => waiting)),
      unresolved: counted.unresolved,
      keysExpiring: sees('keys.view') ? (await rooms.identity.listKeys(id)).filter(isExpiring).length : null,
      accessUntil: until === null ? null : formatTime(until),
    };
  }

  return {
    tenants: (person) =>
      placesOf(person).map((place) => {
        const until = untilOf(place);
        const { id, name } = place;
        return { id, name, home: id === person.home, roles: rolesOf(place.person), until: until === null ? null : formatTime(until) };
      }),
    inbox: (person, query) => page(person, query, inboxOf, ({ id, name }, fault) => ({ id, name, fault, waiting: [], more: false })),
    health: (person, query) =>
      page(person, query, healthOf, ({ id, name }, fault) => ({
        id,
        name,
        fault,
        ledger: null,
        runs: null,
        waiting: null,
        unresolved: null,
        keysExpiring: null,
        accessUntil: null,
      })),
  };
}
