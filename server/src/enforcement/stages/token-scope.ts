// Whether the access token a call came in by carries this operation, and whether the person it acts for may do it themselves.
// A call without a token has the reach of its key, which was checked before.

import { type Action, carriesOperation, type Refusal, refuse } from '#core';
import type { GuardDeps } from '../ports.ts';
import type { Labelled } from '../types.ts';

export function withinToken(deps: Pick<GuardDeps, 'identity'>, call: Labelled): Labelled | Refusal {
  const { principal, integration, matched } = call;
  const { token } = principal;
  if (token === undefined) return call;
  const { request } = call.received;
  const operation = request.kind === 'model' ? request.model : (matched?.operation.name ?? '');
  const named = { integration: integration.name, operation };
  if (!carriesOperation(token.scope, integration.name, operation)) {
    return refuse('IDENTITY_TOKEN_SCOPE', 'The access token does not carry this operation; ask for a token whose scope names it.', {
      ...named,
      step: token.step,
    });
  }
  if (token.person === null) return call;
  const action: Action = request.kind === 'model' || matched === null ? 'guard.call_model' : `guard.${matched.operation.effect}`;
  const on = { integration: integration.name, ...(principal.workflow === null ? {} : { workflow: principal.workflow }) };
  if (deps.identity.personMay(principal.tenant, token.person, { action, on })) return call;
  const sentence = 'The person in whose name the call is made may not do this themselves, so nothing that acts for them may.';
  return refuse('IDENTITY_TOKEN_PERSON', sentence, { ...named, person: token.person, action });
}
