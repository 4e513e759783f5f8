// Who calls, from which run and for which customer, and which integration the call is for.
// Rate limits are checked here, as soon as there is somebody to count.

import {
  type Binding,
  type CallRequest,
  isRefusal,
  type ModelRequest,
  proven,
  type Received,
  type Refusal,
  refuse,
  type WorkloadPrincipal,
} from '#core';
import type { GuardDeps } from '../ports.ts';
import type { Integration } from '../store/catalogue.ts';
import type { Identified } from '../types.ts';
import { departmentsOf } from './departments.ts';
import { identitiesOf } from './identities.ts';

const PLAIN: Binding = Object.freeze({ tier: 'plain' });
/** Rough size of a token; only the rate limit uses it. */
const CHARS_PER_TOKEN = 4;

export async function authenticate(deps: GuardDeps, received: Received): Promise<Identified | Refusal> {
  const principal = await identify(deps, received);
  if (isRefusal(principal)) return principal;
  const binding = await bind(deps, received, principal);
  if (isRefusal(binding)) return binding;
  const integration = locate(deps, principal, received.request);
  if (isRefusal(integration)) return integration;
  const departments = departmentsOf(deps, principal, integration.name);
  if (isRefusal(departments)) return departments;
  const limited = deps.limits.admit(principal, cost(received.request));
  if (limited !== null) return limited;
  const customer = binding.tier === 'plain' ? null : proven(binding.customer);
  const identities = identitiesOf(deps, { principal, binding, integration });
  const holder = holderOf(principal, binding);
  return { received, principal, binding, customer, integration, departments, identities, holder, reach: null };
}

/** INVARIANT: version and step come from our own runtime; nothing a caller sends can name them. */
function holderOf({ workload, workflow }: WorkloadPrincipal, binding: Binding): Identified['holder'] {
  const { version = null, step = null } = binding.tier === 'native' ? binding : {};
  return { kind: 'workload', workload, workflow, version, step };
}

async function identify({ identity }: GuardDeps, received: Received): Promise<WorkloadPrincipal | Refusal> {
  const { native, endorsement, erasure } = received;
  if (native !== undefined) {
    const { run, step = null } = native.binding;
    return identity.authenticateStep(native.token, { key: native.key, run, step });
  }
  const own = endorsement?.key ?? erasure?.key;
  const principal =
    own === undefined ? await identity.authenticateCall(received.presentedKey, received.presentedAt) : identity.reauthenticate(own);
  if (isRefusal(principal)) return principal;
  if (principal.kind !== 'workload')
    return refuse('ENFORCEMENT_NOT_A_WORKLOAD', 'Only a workload with an API key or an access token can call through the gateway.');
  return endorsement?.token === undefined ? principal : stillBy(identity, { ...principal, token: endorsement.token });
}

/** A stored call has the limits of the token it was made with. The token may have run out since; nothing it rests on may have ended. */
function stillBy(identity: GuardDeps['identity'], principal: WorkloadPrincipal): WorkloadPrincipal | Refusal {
  const ended = identity.recheck(principal);
  return ended === null || ended.code === 'IDENTITY_TOKEN_EXPIRED' ? principal : ended;
}

async function bind(deps: GuardDeps, received: Received, principal: WorkloadPrincipal): Promise<Binding | Refusal> {
  if (received.endorsement !== null) return received.endorsement.binding;
  if (received.native !== undefined) return received.native.binding;
  if (received.presentedBinding === null) return PLAIN;
  return deps.identity.bind(principal, received.presentedBinding, received.receivedAtMs);
}

function locate(deps: GuardDeps, principal: WorkloadPrincipal, request: CallRequest): Integration | Refusal {
  if (request.kind === 'model') {
    const offered = deps.catalogue.models(principal.tenant, principal.integrations).find((entry) => entry.models.has(request.model));
    return offered ?? refuse('ENFORCEMENT_MODEL_UNKNOWN', 'No integration this key may reach offers that model.');
  }
  // A name outside the key's scope and a name that does not exist are answered alike, so that names can not be probed.
  const integration = principal.integrations.has(request.integration)
    ? deps.catalogue.integration(principal.tenant, request.integration)
    : null;
  if (integration === null || integration.kind !== 'http' || integration.manifest === null) {
    return refuse('ENFORCEMENT_INTEGRATION_UNKNOWN', 'This key reaches no integration of that name.');
  }
  return integration;
}

function cost(request: CallRequest): { tokensEstimate: number; model?: string } {
  if (request.kind === 'operation') return { tokensEstimate: 0 };
  return { tokensEstimate: estimatedTokens(request), model: request.model };
}

export function estimatedTokens(request: ModelRequest): number {
  return Math.ceil(request.raw.byteLength / CHARS_PER_TOKEN);
}
