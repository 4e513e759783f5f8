// People for the control plane, and what decisions need to know of them.

import type { ControlPorts, InvitationView } from '#control';
import { formatTime, isRefusal, type Refusal, type TenantId } from '#core';
import type { Invitation } from '#identity';
import type { Rooms } from './rooms.ts';

export function peoplePorts({ identity }: Rooms): ControlPorts['people'] {
  return {
    list: async (tenant) =>
      (await identity.listPeople(tenant))
        .filter((person) => person.removedAt === null)
        .map(({ id, name, role, addedAt, signedInAt }) => ({
          id,
          name,
          role,
          addedAt: addedAt.toISOString(),
          signedInAt: signedInAt?.toISOString() ?? null,
        })),
    add: async ({ tenant, person }, name) => view(await identity.addPerson({ tenant, name, actor: person })),
    invite: async ({ tenant, person }, invited) => view(await identity.invitePerson({ tenant, person: invited, actor: person })),
    remove: ({ tenant, person }, removed) => identity.removePerson({ tenant, person: removed, actor: person }),
  };
}

function view(invitation: Invitation | Refusal): InvitationView | Refusal {
  if (isRefusal(invitation)) return invitation;
  const { expiresAtMs, ...person } = invitation;
  return { ...person, expiresAt: formatTime(expiresAtMs) };
}

/** What people are called, also those who were removed since. */
export async function namesOf({ identity }: Rooms, tenant: TenantId): Promise<(person: string) => string> {
  const known = new Map((await identity.listPeople(tenant)).map((one) => [one.id as string, one]));
  return (person) => {
    const one = known.get(person);
    if (one === undefined) return 'Somebody';
    return one.name ?? (one.role === 'owner' ? 'Owner' : 'Approver');
  };
}
