// The values the policy decides on, taken from the resolved call. Nothing here decides.

import type { Facts, MatchedOperation } from '#connectors';
import { type Integrity, integrityRank } from '#core';
import type { AuthorizationInput } from '#policy';
import type { Resolved } from '../types.ts';

export function policyInput(call: Resolved, matched: MatchedOperation | null, facts: Facts | null, endorsed: boolean): AuthorizationInput {
  const base = {
    tenant: call.principal.tenant,
    principal: call.principal,
    tier: call.binding.tier,
    integration: call.integration.name,
    customerProven: call.customer !== null,
    argumentIntegrity: call.label.integrity,
    carriesPii: call.label.pii.size > 0,
    endorsed,
  } as const;
  const request = call.received.request;
  if (matched === null || facts === null) {
    return {
      ...base,
      action: 'call_model',
      operation: 'chat',
      autonomy: 'none',
      ownership: 'not_applicable',
      targetsExplained: true,
      amountWithinRemainder: 'not_applicable',
      amountMinor: null,
      limitMinor: null,
      needsReview: false,
      modelAllowed: request.kind === 'model' && call.integration.models.has(request.model),
    };
  }
  const { operation } = matched;
  const autonomy = call.integration.autonomy.get(operation.name);
  const amount = facts.amount;
  const sameCurrency = amount !== null && autonomy !== undefined && amount.requested.currency === autonomy.perCall.currency;
  return {
    ...base,
    action: operation.effect,
    operation: operation.name,
    autonomy: autonomy === undefined || (amount !== null && !sameCurrency) ? 'none' : 'within_limits',
    ownership: facts.ownership,
    targetsExplained: Object.values(facts.targets).every((state) => state === 'explained'),
    argumentIntegrity: strictIntegrity(call, matched, facts),
    amountWithinRemainder: withinRemainder(facts),
    amountMinor: amount === null ? null : amount.requested.amountMinor,
    limitMinor: autonomy === undefined ? null : autonomy.perCall.amountMinor,
    needsReview: operation.needsReview,
    modelAllowed: false,
  };
}

/** A remainder in another currency, or none where one is declared, is never "within". */
function withinRemainder(facts: Facts): boolean | 'not_applicable' {
  const { amount } = facts;
  if (amount === null) return 'not_applicable';
  if (amount.remainder === null) return false;
  return amount.remainder.currency === amount.requested.currency && amount.requested.amountMinor <= amount.remainder.amountMinor;
}

/** Integrity of the strict arguments: raised to the record's only where our own facts explain the whole value. */
function strictIntegrity(call: Resolved, matched: MatchedOperation, facts: Facts): Integrity {
  const strict = matched.operation.arguments.filter(
    (argument) => (argument.role === 'target' || argument.role === 'secret') && argument.name in matched.args,
  );
  const unexplained = strict.some((argument) => facts.targets[argument.name] !== 'explained');
  if (unexplained || integrityRank(call.label.integrity) > integrityRank('system_of_record')) return call.label.integrity;
  return 'system_of_record';
}
