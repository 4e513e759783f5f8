// Workloads and keys for the control plane.

import type { ControlPorts } from '#control';
import { formatTime } from '#core';
import { systemClock } from '../world.ts';
import { sealFor } from './change-records.ts';
import type { Rooms } from './rooms.ts';
import { underOf } from './visitor.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

export function accessPorts(rooms: Rooms): Pick<ControlPorts, 'workloads' | 'keys'> {
  const { identity } = rooms;
  return {
    workloads: {
      create: async (person, input) => {
        const { name, workflow, integrations, publicKey } = input;
        const id = await identity.createWorkload({
          tenant: person.tenant,
          name,
          workflow,
          integrations,
          publicKeyJwk: publicKey,
          actor: person.person,
          seal: sealFor(rooms, person),
        });
        return { id };
      },
      list: async (tenant) => {
        const nowMs = systemClock.now();
        const keys = (await identity.listKeys(tenant)).filter((key) => key.revokedAt === null && key.expiresAt.getTime() > nowMs);
        const clients = (await identity.oauth.listClients(tenant)).filter(({ endedAt }) => endedAt === null);
        return (await identity.listWorkloads(tenant)).map((workload) => ({
          id: workload.id,
          name: workload.name,
          integrations: workload.integrations,
          bound: workload.publicKey !== null,
          keys: keys.filter((key) => key.workload === workload.id).length,
          clients: clients.filter((client) => client.workload === workload.id).map(({ id, name, kind }) => ({ id, name, kind })),
        }));
      },
    },
    keys: {
      create: async (person, input) => {
        const expiresAtMs = systemClock.now() + input.expiresInDays * DAY_MS;
        const seal = sealFor(rooms, person);
        const by = { tenant: person.tenant, actor: person.person, seal, ...underOf(person, 'keys.manage') };
        const made = await identity.createKey({ workload: input.workload, expiresAtMs, isShown: true, ...by });
        return { id: made.id, key: made.key, expiresAt: formatTime(made.expiresAtMs) };
      },
      list: async (tenant) =>
        (await identity.listKeys(tenant)).map((key) => ({
          id: key.id,
          workload: key.workload,
          expiresAt: key.expiresAt.toISOString(),
          revokedAt: key.revokedAt?.toISOString() ?? null,
        })),
      revoke: (person, id) => identity.revokeKey({ tenant: person.tenant, key: id, actor: person.person, seal: sealFor(rooms, person) }),
    },
  };
}
