// Workspaces: the departments of a tenant, and which workflow, integration and workload belongs to which.
// INVARIANT: a thing belongs to one workspace or to none; one that grants name is not removed, so that no later one inherits them.

import {
  type Clock,
  type Department,
  type DepartmentLimit,
  type DepartmentRules,
  isPublicName,
  isUnruled,
  type JsonObject,
  limitToJson,
  loosenedLimits,
  loosenedRules,
  makeEvent,
  type NewEvent,
  type Random,
  type Refusal,
  rulesToJson,
  type SealChange,
  type TenantId,
  type Tx,
} from '#core';
import { appendEvents, type Database } from '#storage';
import { identityFault, refusal } from '../errors.ts';
import { namedByGrants } from '../store/delegations.ts';
import { holdTenant } from '../store/deprovision.ts';
import type { MemberKind } from '../store/directory.ts';
import {
  addWorkspace,
  dropWorkspace,
  holdDepartment,
  listMembers,
  listWorkspaces,
  type Membership,
  moveMembers,
  putDepartment,
} from '../store/workspaces.ts';
import type { Directory } from './directory.ts';

export interface WorkspaceRecord extends Department {
  readonly createdAt: Date;
  readonly members: Readonly<Record<MemberKind, readonly string[]>>;
}

interface By {
  readonly tenant: TenantId;
  readonly actor: string;
  readonly seal?: SealChange;
}

/** Whoever may not set rules takes nothing out of a workspace that has some: it would no longer be held by them. */
interface Frees {
  readonly mayFree: boolean;
}

export interface Workspaces {
  createWorkspace(input: By & { readonly name: string }): Promise<Refusal | null>;
  removeWorkspace(input: By & Frees & { readonly name: string }): Promise<Refusal | null>;
  /** Moves things into it, out of wherever they were; into none for null. How many stand otherwise now. */
  moveIntoWorkspace(
    input: By & Frees & { readonly workspace: string | null; readonly members: readonly Membership[] },
  ): Promise<number | Refusal>;
  /** Says what it may use; what is not named is not changed. */
  ruleWorkspace(
    input: By & { readonly name: string; readonly rules?: DepartmentRules; readonly limits?: readonly DepartmentLimit[] },
  ): Promise<Department | Refusal>;
  listWorkspaces(tenant: TenantId): Promise<readonly WorkspaceRecord[]>;
}

export const MAX_WORKSPACES = 200;
/** In one request: a department of a large shop. */
export const MAX_MOVED = 1_000;
const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;

export interface WorkspacesDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly random: Random;
  readonly directory: Pick<Directory, 'refresh'>;
}

export function createWorkspaces({ db, clock, random, directory }: WorkspacesDeps): Workspaces {
  const record = async (
    tx: Tx,
    by: By,
    told: { type: string; name: string; facts: JsonObject; before: JsonObject | null; after: JsonObject | null },
  ) => {
    const event: NewEvent = makeEvent(
      { clock, random },
      {
        tenant: by.tenant,
        type: `identity.workspace.${told.type}`,
        actor: by.actor,
        subject: `workspace:${told.name}`,
        public: { workspace: told.name, ...told.facts },
        sealed: (await by.seal?.(tx, { before: told.before, after: told.after })) ?? null,
      },
    );
    await appendEvents(tx, [event]);
  };
  const changed = async <T>(tenant: TenantId, work: (tx: Tx) => Promise<T>): Promise<T> => {
    const result = await db.inTenant(tenant, work);
    await directory.refresh(tenant);
    return result;
  };

  return {
    createWorkspace: async (input) => {
      const { tenant, name } = input;
      if (!NAME.test(name) || !isPublicName(name)) throw identityFault('IDENTITY_INPUT_INVALID', 'name');
      return changed(tenant, async (tx) => {
        if ((await listWorkspaces(tx, tenant)).length >= MAX_WORKSPACES)
          throw identityFault('IDENTITY_INPUT_INVALID', 'too many workspaces');
        if (!(await addWorkspace(tx, tenant, name, new Date(clock.now())))) return refusal('IDENTITY_NAME_TAKEN');
        await record(tx, input, { type: 'created', name, facts: {}, before: null, after: { name } });
        return null;
      });
    },

    removeWorkspace: async (input) => {
      const { tenant, name } = input;
      return changed(tenant, async (tx) => {
        await holdTenant(tx, tenant);
        if (await namedByGrants(tx, tenant, name, new Date(clock.now()))) return refusal('IDENTITY_WORKSPACE_IN_USE');
        const held = await holdDepartment(tx, tenant, name);
        const members = (await listMembers(tx, tenant)).filter(({ workspace }) => workspace === name).length;
        if (held === null) return refusal('IDENTITY_WORKSPACE_UNKNOWN');
        if (!input.mayFree && !isUnruled(held)) return isRuled(name);
        const before = { name, members, ...saidOf(held) };
        await dropWorkspace(tx, tenant, name);
        await record(tx, input, { type: 'removed', name, facts: { members, ...freed([held]) }, before, after: null });
        return null;
      });
    },

    moveIntoWorkspace: async (input) => {
      const { tenant, workspace, members } = input;
      if (members.length === 0 || members.length > MAX_MOVED) throw identityFault('IDENTITY_INPUT_INVALID', 'members');
      const wanted = [...new Map(members.map((one) => [`${one.kind}/${one.member}`, one])).values()];
      return changed(tenant, async (tx) => {
        // So that it is not removed while something is put into it.
        await holdTenant(tx, tenant);
        const there = await listWorkspaces(tx, tenant);
        if (workspace !== null && !there.some(({ name }) => name === workspace)) return refusal('IDENTITY_WORKSPACE_UNKNOWN');
        const known = new Map((await listMembers(tx, tenant)).map((one) => [`${one.kind}/${one.member}`, one.workspace]));
        const leaving = new Set(wanted.map(({ kind, member }) => known.get(`${kind}/${member}`)).filter((one) => one !== workspace));
        const left = there.filter(({ name }) => leaving.has(name));
        const ruled = left.find((one) => !isUnruled(one));
        if (!input.mayFree && ruled !== undefined) return isRuled(ruled.name);
        const moved = await moveMembers(tx, tenant, wanted, workspace);
        if (moved === 0) return 0;
        const at = (place: (key: string) => string | null): JsonObject =>
          Object.fromEntries(wanted.map(({ kind, member }) => [`${kind}/${member}`, place(`${kind}/${member}`)]));
        const before = at((key) => known.get(key) ?? null);
        const facts = {
          moved,
          kinds: [...new Set(wanted.map(({ kind }) => kind))],
          ...freed(left),
        };
        // Out of every workspace: told of the one most of them were in.
        const name = workspace ?? Object.values(before).find((one) => one !== null) ?? 'none';
        await record(tx, input, {
          type: workspace === null ? 'left' : 'joined',
          name: String(name),
          facts,
          before,
          after: at(() => workspace),
        });
        return moved;
      });
    },

    ruleWorkspace: async (input) => {
      const { tenant, name } = input;
      return changed(tenant, async (tx) => {
        const was = await holdDepartment(tx, tenant, name);
        if (was === null) return refusal('IDENTITY_WORKSPACE_UNKNOWN');
        const is: Department = { name, rules: input.rules ?? was.rules, limits: input.limits ?? was.limits };
        const [before, after] = [saidOf(was), saidOf(is)];
        const isSame = (part: 'rules' | 'limits'): boolean => JSON.stringify(before[part]) === JSON.stringify(after[part]);
        if (isSame('rules') && isSame('limits')) return is;
        await putDepartment(tx, tenant, { name, rules: rulesToJson(is.rules), limits: is.limits.map(limitToJson) });
        if (!isSame('rules')) {
          const facts = { loosened: loosenedRules(was.rules, is.rules).map(wordOf) };
          await record(tx, input, { type: 'ruled', name, facts, before: { rules: before.rules }, after: { rules: after.rules } });
        }
        if (!isSame('limits')) {
          const facts = { loosened: [...loosenedLimits(was.limits, is.limits)] };
          await record(tx, input, { type: 'limited', name, facts, before: { limits: before.limits }, after: { limits: after.limits } });
        }
        return is;
      });
    },

    listWorkspaces: (tenant) =>
      db.inTenant(tenant, async (tx) => {
        const members = Map.groupBy(await listMembers(tx, tenant), ({ workspace }) => workspace);
        return (await listWorkspaces(tx, tenant)).map((one) => {
          const { name } = one;
          const of = (kind: MemberKind): readonly string[] =>
            (members.get(name) ?? []).filter((one) => one.kind === kind).map(({ member }) => member);
          return { ...one, members: { workflow: of('workflow'), integration: of('integration'), workload: of('workload') } };
        });
      }),
  };
}

const isRuled = (workspace: string): Refusal => ({ ...refusal('IDENTITY_WORKSPACE_RULED'), evidence: { workspace } });

const saidOf = ({ rules, limits }: Department): { rules: JsonObject; limits: JsonObject[] } => ({
  rules: rulesToJson(rules),
  limits: limits.map(limitToJson),
});

/** As events name it: `data_classes`. */
const wordOf = (part: string): string => part.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** Whatever leaves a workspace with rules or limits is no longer held by them. */
const freed = (left: readonly Department[]): JsonObject => (left.every(isUnruled) ? {} : { loosened: ['membership'] });
