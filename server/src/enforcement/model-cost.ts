// What a model call costs: an estimate before it is sent, the real cost after. Estimates are high rather than low.

import type { ModelRequest } from '#core';
import type { BudgetRequest, Estimate } from '#limits';
import type { Integration, ModelPrice } from './store/catalogue.ts';
import type { Identified, Usage } from './types.ts';

/** English text has about four characters a token; three keeps the estimate on the high side. */
const CHARS_PER_TOKEN = 3;
/** Assumed when the request names no limit of its own. */
const DEFAULT_OUTPUT_TOKENS = 4_096;
const PER_MILLION = 1_000_000n;

/** `null` when the integration sets no budget; a model without a price can not be counted and is an error of the settings. */
export function budgetRequest(call: Identified, request: ModelRequest): BudgetRequest | null | 'unpriced' {
  const { spending } = call.integration;
  if (spending === null) return null;
  const price = spending.prices.get(request.model);
  if (price === undefined) return 'unpriced';
  return {
    tenant: call.principal.tenant,
    scope: `workload:${call.principal.workload}:${call.integration.name}`,
    limitMicros: spending.perWorkloadDayMicros,
    estimateMicros: cost(price, estimatedUsage(request)),
    currency: spending.currency,
  };
}

/** What a call may use, for the budgets of its workspaces. */
export function estimateOf({ principal: { tenant }, integration: { spending }, received: { request } }: Identified): Estimate {
  if (request.kind !== 'model') return { tenant, tokens: null, cost: null };
  const usage = estimatedUsage(request);
  const price = spending?.prices.get(request.model);
  return {
    tenant,
    tokens: usage.inputTokens + usage.outputTokens,
    cost: spending === null || price === undefined ? null : { micros: cost(price, usage), currency: spending.currency },
  };
}

function estimatedUsage(request: ModelRequest): Usage {
  return { inputTokens: Math.ceil(request.raw.byteLength / CHARS_PER_TOKEN), outputTokens: maxOutputTokens(request) };
}

/** The real cost; `null` when the upstream told no usage, so that the estimate stands. */
export function actualCost(integration: Integration, model: string, usage: Usage | null): bigint | null {
  const price = integration.spending?.prices.get(model);
  return price === undefined || usage === null ? null : cost(price, usage);
}

/** Millionths as a decimal: `0.001234`. */
export function formatMicros(micros: bigint): string {
  return `${micros / PER_MILLION}.${String(micros % PER_MILLION).padStart(6, '0')}`;
}

function cost(price: ModelPrice, usage: Usage): bigint {
  const micros = price.inputMicros * BigInt(usage.inputTokens) + price.outputMicros * BigInt(usage.outputTokens);
  return (micros + PER_MILLION - 1n) / PER_MILLION;
}

function maxOutputTokens(request: ModelRequest): number {
  const { max_completion_tokens: newer, max_tokens: older, n } = request.body;
  const limit = [newer, older].find((value) => typeof value === 'number' && Number.isSafeInteger(value) && value > 0);
  const choices = typeof n === 'number' && Number.isSafeInteger(n) && n > 0 ? n : 1;
  return (typeof limit === 'number' ? limit : DEFAULT_OUTPUT_TOKENS) * choices;
}
