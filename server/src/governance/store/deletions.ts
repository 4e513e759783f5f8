// Rows of deletions elsewhere that are calls: whom they name, as long as the task is open, and what became of the call.

import type { ApprovalId, DeletionTaskId, KeyId, PrivacyRequestId, TenantId, Tx, WorkloadId } from '#core';
import { query, sql } from '#storage';

/**
 * `waiting`: somebody has to say yes, or it runs. `blocked`: it could not be asked for yet, and is tried again. `refused`: somebody said no.
 * `failed`: whoever was asked did not do it. `unknown`: nobody can tell.
 */
export const CALL_OUTCOMES = ['waiting', 'blocked', 'refused', 'failed', 'unknown', 'done'] as const;
export type CallOutcome = (typeof CALL_OUTCOMES)[number];

export interface OpenCall {
  readonly id: DeletionTaskId;
  readonly request: PrivacyRequestId;
  readonly vendor: string;
  readonly operation: string | null;
  readonly sealedPerson: Uint8Array;
  readonly outcome: CallOutcome | null;
  readonly code: string | null;
  readonly approval: ApprovalId | null;
  readonly attempts: number;
  readonly nextAt: Date | null;
}

const OPEN = sql`id, request, vendor, operation, sealed_person as "sealedPerson", outcome, code, approval, attempts, next_at as "nextAt"`;

/** Open tasks with a call that there is something to look at for; those that wait for a word of a person are not among them. By id, from there on. */
export async function openCalls(
  tx: Tx,
  tenant: TenantId,
  { after, now, limit }: { readonly after: DeletionTaskId | null; readonly now: Date; readonly limit: number },
): Promise<readonly OpenCall[]> {
  const { rows } = await sql<OpenCall>`
    select ${OPEN} from governance_tasks where tenant = ${tenant} and state = 'open' and sealed_person is not null
      and (outcome is null or outcome not in ('refused', 'failed')) and (next_at is null or next_at <= ${now})
      and (${after}::text is null or id > ${after})
    order by id limit ${limit}`.execute(query(tx));
  return rows;
}

export async function findCall(tx: Tx, tenant: TenantId, id: DeletionTaskId): Promise<OpenCall | null> {
  const { rows } = await sql<OpenCall>`
    select ${OPEN} from governance_tasks
    where tenant = ${tenant} and id = ${id} and state = 'open' and sealed_person is not null for update`.execute(query(tx));
  return rows[0] ?? null;
}

export interface CallState {
  readonly outcome: CallOutcome | null;
  readonly code: string | null;
  readonly approval: ApprovalId | null;
  readonly attempts: number;
  readonly nextAt: Date | null;
}

/** False when the task ended meanwhile, or somebody else changed its call first. */
export async function changeCall(tx: Tx, tenant: TenantId, task: OpenCall, to: CallState): Promise<boolean> {
  const { rows } = await sql`
    update governance_tasks set outcome = ${to.outcome}, code = ${to.code}, approval = ${to.approval}, attempts = ${to.attempts}, next_at = ${to.nextAt}
    where tenant = ${tenant} and id = ${task.id} and state = 'open' and attempts = ${task.attempts}
      and outcome is not distinct from ${task.outcome}::text and approval is not distinct from ${task.approval}::text
    returning id`.execute(query(tx));
  return rows.length === 1;
}

/** The call was made, and whoever was asked said that it is done. */
export async function endCall(tx: Tx, tenant: TenantId, id: DeletionTaskId, { by, at }: { by: string; at: Date }): Promise<boolean> {
  const { rows } = await sql`
    update governance_tasks set state = 'done', outcome = 'done', code = null, sealed_person = null, next_at = null, closed_at = ${at}, closed_by = ${by}
    where tenant = ${tenant} and id = ${id} and state = 'open' returning id`.execute(query(tx));
  return rows.length === 1;
}

/** By which workload and key a tenant deletes elsewhere. */
export async function findDeleter(tx: Tx, tenant: TenantId): Promise<{ workload: WorkloadId; key: KeyId } | null> {
  const { rows } = await sql<{ workload: WorkloadId; key: KeyId }>`
    select workload, key from governance_deleters where tenant = ${tenant}`.execute(query(tx));
  return rows[0] ?? null;
}

export async function putDeleter(tx: Tx, tenant: TenantId, deleter: { workload: WorkloadId; key: KeyId }): Promise<void> {
  await sql`insert into governance_deleters (tenant, workload, key) values (${tenant}, ${deleter.workload}, ${deleter.key})
    on conflict (tenant) do update set workload = excluded.workload, key = excluded.key`.execute(query(tx));
}

/** Which shop an integration is; null: nobody said. */
export async function findShop(tx: Tx, tenant: TenantId, integration: string): Promise<string | null> {
  const { rows } = await sql<{ domain: string }>`
    select domain from governance_shops where tenant = ${tenant} and integration = ${integration}`.execute(query(tx));
  return rows[0]?.domain ?? null;
}

export async function putShop(tx: Tx, tenant: TenantId, { integration, domain }: { integration: string; domain: string }): Promise<void> {
  await sql`insert into governance_shops (tenant, integration, domain) values (${tenant}, ${integration}, ${domain})
    on conflict (tenant, integration) do update set domain = excluded.domain`.execute(query(tx));
}
