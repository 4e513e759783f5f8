// Which workspaces have a hand in a call, and what it counts in of their budgets. INVARIANT: while it can not be told which they are, nothing passes.

import { type Department, isRefusal, type Refusal, refuse, type WorkloadPrincipal } from '#core';
import { departmentBudgets } from '#limits';
import { budgetRequest, estimateOf } from '../model-cost.ts';
import type { GuardDeps } from '../ports.ts';
import type { Held, Rendered } from '../types.ts';

export function departmentsOf(
  { departments }: Pick<GuardDeps, 'departments'>,
  { tenant, workflow, workload }: WorkloadPrincipal,
  integration: string,
): readonly Department[] | Refusal {
  const found = departments.departmentsOf(tenant, { ...(workflow === null ? {} : { workflow }), workload, integration });
  return found ?? refuse('ENFORCEMENT_WORKSPACES_UNAVAILABLE', 'It is not known now which workspaces this call belongs to; try again.');
}

/** Counts what the call is estimated at, before anything is sent: in the budget of its program and in those of its workspaces, or in none. */
export async function holdBudgets(deps: Pick<GuardDeps, 'limits'>, call: Rendered): Promise<readonly Held[] | Refusal> {
  const own = ownBudget(call);
  if (isRefusal(own)) return own;
  const theirs = departmentBudgets(call.departments, estimateOf(call));
  if (isRefusal(theirs)) return theirs;
  const holds: Held[] = [];
  for (const { what, request } of [...own, ...theirs]) {
    const hold = await deps.limits.budget.reserve(request);
    if (isRefusal(hold)) {
      giveBack(deps, holds);
      return hold;
    }
    holds.push({ what, hold });
  }
  return holds;
}

/** Nothing of the call left. */
export function giveBack({ limits }: Pick<GuardDeps, 'limits'>, holds: readonly Held[]): void {
  for (const { hold } of holds) limits.budget.settle(hold, 0n);
}

function ownBudget(call: Rendered): readonly { readonly what: 'model_cost'; readonly request: Budget }[] | Refusal {
  const { request } = call.received;
  if (request.kind !== 'model') return [];
  const budget = budgetRequest(call, request);
  if (budget === 'unpriced') {
    return refuse('ENFORCEMENT_MODEL_UNPRICED', 'The integration limits spending but has no price for this model; add one.', {
      model: request.model,
    });
  }
  return budget === null ? [] : [{ what: 'model_cost', request: budget }];
}

type Budget = Exclude<ReturnType<typeof budgetRequest>, null | 'unpriced'>;
