// Delegations as both sides see them: what the role gives, who holds it and who used it last, under the names those people have at home.

import type { AgencyPorts, DelegationState, DelegationView } from '#control';
import { isRefusal, type PersonPrincipal, type Refusal, refuse, type TenantId } from '#core';
import { type DelegationRecord, delegatedActions } from '#identity';
import { systemClock } from '../world.ts';
import { sealFor } from './change-records.ts';
import type { Rooms } from './rooms.ts';

const DAY_MS = 24 * 60 * 60_000;

export function delegationPorts(rooms: Rooms): AgencyPorts['delegations'] {
  const { delegations, directory, visits } = rooms.agency;
  const by = (person: PersonPrincipal) => ({ actor: person.person, seal: sealFor(rooms, person) });
  const expiryOf = (days: number): number => systemClock.now() + days * DAY_MS;

  /** Names of the agency's people are the client's to know from the acceptance on. */
  const namesFor = async (rows: readonly DelegationRecord[]): Promise<(row: DelegationRecord, id: string) => string | null> => {
    const agencies = Map.groupBy(
      rows.filter(({ accepted_at }) => accepted_at !== null),
      ({ agency }) => agency,
    );
    const names = new Map<TenantId, ReadonlyMap<string, string>>();
    for (const [agency, held] of agencies) {
      const ids = [...new Set(held.flatMap(({ subject, used_by }) => (used_by === null ? [subject] : [subject, used_by])))];
      names.set(agency, await visits.namesAt(agency, ids));
    }
    return (row, id) => names.get(row.agency)?.get(id) ?? null;
  };
  const views = async (rows: readonly DelegationRecord[]): Promise<readonly DelegationView[]> => {
    const nameOf = await namesFor(rows);
    const nowMs = systemClock.now();
    const place = (id: TenantId) => ({ id, name: directory.tenant(id)?.name ?? id });
    return rows.map((row) => ({
      id: row.id,
      state: stateOf(row, nowMs),
      client: place(row.tenant),
      agency: place(row.agency),
      holder: { id: row.subject, kind: row.subject.startsWith('grp_') ? 'group' : 'person', name: nameOf(row, row.subject) },
      role: row.role,
      actions: [...delegatedActions(row.role)],
      scope: row.scope,
      reason: row.reason,
      offeredAt: row.offered_at.toISOString(),
      expiresAt: row.expires_at.toISOString(),
      acceptedAt: row.accepted_at?.toISOString() ?? null,
      endedAt: row.ended_at?.toISOString() ?? null,
      endedBy: row.ended_side,
      lastUsed:
        row.used_at === null || row.used_by === null
          ? null
          : { at: row.used_at.toISOString(), by: row.used_by, name: nameOf(row, row.used_by) },
    }));
  };
  const viewed = async (row: DelegationRecord | Refusal): Promise<DelegationView | Refusal> => {
    if (isRefusal(row)) return row;
    return (await views([row]))[0] as DelegationView;
  };
  const clientOf = (named: string): TenantId | null => directory.findTenant(named)?.tenant ?? null;
  const unknown = (): Refusal => refuse('CONTROL_NOT_FOUND', 'There is no delegation of that id.');

  return {
    given: async (person) => views(await delegations.listGiven(person.tenant)),
    offer: async (person, { agency, holder, role, scope, days, reason }) =>
      viewed(
        await delegations.offer({
          ...by(person),
          tenant: person.tenant,
          agency: agency as TenantId,
          subject: holder,
          role,
          scope,
          reason,
          expiresAtMs: expiryOf(days),
        }),
      ),
    narrow: async (person, id, { role, scope, days }) =>
      viewed(
        await delegations.narrow({
          ...by(person),
          tenant: person.tenant,
          id,
          role,
          scope,
          expiresAtMs: days === undefined ? undefined : expiryOf(days),
        }),
      ),
    end: async (person, id) => viewed(await delegations.end({ ...by(person), tenant: person.tenant, id })),
    held: async (person) => views(await delegations.listHeld(person.tenant)),
    accept: async (person, named, id) => {
      const client = clientOf(named);
      return client === null ? unknown() : viewed(await delegations.accept({ actor: person.person, agency: person.tenant, client, id }));
    },
    giveBack: async (person, named, id) => {
      const client = clientOf(named);
      return client === null ? unknown() : viewed(await delegations.giveBack({ actor: person.person, agency: person.tenant, client, id }));
    },
  };
}

function stateOf(row: DelegationRecord, nowMs: number): DelegationState {
  if (row.ended_at !== null) return 'ended';
  if (row.expires_at.getTime() <= nowMs) return 'expired';
  return row.accepted_at === null ? 'offered' : 'active';
}
