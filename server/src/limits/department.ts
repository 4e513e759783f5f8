// The budget of a department as windows of this room: which of them a call counts in, and how a refusal names whose it is.
// INVARIANT: where a department limits money, money in a currency it has no limit for is refused; nothing is converted.

import { type Department, type DepartmentLimit, formatMoney, type Money, minorDigits, type Refusal, refuse, type TenantId } from '#core';
import type { BudgetRequest } from './model-budget.ts';
import type { ReservationKey } from './reserve.ts';

/** No integration has a slash in its name, so nothing else is ever counted under this scope or forgotten with it. */
export const departmentScope = (name: string, { what, per, currency }: DepartmentLimit): string =>
  `department:/${name}/${what}${currency === null ? '' : `/${currency}`}/${per}`;

/** What an effect counts in, whoever endorsed it: an approval says that it may happen, not that the department has the means. */
export function departmentKeys(
  departments: readonly Department[],
  { amount, movesMoney }: { readonly amount: Money | null; readonly movesMoney: boolean },
): readonly ReservationKey[] | Refusal {
  const keys: ReservationKey[] = [];
  for (const { name, limits } of departments) {
    const money = limits.filter(({ what }) => what === 'money');
    // Money whose amount nobody can tell would pass every limit.
    if ((amount !== null || movesMoney) && money.length > 0 && money.every(({ currency }) => currency !== amount?.currency)) {
      return otherCurrency(name, amount?.currency ?? null, 'money');
    }
    for (const limit of limits) {
      const base = { scope: departmentScope(name, limit), window: limit.per, department: name };
      if (limit.what === 'effects') {
        keys.push({ ...base, limitMinor: 0n, currency: NO_CURRENCY, limitCount: Number(limit.most), usesOnly: true });
      } else if (limit.what === 'money' && amount !== null && limit.currency === amount.currency) {
        keys.push({ ...base, limitMinor: limit.most, currency: amount.currency });
      }
    }
  }
  return keys;
}

/** Currency of a window that counts uses only. */
const NO_CURRENCY = 'NONE';
const MICROS = 1_000_000n;

/** What a call is estimated at, before it is sent. */
export interface Estimate {
  readonly tenant: TenantId;
  /** Null for anything but a call of a model. */
  readonly tokens: number | null;
  /** Null for a call of a model that has no price. */
  readonly cost: { readonly micros: bigint; readonly currency: string } | null;
}

export interface CountedLimit {
  readonly what: 'calls' | 'tokens' | 'model_cost';
  readonly request: BudgetRequest;
}

/** What every call counts in. A model whose cost is not known can not be called where its cost is limited. */
export function departmentBudgets(departments: readonly Department[], call: Estimate): readonly CountedLimit[] | Refusal {
  const counted: CountedLimit[] = [];
  for (const { name, limits } of departments) {
    const priced = limits.filter(({ what }) => what === 'model_cost');
    if (call.tokens !== null && priced.length > 0 && priced.every(({ currency }) => currency !== call.cost?.currency)) {
      return otherCurrency(name, call.cost?.currency ?? null, 'model_cost');
    }
    for (const limit of limits) {
      const estimate = estimateOf(limit, call);
      if (estimate === null) continue;
      const { what, per, most, currency } = limit;
      const request: BudgetRequest = {
        tenant: call.tenant,
        scope: departmentScope(name, limit),
        window: per,
        limitMicros: currency === null ? most : minorToMicros({ amountMinor: most, currency }),
        estimateMicros: estimate,
        currency: currency ?? what,
        department: { name, what, limit: saidOf(limit) },
      };
      counted.push({ what: what as CountedLimit['what'], request });
    }
  }
  return counted;
}

function estimateOf({ what, currency }: DepartmentLimit, { tokens, cost }: Estimate): bigint | null {
  if (what === 'calls') return 1n;
  if (what === 'tokens') return tokens === null ? null : BigInt(tokens);
  return what === 'model_cost' && cost !== null && cost.currency === currency ? cost.micros : null;
}

const saidOf = ({ most, currency }: DepartmentLimit): string =>
  currency === null ? most.toString() : formatMoney({ amountMinor: most, currency });

export function minorToMicros({ amountMinor, currency }: Money): bigint {
  return (amountMinor * MICROS) / 10n ** BigInt(minorDigits(currency));
}

function otherCurrency(workspace: string, currency: string | null, what: string): Refusal {
  return refuse('LIMITS_DEPARTMENT_CURRENCY', `The workspace ${workspace} has no limit in this currency.`, {
    limitOf: 'department',
    workspace,
    what,
    currency: currency ?? 'none',
  });
}
