// Answers which models a key may use. Nothing crosses the border here, so there is nothing to send or restore.

import { breachOf, carriesOperation, isRefusal, makeEvent, type Received, type Refusal, refuse, type WorkloadPrincipal } from '#core';
import type { GuardDeps } from './ports.ts';
import { departmentsOf } from './stages/departments.ts';

export interface OfferedModel {
  readonly id: string;
  readonly integration: string;
}

export async function listModels(deps: GuardDeps, received: Received): Promise<readonly OfferedModel[] | Refusal> {
  const principal = await deps.identity.authenticateCall(received.presentedKey, received.presentedAt);
  if (isRefusal(principal)) return principal;
  if (principal.kind !== 'workload')
    return refuse('ENFORCEMENT_NOT_A_WORKLOAD', 'Only a workload with an API key or an access token can call through the gateway.');
  const limited = deps.limits.admit(principal, { tokensEstimate: 0 });
  if (limited !== null) return limited;
  const { tenant, workflow } = principal;
  const segment = workflow === null ? null : await deps.segments.of(tenant, workflow, null);
  if (isRefusal(segment)) return segment;
  const offered = deps.catalogue
    .models(principal.tenant, principal.integrations)
    .flatMap((integration) =>
      [...integration.models].filter((id) => mayUse(principal, integration.name, id)).map((id) => ({ id, integration: integration.name })),
    )
    .filter(({ id, integration }) => segment === null || (segment.integrations.has(integration) && segment.models.has(id)))
    .filter(({ id, integration }) => {
      const departments = departmentsOf(deps, principal, integration);
      return !isRefusal(departments) && breachOf(departments, { integration, model: id, effect: null, dataClasses: [] }) === null;
    });
  await deps.events.append(
    makeEvent(deps, {
      tenant: principal.tenant,
      type: 'enforcement.call.completed',
      actor: principal.workload,
      subject: received.call,
      public: { operation: 'list_models', count: offered.length, instance: deps.instance },
    }),
  );
  return offered;
}

function mayUse({ token }: WorkloadPrincipal, integration: string, model: string): boolean {
  return token === undefined || carriesOperation(token.scope, integration, model);
}
