// A person’s look at a customer for a case that is open now: the case and the customer are read from the integration at that moment, by our
// own requests. INVARIANT: nothing is given out unless the event that says who read which fields for which case has committed.

import {
  type CaseName,
  type CustomerField,
  customerOfCase,
  encodeOperation,
  type FactRead,
  fieldsOfCustomer,
  planCase,
  planCustomer,
} from '#connectors';
import {
  type CustomerClass,
  isJsonFault,
  isRefusal,
  type JsonValue,
  type Manifest,
  makeEvent,
  type NewEvent,
  type PersonPrincipal,
  parseStrictJson,
  type Refusal,
  refuse,
  type SealChangeOf,
  type TenantId,
  type Tx,
} from '#core';
import type { Database } from '#storage';
import type { GuardDeps } from './ports.ts';
import { type ExchangeDeps, exchange } from './stages/exchange.ts';
import type { Catalogue, Integration } from './store/catalogue.ts';

export interface CustomerReaderDeps extends ExchangeDeps, Pick<GuardDeps, 'clock' | 'random'> {
  readonly database: Pick<Database, 'inTenant'>;
  readonly catalogue: Pick<Catalogue, 'integration'>;
  readonly events: { appendIn(tx: Tx, events: readonly NewEvent[]): Promise<void> };
  /** Seals why somebody reads, beside the event: under a key of the person who reads. */
  readonly sealChange: SealChangeOf;
  /** What stands for somebody where they must not be named; the same for the same person of a tenant. */
  blindReference(tx: Tx, tenant: TenantId, subject: string): Promise<string>;
}

export interface CustomerQuestion {
  readonly integration: string;
  readonly case: CaseName;
  readonly classes: readonly CustomerClass[];
  /** In their own words; sealed, and shown to whoever may open the event. */
  readonly reason: string;
}

export interface CustomerRead {
  readonly purpose: string;
  readonly fields: readonly CustomerField[];
}

export type ReadCustomer = (person: PersonPrincipal, question: CustomerQuestion) => Promise<CustomerRead | Refusal>;

export function createCustomerReader(deps: CustomerReaderDeps): ReadCustomer {
  /** The reply; null when there is no such object, a refusal when nobody knows. */
  async function ask(tenant: TenantId, integration: Integration, { operation }: FactRead): Promise<JsonValue | Refusal> {
    const { method, path, body } = encodeOperation(operation);
    const answer = await exchange(
      deps,
      { principal: { tenant }, integration, holder: { kind: 'system', job: 'customer' } },
      {
        ...{ method, path, body, idempotency: null },
        maxResponseBytes: operation.operation.output.maxBytes,
        signal: AbortSignal.timeout(READ_MS),
      },
    );
    if (isRefusal(answer)) return answer;
    if (answer.status === 404) return null;
    const value = answer.status === 200 ? parseStrictJson(answer.body) : null;
    if (value === null || isJsonFault(value))
      return refuse('CONNECTORS_FACTS_UNAVAILABLE', 'The case or the customer could not be read at the integration; nothing is shown.', {});
    return value;
  }

  async function read(tenant: TenantId, integration: Integration, manifest: Manifest, question: CustomerQuestion) {
    const plan = planCase(manifest, question.case);
    if (isRefusal(plan)) return plan;
    const found = await ask(tenant, integration, plan);
    if (isRefusal(found)) return found;
    const customer = customerOfCase(manifest, question.case, found);
    if (isRefusal(customer)) return customer;
    const own = planCustomer(manifest, customer);
    if (isRefusal(own)) return own;
    const reply = await ask(tenant, integration, own);
    if (isRefusal(reply)) return reply;
    const fields = reply === null ? null : fieldsOfCustomer(manifest, own, { reply, classes: question.classes });
    return fields === null
      ? refuse('CONNECTORS_CASE_UNKNOWN', 'The case names no customer the integration knows.', {})
      : { customer, fields };
  }

  return async (who, question) => {
    const { tenant, person } = who;
    const integration = deps.catalogue.integration(tenant, question.integration);
    if (integration?.manifest == null) return refuse('CONNECTORS_CASE_KIND', 'There is no such integration, or it knows no customers.', {});
    const result = await read(tenant, integration, integration.manifest, question);
    if (isRefusal(result)) return result;
    const { customer, fields } = result;
    const purpose = `${question.case.entity}:${question.case.id}`;
    await deps.database.inTenant(tenant, async (tx) => {
      // As an erasure of the same customer is named.
      const blind = await deps.blindReference(tx, tenant, customer);
      const facts = { integration: integration.name, purpose, classes: [...question.classes], rows: 1, fields: fields.length };
      const told = { ...who, via: { address: null, device: null, ...who.via, reason: question.reason } };
      const sealed = await deps.sealChange(tx, told, { before: null, after: null });
      const event = { tenant, type: 'enforcement.customer.read', actor: person, subject: `subject:${blind}`, public: facts, sealed };
      await deps.events.appendIn(tx, [makeEvent(deps, event)]);
    });
    return { purpose, fields };
  };
}

/** Two short looks; a person waits for them. */
const READ_MS = 20_000;
