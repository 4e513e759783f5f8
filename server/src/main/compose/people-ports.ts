// People for the control plane, and what decisions need to know of them.

import type { ControlPorts, InvitationView } from '#control';
import { formatTime, isRefusal, mainRole, type PersonPrincipal, type Refusal, type TenantId } from '#core';
import type { Invitation } from '#identity';
import { sealFor } from './change-records.ts';
import type { Rooms } from './rooms.ts';

export function peoplePorts(rooms: Rooms): ControlPorts['people'] {
  const { identity, federated } = rooms;
  const by = (person: PersonPrincipal) => ({ tenant: person.tenant, actor: person.person, seal: sealFor(rooms, person) });
  return {
    list: async (tenant) => {
      const names = await federated.namesOf(tenant);
      return (await identity.listPeople(tenant))
        .filter((person) => person.removedAt === null)
        .map(({ id, name, roles, addedAt, signedInAt, hasPasskey }) => ({
          id,
          name: name ?? names.get(id) ?? null,
          role: mainRole(roles),
          roles,
          addedAt: addedAt.toISOString(),
          signedInAt: signedInAt?.toISOString() ?? null,
          hasPasskey,
        }));
    },
    add: async (owner, person) => view(await identity.addPerson({ ...by(owner), ...person })),
    invite: async (owner, person) => view(await identity.invitePerson({ ...by(owner), person })),
    remove: (owner, person) => identity.removePerson({ ...by(owner), person }),
  };
}

function view(invitation: Invitation | Refusal): InvitationView | Refusal {
  if (isRefusal(invitation)) return invitation;
  const { expiresAtMs, ...person } = invitation;
  return { ...person, role: mainRole(person.roles), expiresAt: formatTime(expiresAtMs) };
}

/** What people are called, also those who were removed since. */
export async function namesOf({ identity, agency, federated }: Rooms, tenant: TenantId): Promise<(person: string) => string> {
  const known = new Map((await identity.listPeople(tenant)).map((one) => [one.id as string, one]));
  const told = await federated.namesOf(tenant);
  const staff = await agency.visits.staffNames(tenant);
  return (person) => {
    const one = known.get(person);
    if (one === undefined) return staff.get(person) ?? 'Somebody';
    return one.name ?? told.get(one.id) ?? (one.isFirst ? 'Owner' : 'Somebody');
  };
}
