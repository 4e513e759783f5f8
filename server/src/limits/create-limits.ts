// The front of the room: admission by key, reservations in the caller's transaction, model budgets.

import type { Clock, Principal, Random, Refusal, ReservationId, TenantId, Tx, UnixMs } from '#core';
import type { Database } from '#storage';
import { type AdmissionConfig, type AdmissionCost, createAdmission } from './admission.ts';
import { createHookAdmission, type HookAdmission } from './hook-admission.ts';
import { createModelBudget, type ModelBudget } from './model-budget.ts';
import { type ReservationRequest, reserve, settle } from './reserve.ts';
import { pruneBefore, type Settlement } from './store/reservations.ts';
import { forgetWindows } from './store/windows.ts';

export interface LimitsDeps {
  readonly db: Pick<Database, 'inTenant' | 'asSystem'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly config: AdmissionConfig;
}

export interface Limits {
  readonly hooks: HookAdmission;
  /** Whether this key may make one more request now. In memory, per process. */
  admit(principal: Principal, cost: AdmissionCost): Refusal | null;
  /** Replaces an admitted call's token estimate by what it used. */
  correct(principal: Principal, cost: { readonly tokensEstimate: number; readonly tokensActual: number }): void;
  /** Counts an effect against all its windows, or against none. Part of the caller's transaction. */
  reserve(tx: Tx, request: ReservationRequest): Promise<ReservationId | Refusal>;
  settle(tx: Tx, reservation: ReservationId, state: Settlement): Promise<void>;
  readonly budget: ModelBudget;
  /** Forgets what is older; never a reservation that is still held. */
  prune(beforeMs: UnixMs): Promise<void>;
  /** Forgets what was counted at these integrations, in the transaction that removes them. */
  forget(tx: Tx, tenant: TenantId, integrations: readonly string[]): Promise<void>;
  /** Writes what is unwritten of the budgets. */
  close(): Promise<void>;
}

export function createLimits(deps: LimitsDeps): Limits {
  const admission = createAdmission(deps.clock, deps.config);
  const budget = createModelBudget(deps);
  return {
    hooks: createHookAdmission(deps.clock),
    admit: admission.admit,
    correct: admission.correct,
    reserve: (tx, request) => reserve(tx, request, deps),
    settle: (tx, reservation, state) => settle(tx, reservation, state, deps),
    budget,
    prune: (beforeMs) => deps.db.asSystem('resolver', (tx) => pruneBefore(tx, beforeMs)),
    forget: forgetWindows,
    close: budget.close,
  };
}
