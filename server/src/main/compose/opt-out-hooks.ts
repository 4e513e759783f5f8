// Signed deliveries that set or clear opt-outs: a consent platform, or a shop whose visitors' browsers send the Global Privacy Control.
// INVARIANT: only what a signature covers counts: the Shopify form leaves the event unsigned, so it sets and clears nothing.

import { isObject, type JsonObject, type Refusal, type RunId, refuse, type TenantId } from '#core';
import { type OptOutSignals, readDelivery } from '#governance';

interface Delivered {
  readonly tenant: TenantId;
  readonly integration: string;
  readonly id: string;
  readonly event: string;
  readonly body: JsonObject;
  readonly form: 'standard' | 'shopify';
}

const EVENTS: Readonly<Record<string, boolean>> = { 'privacy.opt_out': true, 'privacy.opt_in': false };

/** Null: it is about no opt-out. */
export async function takeOptOuts(
  signals: Pick<OptOutSignals, 'delivered'>,
  { tenant, integration, id, event, body, form }: Delivered,
): Promise<{ readonly runs: readonly RunId[]; readonly isNew: boolean } | Refusal | null> {
  const out = Object.hasOwn(EVENTS, event) ? EVENTS[event] : undefined;
  if (out === undefined) return null;
  const change = form === 'standard' && isObject(body.data) ? readDelivery(body.data, out) : null;
  if (change === null) return refuse('GATEWAY_REQUEST_INVALID', 'The delivery is not in the form of its event.', { field: 'data' });
  return { runs: [], isNew: await signals.delivered({ tenant, integration, id, change }) };
}
