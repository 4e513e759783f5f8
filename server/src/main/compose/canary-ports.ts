// Planted values for the control plane: names of people beside ids, times as text, and what to do with what was just planted.

import type { CanaryPorts, CanaryView, SelfScanView } from '#control';
import { formatTime, isRefusal, type PersonPrincipal, refuse, type TenantId } from '#core';
import { type CanaryView as Held, MAX_PLANTED, type PlantedAt, type SelfScanRow } from '#governance';
import { sealFor } from './change-records.ts';
import type { LeakSearch } from './leak-search.ts';
import { namesOf } from './people-ports.ts';
import type { Rooms } from './rooms.ts';

export function canaryPorts(rooms: Rooms, leakSearch: Pick<LeakSearch, 'last'>): CanaryPorts {
  const { canaries } = rooms.canaries;
  const by = (person: PersonPrincipal) => ({ tenant: person.tenant, actor: person.person, seal: sealFor(rooms, person) });
  const placed = async (tenant: TenantId): Promise<ReadonlyMap<string, string>> =>
    new Map((await canaries.list(tenant)).map(({ id, place }) => [id, `${place.kind}:${place.name}`]));

  return {
    canaries: {
      list: async (tenant) => {
        const nameOf = await namesOf(rooms, tenant);
        const last = await leakSearch.last();
        return {
          canaries: (await canaries.list(tenant)).map((one) => viewOf(one, nameOf)),
          most: MAX_PLANTED,
          isLost: canaries.isLost(tenant),
          scan: last === null ? null : scanOf(last, tenant === rooms.tenant),
        };
      },
      show: async (tenant, id) => {
        const shown = await canaries.show(tenant, id);
        return isRefusal(shown) ? shown : viewOf(shown, await namesOf(rooms, tenant));
      },
      plant: async (person, asked) => {
        const { place } = asked;
        if (place.kind === 'integration' && rooms.catalogue.integration(person.tenant, place.name) === null)
          return refuse('CONTROL_NOT_FOUND', 'There is no integration of that name.');
        const planted = await canaries.plant(by(person), asked);
        if (isRefusal(planted)) return planted;
        const shown = await canaries.show(person.tenant, planted.canary.id);
        if (isRefusal(shown)) return shown;
        return { canary: viewOf(shown, await namesOf(rooms, person.tenant)), values: planted.values, todo: todoOf(place) };
      },
      knownAt: (person, id, integrations) => canaries.knownAt(by(person), id, integrations),
      retire: (person, id) => canaries.retire(by(person), id),
      close: async (person, id, reason) => {
        const closed = await canaries.close(by(person), id, reason);
        return isRefusal(closed) ? closed : { closed };
      },
      check: async ({ tenant }, text, note) => {
        const places = await placed(tenant);
        const found = await canaries.check(tenant, text, { note });
        return { found: found.map(({ canary, value }) => ({ canary, value, place: places.get(canary) ?? '' })) };
      },
    },
  };
}

type NameOf = (id: string) => string | null;

function viewOf(one: Held, nameOf: NameOf): CanaryView {
  const isOpen = one.findings.some(({ closedAtMs }) => closedAtMs === null);
  const isSeen = one.protectedTimes > 0 || one.sightings.some(({ what }) => what === 'clear');
  const living = isOpen ? 'found' : one.isStale ? 'stale' : isSeen ? 'protected' : 'waiting';
  return {
    ...{ id: one.id, kind: one.kind, place: one.place, knownAt: one.knownAt, onLeak: one.onLeak, staleDays: one.staleDays },
    plantedAt: formatTime(one.plantedAtMs),
    plantedBy: nameOf(one.plantedBy) ?? one.plantedBy,
    retiredAt: one.retiredAtMs === null ? null : formatTime(one.retiredAtMs),
    state: one.retiredAtMs === null ? living : 'retired',
    lastProtectedAt: one.lastProtectedAtMs === null ? null : formatTime(one.lastProtectedAtMs),
    protectedTimes: one.protectedTimes,
    seen: one.sightings.map(({ what, at, count, lastAtMs }) => ({ what, at, count, lastAt: formatTime(lastAtMs) })),
    findings: one.findings.map(({ canary: _, at, firstAtMs, lastAtMs, closedAtMs, ...finding }) => ({
      ...finding,
      at: at === '' ? null : at,
      firstAt: formatTime(firstAtMs),
      lastAt: formatTime(lastAtMs),
      closedAt: closedAtMs === null ? null : formatTime(closedAtMs),
    })),
  };
}

function scanOf({ startedAt, finishedAt, ok, report }: SelfScanRow, isOperator: boolean): SelfScanView {
  const stored = report as unknown as {
    credentials: number;
    planted: number;
    bytes: number;
    places: { place: string; value: string; form: string }[];
    notRead: string[];
  };
  const seconds = Math.round((finishedAt.getTime() - startedAt.getTime()) / 1000);
  const { credentials, planted, bytes, places, notRead } = stored;
  return {
    at: formatTime(finishedAt.getTime()),
    ok,
    details: isOperator ? { credentials, planted, bytes, found: places, notRead, seconds } : null,
  };
}

/** What whoever plants does next. */
function todoOf({ kind, name }: PlantedAt): readonly string[] {
  const put: Readonly<Record<PlantedAt['kind'], string>> = {
    integration: `Make a customer, or write a ticket, in ${name} with these values, as a real one would look.`,
    workflow: `Write the values into an input or a prompt of the workflow ${name}.`,
    dataset: `Add a row with these values to the file of the dataset ${name}, and import it.`,
    other: `Put the values into ${name}: a spreadsheet, a document, a mailbox.`,
  };
  return [
    put[kind],
    'Keep the values nowhere else: where one turns up tells where it was taken.',
    'Then let the program that reads this place run once: from then on it should say that they were seen protected.',
  ];
}
