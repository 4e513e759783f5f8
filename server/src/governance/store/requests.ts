// Rows of requests, of the tasks they leave with vendors, and of holds.

import type { DeletionTaskId, LegalHoldId, PrivacyRequestId, TenantId, Tx } from '#core';
import { query, sql } from '#storage';
import type { CallOutcome } from './deletions.ts';

export type RequestKind = 'export' | 'erase' | 'shop';
export type RequestState = 'received' | 'verified' | 'done' | 'refused';

export interface RequestRow {
  readonly id: PrivacyRequestId;
  readonly kind: RequestKind;
  readonly state: RequestState;
  readonly source: string;
  readonly sealedSubject: Uint8Array | null;
  readonly subject: string | null;
  readonly receivedAt: Date;
  readonly receivedBy: string;
  readonly dueAt: Date;
  readonly verifiedAt: Date | null;
  readonly verifiedBy: string | null;
  readonly verifiedHow: string | null;
  readonly closedAt: Date | null;
  readonly closedBy: string | null;
  readonly reason: string | null;
  readonly receipt: unknown;
  readonly receiptEvent: string | null;
  /** What the first look of an erasure took, until the second one closes it. */
  readonly erased: unknown;
}

const COLUMNS = sql`id, kind, state, source, sealed_subject as "sealedSubject", subject, received_at as "receivedAt",
  received_by as "receivedBy", due_at as "dueAt", verified_at as "verifiedAt", verified_by as "verifiedBy", verified_how as "verifiedHow",
  closed_at as "closedAt", closed_by as "closedBy", reason, receipt, receipt_event as "receiptEvent", erased`;

/** False when the same source brought it before. */
export async function insertRequest(
  tx: Tx,
  tenant: TenantId,
  row: Pick<RequestRow, 'id' | 'kind' | 'source' | 'sealedSubject' | 'subject' | 'receivedAt' | 'receivedBy' | 'dueAt'>,
): Promise<boolean> {
  const { rows } = await sql`
    insert into governance_requests (tenant, id, kind, state, source, sealed_subject, subject, received_at, received_by, due_at)
    values (${tenant}, ${row.id}, ${row.kind}, 'received', ${row.source}, ${row.sealedSubject === null ? null : Buffer.from(row.sealedSubject)},
      ${row.subject}, ${row.receivedAt}, ${row.receivedBy}, ${row.dueAt})
    on conflict do nothing returning id`.execute(query(tx));
  return rows.length === 1;
}

export async function findRequest(
  tx: Tx,
  tenant: TenantId,
  id: PrivacyRequestId,
  lock: 'look' | 'hold' = 'look',
): Promise<RequestRow | null> {
  const held = lock === 'hold' ? sql`for update` : sql``;
  const { rows } = await sql<RequestRow>`
    select ${COLUMNS} from governance_requests where tenant = ${tenant} and id = ${id} ${held}`.execute(query(tx));
  return rows[0] ?? null;
}

/** Newest first; of one person when asked. */
export async function listRequests(
  tx: Tx,
  tenant: TenantId,
  { subjects, limit }: { readonly subjects: readonly string[] | null; readonly limit: number },
): Promise<readonly RequestRow[]> {
  const { rows } = await sql<RequestRow>`
    select ${COLUMNS} from governance_requests
    where tenant = ${tenant} and (${subjects === null} or subject = any(${[...(subjects ?? [])]}::text[])) order by received_at desc, id desc limit ${limit}`.execute(
    query(tx),
  );
  return rows;
}

export interface RequestChange {
  readonly state: RequestState;
  readonly by: string;
  readonly at: Date;
  readonly how?: string;
  readonly reason?: string;
  readonly receipt?: { readonly json: string; readonly event: string };
}

export async function moveRequest(tx: Tx, tenant: TenantId, id: PrivacyRequestId, change: RequestChange): Promise<void> {
  const { state, by, at, how, reason, receipt } = change;
  const on = query(tx);
  if (state === 'verified') {
    await sql`update governance_requests set state = 'verified', verified_at = ${at}, verified_by = ${by}, verified_how = ${how ?? null}
      where tenant = ${tenant} and id = ${id}`.execute(on);
    return;
  }
  await sql`update governance_requests set state = ${state}, closed_at = ${at}, closed_by = ${by}, reason = ${reason ?? null},
      receipt = ${receipt?.json ?? null}::jsonb, receipt_event = ${receipt?.event ?? null}, erased = null
    where tenant = ${tenant} and id = ${id}`.execute(on);
}

/** Keeps what the first look of an erasure took. */
export async function noteErased(tx: Tx, tenant: TenantId, id: PrivacyRequestId, erased: string): Promise<void> {
  await sql`update governance_requests set erased = ${erased}::jsonb where tenant = ${tenant} and id = ${id} and state = 'verified'`.execute(
    query(tx),
  );
}

/** Erasures whose second look is still to come. */
export async function halfErased(tx: Tx, tenant: TenantId): Promise<readonly PrivacyRequestId[]> {
  const { rows } = await sql<{ id: PrivacyRequestId }>`
    select id from governance_requests where tenant = ${tenant} and state = 'verified' and erased is not null order by due_at limit 100`.execute(
    query(tx),
  );
  return rows.map(({ id }) => id);
}

/** Nobody is named by these requests any more; gives which. */
export async function anonymiseRequests(tx: Tx, tenant: TenantId, subjects: readonly string[]): Promise<readonly PrivacyRequestId[]> {
  const { rows } = await sql<{ id: PrivacyRequestId }>`
    update governance_requests set sealed_subject = null, subject = null
    where tenant = ${tenant} and subject = any(${[...subjects]}::text[]) returning id`.execute(query(tx));
  return rows.map(({ id }) => id);
}

export interface TaskRow {
  readonly id: DeletionTaskId;
  readonly request: PrivacyRequestId;
  readonly vendor: string;
  readonly classes: readonly string[];
  /** The operation of the integration that deletes, where its manifest declares one. */
  readonly operation: string | null;
  readonly state: 'open' | 'done';
  readonly dueAt: Date;
  readonly closedAt: Date | null;
  readonly closedBy: string | null;
  readonly note: string | null;
  /** What became of the call; null where there is none, or before it is asked for. */
  readonly outcome: CallOutcome | null;
  readonly code: string | null;
  readonly approval: string | null;
  /** It is a call, and not a list for people. */
  readonly isCall: boolean;
}

const TASK = sql`id, request, vendor, classes, operation, state, due_at as "dueAt", closed_at as "closedAt", closed_by as "closedBy", note,
  outcome, code, approval, (sealed_person is not null or outcome is not null) as "isCall"`;

/** False when the vendor has a task of this request already. */
export async function insertTask(
  tx: Tx,
  tenant: TenantId,
  task: Pick<TaskRow, 'id' | 'request' | 'vendor' | 'classes' | 'operation' | 'dueAt'> & { readonly sealedPerson: Uint8Array | null },
): Promise<boolean> {
  const person = task.sealedPerson === null ? null : Buffer.from(task.sealedPerson);
  const { rows } = await sql`insert into governance_tasks (tenant, id, request, vendor, classes, operation, state, due_at, sealed_person)
    values (${tenant}, ${task.id}, ${task.request}, ${task.vendor}, ${[...task.classes]}::text[], ${task.operation}, 'open', ${task.dueAt}, ${person})
    on conflict do nothing returning id`.execute(query(tx));
  return rows.length === 1;
}

export async function listTasks(tx: Tx, tenant: TenantId, request: PrivacyRequestId | null): Promise<readonly TaskRow[]> {
  const { rows } = await sql<TaskRow>`
    select ${TASK} from governance_tasks where tenant = ${tenant} and (${request}::text is null or request = ${request})
    order by due_at, vendor limit 1000`.execute(query(tx));
  return rows;
}

/** False when there is no such open task. */
export async function closeTask(
  tx: Tx,
  tenant: TenantId,
  { id, by, at, note }: { readonly id: DeletionTaskId; readonly by: string; readonly at: Date; readonly note: string },
): Promise<TaskRow | null> {
  const { rows } = await sql<TaskRow>`
    update governance_tasks set state = 'done', closed_at = ${at}, closed_by = ${by}, note = ${note}, sealed_person = null, next_at = null
    where tenant = ${tenant} and id = ${id} and state = 'open' returning ${TASK}`.execute(query(tx));
  return rows[0] ?? null;
}

export interface HoldRow {
  readonly id: LegalHoldId;
  readonly subject: string | null;
  /** The same person by other forms of the number. */
  readonly forms: readonly string[];
  readonly place: string | null;
  readonly purpose: string | null;
  readonly sealedReason: Uint8Array;
  readonly placedAt: Date;
  readonly placedBy: string;
  readonly until: Date | null;
  readonly releasedAt: Date | null;
  readonly releasedBy: string | null;
}

/** Whoever deletes: no hold is placed until the transaction ends, so that none is placed on what is just going. */
export async function shareHolds(tx: Tx, tenant: TenantId): Promise<void> {
  await sql`select pg_advisory_xact_lock_shared(hashtextextended(${tenant}, 190))`.execute(query(tx));
}

/** Whoever places a hold: waits for who deletes just now. */
export async function takeHolds(tx: Tx, tenant: TenantId): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${tenant}, 190))`.execute(query(tx));
}

export async function insertHold(tx: Tx, tenant: TenantId, row: Omit<HoldRow, 'releasedAt' | 'releasedBy'>): Promise<void> {
  await sql`insert into governance_holds (tenant, id, subject, forms, place, purpose, sealed_reason, placed_at, placed_by, until)
    values (${tenant}, ${row.id}, ${row.subject}, ${[...row.forms]}::text[], ${row.place}, ${row.purpose}, ${Buffer.from(row.sealedReason)}, ${row.placedAt},
      ${row.placedBy}, ${row.until})`.execute(query(tx));
}

/** Newest first; `activeAt`: only those that hold at that moment. */
export async function listHolds(tx: Tx, tenant: TenantId, activeAt: Date | null): Promise<readonly HoldRow[]> {
  const { rows } = await sql<HoldRow>`
    select id, subject, forms, place, purpose, sealed_reason as "sealedReason", placed_at as "placedAt", placed_by as "placedBy", until,
      released_at as "releasedAt", released_by as "releasedBy" from governance_holds
    where tenant = ${tenant} and (${activeAt}::timestamptz is null or (released_at is null and (until is null or until > ${activeAt})))
    order by placed_at desc, id limit 1000`.execute(query(tx));
  return rows;
}

export async function releaseHold(
  tx: Tx,
  tenant: TenantId,
  { id, by, at }: { readonly id: LegalHoldId; readonly by: string; readonly at: Date },
): Promise<boolean> {
  const { rows } = await sql`update governance_holds set released_at = ${at}, released_by = ${by}
    where tenant = ${tenant} and id = ${id} and released_at is null returning id`.execute(query(tx));
  return rows.length === 1;
}
