// The data map for the control plane: counted flows joined with what was declared, and the record of processing made of both.

import type { DestinationView, ProfileView, RecordPorts } from '#control';
import { type DataClass, formatTime, isRefusal, type JsonObject, type OptOutUse, type PersonPrincipal, refuse, type TenantId } from '#core';
import {
  article30,
  type Destination,
  type Finding,
  type FlowRow,
  type LegalBasis,
  type PartyRole,
  type Profile,
  regionOf,
  type TransferBasis,
} from '#governance';
import { systemClock } from '../world.ts';
import { sealFor } from './change-records.ts';
import type { Rooms } from './rooms.ts';

export function recordPorts(rooms: Rooms): RecordPorts {
  const { flows, catalogue } = rooms;
  const by = (person: PersonPrincipal) => ({ tenant: person.tenant, actor: person.person, seal: sealFor(rooms, person) });
  const hostOf = (tenant: TenantId, name: string): string | null => {
    const integration = catalogue.integration(tenant, name);
    return integration === null ? null : new URL(integration.origin).host;
  };
  const viewOf = (tenant: TenantId, one: Destination): DestinationView => {
    const { declaredAtMs, ...rest } = one;
    return { ...rest, region: regionOf(one.country), holds: hostOf(tenant, one.name) === one.host, declaredAt: formatTime(declaredAtMs) };
  };
  const profileView = (profile: Profile): ProfileView => {
    const { home, controller, contact } = profile;
    return { home, region: home === null ? null : regionOf(home), controller, contact, enforced: home !== null };
  };

  return {
    records: {
      flows: async (tenant, { classes, destination }) => {
        const [rows, found] = [await flows.list(tenant), await flows.findings(tenant)];
        const isWanted = (one: { readonly destination: string; readonly dataClass: string }): boolean =>
          (classes === null || classes.includes(one.dataClass)) && (destination === null || one.destination === destination);
        const declared = new Map(flows.destinations(tenant).map((one) => [one.name, one]));
        return {
          profile: profileView(flows.profile(tenant)),
          flows: rows.filter(isWanted).map((row) => flowView(row, declared.get(row.destination), found)),
          findings: found.filter(isWanted).map(({ firstAtMs, ...one }) => ({ ...one, firstSeen: formatTime(firstAtMs) })),
        };
      },
      destinations: (tenant) => flows.destinations(tenant).map((one) => viewOf(tenant, one)),
      declare: async (person, input) => {
        const { tenant } = person;
        const host = hostOf(tenant, input.name);
        if (host === null)
          return refuse('CONTROL_NOT_FOUND', 'There is no integration of that name; a destination is one of your integrations.');
        const destination = {
          ...input,
          host,
          // Checked by the route against the room's own lists.
          role: input.role as PartyRole,
          legalBasis: input.legalBasis as LegalBasis,
          transferBasis: input.transferBasis as TransferBasis,
          classes: input.classes as readonly DataClass[],
          uses: input.uses as readonly OptOutUse[],
        };
        const refused = await flows.declare(by(person), destination);
        if (isRefusal(refused)) return refused;
        const stands = flows.destinations(tenant).find(({ name }) => name === input.name);
        return viewOf(tenant, stands ?? { ...destination, declaredAtMs: systemClock.now() });
      },
      withdraw: (person, name) => flows.withdraw(by(person), name),
      profile: (tenant) => profileView(flows.profile(tenant)),
      setProfile: async (person, profile) => {
        await flows.setProfile(by(person), profile);
        return profileView(flows.profile(person.tenant));
      },
      article30: async (tenant) => {
        const decisions = catalogue
          .list(tenant)
          .flatMap(({ name, manifest }) =>
            (manifest?.operations ?? []).flatMap((operation) =>
              operation.decision === undefined ? [] : [{ integration: name, operation: operation.name, decision: operation.decision }],
            ),
          );
        const record = article30(flows.profile(tenant), flows.destinations(tenant), await flows.list(tenant), decisions);
        const time = (ms: number | null): string | null => (ms === null ? null : formatTime(ms));
        return {
          generatedAt: formatTime(systemClock.now()),
          ...record,
          entries: record.entries.map(({ firstAtMs, lastAtMs, ...entry }) => ({
            ...entry,
            firstSeen: time(firstAtMs),
            lastSeen: time(lastAtMs),
          })),
        } as unknown as JsonObject;
      },
    },
  };
}

function flowView(row: FlowRow, declared: Destination | undefined, found: readonly Finding[]) {
  const { workflow, firstAtMs, lastAtMs, ...rest } = row;
  const finding =
    row.direction === 'in'
      ? undefined
      : found.find(
          (one) =>
            one.destination === row.destination &&
            one.region === row.region &&
            one.dataClass === row.dataClass &&
            one.kind !== 'transfer_refused',
        );
  return {
    ...rest,
    vendor: declared?.vendor ?? null,
    workflow: workflow === '' ? null : workflow,
    legalBasis: declared?.legalBasis ?? 'undeclared',
    transferBasis: declared?.transferBasis ?? 'undeclared',
    retentionDays: declared?.retentionDays ?? null,
    purpose: declared?.purpose ?? null,
    firstSeen: formatTime(firstAtMs),
    lastSeen: formatTime(lastAtMs),
    finding: finding?.kind ?? null,
  };
}
