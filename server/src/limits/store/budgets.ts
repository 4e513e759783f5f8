// What was spent of model budgets: read once per scope and day, then only added to, many scopes in one statement.

import type { TenantId, Tx, UnixMs } from '#core';
import { query, sql } from '#storage';

export interface BudgetKey {
  readonly tenant: TenantId;
  readonly scope: string;
  readonly startsAtMs: UnixMs;
  readonly currency: string;
}

export async function readBudget(tx: Tx, key: BudgetKey): Promise<bigint> {
  const { rows } = await sql<{ spent: string }>`select spent_micros::text as spent from limit_budget
    where tenant = ${key.tenant} and scope = ${key.scope} and starts_at = ${new Date(key.startsAtMs).toISOString()}
      and currency = ${key.currency}`.execute(query(tx));
  return BigInt(rows[0]?.spent ?? 0);
}

/** Adds each amount and gives back the new totals, in the order given. Callers keep the order sorted, so that nothing deadlocks. */
export async function addToBudgets(tx: Tx, additions: readonly (BudgetKey & { readonly micros: bigint })[]): Promise<readonly bigint[]> {
  const totals = await Promise.all(
    additions.map(({ tenant, scope, startsAtMs, currency, micros }) =>
      sql<{ spent: string }>`insert into limit_budget as kept (tenant, scope, starts_at, currency, spent_micros)
        values (${tenant}, ${scope}, ${new Date(startsAtMs).toISOString()}, ${currency}, ${micros})
        on conflict (tenant, scope, starts_at, currency) do update set spent_micros = kept.spent_micros + excluded.spent_micros
        returning spent_micros::text as spent`.execute(query(tx)),
    ),
  );
  return totals.map(({ rows }) => BigInt(rows[0]?.spent ?? 0));
}

export interface Spent {
  /** `workload:<id>` or `workflow:<name>`. */
  readonly scope: string;
  readonly currency: string;
  readonly micros: bigint;
}

/** What model calls cost in the window that began then, by scope. */
export async function listSpent(tx: Tx, tenant: TenantId, startsAtMs: UnixMs): Promise<readonly Spent[]> {
  const { rows } = await sql<{ scope: string; currency: string; micros: string }>`select scope, currency, spent_micros::text as micros
    from limit_budget where tenant = ${tenant} and starts_at = ${new Date(startsAtMs)} and spent_micros > 0 order by scope, currency`.execute(
    query(tx),
  );
  return rows.map(({ scope, currency, micros }) => ({ scope, currency, micros: BigInt(micros) }));
}
