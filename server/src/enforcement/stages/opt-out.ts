// Keeps customers who opted out of a use from whatever is declared for it: a workflow by its signed definition, a destination by its declaration.
// INVARIANT: where no such use is declared nothing is looked up; where one is, what can not be looked up is refused.

import { DATA_OPT_OUTS, isEffectful, isJsonFault, type JsonValue, type OptOutUse, parseStrictJson, type Refusal, refuse } from '#core';
import { detect } from '#dlp';
import type { GuardDeps, OptOutPlace } from '../ports.ts';
import type { Labelled, Sent } from '../types.ts';

/** Texts of one call that are looked through; a call with more is refused. */
const MAX_TEXTS = 2_000;

function placeOf({ flows }: Pick<GuardDeps, 'flows'>, call: Labelled): OptOutPlace {
  const { integration, principal, reach } = call;
  const declared = flows.usesOf(principal.tenant, integration.name);
  const isRefused = flows.decides(principal.tenant, decidingCall(call)) === 'refuse';
  const uses = [...new Set<OptOutUse>([...(reach?.dataUse ?? []), ...declared.uses, ...(isRefused ? (['admt'] as const) : [])])];
  return { integration: integration.name, workflow: principal.workflow, uses, field: declared.field };
}

const decidingCall = ({ integration, principal, matched }: Labelled) => ({
  integration: integration.name,
  operation: matched?.operation.name ?? null,
  workflow: principal.workflow,
  isEffect: matched !== null && isEffectful(matched.operation.effect),
});

/** Whether a person must decide, because the call is declared to decide about people and one of them opted out of a machine doing so. */
export async function needsPerson(deps: Pick<GuardDeps, 'flows' | 'optOuts'>, call: Labelled): Promise<boolean> {
  const { tenant, workflow } = call.principal;
  if (call.matched === null || deps.flows.decides(tenant, decidingCall(call)) !== 'wait') return false;
  const people = call.customer === null ? [] : [{ kind: 'customer' as const, value: call.customer.id }];
  return deps.optOuts.needsPerson(
    tenant,
    { values: [call.matched.args as JsonValue], people },
    { integration: call.integration.name, workflow },
  );
}

/** Before anything leaves: the customer of the call, and whoever its arguments and texts name. */
export async function withinOptOuts(deps: Pick<GuardDeps, 'flows' | 'optOuts'>, call: Labelled): Promise<Labelled | Refusal> {
  // Who is deleted there is not used for anything there.
  if (call.received.erasure !== undefined) return call;
  const place = placeOf(deps, call);
  if (call.received.optsOut === true) {
    if (call.customer !== null) await deps.optOuts.signalled(call.principal.tenant, call.customer.id);
    if (place.uses.some((use) => DATA_OPT_OUTS.includes(use))) return optedOut(place);
  }
  if (place.uses.length === 0) return call;
  if (call.parts.length > MAX_TEXTS) return optedOut(place);
  const values: JsonValue[] = call.parts.map(({ text }) => valueOfText(text));
  if (call.matched !== null) values.push(call.matched.args as JsonValue);
  const emails = call.parts.flatMap(({ text }) =>
    detect(text)
      .filter(({ type }) => type === 'EMAIL')
      .map(({ start, end }) => ({ kind: 'email' as const, value: text.slice(start, end) })),
  );
  const people = [...(call.customer === null ? [] : [{ kind: 'customer' as const, value: call.customer.id }]), ...emails];
  return (await deps.optOuts.names(call.principal.tenant, { values, people }, place)) ? optedOut(place) : { ...call, usedFor: place.uses };
}

/** What a connector answered, without records of who opted out; remembers who a record says did. */
export async function withoutOptedOut(
  deps: Pick<GuardDeps, 'flows' | 'optOuts'>,
  call: Sent,
  value: JsonValue,
): Promise<{ readonly value: JsonValue } | Refusal> {
  const place = placeOf(deps, call);
  const { tenant } = call.principal;
  if (place.field !== null) await deps.optOuts.learn(tenant, value, place.field);
  if (place.uses.length === 0) return { value };
  const { value: left, isWhole } = await deps.optOuts.filtered(tenant, value, place);
  return isWhole ? optedOut(place) : { value: left };
}

function valueOfText(text: string): JsonValue {
  const value = parseStrictJson(text);
  return isJsonFault(value) ? null : value;
}

function optedOut({ integration, uses }: OptOutPlace): Refusal {
  return refuse('ENFORCEMENT_OPTED_OUT', 'The customer opted out of a use this is declared for; nothing of them goes there.', {
    integration,
    uses: [...uses],
  });
}
