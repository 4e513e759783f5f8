// Makes and ends grants. What they give holds in every process as soon as it hears of it, in sessions that are open too.
// INVARIANT: the rules are judged in the transaction of the change, with the tenant held: two changes can not pass each other.

import {
  type Clock,
  type Conflict,
  type Grant,
  type GrantCondition,
  type GrantId,
  isOwner,
  type JsonObject,
  newId,
  type PersonId,
  type Random,
  type Refusal,
  type Scope,
  type SealChange,
  type TenantId,
  type Tx,
} from '#core';
import { appendEvents, type Database } from '#storage';
import { inputRefusal, refusal } from '../errors.ts';
import type { Follower } from '../follow.ts';
import { ownersIn } from '../people/owners.ts';
import { holdTenant } from '../store/deprovision.ts';
import { effectiveRows } from '../store/effective-rows.ts';
import {
  announceSubject,
  closeGrant,
  countGrants,
  findGrant,
  type GrantRecord,
  insertGrant,
  listGrants,
  membersOf,
} from '../store/grants.ts';
import { findRole } from '../store/roles.ts';
import { hasSubject } from '../store/subjects.ts';
import { accessEvent } from './access-event.ts';
import { actionsOfRole, CUSTOM, isRole, toGrant } from './effective.ts';
import { formProblem, isEmptyByClass, newConflicts, refuseConflict, refuseGiver } from './grant-rules.ts';
import { refuseOwnLimits } from './own-limits.ts';

export interface By {
  readonly tenant: TenantId;
  /** A person, or what of the installation acts; the rules of granting are for people. */
  readonly actor: string;
  /** Seals what was before and after for the event. */
  readonly seal?: SealChange;
}

export interface NewGrant {
  /** A person or a group. */
  readonly subject: string;
  readonly role: string;
  readonly scope?: Scope;
  readonly condition?: GrantCondition | null;
  readonly expiresAtMs?: number | null;
  readonly reason?: string | null;
}

export interface Grants {
  grant(input: By & NewGrant): Promise<GrantRecord | Refusal>;
  /** In a transaction of the caller, who tells this process of it by `heardGrant`. */
  grantIn(tx: Tx, input: By & NewGrant): Promise<GrantRecord | Refusal>;
  heardGrant(tenant: TenantId, people: readonly PersonId[]): Promise<void>;
  endGrant(input: By & { readonly grant: GrantId }): Promise<Refusal | null>;
  /** Live ones, and those that ran out in the last week. */
  listGrants(tenant: TenantId, subject?: string): Promise<readonly GrantRecord[]>;
  /** What holds for the person now, from the database. */
  effectiveGrants(tenant: TenantId, person: PersonId): Promise<readonly Grant[]>;
  /** Everybody's, by person. */
  allEffective(tenant: TenantId): Promise<ReadonlyMap<PersonId, readonly Grant[]>>;
  /** What such a grant would give and take, and what would then conflict. `end`: as if this grant had ended. */
  simulate(tenant: TenantId, change: NewGrant | { readonly end: GrantId }): Promise<SimulatedChange | Refusal>;
}

export interface SimulatedChange {
  readonly people: readonly { readonly person: PersonId; readonly before: readonly Grant[]; readonly after: readonly Grant[] }[];
  readonly conflicts: readonly Conflict[];
  readonly leavesNoOwner: boolean;
}

export interface GrantsDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly random: Random;
  readonly follower: Follower;
}

/** Beyond these nobody can say any more what somebody may do. */
const MAX_PER_SUBJECT = 50;
const MAX_PER_TENANT = 5_000;
const SHOWN_AFTER_END_MS = 7 * 24 * 60 * 60_000;

const isPersonId = (actor: string): boolean => actor.startsWith('per_');

export function createGrants({ db, clock, random, follower }: GrantsDeps): Grants {
  async function effective(tx: Tx, tenant: TenantId, person: PersonId): Promise<readonly Grant[]> {
    return (await effectiveRows(tx, { tenant, person, nowMs: clock.now() })).map(toGrant);
  }

  /** Whose access a grant to this subject changes. */
  const peopleOf = async (tx: Tx, tenant: TenantId, subject: string): Promise<readonly PersonId[]> =>
    subject.startsWith('grp_') ? membersOf(tx, tenant, subject) : [subject as PersonId];

  async function proposed(tx: Tx, tenant: TenantId, input: NewGrant): Promise<Grant | Refusal> {
    const { subject, role, scope = {}, condition = null, expiresAtMs = null, reason = null } = input;
    const problem = formProblem({ role, scope, condition, expiresAtMs, reason }, clock.now());
    if (problem !== null) return inputRefusal(problem);
    const custom = role.startsWith(CUSTOM) ? await findRole(tx, tenant, role.slice(CUSTOM.length)) : null;
    // An agent is no person, and ownership is somebody's own: no directory of a company hands it out.
    if ((!isRole(role) && custom === null) || role === 'agent') return refusal('IDENTITY_ROLE_UNKNOWN');
    if (role === 'owner' && subject.startsWith('grp_')) return refusal('IDENTITY_GRANT_OWNER_ONLY');
    if (!(await hasSubject(tx, tenant, subject))) return refusal('IDENTITY_SUBJECT_UNKNOWN');
    const actions = actionsOfRole(role, custom?.actions ?? null);
    if (isEmptyByClass({ actions, scope })) return refusal('IDENTITY_GRANT_CLASS_EMPTY');
    const via = subject.startsWith('grp_') ? (`group:${subject}` as const) : 'direct';
    return {
      id: newId('grt', clock, random),
      role,
      actions,
      scope,
      condition,
      expiresAtMs,
      via,
    };
  }

  async function grantIn(tx: Tx, input: By & NewGrant): Promise<GrantRecord | Refusal> {
    const { tenant, actor, subject, reason = null } = input;
    await holdTenant(tx, tenant);
    const made = await proposed(tx, tenant, input);
    if ('kind' in made) return made;
    if (isPersonId(actor)) {
      const refused = refuseGiver(await effective(tx, tenant, actor as PersonId), made);
      if (refused !== null) return refused;
    }
    const people = await peopleOf(tx, tenant, subject);
    const own = people.includes(actor as PersonId) ? await refuseOwnLimits(tx, { tenant, actor, nowMs: clock.now() }, [made]) : null;
    if (own !== null) return own;
    for (const person of people) {
      const before = await effective(tx, tenant, person);
      const refused = refuseConflict(newConflicts(before, [...before, made]), person);
      if (refused !== null) return refused;
    }
    const counts = await countGrants(tx, tenant, subject);
    if (counts.subject >= MAX_PER_SUBJECT || counts.tenant >= MAX_PER_TENANT) return refusal('IDENTITY_GRANT_LIMIT');
    const record: GrantRecord = {
      ...{ id: made.id, subject, role: made.role, scope: made.scope, condition: made.condition, reason, via: 'direct', grantedBy: actor },
      ...{ expiresAt: made.expiresAtMs === null ? null : new Date(made.expiresAtMs), createdAt: new Date(clock.now()), endedAt: null },
    };
    await insertGrant(tx, tenant, record);
    await announceSubject(tx, tenant, subject);
    const facts = { ...grantFacts(record), isSelf: people.includes(actor as PersonId) };
    const change = { before: null, after: shownGrant(record) };
    await appendEvents(tx, [await accessEvent({ clock, random, tx }, input, { type: 'grant.created', subject, facts, change })]);
    return record;
  }

  const heard = async (tenant: TenantId, people: readonly PersonId[]): Promise<void> => {
    for (const id of people) await follower.refresh({ tenant, kind: 'person', id });
  };

  return {
    grantIn,
    heardGrant: heard,
    async grant(input) {
      const { tenant, subject } = input;
      const made = await db.inTenant(tenant, async (tx) => {
        const record = await grantIn(tx, input);
        return 'kind' in record ? record : { record, people: await peopleOf(tx, tenant, subject) };
      });
      if ('kind' in made) return made;
      await heard(tenant, made.people);
      return made.record;
    },

    async endGrant(input) {
      const { tenant, actor, grant: id } = input;
      const ended = await db
        .inTenant(tenant, async (tx) => {
          await holdTenant(tx, tenant);
          const found = await findGrant(tx, tenant, id);
          if (found === null || found.endedAt !== null) return refusal('IDENTITY_GRANT_UNKNOWN');
          const isOwn = found.subject === actor;
          // Whoever wants to hold less is free to.
          if (isPersonId(actor) && !isOwn) {
            const custom = found.role.startsWith(CUSTOM) ? await findRole(tx, tenant, found.role.slice(CUSTOM.length)) : null;
            const given = { role: found.role, actions: actionsOfRole(found.role, custom?.actions ?? null), scope: found.scope };
            const refused = refuseGiver(await effective(tx, tenant, actor as PersonId), given);
            if (refused !== null) return refused;
          }
          await closeGrant(tx, tenant, id, { by: actor, at: new Date(clock.now()) });
          const owners = await ownersIn(tx, tenant, clock.now());
          if (owners.length === 0) throw new LastOwner();
          const people = await announceSubject(tx, tenant, found.subject);
          const facts = { ...grantFacts(found), isSelf: isOwn };
          const change = { before: shownGrant(found), after: null };
          await appendEvents(tx, [
            await accessEvent({ clock, random, tx }, input, { type: 'grant.ended', subject: found.subject, facts, change }),
          ]);
          return people;
        })
        .catch((fault: unknown) => {
          // Thrown, so that the transaction that had already ended the grant is undone.
          if (fault instanceof LastOwner) return refusal('IDENTITY_LAST_OWNER');
          throw fault;
        });
      if ('kind' in ended) return ended;
      await heard(tenant, ended);
      return null;
    },

    listGrants: (tenant, subject) =>
      db.inTenant(tenant, (tx) =>
        listGrants(tx, tenant, { ...(subject === undefined ? {} : { subject }), from: new Date(clock.now() - SHOWN_AFTER_END_MS) }),
      ),

    effectiveGrants: (tenant, person) => db.inTenant(tenant, (tx) => effective(tx, tenant, person)),

    allEffective: (tenant) =>
      db.inTenant(tenant, async (tx) => {
        const rows = await effectiveRows(tx, { tenant, nowMs: clock.now() });
        const byPerson = Map.groupBy(rows, ({ person }) => person);
        return new Map([...byPerson].map(([person, own]) => [person, own.map(toGrant)]));
      }),

    simulate: (tenant, change) =>
      db.inTenant(tenant, async (tx) => {
        const found = 'end' in change ? await findGrant(tx, tenant, change.end) : null;
        if ('end' in change && (found === null || found.endedAt !== null)) return refusal('IDENTITY_GRANT_UNKNOWN');
        const made = 'end' in change ? null : await proposed(tx, tenant, change);
        if (made !== null && 'kind' in made) return made;
        const subject = 'end' in change ? (found?.subject ?? '') : change.subject;
        const people = [];
        const conflicts = new Set<Conflict>();
        for (const person of await peopleOf(tx, tenant, subject)) {
          const before = await effective(tx, tenant, person);
          const after = made === null ? before.filter(({ id }) => id !== found?.id) : [...before, made];
          for (const conflict of newConflicts(before, after)) conflicts.add(conflict);
          people.push({ person, before, after });
        }
        const owners = await ownersIn(tx, tenant, clock.now());
        const loses = people.filter(({ person, after }) => owners.includes(person) && !isOwner({ grants: after }));
        return { people, conflicts: [...conflicts], leavesNoOwner: loses.length > 0 && loses.length === owners.length };
      }),
  };
}

class LastOwner extends Error {}

/** What of a grant stands in the open: references, names and whether; never the reason. */
function grantFacts(grant: GrantRecord): JsonObject {
  const { workspace, workflow, integration, dataClass } = grant.scope;
  return {
    grant: grant.id,
    role: grant.role,
    ...(workspace === undefined ? {} : { workspace }),
    ...(workflow === undefined ? {} : { workflow }),
    ...(integration === undefined ? {} : { integration }),
    ...(dataClass === undefined ? {} : { dataClass }),
    ...(grant.condition === null ? {} : { conditions: Object.keys(grant.condition) }),
    until: grant.expiresAt?.toISOString() ?? null,
  };
}

function shownGrant(grant: GrantRecord): JsonObject {
  const condition = grant.condition === null ? null : ({ ...grant.condition } as JsonObject);
  return { ...grantFacts(grant), subject: grant.subject, condition, reason: grant.reason };
}
