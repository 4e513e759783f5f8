// Decides, on resolved values, whether the call may happen: allow, deny, or wait for a person.
// A call that needs a person is sealed and stored here, so that exactly it runs after the approval.

import { effectSentence, type Facts, type MatchedOperation } from '#connectors';
import {
  type Binding,
  canonicalJson,
  type Decision,
  type DeletionTaskId,
  type Doubt,
  type Endorsement,
  type Evidence,
  formatMoney,
  isRefusal,
  type labelToJson,
  parseOwnJson,
  type Refusal,
  refuse,
  sensitivityOf,
  type TenantId,
  type TokenFacts,
} from '#core';
import type { GuardDeps } from '../ports.ts';
import type { Authorized, Resolved } from '../types.ts';
import { approvalContext, peopleNeeded } from './approval-request.ts';
import { argumentLabelsToJson, explainByLabels } from './argument-labels.ts';
import { checkContent } from './content.ts';
import { endorsementDigest, storedLabel } from './endorsement-digest.ts';
import { needsPerson } from './opt-out.ts';
import { policyInput } from './policy-input.ts';
import { recall } from './recall.ts';

/** How long a stored call waits for a person. */
export const APPROVAL_LIFETIME_MS = 24 * 60 * 60 * 1000;

/** What is sealed with an approval: everything needed to run exactly this call again, and nothing else. */
export interface SealedCall {
  /** Absent: earlier versions stored nothing but calls of operations. */
  readonly kind?: 'operation';
  readonly integration: string;
  readonly method: string;
  readonly path: string;
  readonly query: readonly (readonly [string, string])[];
  readonly body: string | null;
  readonly key: string;
  /** Of the access token it came in by; its limits hold when the call runs. */
  readonly token?: TokenFacts | undefined;
  readonly idempotencyKey: string | null;
  readonly binding: Binding;
  readonly label: ReturnType<typeof labelToJson>;
  /** Labels of single arguments of a call of our own runtime. */
  readonly argumentLabels: Endorsement['argumentLabels'];
  /** The task for which a person who was erased is deleted elsewhere. */
  readonly erasure?: DeletionTaskId | undefined;
}

/** The same of a request to a model. */
export interface SealedModelCall extends Pick<SealedCall, 'key' | 'token' | 'idempotencyKey' | 'binding' | 'label'> {
  readonly kind: 'model';
  /** The body as it came. */
  readonly request: string;
  /** What was in doubt in it, as its approver saw it. */
  readonly doubts: readonly Doubt[];
}

export async function authorize(deps: GuardDeps, call: Resolved): Promise<Authorized | Refusal> {
  const { matched, facts } = call;
  if (matched === null || facts === null) return authorizeModel(deps, call);
  const content = await checkContent(deps, call, matched);
  if (content !== null) return content;
  const digest = endorsementDigest(deps, call, matched, facts);
  const endorsement = call.received.endorsement;
  if (endorsement !== null && endorsement.digest !== digest) {
    return refuse('ENFORCEMENT_ENDORSEMENT_STALE', 'What was approved is no longer what would happen; ask again.', {
      approval: endorsement.approval,
    });
  }
  const judged = byAPerson(call, matched, deps.policy.authorize(policyInput(call, matched, facts, endorsement !== null)));
  const decision = await afterOptOut(deps, call, endorsement !== null, judged);
  // What is done already changes nothing: its caller gets the result it lost, and nobody is asked for the same effect twice.
  const earlier = decision.kind === 'allow' ? 'new' : await recall(deps, call, matched);
  if (isRefusal(earlier)) return earlier;
  if (earlier === 'repeats') return { ...call, policies: decision.policies, digest, repeats: true };
  switch (decision.kind) {
    case 'allow':
      return { ...call, policies: decision.policies, digest, repeats: false };
    case 'deny':
      return refuse(decision.code, decision.reason, { ...decision.evidence, policies: decision.policies });
    case 'endorse':
      return storeForApproval(deps, call, { matched, facts, digest, evidence: { ...decision.evidence, policies: decision.policies } });
    default:
      return decision satisfies never;
  }
}

/**
 * GDPR Article 22: what is declared to decide something about a person is decided by one, whatever a policy or a limit allows. And nobody is
 * deleted elsewhere before somebody said yes to exactly that.
 * INVARIANT: it never makes anything of a denial.
 */
function byAPerson({ received }: Resolved, { operation }: MatchedOperation, decision: Decision): Decision {
  if (received.endorsement !== null || decision.kind !== 'allow') return decision;
  if (received.erasure !== undefined)
    return {
      kind: 'endorse',
      policies: decision.policies,
      code: 'ENDORSEMENT_REQUIRED',
      reason: 'It deletes a person elsewhere, so somebody must say yes to exactly that.',
      evidence: {},
    };
  if (operation.decision === undefined) return decision;
  return {
    kind: 'endorse',
    policies: decision.policies,
    code: 'ENDORSEMENT_REQUIRED',
    reason: 'It decides about a person, so a person must decide it.',
    evidence: { decision: operation.decision, article: 22 },
  };
}

/** Whoever opted out of decisions by machines is decided about by a person. It never makes anything of a denial either. */
async function afterOptOut(deps: GuardDeps, call: Resolved, isEndorsed: boolean, decision: Decision): Promise<Decision> {
  if (isEndorsed || decision.kind !== 'allow' || !(await needsPerson(deps, call))) return decision;
  return {
    kind: 'endorse',
    policies: decision.policies,
    code: 'ENDORSEMENT_REQUIRED',
    reason: 'The customer opted out of decisions by machines, so a person must decide it.',
    evidence: { optOut: 'admt' },
  };
}

function authorizeModel(deps: GuardDeps, call: Resolved): Authorized | Refusal {
  const decision = deps.policy.authorize(policyInput(call, null, null, false));
  if (decision.kind === 'allow') return { ...call, policies: decision.policies, digest: null, repeats: false };
  return refuse(decision.code, decision.reason, { ...decision.evidence, policies: decision.policies });
}

async function storeForApproval(
  deps: GuardDeps,
  call: Resolved,
  pending: { matched: MatchedOperation; facts: Facts; digest: string; evidence: Evidence },
): Promise<Refusal> {
  const tenant: TenantId = call.principal.tenant;
  const sealed = JSON.stringify(sealedCall(call));
  const subject = call.customer?.id ?? null;
  const sentence = effectSentence(pending.matched.operation, pending.matched.args, explainByLabels(call, pending.matched, pending.facts));
  const context = JSON.stringify(await approvalContext(deps, call, pending.matched));
  const approval = await deps.database.inTenant(tenant, async (tx) => {
    const seal = (purpose: string, text: string): Promise<Uint8Array> =>
      deps.vault.seal(tx, { tenant, subject, within: `call:${call.received.call}`, purpose, plaintext: Buffer.from(text) });
    return deps.approvals.request(tx, {
      tenant,
      call: call.received.call,
      requestedBy: call.principal,
      digest: pending.digest,
      sealedSentence: await seal('approval.sentence', sentence),
      sealedCall: await seal('approval.call', sealed),
      sealedContext: await seal('approval.context', context),
      evidence: { ...pending.evidence, ...explain(call, pending) },
      expiresAtMs: deps.clock.now() + APPROVAL_LIFETIME_MS,
      integration: call.integration.name,
      operation: pending.matched.operation.name,
      run: call.binding.tier === 'plain' ? null : call.binding.run,
      workflow: call.principal.workflow,
      ...peopleNeeded(call.integration.autonomy.get(pending.matched.operation.name), pending.facts),
    });
  });
  return refuse('ENDORSEMENT_REQUIRED', 'A person must approve exactly this call; it is stored and runs once when it is approved.', {
    approval,
    digest: pending.digest,
    ...pending.evidence,
  });
}

function sealedCall(call: Resolved): SealedCall {
  const request = call.received.request;
  if (request.kind !== 'operation') throw new Error('only connector calls are stored for approval');
  return {
    integration: request.integration,
    method: request.method,
    path: request.path,
    query: request.query,
    body: request.body === undefined ? null : canonicalJson(request.body),
    key: call.principal.key,
    ...(call.principal.token === undefined ? {} : { token: call.principal.token }),
    idempotencyKey: call.received.idempotencyKey,
    binding: call.binding,
    label: storedLabel(call),
    argumentLabels: argumentLabelsToJson(call.argumentLabels),
    ...(call.received.erasure === undefined ? {} : { erasure: call.received.erasure.task }),
  };
}

/** Why a person is asked, in references and counts. */
function explain(call: Resolved, { facts, matched }: { readonly facts: Facts; readonly matched: MatchedOperation }): Evidence {
  const amount = facts.amount;
  const limit = call.integration.autonomy.get(matched.operation.name)?.perCall ?? null;
  return {
    tier: call.binding.tier,
    customerProven: call.customer !== null,
    ownership: facts.ownership,
    integrity: call.label.integrity,
    sensitivity: sensitivityOf(call.label),
    regions: [...call.label.regions].sort(),
    signals: call.signals.map((signal) => signal.kind),
    ...(call.received.erasure === undefined ? {} : { erasure: call.received.erasure.task }),
    ...(amount === null
      ? {}
      : { amount: formatMoney(amount.requested), remainder: amount.remainder === null ? null : formatMoney(amount.remainder) }),
    ...(limit === null ? {} : { limit: formatMoney(limit) }),
  };
}

export function parseSealedCall(text: string): SealedCall | SealedModelCall {
  // Sealed by us with authenticated encryption; the shape is ours.
  return parseOwnJson(text) as unknown as SealedCall | SealedModelCall;
}
