// Stored calls from request to result. A decision is a person's, on the digest that was shown; the rest is guarded state.

import {
  type ActedOn,
  type ApprovalId,
  type CallId,
  type Clock,
  type Evidence,
  type FollowSealed,
  type JsonObject,
  type Money,
  makeEvent,
  newId,
  type PersonId,
  type Principal,
  parseId,
  parseMoney,
  type Random,
  type Refusal,
  type RunId,
  refuse,
  type SealChangeOf,
  type Signatures,
  type TenantId,
  type Tx,
  type UnixMs,
} from '#core';
import { appendEvents, type Database } from '#storage';
import { createDecisions, type Decisions, unknown } from './decide.ts';
import { approvalsCodes } from './errors.ts';
import { createProofs, createSeals, isSeal, type Proofs } from './proof.ts';
import { requirementOf } from './requirement.ts';
import type { ApprovalState, FinishedState } from './states.ts';
import * as store from './store/approvals.ts';
import { dropApprovals, type SampleCalls } from './store/samples.ts';
import * as moves from './store/transitions.ts';

export type { ApprovalRow } from './store/approvals.ts';

export interface NewApproval {
  readonly tenant: TenantId;
  readonly call: CallId;
  readonly requestedBy: Principal;
  /** SHA-256 over exactly what would happen. */
  readonly digest: string;
  /** The sentence a person reads, sealed by the caller. */
  readonly sealedSentence: Uint8Array;
  /** `null` when nothing is sent after the yes: a step of a workflow waits for it. */
  readonly sealedCall: Uint8Array | null;
  /** Where the values come from, what leaves and for whom; sealed by the caller. */
  readonly sealedContext: Uint8Array | null;
  readonly evidence: Evidence;
  readonly expiresAtMs: UnixMs;
  readonly integration: string;
  readonly operation: string;
  /** The run of our own runtime, or the run a bound caller named. */
  readonly run: RunId | null;
  readonly workflow: string | null;
  /** What would be paid; `null` when no money moves. */
  readonly amount: Money | null;
  /** Above the limit that one person may decide alone. */
  readonly needsTwo: boolean;
  /** The integration's own cap for somebody who is alone, in place of the installation's. */
  readonly soloPerDay: Money | null;
}

export interface Claimed {
  readonly sealedCall: Uint8Array;
  readonly digest: string;
  /** Everybody whose yes it took said that what is in doubt goes as it is. */
  readonly sendsAsIs: boolean;
}

export interface Approvals extends Decisions {
  /** Stores a sealed call. While the same call of the same requester waits it is not stored again: its id is given. */
  request(tx: Tx, approval: NewApproval): Promise<ApprovalId>;
  /** Newest first. */
  list(tenant: TenantId, state: ApprovalState | null, limit?: number): Promise<readonly store.ApprovalRow[]>;
  show(tenant: TenantId, id: ApprovalId): Promise<store.ApprovalRow | null>;
  /** The same for whoever acts on a yes that sends nothing: `failed` when the record says yes and nobody is proven to have. */
  proven(tenant: TenantId, id: ApprovalId): Promise<store.ApprovalRow | null>;
  claimExecution(tx: Tx, tenant: TenantId, id: ApprovalId): Promise<Claimed | Refusal>;
  /** Said again and again by whoever runs it: a model may take longer than a dead executor is waited for. */
  renewClaim(tx: Tx, tenant: TenantId, id: ApprovalId): Promise<void>;
  /** Uses the endorsement up, in the transaction of its effect. */
  consume(tx: Tx, id: ApprovalId, digest: string): Promise<Refusal | null>;
  finish(
    tx: Tx,
    finished: { tenant: TenantId; approval: ApprovalId; outcome: FinishedState; code: string | null; sealedResult: Uint8Array | null },
  ): Promise<void>;
  /** The stored call was sealed anew: what proves the request is made for the new bytes, if it did prove the old ones. */
  readonly followSealed: FollowSealed;
  /** The approval for the workload that asked, or for a person of the tenant. */
  visibleTo(principal: Principal, id: ApprovalId): Promise<store.ApprovalRow | Refusal>;
  /**
   * Expires what nobody decided or ran in time; of calls whose executor died, releases those that were not sent and shows the others as
   * `unknown`; and names what is approved and waits to run.
   */
  sweep(): Promise<readonly { readonly tenant: TenantId; readonly approval: ApprovalId }[]>;
  /** Removes the stored calls of sample data, decided or not; their events stay. */
  removeSamples(samples: SampleCalls & { readonly actor: string }): Promise<void>;
}

export interface ApprovalsDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly random: Random;
  /** Who may decide in the tenant now; on this, when it is named. */
  people(tx: Tx, tenant: TenantId, on?: ActedOn): Promise<readonly PersonId[]>;
  /** Who started a run of our own runtime; null when no person did. */
  starterOf(tx: Tx, tenant: TenantId, run: { readonly id: RunId; readonly workflow: string }): Promise<string | null>;
  /** What stands for the second person while there is only one. */
  /** Seals what a decision changed, for the event that records it. */
  readonly sealChange: SealChangeOf;
  /** 32 secret bytes kept outside the database: what is decided is sealed under them. */
  readonly sealKey: Uint8Array;
  /** Passkeys of the people who decide. */
  readonly signatures: Signatures;
  readonly solo: { readonly delayMs: number /** Decimal amount, in each currency. */; readonly perDay: string };
}

/** Longer than any connector call may take, and than the time between two signs of life of a request to a model. */
const CLAIM_LIFETIME_MS = 120_000;
/** Times an approved call is started when its executors die before anything was sent. */
const MAX_ATTEMPTS = 3;
const MAX_LIST = 200;
type WhyUnproven = NonNullable<Awaited<ReturnType<Proofs['whyNot']>>>;

export function createApprovals(deps: ApprovalsDeps): Approvals {
  const { db, clock, random, people, starterOf, sealChange, signatures, solo } = deps;
  const seals = createSeals(deps.sealKey);
  const proofs = createProofs({ seals, signatures, people });
  const event = (tenant: TenantId, id: ApprovalId, kind: string, actor: string, facts: JsonObject) =>
    makeEvent({ clock, random }, { tenant, type: `approvals.call.${kind}`, actor, subject: id, public: facts });

  const decisions = createDecisions({ db, clock, people, soloDelayMs: solo.delayMs, event, sealChange, seals, signatures });

  const askerOf = async (tx: Tx, { tenant, requestedBy, run, workflow }: NewApproval): Promise<PersonId | null> => {
    if (requestedBy.kind === 'person') return requestedBy.person;
    // A program elsewhere may name any run; only a workflow's own calls are asked for by whoever began its run.
    return run === null || workflow === null ? null : parseId('per', await starterOf(tx, tenant, { id: run, workflow }));
  };

  const expire = (tenant: TenantId, id: ApprovalId, nowMs: UnixMs): Promise<void> =>
    db.inTenant(tenant, async (tx) => {
      if (!(await moves.expireApproval(tx, tenant, id, nowMs))) return;
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
        nowMs,
      };
      const outcome = await moves.strandApproval(tx, dead);
      if (outcome === null) return;
      await appendEvents(tx, [event(tenant, id, outcome === 'approved' ? 'released' : 'stranded', 'system:executor', { outcome })]);
    });

  /** It never runs: whoever changed the record may have changed anything, and who may not say yes any more has not said it. */
  const unproven = async (tx: Tx, { tenant, id, digest, required }: store.ApprovalRow, code: WhyUnproven): Promise<Refusal> => {
    await moves.finishApproval(tx, { tenant, id, state: 'failed', code, sealedResult: null, nowMs: clock.now() });
    await appendEvents(tx, [event(tenant, id, 'unproven', 'system:executor', { digest, required, code })]);
    return refuse(code, approvalsCodes[code]?.sentence ?? code, { approval: id });
  };

  /** A step of a workflow whose yes has taken effect: nothing is sent, it is done. */
  const complete = (tenant: TenantId, id: ApprovalId, nowMs: UnixMs): Promise<void> =>
    db.inTenant(tenant, async (tx) => {
      if (!(await moves.completeStep(tx, tenant, id, nowMs))) return;
      await appendEvents(tx, [event(tenant, id, 'finished', 'system:executor', { outcome: 'done', code: null })]);
    });

  return {
    async request(tx, approval) {
      const id = newId('apr', clock, random);
      const workload = approval.requestedBy.kind === 'workload' ? approval.requestedBy.workload : approval.requestedBy.person;
      const { tenant, call, digest, integration, operation } = approval;
      const { amount, needsTwo } = approval;
      const requirement = requirementOf({ needsTwo, people: await people(tx, tenant), askedBy: await askerOf(tx, approval) });
      const ownCap = approval.soloPerDay?.currency === amount?.currency ? approval.soloPerDay : null;
      const soloCap = amount === null ? null : (ownCap ?? parseMoney(solo.perDay, amount.currency));
      const asked = { ...approval, ...requirement, id, workload, soloCap, requestedAtMs: clock.now() };
      const row = { ...asked, seal: seals.request(asked) };
      while (!(await store.insertApproval(tx, row))) {
        const waiting = await store.findWaiting(tx, { tenant, workload, digest });
        if (waiting === null) continue; // finished at this very moment
        if (!(await moves.expireApproval(tx, tenant, waiting.id, clock.now()))) {
          await appendEvents(tx, [event(tenant, waiting.id, 'repeated', workload, { call, digest, integration, operation })]);
          return waiting.id;
        }
        await appendEvents(tx, [event(tenant, waiting.id, 'expired', 'system:executor', {})]);
      }
      const { mode, required, askerCounts } = requirement;
      await appendEvents(tx, [
        event(tenant, id, 'requested', workload, { call, digest, integration, operation, mode, required, askerCounts }),
      ]);
      return id;
    },
    list: (tenant, state, limit = MAX_LIST) =>
      db.inTenant(tenant, (tx) => store.listApprovals(tx, tenant, { state, limit: Math.min(limit, MAX_LIST) })),
    show: (tenant, id) => db.inTenant(tenant, (tx) => store.findApproval(tx, tenant, id)),
    proven: (tenant, id) =>
      db.inTenant(tenant, async (tx) => {
        const row = await store.findApproval(tx, tenant, id);
        if (row === null || row.sealedCall !== null || row.state !== 'done') return row;
        const code = await proofs.whyNot(tx, row);
        return code === null ? row : { ...row, state: 'failed', code };
      }),
    ...decisions,
    async claimExecution(tx, tenant, id) {
      if (!(await moves.claimApproval(tx, tenant, id, clock.now()))) {
        return refuse('APPROVALS_NOT_CLAIMABLE', 'This call is not approved, or another process already runs it.', { approval: id });
      }
      const row = await store.findApproval(tx, tenant, id);
      if (row === null || row.sealedCall === null) return unknown();
      const code = await proofs.whyNot(tx, row);
      if (code !== null) return unproven(tx, row, code);
      const { call, digest, sealedCall } = row;
      await appendEvents(tx, [event(tenant, id, 'claimed', 'system:executor', { call, digest })]);
      return { sealedCall, digest, sendsAsIs: row.decisions.every((decision) => decision.sendsAsIs) };
    },
    renewClaim: (tx, tenant, id) => moves.renewClaim(tx, tenant, id, clock.now()),
    async consume(tx, id, digest) {
      if (await moves.consumeApproval(tx, id, digest, clock.now())) return null;
      return refuse('APPROVALS_ALREADY_USED', 'This endorsement was used before or is for another call.', { approval: id });
    },
    async finish(tx, { tenant, approval, outcome, code, sealedResult }) {
      const finished = await moves.finishApproval(tx, { tenant, id: approval, state: outcome, code, sealedResult, nowMs: clock.now() });
      if (finished) await appendEvents(tx, [event(tenant, approval, 'finished', 'system:executor', { outcome, code })]);
    },
    async followSealed(tx, tenant, { row: { id }, before, after }) {
      const row = await store.findApproval(tx, tenant, id as ApprovalId);
      if (row === null || !isSeal(row.seal, seals.request({ ...row, sealedCall: before }))) return; // what proved nothing goes on proving nothing
      await store.replaceSeal(tx, tenant, row.id, seals.request({ ...row, sealedCall: after }));
    },
    async visibleTo(principal, id) {
      const row = await db.inTenant(principal.tenant, (tx) => store.findApproval(tx, principal.tenant, id));
      // A stranger's approval and one that does not exist read the same.
      if (row === null || (principal.kind === 'workload' && row.workload !== principal.workload)) return unknown();
      return row;
    },
    removeSamples: ({ actor, ...samples }) =>
      db.inTenant(samples.tenant, async (tx) => {
        const removed = await dropApprovals(tx, samples);
        if (removed.length > 0)
          await appendEvents(
            tx,
            removed.map((id) => event(samples.tenant, id, 'removed', actor, {})),
          );
      }),
    async sweep() {
      const nowMs = clock.now();
      const open = await db.asSystem('resolver', (tx) => moves.findOpenApprovals(tx, nowMs, nowMs - CLAIM_LIFETIME_MS));
      const waiting: { tenant: TenantId; approval: ApprovalId }[] = [];
      for (const { tenant, approval, state, isOverdue, hasCall } of open) {
        if (state === 'executing') await strand(tenant, approval, nowMs);
        else if (isOverdue) await expire(tenant, approval, nowMs);
        else if (hasCall) waiting.push({ tenant, approval });
        else await complete(tenant, approval, nowMs);
      }
      return waiting;
    },
  };
}
