// Takes away what a proposal says and puts it back: both from exactly one state to another, in the caller's transaction.
// INVARIANTS: what is given back is what was taken, under the same ids; after a change made by hand nothing is given back by itself; the
// rules of giving access by hand hold here too: owners alone make and end owners, and nobody gets two duties that conflict.

import {
  type Clock,
  canonicalJson,
  type Grant,
  type GrantId,
  isOwner,
  type JsonObject,
  newId,
  type PersonId,
  type Random,
  type Refusal,
  type TenantId,
  type Tx,
  type WorkloadId,
} from '#core';
import { toGrant } from '../access/effective.ts';
import { newConflicts, refuseConflict } from '../access/grant-rules.ts';
import { refusal } from '../errors.ts';
import { ownersIn } from '../people/owners.ts';
import { holdTenant } from '../store/deprovision.ts';
import { effectiveRows } from '../store/effective-rows.ts';
import { announceSubject, closeGrant, findGrant, insertGrant, listGrants, membersOf } from '../store/grants.ts';
import {
  type Draft,
  type GrantedWorkload,
  grantedWorkloads,
  type ProposalKind,
  type ProposalRow,
  putReach,
  readExpireUnused,
  reopenGrant,
  setExpireUnused,
} from '../store/least.ts';
import type { RemovedNames } from '../store/tables.ts';

export interface Change {
  readonly tenant: TenantId;
  readonly actor: string;
  readonly at: Date;
}

export interface Moved {
  readonly before: JsonObject;
  readonly after: JsonObject;
  /** Whose access changed, for the processes that keep it in mind. */
  readonly refresh: readonly { readonly kind: 'workload' | 'person'; readonly id: string }[];
}

type World = { readonly clock: Clock; readonly random: Random };
type Reach = Pick<GrantedWorkload, 'integrations' | 'removed' | 'reachedSince' | 'revision'>;

const NAMES: Readonly<Partial<Record<ProposalKind, keyof RemovedNames>>> = {
  operations_unused: 'operations',
  models_unused: 'models',
  tools_unused: 'tools',
  key_unused: 'keys',
};

export const canApply = (kind: ProposalKind): boolean => kind !== 'key_expiring';

export async function take(world: World, tx: Tx, change: Change, draft: Draft): Promise<Moved | Refusal> {
  if (draft.change !== null) return takeGrant(world, tx, change, draft.change);
  const workload = (await grantedWorkloads(tx, change.tenant, draft.subject as WorkloadId))[0];
  if (workload === undefined || !canApply(draft.kind)) return refusal('IDENTITY_PROPOSAL_STALE');
  const before = reachOf(workload);
  const after = without(before, draft);
  await putReach(tx, change.tenant, workload.id, after);
  return moved(before, after, workload.id);
}

function without(reach: Reach, { kind, remove }: Draft): Reach {
  const gone = new Set(remove);
  const list = NAMES[kind];
  if (list !== undefined) {
    return { ...reach, removed: { ...reach.removed, [list]: [...new Set([...(reach.removed[list] ?? []), ...remove])].sort() } };
  }
  return {
    ...reach,
    integrations: reach.integrations.filter((name) => !gone.has(name)),
    reachedSince: Object.fromEntries(Object.entries(reach.reachedSince).filter(([name]) => !gone.has(name))),
  };
}

async function takeGrant(world: World, tx: Tx, change: Change, { grant, to }: NonNullable<Draft['change']>): Promise<Moved | Refusal> {
  const { tenant, actor, at } = change;
  await holdTenant(tx, tenant);
  const found = await findGrant(tx, tenant, grant);
  if (found === null) return refusal('IDENTITY_PROPOSAL_STALE');
  if (found.role === 'owner' && !(await mayOwn(tx, change))) return refusal('IDENTITY_GRANT_OWNER_ONLY');
  const before = { grants: await liveGrants(tx, tenant, found.subject, at) };
  const unusedDays = await readExpireUnused(tx, tenant, grant);
  if (!(await closeGrant(tx, tenant, grant, { by: actor, at }))) return refusal('IDENTITY_PROPOSAL_STALE');
  if (to !== null) {
    const id = newId('grt', world.clock, world.random);
    const { subject, scope, condition, expiresAt, reason, via } = found;
    await insertGrant(tx, tenant, { id, subject, role: to, scope, condition, expiresAt, reason, via, grantedBy: actor, createdAt: at });
    // What bounded the larger role bounds the smaller one.
    if (unusedDays != null) await setExpireUnused(tx, tenant, id, unusedDays);
  }
  if ((await ownersIn(tx, tenant, at.getTime())).length === 0) return refusal('IDENTITY_LAST_OWNER');
  const people = await announceSubject(tx, tenant, found.subject);
  const after = { grants: await liveGrants(tx, tenant, found.subject, at) };
  return { before, after, refresh: people.map((id) => ({ kind: 'person', id })) };
}

export async function giveBack(tx: Tx, change: Change, row: ProposalRow): Promise<Moved | Refusal> {
  const { tenant, actor, at } = change;
  if (row.before === null || row.after === null) return refusal('IDENTITY_CHANGED_SINCE');
  if (row.change !== null) {
    await holdTenant(tx, tenant);
    if (row.change.from === 'owner' && !(await mayOwn(tx, change))) return refusal('IDENTITY_GRANT_OWNER_ONLY');
    const now = await liveGrants(tx, tenant, row.subject, at);
    const [was, left] = [row.before.grants as readonly string[], row.after.grants as readonly string[]];
    if (canonicalJson([...now]) !== canonicalJson([...left])) return refusal('IDENTITY_CHANGED_SINCE');
    const holders = await peopleOf(tx, tenant, row.subject);
    const held = new Map<PersonId, readonly Grant[]>();
    for (const person of holders) held.set(person, await heldBy(tx, change, person));
    for (const id of left.filter((one) => !was.includes(one))) await closeGrant(tx, tenant, id as GrantId, { by: actor, at });
    for (const id of was.filter((one) => !left.includes(one))) {
      if (!(await reopenGrant(tx, tenant, id as GrantId))) return refusal('IDENTITY_CHANGED_SINCE');
    }
    for (const [person, earlier] of held) {
      const refused = refuseConflict(newConflicts(earlier, await heldBy(tx, change, person)), person);
      if (refused !== null) return refused;
    }
    const people = await announceSubject(tx, tenant, row.subject);
    return { before: row.after, after: row.before, refresh: people.map((id) => ({ kind: 'person', id })) };
  }
  const workload = (await grantedWorkloads(tx, tenant, row.subject as WorkloadId))[0];
  if (workload === undefined || workload.revision !== row.after.revision) return refusal('IDENTITY_CHANGED_SINCE');
  const back = withAgain(workload, row, row.before as unknown as Reach);
  if (back === null) return refusal('IDENTITY_CHANGED_SINCE');
  await putReach(tx, tenant, workload.id, back);
  return moved(reachOf(workload), back, workload.id);
}

const heldBy = async (tx: Tx, { tenant, at }: Change, person: PersonId): Promise<readonly Grant[]> =>
  (await effectiveRows(tx, { tenant, person, nowMs: at.getTime() })).map(toGrant);

/** What runs by itself takes what is due, and leaves the last owner. */
const mayOwn = async (tx: Tx, change: Change): Promise<boolean> =>
  !change.actor.startsWith('per_') || isOwner({ grants: await heldBy(tx, change, change.actor as PersonId) });

const peopleOf = async (tx: Tx, tenant: TenantId, subject: string): Promise<readonly PersonId[]> =>
  subject.startsWith('grp_') ? membersOf(tx, tenant, subject) : [subject as PersonId];

/** As it is now with what was taken put back where it was; null when some of it is not as it was left. */
function withAgain(now: GrantedWorkload, { kind, remove }: ProposalRow, before: Reach): Reach | null {
  const list = NAMES[kind];
  if (list !== undefined) {
    const held = new Set(now.removed[list]);
    if (!remove.every((name) => held.has(name))) return null;
    const left = [...held].filter((name) => !remove.includes(name));
    const { [list]: _list, ...others } = now.removed;
    return { ...reachOf(now), removed: left.length === 0 ? others : { ...others, [list]: left } };
  }
  if (remove.some((name) => now.integrations.includes(name))) return null;
  const place = (name: string): number =>
    before.integrations.includes(name) ? before.integrations.indexOf(name) : before.integrations.length;
  const known = Object.entries(before.reachedSince).filter(([name]) => remove.includes(name));
  return {
    ...reachOf(now),
    integrations: [...now.integrations, ...remove].toSorted((left, right) => place(left) - place(right)),
    reachedSince: { ...now.reachedSince, ...Object.fromEntries(known) },
  };
}

const reachOf = ({ integrations, removed, reachedSince, revision }: GrantedWorkload): Reach => ({
  integrations,
  removed,
  reachedSince,
  revision,
});
const jsonOf = (reach: Reach): JsonObject => JSON.parse(JSON.stringify(reach)) as JsonObject;
const moved = (before: Reach, after: Reach, workload: string): Moved => ({
  before: jsonOf(before),
  after: jsonOf(after),
  refresh: [{ kind: 'workload', id: workload }],
});

async function liveGrants(tx: Tx, tenant: TenantId, subject: string, from: Date): Promise<string[]> {
  return (await listGrants(tx, tenant, { subject, from })).map(({ id }) => id).sort();
}
