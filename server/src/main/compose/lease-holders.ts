// Whether whoever asks for a credential may have it, asked by the vault for each lease: the credential is the named integration's, and
// that integration is one the workload may reach, inside the approved segment of its workflow.
// INVARIANT: nothing here relies on what the guard decided before.

import { isRefusal, type Refusal, refuse, type Segment, type TenantId, type WorkloadId } from '#core';
import type { Catalogue } from '#enforcement';
import type { LeaseRequest, MayHold } from '#vault';

export interface LeaseHoldersDeps {
  readonly catalogue: Pick<Catalogue, 'integration'>;
  readonly identity: {
    /** Integrations the workload may reach now; null when there is no such workload. */
    reachOf(tenant: TenantId, workload: WorkloadId): ReadonlySet<string> | null;
  };
  readonly segments: { of(tenant: TenantId, workflow: string, version: string | null): Promise<Segment | Refusal | null> };
}

export function leaseHolders({ catalogue, identity, segments }: LeaseHoldersDeps): MayHold {
  return async (request) => {
    const { tenant, credential, integration, holder } = request;
    if (catalogue.integration(tenant, integration)?.credential !== credential) return withheld(request);
    // Recovery asks what became of an effect that was sent before, in nobody's name; a person's look at a customer was judged as theirs.
    if (holder.kind === 'system') return null;
    if (identity.reachOf(tenant, holder.workload)?.has(integration) !== true) return withheld(request);
    if (holder.workflow === null) return null;
    const segment = await segments.of(tenant, holder.workflow, holder.version);
    if (isRefusal(segment)) return segment;
    const reach = segment !== null && holder.step !== null ? segment.steps.get(holder.step) : segment;
    return reach === null || reach?.integrations.has(integration) === true ? null : withheld(request);
  };
}

const withheld = ({ credential, integration }: LeaseRequest): Refusal =>
  refuse('VAULT_CREDENTIAL_NOT_HELD', 'The credential belongs to an integration this caller may not reach; it was not given out.', {
    credential,
    integration,
  });
