// The values the policy decides on, taken from the resolved call. Nothing here decides.

import { decisionFacts, type Facts, type MatchedOperation } from '#connectors';
import { breachOf } from '#core';
import type { AuthorizationInput } from '#policy';
import type { Resolved } from '../types.ts';
import { contentReadable, explainByLabels, strictIntegrity } from './argument-labels.ts';

export function policyInput(call: Resolved, matched: MatchedOperation | null, facts: Facts | null, endorsed: boolean): AuthorizationInput {
  const base = {
    tenant: call.principal.tenant,
    principal: call.principal,
    tier: call.binding.tier,
    integration: call.integration.name,
    customerProven: call.customer !== null,
    channel: call.received.native?.isChannel === true,
    carriesPii: call.label.pii.size > 0,
    endorsed,
    outside: outsideOf(call, matched),
  } as const;
  return matched === null || facts === null ? { ...base, ...modelPart(call) } : { ...base, ...operationPart(call, matched, facts) };
}

/** What a call carries, and what its operation gives back, counts as used. */
function outsideOf({ departments, integration, label, received: { request } }: Resolved, matched: MatchedOperation | null) {
  const given = matched?.operation.output.fields.flatMap(({ pii }) => pii) ?? [];
  return breachOf(departments, {
    integration: integration.name,
    model: request.kind === 'model' ? request.model : null,
    effect: matched?.operation.effect ?? null,
    dataClasses: new Set([...label.pii, ...given]),
  });
}

type Rest = Omit<
  AuthorizationInput,
  'tenant' | 'principal' | 'tier' | 'integration' | 'customerProven' | 'channel' | 'carriesPii' | 'endorsed' | 'outside'
>;

function modelPart(call: Resolved): Rest {
  const request = call.received.request;
  return {
    action: 'call_model',
    operation: 'chat',
    autonomy: 'none',
    argumentIntegrity: call.label.integrity,
    ownership: 'not_applicable',
    targetsExplained: true,
    targetRuleBroken: false,
    amountWithinRemainder: 'not_applicable',
    amountMinor: null,
    limitMinor: null,
    needsReview: false,
    modelAllowed: request.kind === 'model' && call.integration.models.has(request.model),
  };
}

function operationPart(call: Resolved, matched: MatchedOperation, read: Facts): Rest {
  const { operation } = matched;
  const facts = explainByLabels(call, matched, read);
  const autonomy = call.integration.autonomy.get(operation.name);
  // A limit in one currency says nothing about an amount in another, and no limit at all allows no amount.
  const comparable = facts.amount === null || facts.amount.requested.currency === autonomy?.perCall?.currency;
  return {
    ...decisionFacts(matched, facts),
    action: operation.effect,
    operation: operation.name,
    autonomy: autonomy !== undefined && comparable ? 'within_limits' : 'none',
    limitMinor: autonomy?.perCall?.amountMinor ?? null,
    argumentIntegrity: strictIntegrity(call, matched, facts),
    contentReadable: contentReadable(call, matched),
    modelAllowed: false,
  };
}
