// The identities a decision about a workload rests on: its credential, the version of its workflow and the run, and what the integration is.
// INVARIANT: one that its kind must have and has not denies; nobody is recorded as "somebody".

import { type Binding, canonicalJson, type Digest, type JsonObject, type Refusal, refuse, type WorkloadPrincipal } from '#core';
import type { GuardDeps } from '../ports.ts';
import type { Integration } from '../store/catalogue.ts';
import type { Identified, Identities } from '../types.ts';

export function identitiesOf(
  { digest }: Pick<GuardDeps, 'digest'>,
  {
    principal,
    binding,
    integration,
  }: { readonly principal: WorkloadPrincipal; readonly binding: Binding; readonly integration: Integration },
): Identities {
  return {
    credential: principal.key === '' ? null : principal.key,
    version: (binding.tier === 'native' ? binding.version : null) ?? null,
    run: binding.tier === 'plain' || binding.run === '' ? null : binding.run,
    manifest: integration.kind === 'http' ? (integration.manifest?.digest ?? null) : offerOf(digest, integration),
  };
}

const offers = new WeakMap<Integration, string>();

function offerOf(digest: Digest, integration: Integration): string {
  const known = offers.get(integration);
  if (known !== undefined) return known;
  const { name, origin, pathPrefix, models } = integration;
  const made = digest.sha256(canonicalJson({ name, origin, pathPrefix, models: [...models].sort() }));
  offers.set(integration, made);
  return made;
}

const REQUIRED: Readonly<Record<Binding['tier'], readonly (keyof Identities)[]>> = {
  plain: ['credential', 'manifest'],
  bound: ['credential', 'run', 'manifest'],
  native: ['credential', 'version', 'run', 'manifest'],
};

export function requireIdentities(call: Identified): Identified | Refusal {
  const { tier } = call.binding;
  const missing = REQUIRED[tier].filter((name) => call.identities[name] === null);
  if (missing.length === 0) return call;
  return refuse('ENFORCEMENT_IDENTITY_INCOMPLETE', 'An identity that this kind of caller must have is not known, so nothing was decided.', {
    missing,
    tier,
  });
}

/** As events say it; the run stands there already. */
export function recorded({ credential, version, manifest }: Identities): JsonObject {
  return { credential, version, manifest };
}
