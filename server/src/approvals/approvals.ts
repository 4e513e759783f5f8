// Stored calls from request to result. A decision is a person's, on the digest that was shown; the rest is guarded state.

import {
  type ApprovalId,
  type CallId,
  type Clock,
  type Evidence,
  type JsonObject,
  newId,
  type Principal,
  type Random,
  type Refusal,
  refuse,
  type TenantId,
  type Tx,
  type UnixMs,
} from '#core';
import { appendEvents, type Database } from '#storage';
import type { ApprovalState, FinishedState } from './states.ts';
import * as store from './store/approvals.ts';

export type { ApprovalRow } from './store/approvals.ts';

export interface NewApproval {
  readonly tenant: TenantId;
  readonly call: CallId;
  readonly requestedBy: Principal;
  /** SHA-256 over exactly what would happen. */
  readonly digest: string;
  /** The sentence a person reads, sealed by the caller. */
  readonly sealedSentence: Uint8Array;
  readonly sealedCall: Uint8Array;
  readonly evidence: Evidence;
  readonly expiresAtMs: UnixMs;
  readonly integration: string;
  readonly operation: string;
}

export interface Approvals {
  /** Stores a sealed call. While the same call of the same requester waits it is not stored again: its id is given. */
  request(tx: Tx, approval: NewApproval): Promise<ApprovalId>;
  list(tenant: TenantId, state: ApprovalState | null): Promise<readonly store.ApprovalRow[]>;
  show(tenant: TenantId, id: ApprovalId): Promise<store.ApprovalRow | null>;
  approve(decider: Principal, id: ApprovalId, digest: string): Promise<store.ApprovalRow | Refusal>;
  deny(decider: Principal, id: ApprovalId, reason: string): Promise<store.ApprovalRow | Refusal>;
  claimExecution(tx: Tx, tenant: TenantId, id: ApprovalId): Promise<{ readonly sealedCall: Uint8Array; readonly digest: string } | Refusal>;
  /** Uses the endorsement up, in the transaction of its effect. */
  consume(tx: Tx, id: ApprovalId, digest: string): Promise<Refusal | null>;
  finish(
    tx: Tx,
    finished: { tenant: TenantId; approval: ApprovalId; outcome: FinishedState; code: string | null; sealedResult: Uint8Array | null },
  ): Promise<void>;
  /** The approval for the workload that asked, or for a person of the tenant. */
  visibleTo(principal: Principal, id: ApprovalId): Promise<store.ApprovalRow | Refusal>;
  /**
   * Expires what nobody decided or ran in time; of calls whose executor died, releases those that were not sent and shows the others as
   * `unknown`; and names what is approved and waits to run.
   */
  sweep(): Promise<readonly { readonly tenant: TenantId; readonly approval: ApprovalId }[]>;
}

export interface ApprovalsDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly random: Random;
}

/** Longer than any connector call may take, so that a slow one is not taken for a dead one. */
const CLAIM_LIFETIME_MS = 120_000;
/** Times an approved call is started when its executors die before anything was sent. */
const MAX_ATTEMPTS = 3;
const MAX_LIST = 200;

export function createApprovals({ db, clock, random }: ApprovalsDeps): Approvals {
  const event = (tenant: TenantId, id: ApprovalId, kind: string, actor: string, facts: JsonObject) => ({
    id: newId('evt', clock, random),
    tenant,
    type: `approvals.call.${kind}`,
    occurredAtMs: clock.now(),
    actor,
    subject: id,
    public: facts,
    sealed: null,
  });

  const decide = (
    decider: Principal,
    id: ApprovalId,
    decision: { state: 'approved' | 'denied'; digest: string | null; reason: string | null },
  ): Promise<store.ApprovalRow | Refusal> => {
    if (decider.kind !== 'person') return Promise.resolve(refuse('APPROVALS_NOT_A_PERSON', 'Only a signed-in person can decide.'));
    const { tenant } = decider;
    return db.inTenant(tenant, async (tx) => {
      const shown = await store.findApproval(tx, tenant, id);
      if (shown === null) return unknown();
      const decided = await store.decideApproval(tx, { tenant, id, ...decision, by: decider.person, nowMs: clock.now() });
      if (!decided) return whyNot(shown, decision.digest);
      await appendEvents(tx, [
        event(tenant, id, decision.state, decider.person, {
          call: shown.call,
          digest: shown.digest,
          reason: decision.state === 'denied',
          solo: true,
        }),
      ]);
      return (await store.findApproval(tx, tenant, id)) ?? unknown();
    });
  };

  const expire = (tenant: TenantId, id: ApprovalId, nowMs: UnixMs): Promise<void> =>
    db.inTenant(tenant, async (tx) => {
      if (!(await store.expireApproval(tx, tenant, id, nowMs))) return;
      await appendEvents(tx, [event(tenant, id, 'expired', 'system:executor', {})]);
    });

  const strand = (tenant: TenantId, id: ApprovalId, nowMs: UnixMs): Promise<void> =>
    db.inTenant(tenant, async (tx) => {
      const dead = {
        tenant,
        id,
        claimedBeforeMs: nowMs - CLAIM_LIFETIME_MS,
        maxAttempts: MAX_ATTEMPTS,
        lostCode: 'APPROVALS_EXECUTOR_LOST',
      };
      const outcome = await store.strandApproval(tx, dead);
      if (outcome === null) return;
      await appendEvents(tx, [event(tenant, id, outcome === 'approved' ? 'released' : 'stranded', 'system:executor', { outcome })]);
    });

  return {
    async request(tx, approval) {
      const id = newId('apr', clock, random);
      const workload = approval.requestedBy.kind === 'workload' ? approval.requestedBy.workload : approval.requestedBy.person;
      const { tenant, call, digest, integration, operation } = approval;
      const row = { ...approval, id, workload, requestedAtMs: clock.now() };
      while (!(await store.insertApproval(tx, row))) {
        const waiting = await store.findWaiting(tx, { tenant, workload, digest });
        if (waiting === null) continue; // finished at this very moment
        if (!(await store.expireApproval(tx, tenant, waiting.id, clock.now()))) {
          await appendEvents(tx, [event(tenant, waiting.id, 'repeated', workload, { call, digest, integration, operation })]);
          return waiting.id;
        }
        await appendEvents(tx, [event(tenant, waiting.id, 'expired', 'system:executor', {})]);
      }
      await appendEvents(tx, [event(approval.tenant, id, 'requested', workload, { call, digest, integration, operation })]);
      return id;
    },
    list: (tenant, state) => db.inTenant(tenant, (tx) => store.listApprovals(tx, tenant, { state, limit: MAX_LIST })),
    show: (tenant, id) => db.inTenant(tenant, (tx) => store.findApproval(tx, tenant, id)),
    approve: (decider, id, digest) => decide(decider, id, { state: 'approved', digest, reason: null }),
    deny: (decider, id, reason) => decide(decider, id, { state: 'denied', digest: null, reason }),
    async claimExecution(tx, tenant, id) {
      if (!(await store.claimApproval(tx, tenant, id, clock.now()))) {
        return refuse('APPROVALS_NOT_CLAIMABLE', 'This call is not approved, or another process already runs it.', { approval: id });
      }
      const row = await store.findApproval(tx, tenant, id);
      if (row === null) return unknown();
      await appendEvents(tx, [event(tenant, id, 'claimed', 'system:executor', { call: row.call, digest: row.digest })]);
      return row;
    },
    async consume(tx, id, digest) {
      if (await store.consumeApproval(tx, id, digest, clock.now())) return null;
      return refuse('APPROVALS_ALREADY_USED', 'This endorsement was used before or is for another call.', { approval: id });
    },
    async finish(tx, { tenant, approval, outcome, code, sealedResult }) {
      const finished = await store.finishApproval(tx, { tenant, id: approval, state: outcome, code, sealedResult, nowMs: clock.now() });
      if (finished) await appendEvents(tx, [event(tenant, approval, 'finished', 'system:executor', { outcome, code })]);
    },
    async visibleTo(principal, id) {
      const row = await db.inTenant(principal.tenant, (tx) => store.findApproval(tx, principal.tenant, id));
      // A stranger's approval and one that does not exist read the same.
      if (row === null || (principal.kind === 'workload' && row.workload !== principal.workload)) return unknown();
      return row;
    },
    async sweep() {
      const nowMs = clock.now();
      const open = await db.asSystem('resolver', (tx) => store.findOpenApprovals(tx, nowMs, nowMs - CLAIM_LIFETIME_MS));
      const waiting: { tenant: TenantId; approval: ApprovalId }[] = [];
      for (const { tenant, approval, state, isOverdue } of open) {
        if (state === 'executing') await strand(tenant, approval, nowMs);
        else if (isOverdue) await expire(tenant, approval, nowMs);
        else waiting.push({ tenant, approval });
      }
      return waiting;
    },
  };
}

function unknown(): Refusal {
  return refuse('APPROVALS_UNKNOWN', 'There is no such approval for you; check the id.');
}

function whyNot(shown: store.ApprovalRow, digest: string | null): Refusal {
  if (shown.state === 'pending' && digest !== null && shown.digest !== digest) {
    return refuse('APPROVALS_DIGEST_MISMATCH', 'What you approve is not what is stored; look at the call again.', { approval: shown.id });
  }
  return refuse('APPROVALS_NOT_PENDING', 'This call was decided or has expired before.', { approval: shown.id, state: shown.state });
}
