// What an approval is bound to: everything its approver sees, and everything that would change what happens if it moved underneath.

import type { Facts, MatchedOperation } from '#connectors';
import { canonicalJson, labelToJson } from '#core';
import type { GuardDeps } from '../ports.ts';
import type { Resolved } from '../types.ts';
import { argumentLabelsToJson } from './argument-labels.ts';

export function endorsementDigest(
  deps: Pick<GuardDeps, 'digest'>,
  call: Resolved,
  matched: MatchedOperation,
  facts: Pick<Facts, 'objectVersion'>,
): string {
  return deps.digest.sha256(
    canonicalJson({
      tenant: call.principal.tenant,
      workload: call.principal.workload,
      workflow: call.principal.workflow,
      integration: call.integration.name,
      origin: call.integration.origin,
      pathPrefix: call.integration.pathPrefix,
      manifest: call.integration.manifest?.digest ?? null,
      operation: matched.operation.name,
      arguments: matched.args,
      customer: call.customer?.id ?? null,
      label: storedLabel(call),
      ...(call.argumentLabels === null ? {} : { argumentLabels: argumentLabelsToJson(call.argumentLabels) }),
      objectVersion: facts.objectVersion,
    } as never),
  );
}

/** The label the call had when it was stored: what the run has read since then is not what was approved. */
export function storedLabel(call: Resolved): ReturnType<typeof labelToJson> {
  return call.received.endorsement?.label ?? labelToJson(call.label);
}
