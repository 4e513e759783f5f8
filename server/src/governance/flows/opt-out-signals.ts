// Opt-outs that come by themselves: a signed delivery of a consent platform, and the signal of a browser that a storefront passes on.
// INVARIANT: a delivery is acted on once, whatever its sender repeats; a signal only ever opts somebody out.

import {
  type Clock,
  DATA_OPT_OUTS,
  isArray,
  isObject,
  type JsonObject,
  LIMITED_USES,
  OPT_OUT_USES,
  type OptOutUse,
  type TenantId,
} from '#core';
import type { Database } from '#storage';
import { noteDelivery } from '../store/opt-outs.ts';
import type { Named, OptOuts } from './opt-outs.ts';

export interface OptOutDelivery {
  readonly tenant: TenantId;
  readonly integration: string;
  readonly id: string;
  readonly change: DeliveredChange;
}

export interface DeliveredChange {
  readonly people: readonly Named[];
  readonly uses: readonly OptOutUse[];
  readonly source: string;
  readonly out: boolean;
}

export interface OptOutSignals {
  /** False when the delivery was taken before. */
  delivered(delivery: OptOutDelivery): Promise<boolean>;
  /** The browser of this customer says so; remembered once. */
  signalled(tenant: TenantId, customer: string): Promise<void>;
}

/** People of one delivery. */
const MAX_PEOPLE = 500;
const MAX_NAME_CHARS = 320;
/** Far longer than a signature is good for. */
const REMEMBERED_MS = 30 * 24 * 60 * 60_000;

/** `data` of a delivery: people by number or address, and the uses; null when it is in another form. */
export function readDelivery(data: JsonObject, out: boolean): DeliveredChange | null {
  const { people, uses, signal } = data;
  if (!isArray(people) || people.length === 0 || people.length > MAX_PEOPLE) return null;
  const named: Named[] = [];
  for (const one of people) {
    if (!isObject(one)) return null;
    const { customer, email } = one;
    const id = typeof customer === 'number' && Number.isSafeInteger(customer) ? String(customer) : customer;
    if (id !== undefined && !isName(id)) return null;
    if (email !== undefined && !(isName(email) && email.includes('@'))) return null;
    if (id === undefined && email === undefined) return null;
    if (id !== undefined) named.push({ kind: 'customer', value: id });
    if (email !== undefined) named.push({ kind: 'email', value: email });
  }
  if (uses !== undefined && !(isArray(uses) && uses.length > 0 && uses.every(isUse))) return null;
  if (signal !== undefined && signal !== 'gpc' && signal !== 'limit') return null;
  // What each signal says by itself; a browser's is not about limiting.
  const meant = signal === 'limit' ? LIMITED_USES : DATA_OPT_OUTS;
  return { people: named, uses: uses === undefined ? meant : [...new Set(uses as OptOutUse[])], source: signal ?? 'platform', out };
}

const isName = (value: unknown): value is string => typeof value === 'string' && value.trim() !== '' && value.length <= MAX_NAME_CHARS;
const isUse = (value: unknown): boolean => (OPT_OUT_USES as readonly unknown[]).includes(value);

export function createOptOutSignals({
  db,
  clock,
  optOuts,
}: {
  readonly db: Pick<Database, 'inTenant'>;
  readonly clock: Clock;
  readonly optOuts: Pick<OptOuts, 'setIn' | 'among'>;
}): OptOutSignals {
  return {
    delivered: ({ tenant, integration, id, change }) =>
      db.inTenant(tenant, async (tx) => {
        const nowMs = clock.now();
        const seen = { integration, delivery: id, at: new Date(nowMs), forgetBefore: new Date(nowMs - REMEMBERED_MS) };
        if (!(await noteDelivery(tx, tenant, seen))) return false;
        await optOuts.setIn(tx, { tenant, actor: `integration:${integration}` }, change);
        return true;
      }),
    signalled: (tenant, customer) =>
      db.inTenant(tenant, async (tx) => {
        const people: readonly Named[] = [{ kind: 'customer', value: customer }];
        // Each use by itself: somebody may be out of one already.
        const uses: OptOutUse[] = [];
        for (const use of DATA_OPT_OUTS) if ((await optOuts.among(tx, tenant, people, [use])).size === 0) uses.push(use);
        if (uses.length > 0) await optOuts.setIn(tx, { tenant, actor: 'system:flows' }, { people, uses, source: 'gpc', out: true });
      }),
  };
}
