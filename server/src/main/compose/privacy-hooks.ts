// Shopify's three privacy webhooks as privacy requests. They open a request and do nothing else: a person looks at it, and an erasure asks
// for legal holds itself.
// INVARIANT: the topic is not under the signature, so a body of one topic never counts as another one; the same body is one request; a shop
// that is known is compared with the one the body names.

import { isObject, isRefusal, type JsonObject, type JsonValue, type Refusal, type RunId, refuse, type TenantId } from '#core';
import type { RequestKind, Rights } from '#governance';

interface PrivacyDelivery {
  readonly tenant: TenantId;
  readonly integration: string;
  readonly id: string;
  readonly event: string;
  readonly body: JsonObject;
}

interface Asked {
  readonly kind: RequestKind;
  readonly subject: string | null;
}

const TOPICS: Readonly<Record<string, (data: JsonObject) => Asked | null>> = {
  'customers/data_request': (data) =>
    data.orders_to_redact === undefined && (isObject(data.data_request) || Array.isArray(data.orders_requested))
      ? of('export', data.customer)
      : null,
  'customers/redact': (data) =>
    data.data_request === undefined && Array.isArray(data.orders_to_redact) ? of('erase', data.customer) : null,
  'shop/redact': (data) => (data.customer === undefined && typeof data.shop_domain === 'string' ? { kind: 'shop', subject: null } : null),
};

/** Null: it is no privacy webhook. */
export async function openPrivacyRequest(
  { requests, shopOf }: Pick<Rights, 'requests'> & { shopOf(tenant: TenantId, integration: string): Promise<string | null> },
  { tenant, integration, id, event, body }: PrivacyDelivery,
): Promise<{ readonly runs: readonly RunId[]; readonly isNew: boolean } | Refusal | null> {
  const read = TOPICS[event];
  if (read === undefined) return null;
  const asked = isObject(body.data) ? read(body.data) : null;
  if (asked === null) return refuse('GATEWAY_REQUEST_INVALID', 'The delivery is not in the form of its topic.', { field: 'data' });
  // One app secret may sign for several shops: what another one says is not about people of this one.
  const shop = await shopOf(tenant, integration);
  const said = isObject(body.data) ? body.data.shop_domain : null;
  if (shop !== null && (typeof said !== 'string' || said.toLowerCase() !== shop))
    return refuse('GOVERNANCE_SHOP_OTHER', 'The delivery is of another shop than the one this integration is.', { integration });
  const actor = `integration:${integration}`;
  const opened = await requests.open({ tenant, ...asked, source: `hook:${integration}:${id}`, actor });
  return isRefusal(opened) ? opened : { runs: [], isNew: opened.isNew };
}

function of(kind: RequestKind, customer: JsonValue | undefined): Asked | null {
  if (!isObject(customer)) return null;
  const { id, email, phone } = customer;
  if (typeof id === 'number' || (typeof id === 'string' && id !== '')) return { kind, subject: `customer:${id}` };
  if (typeof email === 'string' && email !== '') return { kind, subject: `email:${email}` };
  return typeof phone === 'string' && phone !== '' ? { kind, subject: `phone:${phone}` } : null;
}
