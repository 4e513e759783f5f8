// Access reviews: who holds what, whether they use it, and what the reviewers decide about each. A removal or a change holds at once.
// INVARIANTS: nobody decides about their own access; a review only makes access smaller; the last decision completes the review, and the
// event of its completion holds the digest of all of them.

import { createHash } from 'node:crypto';
import {
  type Action,
  type Clock,
  canonicalJson,
  isAction,
  isRefusal,
  makeEvent,
  newId,
  type PersonId,
  type Random,
  type Refusal,
  type ReviewId,
  type ReviewItemId,
  type SealChange,
  type TenantId,
  type Tx,
  type WorkloadId,
} from '#core';
import { appendEvents, type Database } from '#storage';
import { actionsOfRole, CUSTOM } from '../access/effective.ts';
import { identityFault, refusal } from '../errors.ts';
import { customRoles, type Draft, grantedRoles, grantedWorkloads } from '../store/least.ts';
import { activePeople } from '../store/people.ts';
import * as store from '../store/reviews.ts';
import { type Change, take } from './apply.ts';
import type { Proposals } from './proposals.ts';
import { DAY_MS, isOwning } from './propose.ts';
import { grantItem, workloadItems } from './review-items.ts';
import { inTenantOrNot } from './rolled-back.ts';

interface By {
  readonly tenant: TenantId;
  readonly actor: PersonId;
  readonly seal?: SealChange;
}

export interface NewReview extends By {
  readonly name: string;
  readonly scope: store.ReviewScope;
  readonly reviewers: readonly PersonId[];
  readonly dueAtMs: number;
}

export interface Decided extends By {
  readonly review: ReviewId;
  readonly item: ReviewItemId;
  readonly decision: store.Decision;
  readonly reason: string;
  /** For a change: the smaller role. */
  readonly role: string | null;
}

export interface ReviewWithItems extends store.ReviewRow {
  readonly items: readonly store.ItemRow[];
}

export interface Reviews {
  create(review: NewReview): Promise<ReviewWithItems | Refusal>;
  list(tenant: TenantId): Promise<readonly store.ReviewRow[]>;
  show(tenant: TenantId, id: ReviewId): Promise<ReviewWithItems | Refusal>;
  decide(decided: Decided): Promise<store.ItemRow | Refusal>;
  /** Writes the event of each review that became overdue; how many. */
  tellOverdue(tenant: TenantId): Promise<number>;
}

export interface ReviewsDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly random: Random;
  readonly proposals: Pick<Proposals, 'facts'>;
  /** The workspaces a workload belongs to. */
  readonly workspacesOf: (tenant: TenantId, workload: string) => readonly string[];
  readonly refresh: (change: { readonly tenant: TenantId; readonly kind: 'workload' | 'person'; readonly id: string }) => Promise<void>;
}

const NAME = /^[\p{L}\p{N}][\p{L}\p{N} .,'’()/:+-]{0,79}$/u;
const MAX_REVIEWERS = 20;
const MAX_ITEMS = 2_000;
const MAX_REASON = 300;
const MAX_AHEAD_MS = 366 * DAY_MS;

export function createReviews(deps: ReviewsDeps): Reviews {
  const { db, clock } = deps;

  const show = async (tx: Tx, tenant: TenantId, id: ReviewId): Promise<ReviewWithItems | Refusal> => {
    const review = (await store.listReviews(tx, tenant, id))[0];
    return review === undefined ? refusal('IDENTITY_REVIEW_UNKNOWN') : { ...review, items: await store.listItems(tx, tenant, id) };
  };

  return {
    async create(wanted) {
      const { tenant, actor, scope } = wanted;
      const name = wanted.name.normalize('NFC').trim();
      const reviewers = [...new Set(wanted.reviewers)];
      const now = clock.now();
      const isDueLater = wanted.dueAtMs > now && wanted.dueAtMs <= now + MAX_AHEAD_MS;
      if (!NAME.test(name)) throw identityFault('IDENTITY_LEAST_INPUT_INVALID', 'name');
      if (reviewers.length === 0 || reviewers.length > MAX_REVIEWERS) throw identityFault('IDENTITY_LEAST_INPUT_INVALID', 'reviewers');
      if (!isDueLater) throw identityFault('IDENTITY_LEAST_INPUT_INVALID', 'dueAt');
      const facts = await deps.proposals.facts(tenant);
      const items = [
        ...(scope.people ? facts.roles.flatMap((grant) => grantItem(facts, grant, scope)) : []),
        ...(scope.workloads
          ? facts.workloads.flatMap((workload) => workloadItems(facts, workload, scope, deps.workspacesOf(tenant, workload.name)))
          : []),
      ];
      if (items.length === 0) return refusal('IDENTITY_REVIEW_EMPTY');
      if (items.length > MAX_ITEMS) throw identityFault('IDENTITY_LEAST_INPUT_INVALID', `more than ${MAX_ITEMS} items; narrow the scope`);
      return db.inTenant(tenant, async (tx) => {
        const active = new Set(await activePeople(tx, tenant));
        if (!reviewers.every((person) => active.has(person))) throw identityFault('IDENTITY_LEAST_INPUT_INVALID', 'reviewers');
        const id = newId('rev', clock, deps.random);
        const dueAt = new Date(wanted.dueAtMs);
        await store.insertReview(tx, tenant, { id, name, scope, reviewers, dueAt, createdAt: new Date(now), createdBy: actor });
        const rows = items.map((item) => ({ ...item, id: newId('itm', clock, deps.random) }));
        await store.insertItems(tx, tenant, id, rows);
        const told = { reviewers, items: rows.length, dueAt: dueAt.toISOString() };
        const sealed = (await wanted.seal?.(tx, { before: null, after: { ...told, scope: { ...scope } } })) ?? null;
        await appendEvents(tx, [makeEvent(deps, { tenant, type: 'identity.review.created', actor, subject: id, public: told, sealed })]);
        return show(tx, tenant, id);
      });
    },

    list: (tenant) => db.inTenant(tenant, (tx) => store.listReviews(tx, tenant, null)),
    show: (tenant, id) => db.inTenant(tenant, (tx) => show(tx, tenant, id)),

    async decide(decided) {
      const { tenant, actor, review } = decided;
      const reason = decided.reason.trim();
      if (reason === '' || reason.length > MAX_REASON) throw identityFault('IDENTITY_LEAST_INPUT_INVALID', 'reason');
      const refresh: { kind: 'workload' | 'person'; id: string }[] = [];
      const work = async (tx: Tx): Promise<store.ItemRow | Refusal> => {
        if (!(await store.holdReview(tx, tenant, review))) return refusal('IDENTITY_REVIEW_UNKNOWN');
        const open = await show(tx, tenant, review);
        if (isRefusal(open)) return open;
        const item = open.items.find(({ id }) => id === decided.item);
        if (item === undefined) return refusal('IDENTITY_REVIEW_UNKNOWN');
        if (open.completedAt !== null) return refusal('IDENTITY_REVIEW_CLOSED');
        if (!open.reviewers.includes(actor)) return refusal('IDENTITY_REVIEW_NOT_REVIEWER');
        const at = new Date(clock.now());
        const holders = await holdersNow(tx, tenant, item, at);
        if (item.people.includes(actor) || holders.includes(actor)) return refusal('IDENTITY_OWN_ACCESS');
        if (item.decision !== null) return refusal('IDENTITY_REVIEW_DECIDED');
        const outcome = await carryOut(deps, tx, { tenant, actor, at }, { item, decided });
        if (isRefusal(outcome)) return outcome;
        refresh.push(...outcome.refresh);
        const role = decided.decision === 'change' ? decided.role : null;
        const row = { ...item, decision: decided.decision, role, reason, decidedAt: at, decidedBy: actor, outcome: outcome.outcome };
        if (!(await store.decideItem(tx, tenant, review, row))) return refusal('IDENTITY_REVIEW_DECIDED');
        const facts = {
          item: item.id,
          subject: item.subject,
          access: item.target,
          decision: decided.decision,
          role,
          outcome: outcome.outcome,
        };
        const sealed = (await decided.seal?.(tx, { before: { ...item.shown } as never, after: { ...facts, reason } })) ?? null;
        await appendEvents(tx, [
          makeEvent(deps, { tenant, type: 'identity.review.decided', actor, subject: review, public: facts, sealed }),
        ]);
        const items = open.items.map((one) => (one.id === row.id ? row : one));
        if (items.every(({ decision }) => decision !== null)) await complete(deps, tx, { tenant, actor, at }, { ...open, items });
        return row;
      };
      const row = await inTenantOrNot(db, tenant, work);
      if (!isRefusal(row)) for (const { kind, id } of refresh) await deps.refresh({ tenant, kind, id });
      return row;
    },

    tellOverdue: (tenant) =>
      db.inTenant(tenant, async (tx) => {
        const overdue = await store.takeOverdue(tx, tenant, new Date(clock.now()));
        await appendEvents(
          tx,
          overdue.map(({ id, dueAt, undecided }) => {
            const told = { undecided, dueAt: dueAt.toISOString() };
            return makeEvent(deps, { tenant, type: 'identity.review.overdue', actor: 'system:least', subject: id, public: told });
          }),
        );
        return overdue.length;
      }),
  };
}

/** Who holds it at this moment: members may have joined since the review was opened. */
async function holdersNow(tx: Tx, tenant: TenantId, item: store.ItemRow, now: Date): Promise<readonly PersonId[]> {
  if (item.kind !== 'grant') return [];
  return (await grantedRoles(tx, tenant, now)).find(({ id }) => id === item.target)?.people ?? [];
}

interface Outcome {
  readonly outcome: 'applied' | 'gone';
  readonly refresh: readonly { readonly kind: 'workload' | 'person'; readonly id: string }[];
}

async function carryOut(
  deps: ReviewsDeps,
  tx: Tx,
  change: Change,
  { item, decided }: { readonly item: store.ItemRow; readonly decided: Decided },
): Promise<Outcome | Refusal> {
  const draft = await draftOf(tx, change, item, decided);
  if (isRefusal(draft)) return draft;
  if (draft === 'gone') return { outcome: 'gone', refresh: [] };
  if (draft === 'stays') return { outcome: 'applied', refresh: [] };
  const moved = await take(deps, tx, change, draft);
  return isRefusal(moved) ? moved : { outcome: 'applied', refresh: moved.refresh };
}

/** What is taken away, or that it is not there any more, or that nothing is. */
async function draftOf(
  tx: Tx,
  { tenant, at }: Change,
  item: store.ItemRow,
  { decision, role }: Decided,
): Promise<Draft | Refusal | 'gone' | 'stays'> {
  const evidence = { windowDays: 0, observedSinceMs: 0, grantedAtMs: null, lastUsedAtMs: null, count: 0 };
  if (item.kind === 'workload_integration') {
    const workload = (await grantedWorkloads(tx, tenant, item.subject as WorkloadId))[0];
    if (decision === 'change') return refusal('IDENTITY_REVIEW_WIDENS');
    if (workload === undefined || !workload.integrations.includes(item.target)) return 'gone';
    if (decision === 'keep') return 'stays';
    return {
      kind: 'integration_unused',
      subject: item.subject,
      target: item.target,
      remove: [item.target],
      keep: [],
      change: null,
      evidence,
    };
  }
  const live = await grantedRoles(tx, tenant, at);
  const grant = live.find(({ id }) => id === item.target);
  if (grant === undefined) return 'gone';
  if (decision === 'keep') return 'stays';
  if (isOwning(grant) && live.filter(isOwning).length === 1) return refusal('IDENTITY_LAST_ACCESS');
  const draft = { subject: item.subject, target: item.target, remove: [], keep: [], evidence };
  if (decision === 'remove') return { ...draft, kind: 'grant_unused', change: { grant: grant.id, from: grant.role, to: null } };
  const smaller = role === null ? null : await actionsNamed(tx, tenant, role);
  const held = actionsOfRole(grant.role, grant.actions);
  const narrows = smaller !== null && smaller.size > 0 && smaller.size < held.size && [...smaller].every((action) => held.has(action));
  if (!narrows || role === null || role === 'agent') return refusal('IDENTITY_REVIEW_WIDENS');
  return { ...draft, kind: 'grant_smaller', change: { grant: grant.id, from: grant.role, to: role } };
}

async function actionsNamed(tx: Tx, tenant: TenantId, role: string): Promise<ReadonlySet<Action> | null> {
  if (!role.startsWith(CUSTOM)) return actionsOfRole(role, null);
  const custom = (await customRoles(tx, tenant)).find(({ name }) => `${CUSTOM}${name}` === role);
  return custom === undefined ? null : new Set(custom.actions.filter(isAction));
}

/** Every decision, in the order of the items: whoever has them computes the same. */
export function decisionsDigest(review: Pick<ReviewWithItems, 'id' | 'items'>): string {
  const decisions = review.items.map(({ id, subject, kind, target, decision, role, reason, decidedBy, decidedAt, outcome }) => ({
    ...{ id, subject, kind, target, decision, role, reason, decidedBy, outcome },
    decidedAt: decidedAt?.toISOString() ?? null,
  }));
  return createHash('sha256')
    .update(canonicalJson({ review: review.id, decisions }))
    .digest('hex');
}

async function complete(deps: ReviewsDeps, tx: Tx, { tenant, actor, at }: Change, review: ReviewWithItems): Promise<void> {
  const count = (decision: store.Decision): number => review.items.filter((item) => item.decision === decision).length;
  const digest = decisionsDigest(review);
  const facts = { kept: count('keep'), removed: count('remove'), changed: count('change'), digest, onTime: at <= review.dueAt };
  const event = makeEvent(deps, { tenant, type: 'identity.review.completed', actor, subject: review.id, public: facts });
  await appendEvents(tx, [event]);
  await store.completeReview(tx, tenant, review.id, { at, event: event.id, digest });
}
