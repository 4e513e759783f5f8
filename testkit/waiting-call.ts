// A call that waits for a person, stored as the guard stores one, with a program that asked for it.

import { type CallId, newId, type TenantId, type WorkloadId, type WorkloadPrincipal } from '../server/src/core/index.ts';
import { type Server, systemClock, systemRandom } from '../server/src/main/index.ts';

const DAY_MS = 24 * 60 * 60_000;

export interface WaitingCall {
  readonly approval: string;
  readonly call: CallId;
  readonly workload: WorkloadId;
  readonly key: string;
}

export async function storeWaitingCall(
  { rooms, database }: Server,
  { tenant, name, sentence }: { readonly tenant: TenantId; readonly name: string; readonly sentence: string },
): Promise<WaitingCall> {
  const { identity, vault, approvals } = rooms;
  const workload = await identity.createWorkload({ tenant, name: `agent-${name}`, workflow: null, integrations: [] });
  const key = await identity.createKey({ tenant, workload, expiresAtMs: systemClock.now() + 5 * DAY_MS });
  const call = newId('call', systemClock, systemRandom);
  const requestedBy: WorkloadPrincipal = { kind: 'workload', tenant, workload, key: key.id, workflow: null, integrations: new Set() };
  const approval = await database.database.inTenant(tenant, async (tx) => {
    const words = { tenant, subject: null, purpose: 'approval.sentence', plaintext: Buffer.from(sentence) };
    const sealedSentence = await vault.seal(tx, words);
    return approvals.request(tx, {
      ...{ tenant, call, requestedBy, digest: 'ab'.repeat(32), sealedSentence, sealedCall: null, sealedContext: null, evidence: {} },
      ...{ expiresAtMs: systemClock.now() + DAY_MS, integration: `shop-${name}`, operation: 'refunds.create', run: null, workflow: null },
      ...{ amount: null, needsTwo: false, soloPerDay: null },
    });
  });
  return { approval: String(approval), call, workload, key: key.id };
}
