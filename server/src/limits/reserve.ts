// Reserves money and uses over several windows at once, in the caller's transaction: all of them or none.
// INVARIANT: what is held and spent in a window never exceeds its limit, whoever else reserves at the same moment.

import {
  type CallId,
  type Clock,
  formatMoney,
  type Money,
  newId,
  type Random,
  type Refusal,
  type ReservationId,
  refuse,
  SallyportError,
  type TenantId,
  type Tx,
} from '#core';
import { overDepartment } from './over-department.ts';
import { deleteReservation, insertReservation, reservationState, type Settlement, settleReservation } from './store/reservations.ts';
import { type GuardedWindow, giveBackWindow, readWindow, takeWindow, type WindowKey } from './store/windows.ts';
import { type Window, windowStart } from './windows.ts';

export interface ReservationKey {
  /** What is counted together, its kind before the first colon, e.g. `customer:shop:42:create_refund`. */
  readonly scope: string;
  readonly window: Window;
  readonly limitMinor: bigint;
  readonly currency: string;
  /** Most uses in the window, whatever they are worth; absent for no such limit. */
  readonly limitCount?: number;
  /** Counts uses alone, in whatever currency they are: `limitMinor` and `currency` say nothing. */
  readonly usesOnly?: true;
  /** Whose budget it is; departments are named in the refusal. */
  readonly department?: string;
}

export interface ReservationRequest {
  readonly call: CallId;
  readonly tenant: TenantId;
  readonly keys: readonly ReservationKey[];
  /** `null` counts a use without money. */
  readonly amount: Money | null;
  readonly count: 1;
}

export interface ReserveDeps {
  readonly clock: Clock;
  readonly random: Random;
}

/** Sorted, so that every transaction locks in one order; one entry per window, with the stricter of its limits. */
function guardedWindows(keys: readonly ReservationKey[], nowMs: number): readonly GuardedWindow[] {
  const byWindow = new Map<string, GuardedWindow>();
  for (const key of keys) {
    const name = `${key.window} ${key.scope}`;
    const other = byWindow.get(name);
    const limitCount = Math.min(key.limitCount ?? Number.POSITIVE_INFINITY, other?.limitCount ?? Number.POSITIVE_INFINITY);
    byWindow.set(name, {
      scope: key.scope,
      window: key.window,
      startsAtMs: windowStart(key.window, nowMs),
      currency: key.currency,
      limitMinor: other !== undefined && other.limitMinor < key.limitMinor ? other.limitMinor : key.limitMinor,
      limitCount: Number.isFinite(limitCount) ? limitCount : null,
      ...(key.usesOnly === undefined ? {} : { usesOnly: true }),
      ...(key.department === undefined ? {} : { department: key.department }),
    });
  }
  return [...byWindow.entries()].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, window]) => window);
}

function kindOf(scope: string): string {
  return scope.split(':', 1)[0] as string;
}

function currencyRefusal(key: { scope: string; currency: string }, currency: string): Refusal {
  return refuse('LIMITS_CURRENCY_MISMATCH', 'The amount is in another currency than its limit; set a limit in this currency.', {
    limitOf: kindOf(key.scope),
    limitCurrency: key.currency,
    currency,
  });
}

function checkRequest(request: ReservationRequest): Refusal | null {
  const { amount } = request;
  const keys = request.keys.filter((key) => key.usesOnly === undefined);
  const [first] = keys;
  if (amount !== null && amount.amountMinor < 0n) return refuse('LIMITS_AMOUNT_INVALID', 'An amount to be counted is never negative.');
  const currency = amount?.currency ?? first?.currency;
  const other = keys.find((key) => key.currency !== currency);
  return other === undefined || currency === undefined ? null : currencyRefusal(other, currency);
}

/** Which limit was in the way. Read after the fact, for the person who asks why; the decision is the upsert's. */
async function explain(tx: Tx, request: ReservationRequest, failed: GuardedWindow): Promise<Refusal> {
  const row = await readWindow(tx, request.tenant, failed);
  if (row !== null && row.currency !== failed.currency) return currencyRefusal({ ...failed, currency: row.currency }, failed.currency);
  const evidence = { limitOf: kindOf(failed.scope), window: failed.window };
  const isOverCount = failed.limitCount !== null && (row?.uses ?? 0) + 1 > failed.limitCount;
  if (failed.department !== undefined) {
    const limit = isOverCount
      ? { what: 'effects', limit: String(failed.limitCount) }
      : { what: 'money', limit: formatMoney({ amountMinor: failed.limitMinor, currency: failed.currency }) };
    return overDepartment(failed.department, { window: failed.window, ...limit });
  }
  if (isOverCount) {
    return refuse('LIMITS_COUNT_EXCEEDED', 'There were too many effects of this kind in this time window.', {
      ...evidence,
      limit: failed.limitCount as number,
    });
  }
  return refuse('LIMITS_AMOUNT_EXCEEDED', 'The amount would go over a limit for this time window.', {
    ...evidence,
    limit: formatMoney({ amountMinor: failed.limitMinor, currency: failed.currency }),
  });
}

export async function reserve(tx: Tx, request: ReservationRequest, deps: ReserveDeps): Promise<ReservationId | Refusal> {
  const invalid = checkRequest(request);
  if (invalid !== null) return invalid;
  const { tenant } = request;
  const amountMinor = request.amount?.amountMinor ?? 0n;
  const windows = guardedWindows(request.keys, deps.clock.now());
  const id = newId('rsv', deps.clock, deps.random);
  const reservation = { id, tenant, call: request.call, amountMinor, windows, heldAtMs: deps.clock.now() };
  const amountIn = (window: WindowKey): bigint => (window.usesOnly === true ? 0n : amountMinor);
  // Sent together: one round trip in the usual case, and what was taken is given back in the other.
  const [taken] = await Promise.all([
    Promise.all(windows.map((window) => takeWindow(tx, tenant, window, amountIn(window)))),
    insertReservation(tx, reservation),
  ]);
  const failed = windows.find((_, index) => !taken[index]);
  if (failed === undefined) return id;
  await Promise.all(windows.filter((_, index) => taken[index]).map((window) => giveBackWindow(tx, tenant, window, amountIn(window))));
  await deleteReservation(tx, tenant, id);
  return explain(tx, request, failed);
}

/** Settles once. Settling again with the same outcome changes nothing; with the other one it is a fault, and the first stands. */
export async function settle(tx: Tx, id: ReservationId, state: Settlement, deps: ReserveDeps): Promise<void> {
  const settled = await settleReservation(tx, id, state, deps.clock.now());
  if (settled === null) {
    const found = await reservationState(tx, id);
    if (found === null) throw new SallyportError('LIMITS_RESERVATION_UNKNOWN', 'There is no such reservation in this tenant.');
    if (found !== state) throw new SallyportError('LIMITS_ALREADY_SETTLED', 'The reservation was settled before with the other outcome.');
    return;
  }
  if (state === 'spent') return;
  const { tenant, amountMinor, windows } = settled;
  // The window it was counted in, however long ago, never the one of today.
  await Promise.all(windows.map((window) => giveBackWindow(tx, tenant, window, window.usesOnly === true ? 0n : amountMinor)));
}
