// Whether an approved call may run: looked at again when it does, from what can be proven and not from the state its row shows.
// INVARIANT: a request or a decision that was forged or changed in the database does not run. What is sealed here is under a key that
// is not there; what a passkey signed is the digest of exactly this call.

import { createHash, createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import { type ActedOn, type Endorsable, type PersonId, proveEndorsed, type Signatures, type TenantId, type Tx } from '#core';
import type { Decision } from './requirement.ts';
import type { ApprovalRow } from './store/approvals.ts';

/** What an approver's passkey signs. A yes that sends what is in doubt as it is is signed for that alone. */
export const endorsableOf = (
  { tenant, id, digest }: Pick<ApprovalRow, 'tenant' | 'id' | 'digest'>,
  sendsAsIs: 'masked' | 'as_is' = 'masked',
): Endorsable => ({
  purpose: sendsAsIs === 'as_is' ? 'approval as it is' : 'approval',
  lines: [tenant, id, digest],
});

type Asked = Pick<
  ApprovalRow,
  | 'tenant'
  | 'id'
  | 'digest'
  | 'workload'
  | 'integration'
  | 'operation'
  | 'mode'
  | 'required'
  | 'askedBy'
  | 'askerCounts'
  | 'amount'
  | 'soloCap'
  | 'sealedCall'
>;

export interface Seals {
  request(asked: Asked): Buffer;
  decision(approval: Pick<ApprovalRow, 'tenant' | 'id' | 'digest'>, decision: Omit<Decision, 'seal'>): Buffer;
}

export function createSeals(secret: Uint8Array): Seals {
  const key: KeyObject = createSecretKey(secret);
  const seal = (kind: string, parts: readonly (string | number | boolean | null)[]): Buffer =>
    createHmac('sha256', key)
      .update(JSON.stringify([kind, ...parts]))
      .digest();
  return {
    request: ({ amount, soloCap, sealedCall, ...row }) =>
      seal('request', [
        ...[row.tenant, row.id, row.digest, row.workload, row.integration, row.operation],
        ...[row.mode, row.required, row.askedBy, row.askerCounts],
        ...[amount === null ? null : `${amount.amountMinor} ${amount.currency}`, soloCap === null ? null : String(soloCap.amountMinor)],
        sealedCall === null ? null : createHash('sha256').update(sealedCall).digest('hex'),
      ]),
    decision: ({ tenant, id, digest }, { by, verdict, atMs, signature, runsAtMs, sendsAsIs }) =>
      seal('decision', [tenant, id, digest, by, verdict, atMs, signature, runsAtMs, ...(sendsAsIs ? ['as_is'] : [])]),
  };
}

export interface Proofs {
  /**
   * Null when as many people as it takes are proven to have said yes to exactly this, and nobody no, and each of them still may. Whoever
   * left since, or may not decide on it any more, counts no longer: what they said was for as long as they could say it.
   */
  whyNot(tx: Tx, row: ApprovalRow): Promise<'APPROVALS_NOT_PROVEN' | 'APPROVALS_APPROVER_GONE' | null>;
}

export interface ProofDeps {
  readonly seals: Seals;
  readonly signatures: Pick<Signatures, 'verify'>;
  /** Who may decide on what is named, now. */
  people(tx: Tx, tenant: TenantId, on: ActedOn): Promise<readonly PersonId[]>;
}

/** What a decision is about, as grants are narrowed; a step of a workflow is of no integration. */
const placeOf = ({ integration, workflow, sealedCall }: ApprovalRow): ActedOn => ({
  integration: sealedCall === null ? 'workflow' : integration,
  ...(workflow === null ? {} : { workflow }),
});

export function createProofs({ seals, signatures, people: mayDecide }: ProofDeps): Proofs {
  const isYes = async (tx: Tx, row: ApprovalRow, decision: Decision): Promise<boolean> => {
    const { tenant, askedBy, askerCounts, runsAtMs } = row;
    if (!isSeal(decision.seal, seals.decision(row, decision))) return false;
    if (decision.by === askedBy && !askerCounts) return false;
    // Whoever is alone waits, until the moment that was sealed with their yes.
    if (row.mode === 'solo' && decision.runsAtMs !== runsAtMs) return false;
    if (decision.signature === null) return true;
    const signed = {
      tenant,
      person: decision.by as PersonId,
      endorsable: endorsableOf(row, decision.sendsAsIs ? 'as_is' : 'masked'),
      signature: decision.signature,
    };
    // A passkey that was taken away takes with it what has not run.
    return (await proveEndorsed(signatures, tx, signed))?.isRemoved === false;
  };
  return {
    async whyNot(tx, row) {
      const unproven = 'APPROVALS_NOT_PROVEN';
      if (!isSeal(row.seal, seals.request(row)) || row.decisions.some(({ verdict }) => verdict !== 'approved')) return unproven;
      const people = new Set<string>();
      for (const decision of row.decisions) if (await isYes(tx, row, decision)) people.add(decision.by);
      if (people.size < row.required) return unproven;
      const present = (await mayDecide(tx, row.tenant, placeOf(row))).filter((person) => people.has(person));
      return present.length >= row.required ? null : 'APPROVALS_APPROVER_GONE';
    },
  };
}

export function isSeal(stored: Uint8Array | null, computed: Buffer): boolean {
  return stored !== null && stored.byteLength === computed.byteLength && timingSafeEqual(stored, computed);
}
