// Roles a tenant makes for itself: a name, a meaning and a set of actions. A change holds at once for everybody who has the role.
// INVARIANT: no custom role holds two actions that conflict, nor gives anybody such a pair by what they hold besides.

import {
  type Action,
  type Clock,
  conflictsIn,
  factsOf,
  isAction,
  type PersonId,
  type Random,
  type Refusal,
  type TenantId,
  type Tx,
} from '#core';
import { appendEvents, type Database } from '#storage';
import { inputRefusal, refusal } from '../errors.ts';
import type { Follower } from '../follow.ts';
import { holdTenant } from '../store/deprovision.ts';
import { effectiveRows } from '../store/effective-rows.ts';
import { announceHolders, countHolders, dropRole, findRole, listRoles, putRole, type RoleRecord } from '../store/roles.ts';
import { accessEvent } from './access-event.ts';
import { CUSTOM, toGrant } from './effective.ts';
import { newConflicts, refuseConflict, refuseGiver } from './grant-rules.ts';
import type { By } from './grants.ts';

export interface CustomRoles {
  /** Makes the role, or puts these actions in place of those it had. */
  putRole(
    input: By & { readonly name: string; readonly meaning: string; readonly actions: readonly string[] },
  ): Promise<RoleRecord | Refusal>;
  removeRole(input: By & { readonly name: string }): Promise<Refusal | null>;
  /** With how many people and groups hold each role, the built-in ones too. */
  listRoles(tenant: TenantId): Promise<{ readonly custom: readonly RoleRecord[]; readonly holders: ReadonlyMap<string, number> }>;
}

export interface CustomRolesDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly random: Random;
  readonly follower: Follower;
}

const NAME = /^[a-z][a-z0-9_]{0,39}$/;
const MAX_ROLES = 100;
const MAX_MEANING_CHARS = 200;

export function createCustomRoles({ db, clock, random, follower }: CustomRolesDeps): CustomRoles {
  const heard = async (tenant: TenantId, people: readonly PersonId[]): Promise<void> => {
    for (const id of people) await follower.refresh({ tenant, kind: 'person', id });
  };

  /** Whom the new actions would give two that conflict. */
  async function conflictsOf(tx: Tx, tenant: TenantId, role: string, actions: ReadonlySet<Action>): Promise<Refusal | null> {
    const rows = await effectiveRows(tx, { tenant, nowMs: clock.now() });
    for (const [person, own] of Map.groupBy(rows, (row) => row.person)) {
      if (!own.some((row) => row.role === role)) continue;
      const before = own.map(toGrant);
      const after = before.map((grant) => (grant.role === role ? { ...grant, actions } : grant));
      const refused = refuseConflict(newConflicts(before, after), person);
      if (refused !== null) return refused;
    }
    return null;
  }

  return {
    async putRole(input) {
      const { tenant, actor, name } = input;
      const meaning = input.meaning.normalize('NFC').trim();
      const actions = [...new Set(input.actions)].sort();
      if (!NAME.test(name)) return inputRefusal('name');
      if (meaning === '' || meaning.length > MAX_MEANING_CHARS || /\p{Cc}/u.test(meaning) || !meaning.isWellFormed())
        return inputRefusal('meaning');
      if (actions.length === 0 || !actions.every(isAction) || actions.some((action) => factsOf(action).plane !== 'control'))
        return inputRefusal('actions');
      const held = new Set(actions);
      const inside = refuseConflict(conflictsIn(held));
      if (inside !== null) return inside;
      const role = `${CUSTOM}${name}`;
      const put = await db.inTenant(tenant, async (tx) => {
        await holdTenant(tx, tenant);
        const before = await findRole(tx, tenant, name);
        if (before === null && (await listRoles(tx, tenant)).length >= MAX_ROLES) return refusal('IDENTITY_GRANT_LIMIT');
        if (actor.startsWith('per_')) {
          const giver = (await effectiveRows(tx, { tenant, person: actor as PersonId, nowMs: clock.now() })).map(toGrant);
          const refused = refuseGiver(giver, { role, actions: held, scope: {} });
          if (refused !== null) return refused;
        }
        const refused = before === null ? null : await conflictsOf(tx, tenant, role, held);
        if (refused !== null) return refused;
        await putRole(tx, tenant, { name, meaning, actions, at: new Date(clock.now()) });
        const people = await announceHolders(tx, tenant, role);
        const had = before?.actions ?? [];
        const facts =
          before === null
            ? { role, actions }
            : {
                ...{ role, actions, people: people.length, isSelf: people.includes(actor as PersonId) },
                loosened: actions.filter((action) => !had.includes(action)),
                narrowed: had.filter((action) => !held.has(action as Action)),
              };
        const change = {
          before: before === null ? null : { role, meaning: before.meaning, actions: [...before.actions] },
          after: { role, meaning, actions },
        };
        const type = before === null ? 'role.created' : 'role.changed';
        await appendEvents(tx, [await accessEvent({ clock, random, tx }, input, { type, subject: tenant, facts, change })]);
        return { people };
      });
      if ('kind' in put) return put;
      await heard(tenant, put.people);
      return { name, meaning, actions };
    },

    removeRole: (input) =>
      db.inTenant(input.tenant, async (tx) => {
        const { tenant, name } = input;
        await holdTenant(tx, tenant);
        const found = await findRole(tx, tenant, name);
        if (found === null) return refusal('IDENTITY_ROLE_UNKNOWN');
        const role = `${CUSTOM}${name}`;
        if (((await countHolders(tx, tenant, new Date(clock.now()))).get(role) ?? 0) > 0) return refusal('IDENTITY_ROLE_IN_USE');
        await dropRole(tx, tenant, name);
        const change = { before: { role, meaning: found.meaning, actions: [...found.actions] }, after: null };
        await appendEvents(tx, [
          await accessEvent({ clock, random, tx }, input, { type: 'role.removed', subject: tenant, facts: { role }, change }),
        ]);
        return null;
      }),

    listRoles: (tenant) =>
      db.inTenant(tenant, async (tx) => ({
        custom: await listRoles(tx, tenant),
        holders: await countHolders(tx, tenant, new Date(clock.now())),
      })),
  };
}
