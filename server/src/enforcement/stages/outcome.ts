// Writes what became of a call: exactly one outcome event, and for an effect its settled row and reservation in the same
// transaction. INVARIANT: `close` writes once, however often it is called and whatever happened in between.

import { formatMoney, type JsonObject, makeEvent, type NewEvent, publicEvidence, type Received, type Refusal, SallyportError } from '#core';
import { actualCost, formatMicros } from '../model-cost.ts';
import type { GuardDeps } from '../ports.ts';
import type { Committed, Identified, Labelled, Sent, Usage } from '../types.ts';
import { estimatedTokens } from './authenticate.ts';
import { recorded } from './identities.ts';
import { noteTools, noteUse } from './note-use.ts';
import type { OperationResult } from './release.ts';
import type { OutputReport } from './screen-output.ts';
import { neverSent } from './send.ts';
import { noteAnswer, noteSent } from './transfer.ts';

export type GuardResult =
  | { readonly kind: 'released'; readonly status: number }
  | { readonly kind: 'refused'; readonly stage: string; readonly refusal: Refusal }
  | { readonly kind: 'faulted'; readonly code: string; readonly retryable: boolean }
  | { readonly kind: 'aborted' };

interface Named {
  readonly name: string;
  readonly effect: string;
}

export interface Outcome {
  identified(call: Identified): void;
  labelled(call: Labelled): void;
  committed(call: Committed): void;
  sent(call: Sent): void;
  effect(result: OperationResult): void;
  refused(stage: string, refusal: Refusal): GuardResult;
  faulted(fault: unknown): GuardResult;
  released(status: number, report: OutputReport | null): GuardResult;
  close(): Promise<void>;
}

export function openOutcome(deps: GuardDeps, received: Received): Outcome {
  let call: Identified | null = null;
  let committed: Committed | null = null;
  let sent: Sent | null = null;
  let status: number | null = null;
  let effect: OperationResult | null = null;
  let fault: unknown = null;
  let result: GuardResult | null = null;
  let report: OutputReport | null = null;
  let operation: Named | null = null;
  let matched: Labelled | null = null;
  let closed = false;
  // Known and not written, because the database is away: written when it is back, under the same ids.
  const late = (write: () => Promise<void>): void => {
    deps.onFault('ENFORCEMENT_STAGE_UNAVAILABLE', received.call);
    deps.late.add(received.call, write);
  };

  return {
    identified: (identified) => {
      call = identified;
    },
    labelled: (labelled) => {
      call = labelled;
      matched = labelled;
      operation = labelled.matched?.operation ?? null;
    },
    committed: (done) => {
      committed = done;
      noteUse(deps, done);
      deps.customers.screened(done);
    },
    sent: (done) => {
      committed = done;
      status = done.status;
      sent = done;
      noteSent(deps, done);
    },
    effect: (done) => {
      effect = done;
      if (sent !== null) noteAnswer(deps, sent, done);
    },
    refused: (stage, refusal) => {
      // What a person is asked about is wanted, whatever they say.
      if (matched !== null && refusal.code === 'ENDORSEMENT_REQUIRED') noteUse(deps, matched);
      if (call !== null) deps.customers.refused(call, refusal);
      result = { kind: 'refused', stage, refusal };
      return result;
    },
    faulted: (error) => {
      fault = error;
      const known = error instanceof SallyportError ? error : null;
      if (known === null) deps.onFault('ENFORCEMENT_STAGE_UNAVAILABLE', received.call);
      result = received.signal.aborted
        ? { kind: 'aborted' }
        : { kind: 'faulted', code: known?.code ?? 'ENFORCEMENT_STAGE_UNAVAILABLE', retryable: known?.retryable ?? false };
      return result;
    },
    released: (releasedStatus, releasedReport) => {
      report = releasedReport;
      if (call !== null && report !== null) noteTools(deps, call, 'tool_called', report.toolCalls);
      result = received.signal.aborted ? { kind: 'aborted' } : { kind: 'released', status: releasedStatus };
      return result;
    },
    close: async () => {
      if (closed || call === null || result === null) return;
      closed = true;
      // Whoever leaves before the answer has asked all the same: only what surely never left costs nothing.
      const sent = stateOfAttempt({ status, fault, result }) !== 'never_left';
      settleHolds(deps, call, committed, { sent, report });
      let write = (): Promise<void> => deps.events.append(event);
      const event = outcomeEvent(deps, call, result, { upstreamStatus: status, report, operation });
      try {
        if (committed !== null && committed.effect !== null) {
          const settling = { call: committed, ending: { status, effect, fault, result } };
          write = () => settleEffect(deps, settling.call, event, settling.ending);
          await write();
        } else if (result.kind === 'refused') await write();
        // The reply is complete; its outcome shares the next commit.
        else deps.events.appendSoon(event).catch(() => late(write));
      } catch {
        late(write);
      }
    },
  };
}

/** Replaces estimates by what the call used; what was never sent costs nothing. */
function settleHolds(
  deps: GuardDeps,
  call: Identified,
  committed: Committed | null,
  ending: { sent: boolean; report: OutputReport | null },
): void {
  const request = call.received.request;
  if (request.kind !== 'model' || committed === null) return;
  const usage = ending.report?.usage ?? null;
  if (usage !== null) {
    const tokensActual = usage.inputTokens + usage.outputTokens;
    deps.limits.correct(call.principal, { tokensEstimate: estimatedTokens(request), tokensActual });
  }
  for (const { what, hold } of committed.holds) {
    const actual = what === 'tokens' ? tokensOf(usage) : actualCost(call.integration, request.model, usage);
    // Every call that came so far is one; what it used is known when the upstream tells.
    if (what !== 'calls') deps.limits.budget.settle(hold, ending.sent ? (actual ?? hold.estimateMicros) : 0n);
  }
}

const tokensOf = (usage: Usage | null): bigint | null => (usage === null ? null : BigInt(usage.inputTokens + usage.outputTokens));

interface Ending {
  readonly status: number | null;
  readonly effect: OperationResult | null;
  readonly fault: unknown;
  readonly result: GuardResult;
}

async function settleEffect(deps: GuardDeps, call: Committed, event: NewEvent, ending: Ending): Promise<void> {
  const { tenant } = call.principal;
  const effectKey = call.effect as string;
  const state = effectState(ending, call.resends);
  await deps.database.inTenant(tenant, async (tx) => {
    if (state === 'never_left') {
      await deps.effects.release(tx, { tenant, effectKey, call: call.received.call });
    } else {
      const body = ending.effect ?? { status: ending.status ?? 0, body: null };
      const sealed = await deps.vault.seal(tx, {
        tenant,
        subject: call.customer?.id ?? null,
        within: `call:${call.received.call}`,
        purpose: 'effect.result',
        plaintext: Buffer.from(JSON.stringify(body)),
      });
      const settled = await deps.effects.settle(tx, {
        tenant,
        effectKey,
        call: call.received.call,
        state,
        result: state === 'unknown' ? null : sealed,
      });
      if (!settled) return;
    }
    if (call.reservation !== null && state !== 'unknown') {
      await deps.limits.settle(tx, call.reservation, state === 'done' ? 'spent' : 'released');
    }
    const requested = call.facts?.amount?.requested ?? null;
    const told = {
      ...event,
      public: { ...event.public, became: state, ...(requested === null ? {} : { amount: formatMoney(requested) }) },
    };
    await deps.events.appendIn(tx, [state === 'unknown' ? { ...told, type: 'enforcement.call.unresolved' } : told]);
  });
}

export type EffectEnding = 'done' | 'failed' | 'unknown' | 'never_left';

/** What we know of the world after the call: it happened, it did not, it never left, or nobody can tell. */
export function effectState(ending: Omit<Ending, 'effect'>, resends: boolean): EffectEnding {
  const state = stateOfAttempt(ending);
  // Of an earlier attempt that may have happened, only a success of the same effect tells more.
  return resends && state !== 'done' ? 'unknown' : state;
}

function stateOfAttempt({ status, fault, result }: Omit<Ending, 'effect'>): EffectEnding {
  if (status !== null) {
    if (status >= 200 && status < 300) return 'done';
    return status >= 500 || status === 408 ? 'unknown' : 'failed';
  }
  if (fault !== null) return neverSent(fault) ? 'never_left' : 'unknown';
  return result.kind === 'refused' && result.refusal.evidence.sent !== true ? 'never_left' : 'unknown';
}

function outcomeEvent(
  deps: GuardDeps,
  call: Identified,
  result: GuardResult,
  facts: { upstreamStatus: number | null; report: OutputReport | null; operation: Named | null },
): NewEvent {
  return makeEvent(deps, {
    tenant: call.principal.tenant,
    type: {
      released: 'enforcement.call.completed',
      refused: 'enforcement.call.refused',
      faulted: 'enforcement.call.faulted',
      aborted: 'enforcement.call.aborted',
    }[result.kind],
    actor: call.principal.workload,
    subject: call.received.call,
    public: {
      integration: call.integration.name,
      upstreamStatus: facts.upstreamStatus,
      ...describe(result),
      // What is refused before its intent has no other event that says where it belongs.
      tier: call.binding.tier,
      run: call.binding.tier === 'plain' ? null : call.binding.run,
      workload: call.principal.workload,
      ...recorded(call.identities),
      // Named again, so that an outcome can be counted without its intent; a refused call has none.
      ...describeOperation(call, facts.operation),
      ...describeReport(facts.report),
      ...describeCost(call, facts.report),
      durationMs: Math.max(0, deps.clock.now() - call.received.receivedAtMs),
      instance: deps.instance,
    },
  });
}

function describeOperation({ received }: Identified, operation: Named | null): JsonObject {
  if (received.request.kind === 'model') return { operation: 'chat', effect: 'model' };
  return operation === null ? {} : { operation: operation.name, effect: operation.effect };
}

function describe(result: GuardResult): JsonObject {
  switch (result.kind) {
    case 'released':
      return { status: result.status };
    case 'refused':
      return { stage: result.stage, code: result.refusal.code, evidence: publicEvidence(result.refusal.evidence) };
    case 'faulted':
      return { code: result.code };
    case 'aborted':
      return {};
    default:
      return result satisfies never;
  }
}

function describeReport(report: OutputReport | null): JsonObject {
  if (report === null) return {};
  return {
    outputSignals: [...new Set(report.signals.map((signal) => signal.kind))],
    foreignPlaceholders: report.foreign,
    ...(report.restored.size === 0 ? {} : { restored: Object.fromEntries(report.restored) }),
    inputTokens: report.usage?.inputTokens ?? null,
    outputTokens: report.usage?.outputTokens ?? null,
  };
}

/** What the answer cost, where the integration has a price for its model and the upstream told what it used. */
function describeCost({ integration, received }: Identified, report: OutputReport | null): JsonObject {
  const { request } = received;
  if (request.kind !== 'model' || integration.spending === null) return {};
  const micros = actualCost(integration, request.model, report?.usage ?? null);
  return micros === null ? {} : { cost: `${formatMicros(micros)} ${integration.spending.currency}` };
}
