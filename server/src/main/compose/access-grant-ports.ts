// Roles, grants, groups, emergency access and the questions about them, for the control plane.

import type { AccessGrantPorts, BreakGlassView, ConflictView, GrantView } from '#control';
import {
  type Action,
  actionsOf,
  BUILT_IN_ROLES,
  CONFLICTS,
  CONTROL_ACTIONS,
  type Conflict,
  conflictsIn,
  endorse,
  factsOf,
  formatTime,
  type Grant,
  isOwner,
  isRefusal,
  may,
  type PersonId,
  type PersonPrincipal,
  ROLES,
  type SessionId,
  type TenantId,
} from '#core';
import { conflictsAmong } from '#identity';
import { systemClock } from '../world.ts';
import type { createAuthorizer } from './authorize-ports.ts';
import { sealFor } from './change-records.ts';
import type { Rooms } from './rooms.ts';

type Identity = Rooms['identity'];
type Agree = Parameters<Identity['approveBreakGlass']>[0]['agree'];
type GrantRecord = Awaited<ReturnType<Identity['listGrants']>>[number];
type BreakGlassRow = Awaited<ReturnType<Identity['listBreakGlass']>>[number];

export function accessGrantPorts(rooms: Rooms, authorizer: Pick<ReturnType<typeof createAuthorizer>, 'explain'>): AccessGrantPorts {
  const { identity } = rooms;
  const by = (person: PersonPrincipal) => ({ tenant: person.tenant, actor: person.person, seal: sealFor(rooms, person) });
  const peopleOf = async (tenant: TenantId) => (await identity.listPeople(tenant)).filter(({ removedAt }) => removedAt === null);

  /** Somebody as if they asked themselves, with no session: what only a session has is not known of them. */
  async function somebody(tenant: TenantId, person: PersonId): Promise<PersonPrincipal | null> {
    if (!(await peopleOf(tenant)).some(({ id }) => id === person)) return null;
    const grants = await identity.effectiveGrants(tenant, person);
    const proof = { method: 'link', openedAtMs: 0, passkeyAtMs: null } as const;
    return { kind: 'person', tenant, person, session: '' as SessionId, grants, proof, home: tenant, device: null, risk: 'none' };
  }

  /** Who could give it: people who may give access, owners first. */
  async function whoGives(tenant: TenantId): Promise<readonly string[]> {
    const held = await identity.allEffective(tenant);
    const people = (await peopleOf(tenant)).filter(({ id }) => may({ grants: held.get(id) ?? [] }, 'access.grant'));
    const isOwned = (id: PersonId): boolean => isOwner({ grants: held.get(id) ?? [] });
    return people
      .sort((left, right) => Number(isOwned(right.id)) - Number(isOwned(left.id)))
      .slice(0, 5)
      .map(({ id, name }) => name ?? (isOwned(id) ? 'Owner' : 'Somebody'));
  }

  return {
    accessGrants: {
      roles: async (tenant) => {
        const { custom, holders } = await identity.listRoles(tenant);
        const view = (role: string, meaning: string, actions: readonly string[], isBuiltIn: boolean) => ({
          ...{ role, isBuiltIn, meaning, actions, holders: holders.get(role) ?? 0 },
          conflicts: conflictsIn(new Set(actions as readonly Action[])).length,
        });
        return {
          actions: CONTROL_ACTIONS.map((action) => {
            const { kind, on, stepUp, meaning } = factsOf(action);
            return { action, kind, on, stepUp: stepUp === true, meaning };
          }),
          conflicts: CONFLICTS.map(conflictView),
          roles: [
            ...ROLES.map((role) => view(role, BUILT_IN_ROLES[role].meaning, BUILT_IN_ROLES[role].actions, true)),
            ...custom.map(({ name, meaning, actions }) => view(`custom:${name}`, meaning, actions, false)),
          ],
        };
      },
      putRole: async (person, role) => {
        const put = await identity.putRole({ ...by(person), ...role });
        return isRefusal(put) ? put : { role: `custom:${put.name}`, meaning: put.meaning, actions: put.actions };
      },
      removeRole: (person, name) => identity.removeRole({ ...by(person), name }),
      grants: async (tenant, subject) => {
        const uses = await rooms.least.proposals.grantUses(tenant);
        return (await identity.listGrants(tenant, subject ?? undefined)).map((grant) => {
          const used = uses.get(grant.id);
          return { ...grantView(grant), uses: used?.count ?? 0, lastUsedAt: used === undefined ? null : formatTime(used.lastAtMs) };
        });
      },
      grant: async (person, grant) => {
        const made = await identity.grant({ ...by(person), ...grant });
        return isRefusal(made) ? made : grantView(made);
      },
      end: (person, grant) => identity.endGrant({ ...by(person), grant }),
      groups: async (tenant) => (await identity.listGroups(tenant)).map(({ id, name, source, members }) => ({ id, name, source, members })),
      addGroup: async (person, name) => {
        const made = await identity.createGroup({ ...by(person), name });
        return isRefusal(made) ? made : { id: made.id, name: made.name, source: made.source, members: made.members };
      },
      renameGroup: async (person, group, name) => {
        const named = await identity.renameGroup({ ...by(person), group, name });
        return isRefusal(named) ? named : { id: named.id, name: named.name, source: named.source, members: named.members };
      },
      removeGroup: (person, group) => identity.removeGroup({ ...by(person), group }),
      join: (person, group, member) => identity.joinGroup({ ...by(person), group, person: member }),
      leave: (person, group, member) => identity.leaveGroup({ ...by(person), group, person: member }),
      effective: async (tenant, person) => {
        const known = (await peopleOf(tenant)).find(({ id }) => id === person);
        if (known === undefined) return null;
        const grants = await identity.effectiveGrants(tenant, person);
        return {
          ...{ person, name: known.name, isOwner: isOwner({ grants }), isSolo: rooms.agency.isSolo(tenant) },
          grants: grants.map((grant) => ({ ...shown(grant), actions: [...grant.actions] })),
          actions: [...actionsOf({ grants })].sort(),
          conflicts: conflictsAmong(grants).map(conflictView),
        };
      },
      conflicts: async (tenant) => {
        const held = await identity.allEffective(tenant);
        const people = await peopleOf(tenant);
        const of = (id: PersonId): readonly Grant[] => held.get(id) ?? [];
        return {
          people: people
            .map(({ id, name }) => ({ person: id, name, conflicts: conflictsAmong(of(id)).map(conflictView) }))
            .filter(({ conflicts }) => conflicts.length > 0),
          owners: people.filter(({ id }) => isOwner({ grants: of(id) })).map(({ id, name }) => ({ person: id, name })),
          isSolo: rooms.agency.isSolo(tenant),
          rules: CONFLICTS.map(conflictView),
        };
      },
      simulate: async (tenant, change) => {
        const simulated = await identity.simulate(tenant, change);
        if (isRefusal(simulated)) return simulated;
        const [gains, losses] = [new Set<Action>(), new Set<Action>()];
        for (const { before, after } of simulated.people) {
          const [had, has] = [actionsOf({ grants: before }), actionsOf({ grants: after })];
          for (const action of has) if (!had.has(action)) gains.add(action);
          for (const action of had) if (!has.has(action)) losses.add(action);
        }
        return {
          ...{ gains: [...gains].sort(), losses: [...losses].sort(), conflicts: simulated.conflicts.map(conflictView) },
          ...{ people: simulated.people.length, leavesNoOwner: simulated.leavesNoOwner },
        };
      },
      explain: async (asker, who, action, on) => {
        const person = who === null ? asker : await somebody(asker.tenant, who);
        if (person === null) return null;
        const explained = authorizer.explain(person, action, on);
        return { ...explained, ask: explained.isAllowed ? [] : await whoGives(asker.tenant) };
      },
      breakGlass: async (person) => {
        const names = new Map((await identity.listPeople(person.tenant)).map(({ id, name }) => [id, name]));
        const isAllowed = may(person, 'access.break_glass') || may(person, 'access.view');
        const rows = await identity.listBreakGlass(person.tenant);
        return rows
          .filter((row) => isAllowed || row.person === person.person)
          .map((row) => breakGlassView(row, names.get(row.person) ?? null));
      },
      ask: async (person, asked) => {
        const row = await identity.askBreakGlass({ ...by(person), person: person.person, ...asked });
        return isRefusal(row) ? row : breakGlassView(row, null);
      },
      decide: async (person, id, verdict) => {
        if (verdict === 'deny') return identity.denyBreakGlass({ ...by(person), id });
        return identity.endBreakGlass({ ...by(person), id });
      },
      agreeOptions: async (person, id) => {
        const endorsable = await identity.approvableBreakGlass({ ...by(person), id });
        return isRefusal(endorsable) ? endorsable : { options: await identity.endorseOptions(person, endorsable) };
      },
      agree: async (person, id, assertion) => {
        const agree: Agree = (tx, asked) => endorse(identity.signatures, tx, person, { ...asked, assertion });
        const opened = await identity.approveBreakGlass({ ...by(person), id, agree });
        return isRefusal(opened) ? opened : null;
      },
    },
  };
}

const conflictView = ({ actions: [a, b], why }: Conflict): ConflictView => ({ a, b, why });

const timeOf = (at: Date | null): string | null => at?.toISOString() ?? null;

function grantView(grant: GrantRecord): GrantView {
  const { id, subject, role, scope, condition, reason, grantedBy, via } = grant;
  return {
    id,
    subject,
    role,
    scope,
    condition,
    reason,
    grantedBy,
    via,
    expiresAt: timeOf(grant.expiresAt),
    createdAt: grant.createdAt.toISOString(),
  };
}

function shown({ id, role, scope, condition, expiresAtMs, via }: Grant) {
  return { id, role, scope, condition, via, expiresAt: expiresAtMs === null ? null : formatTime(expiresAtMs) };
}

function breakGlassView(row: BreakGlassRow, name: string | null): BreakGlassView {
  const isOver = (row.state === 'asked' || row.state === 'open') && row.expiresAt.getTime() <= systemClock.now();
  return {
    ...{ id: row.id, person: row.person, name, role: row.role, reason: row.reason, state: isOver ? 'lapsed' : row.state },
    ...{ requestedAt: row.askedAt.toISOString(), approvedBy: row.decidedBy, endsAt: timeOf(row.endedAt ?? row.expiresAt) },
  };
}
