// Reads, through the connector, what the policy must know: whose object it is, what may still be refunded, which version it has.
// Facts come from our own look-up, never from the caller and never from the model.

import { encodeOperation, type MatchedOperation, resolveFacts as resolve } from '#connectors';
import { isJsonFault, isRefusal, type JsonValue, parseStrictJson, type Refusal, refuse } from '#core';
import type { GuardDeps } from '../ports.ts';
import type { Resolved, Screened } from '../types.ts';
import { exchange } from './exchange.ts';

export async function resolveFacts(deps: GuardDeps, call: Screened): Promise<Resolved | Refusal> {
  const { manifest } = call.integration;
  if (call.matched === null || manifest === null) return { ...call, facts: null };
  const read = (operation: MatchedOperation): Promise<JsonValue | Refusal> => readRecord(deps, call, operation);
  const facts = await resolve(manifest, call.matched, call.customer, read, deps.digest);
  return isRefusal(facts) ? facts : { ...call, facts };
}

async function readRecord(deps: GuardDeps, call: Screened, operation: MatchedOperation): Promise<JsonValue | Refusal> {
  const encoded = encodeOperation(operation);
  const answer = await exchange(deps, call, {
    method: encoded.method,
    path: encoded.path,
    body: encoded.body,
    maxResponseBytes: operation.operation.output.maxBytes,
    idempotency: null,
    signal: call.received.signal,
  });
  if (isRefusal(answer)) return answer;
  // The connector tells "no such object" (null) from "could not look" (a refusal).
  if (answer.status === 404) return null;
  if (answer.status !== 200) return unavailable();
  const value = parseStrictJson(answer.body);
  return isJsonFault(value) ? unavailable() : value;
}

function unavailable(): Refusal {
  return refuse('CONNECTORS_FACTS_UNAVAILABLE', 'The facts this call must be checked against could not be read; nothing was sent.');
}
