// Datasets and opt-outs for the control plane: names of people beside their ids, times as text, and what the asking person may do.

import type { DatasetPorts } from '#control';
import { formatTime, isRefusal, type JsonObject, may, type PersonPrincipal, rolesOf, type TenantId } from '#core';
import { type CheckDeps, checkOptOuts, type DatasetRecord, shownAs } from '#governance';
import { systemClock } from '../world.ts';
import { sealFor } from './change-records.ts';
import { optOutCheck } from './opt-out-check.ts';
import { namesOf } from './people-ports.ts';
import type { OpenRights } from './rights.ts';
import type { Rooms } from './rooms.ts';

type NameOf = (id: string) => string | null;

export function datasetPorts(rooms: Rooms, { index, rights }: Pick<OpenRights, 'index' | 'rights'>): DatasetPorts {
  const { datasets, optOuts } = rooms;
  /** What goes is compared with holds by the index. */
  const beforeDeleting = async (tenant: TenantId): Promise<void> => {
    if (await rights.holds.any(tenant)) await index.catchUp(tenant, { full: true });
  };
  const by = (person: PersonPrincipal) => ({ tenant: person.tenant, actor: person.person, seal: sealFor(rooms, person) });

  return {
    datasets: {
      list: async (tenant) => {
        const nameOf = await namesOf(rooms, tenant);
        return (await datasets.list(tenant)).map((one) => view(one, nameOf));
      },
      show: async (person, name) => {
        const shown = await datasets.show(person.tenant, name);
        if (isRefusal(shown)) return shown;
        const nameOf = await namesOf(rooms, person.tenant);
        const now = systemClock.now();
        return {
          ...view(shown.dataset, nameOf),
          versions: shown.versions.map(({ importedAtMs, importedBy, ...one }) => ({
            ...one,
            importedAt: formatTime(importedAtMs),
            importedBy: nameOf(importedBy) ?? importedBy,
          })),
          // Filters may name values of people: whoever manages the dataset reads them.
          grants: shown.grants.map(({ filter, ...grant }) => ({
            ...grant,
            toName: nameOf(grant.subject) ?? grant.subject,
            filtered: filter !== null,
            filter: may(person, 'datasets.manage') ? filter : null,
          })),
          raw: shown.windows.map(({ openedAtMs, expiresAtMs, endedAtMs, ...one }) => ({
            ...one,
            name: nameOf(one.person) ?? one.person,
            openedAt: formatTime(openedAtMs),
            expiresAt: formatTime(expiresAtMs),
            endedAt: endedAtMs === null ? null : formatTime(endedAtMs),
            open: endedAtMs === null && expiresAtMs > now,
            isMine: one.person === person.person,
          })),
        } as unknown as JsonObject;
      },
      import: async (person, input) => {
        await beforeDeleting(person.tenant);
        const done = await datasets.import(by(person), input);
        return isRefusal(done) ? done : view(done, await namesOf(rooms, person.tenant));
      },
      importing: async (tenant, name) =>
        (await datasets.importing(tenant, name)).map(({ phase, rows, bytes, sealed, startedAt }) => ({
          ...{ phase, rows, bytes, sealed },
          startedAt: formatTime(startedAt.getTime()),
        })),
      read: async (person, input) => {
        const reader = { person: person.person, roles: rolesOf(person), isManager: may(person, 'datasets.manage') };
        const page = await datasets.read(person.tenant, reader, input);
        if (isRefusal(page)) return page;
        const { expiresAtMs, ...rest } = page;
        return { ...rest, expiresAt: expiresAtMs === null ? null : formatTime(expiresAtMs) } as unknown as JsonObject;
      },
      openRaw: async (person, input) => {
        const window = await datasets.openRaw(by(person), input);
        if (isRefusal(window)) return window;
        const { openedAtMs, expiresAtMs, endedAtMs: _, ...rest } = window;
        return { ...rest, openedAt: formatTime(openedAtMs), expiresAt: formatTime(expiresAtMs) };
      },
      endRaw: (person, name) => datasets.endRaw(by(person), name),
      grant: async (person, name, grant) => (await datasets.grant(by(person), name, grant)) as unknown as JsonObject,
      ungrant: (person, name, id) => datasets.ungrant(by(person), name, id),
      remove: async (person, name) => {
        await beforeDeleting(person.tenant);
        return datasets.remove(by(person), name);
      },
    },
    optOuts: {
      counts: async (tenant) =>
        (await optOuts.counts(tenant)).map(({ lastAt, ...one }) => ({ ...one, lastAt: formatTime(lastAt.getTime()) })),
      set: (person, change) => optOuts.set(by(person), change),
      check: async (tenant, asked) =>
        (await checkOptOuts(
          { ...optOutCheck(rooms), places: index.places as CheckDeps['places'] },
          tenant,
          asked,
        )) as unknown as JsonObject,
    },
  };
}

function view(one: DatasetRecord, nameOf: NameOf): JsonObject {
  const { importedAtMs, importedBy, rowsVersion: _, ...rest } = one;
  return {
    ...rest,
    columns: one.columns.map((column) => ({ ...column, shown: shownAs(column) })),
    importedAt: formatTime(importedAtMs),
    importedBy: nameOf(importedBy) ?? importedBy,
  } as unknown as JsonObject;
}
