// Rows of access reviews and of what is decided in them. A decision is written once.

import type { Action, PersonId, ReviewId, ReviewItemId, Scope, TenantId, Tx } from '#core';
import { type Database, query, sql } from '#storage';

export interface ReviewScope {
  readonly people: boolean;
  readonly workloads: boolean;
  readonly role?: string;
  readonly workspace?: string;
}

export interface ReviewRow {
  readonly id: ReviewId;
  readonly name: string;
  readonly scope: ReviewScope;
  readonly reviewers: readonly PersonId[];
  readonly dueAt: Date;
  readonly createdAt: Date;
  readonly createdBy: string;
  readonly completedAt: Date | null;
  readonly recordEvent: string | null;
  readonly recordDigest: string | null;
  readonly total: number;
  readonly kept: number;
  readonly removed: number;
  readonly changed: number;
}

const REVIEW = sql`r.id, r.name, r.scope, r.reviewers, r.due_at as "dueAt", r.created_at as "createdAt", r.created_by as "createdBy",
  r.completed_at as "completedAt", r.record_event as "recordEvent", r.record_digest as "recordDigest",
  count(i.id)::int as total, (count(*) filter (where i.decision = 'keep'))::int as kept,
  (count(*) filter (where i.decision = 'remove'))::int as removed, (count(*) filter (where i.decision = 'change'))::int as changed`;
const MAX_LISTED = 200;

export async function listReviews(tx: Tx, tenant: TenantId, id: ReviewId | null): Promise<readonly ReviewRow[]> {
  const { rows } = await sql<ReviewRow>`select ${REVIEW} from identity_reviews r
    left join identity_review_items i on i.tenant = r.tenant and i.review = r.id
    where r.tenant = ${tenant} and (${id}::text is null or r.id = ${id})
    group by r.tenant, r.id order by r.created_at desc limit ${MAX_LISTED}`.execute(query(tx));
  return rows;
}

/** Holds the review until the end of the transaction, so that one decision is the last one. */
export async function holdReview(tx: Tx, tenant: TenantId, id: ReviewId): Promise<boolean> {
  const { rows } = await sql`select 1 from identity_reviews where tenant = ${tenant} and id = ${id} for update`.execute(query(tx));
  return rows.length === 1;
}

export async function insertReview(
  tx: Tx,
  tenant: TenantId,
  review: Pick<ReviewRow, 'id' | 'name' | 'scope' | 'reviewers' | 'dueAt' | 'createdAt' | 'createdBy'>,
): Promise<void> {
  const { id, name, scope, reviewers, dueAt, createdAt, createdBy } = review;
  await sql`insert into identity_reviews (tenant, id, name, scope, reviewers, due_at, created_at, created_by)
    values (${tenant}, ${id}, ${name}, ${JSON.stringify(scope)}::jsonb, ${[...reviewers]}::text[], ${dueAt}, ${createdAt}, ${createdBy})`.execute(
    query(tx),
  );
}

/** How the access stood when the review was opened. */
export interface ShownAccess {
  readonly name: string;
  readonly subjectName: string | null;
  readonly via: string | null;
  readonly scope: Scope;
  readonly grantedAtMs: number | null;
  readonly expiresAtMs: number | null;
  readonly usage: {
    readonly windowDays: number;
    readonly lastUsedAtMs: number | null;
    readonly count: number;
    readonly usedActions: readonly string[];
    readonly unusedActions: readonly string[];
  };
  readonly conflicts: readonly (readonly [Action, Action])[];
  readonly smallerRole: string | null;
}

export const DECISIONS = ['keep', 'remove', 'change'] as const;
export type Decision = (typeof DECISIONS)[number];

export interface ItemRow {
  readonly id: ReviewItemId;
  readonly subject: string;
  readonly people: readonly PersonId[];
  readonly kind: 'grant' | 'workload_integration';
  /** The grant, or the integration. */
  readonly target: string;
  readonly shown: ShownAccess;
  readonly decision: Decision | null;
  readonly role: string | null;
  readonly reason: string | null;
  readonly decidedAt: Date | null;
  readonly decidedBy: string | null;
  readonly outcome: 'applied' | 'gone' | null;
}

export async function insertItems(
  tx: Tx,
  tenant: TenantId,
  review: ReviewId,
  items: readonly Pick<ItemRow, 'id' | 'subject' | 'people' | 'kind' | 'target' | 'shown'>[],
): Promise<void> {
  const text = JSON.stringify(items.map((item) => ({ tenant, review, ...item })));
  await sql`insert into identity_review_items (tenant, review, id, subject, people, kind, target, shown)
    select tenant, review, id, subject, people, kind, target, shown
    from jsonb_to_recordset(${text}::jsonb) as given (tenant text, review text, id text, subject text, people text[], kind text, target text, shown jsonb)`.execute(
    query(tx),
  );
}

export async function listItems(tx: Tx, tenant: TenantId, review: ReviewId): Promise<readonly ItemRow[]> {
  const { rows } = await sql<ItemRow>`select id, subject, people, kind, target, shown, decision, role, reason, decided_at as "decidedAt",
      decided_by as "decidedBy", outcome from identity_review_items where tenant = ${tenant} and review = ${review} order by id`.execute(
    query(tx),
  );
  return rows;
}

/** False when it was decided before. */
export async function decideItem(
  tx: Tx,
  tenant: TenantId,
  review: ReviewId,
  item: Pick<ItemRow, 'id' | 'decision' | 'role' | 'reason' | 'decidedAt' | 'decidedBy' | 'outcome'>,
): Promise<boolean> {
  const { rows } = await sql`update identity_review_items set decision = ${item.decision}, role = ${item.role}, reason = ${item.reason},
      decided_at = ${item.decidedAt}, decided_by = ${item.decidedBy}, outcome = ${item.outcome}
    where tenant = ${tenant} and review = ${review} and id = ${item.id} and decision is null returning id`.execute(query(tx));
  return rows.length === 1;
}

export async function completeReview(
  tx: Tx,
  tenant: TenantId,
  id: ReviewId,
  record: { readonly at: Date; readonly event: string; readonly digest: string },
): Promise<void> {
  await sql`update identity_reviews set completed_at = ${record.at}, record_event = ${record.event}, record_digest = ${record.digest}
    where tenant = ${tenant} and id = ${id}`.execute(query(tx));
}

/** Marks those that became overdue as told; gives them. */
export async function takeOverdue(
  tx: Tx,
  tenant: TenantId,
  now: Date,
): Promise<readonly { readonly id: ReviewId; readonly dueAt: Date; readonly undecided: number }[]> {
  const { rows } = await sql<{ id: ReviewId; dueAt: Date; undecided: number }>`
    update identity_reviews r set overdue_told_at = ${now}
    where r.tenant = ${tenant} and r.completed_at is null and r.due_at < ${now} and r.overdue_told_at is null
    returning r.id, r.due_at as "dueAt",
      (select count(*)::int from identity_review_items i where i.tenant = r.tenant and i.review = r.id and i.decision is null) as undecided`.execute(
    query(tx),
  );
  return rows;
}

/** Tenants in which something of this may be due: reviews, grants that end when unused, proposals that are applied by themselves. */
export async function tenantsToSweep(db: Pick<Database, 'asSystem'>): Promise<readonly TenantId[]> {
  const { rows } = await db.asSystem('authenticator', (tx) =>
    sql<{ tenant: TenantId }>`
      select tenant from identity_least_settings where auto_apply
      union select tenant from identity_reviews where completed_at is null
      union select tenant from identity_grants where ended_at is null and expire_unused_days is not null order by 1`.execute(query(tx)),
  );
  return rows.map(({ tenant }) => tenant);
}
