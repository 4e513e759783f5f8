// The approval of a version: what the approver's passkey signs, what this installation signs over it, and whether both still hold.
// INVARIANT: no row stands for an approval; both signatures are over what is stored now, and the second one over the first.

import {
  canonicalJson,
  type Endorsable,
  type Endorsed,
  type PersonId,
  proveEndorsed,
  type Refusal,
  refuse,
  type TenantId,
  type Tx,
} from '#core';
import type { RegistryDeps } from './ports.ts';
import { findWorkflow, type VersionRow } from './store/versions.ts';

type Deps = Pick<RegistryDeps, 'digest' | 'signer' | 'signatures'>;

/** What an approver's passkey signs: exactly this content, under this name, in this tenant. */
export const endorsableOf = (version: { readonly tenant: TenantId; readonly name: string; readonly hash: string }): Endorsable => ({
  purpose: 'workflow approval',
  lines: [version.tenant, version.name, version.hash],
});

export interface Approval {
  readonly tenant: TenantId;
  readonly name: string;
  readonly hash: string;
  readonly by: string;
  readonly atMs: number;
  readonly isSolo: boolean;
  readonly endorsed: Endorsed;
}

/** What the installation signs: who approved what and when, and what their passkey signed. */
export function approvalStatement(deps: Pick<Deps, 'digest'>, { endorsed, ...approval }: Approval): string {
  const { signature, passkey } = endorsed;
  const signed = { passkey, signature: signature === null ? null : deps.digest.sha256(signature) };
  return `sallyport workflow approval v2\n${canonicalJson({ ...approval, ...signed })}`;
}

/** Of approvals given before passkeys signed them. */
const earlierStatement = ({ endorsed: _none, ...approval }: Approval): string =>
  `sallyport workflow approval v1\n${canonicalJson({ ...approval })}`;

/** `lapsed`: before it was published its approver left, or the passkey that signed it was taken away; somebody approves it anew. */
export type SignatureState = 'unsigned' | 'valid' | 'lapsed' | 'invalid';

export interface CheckedApproval {
  readonly state: SignatureState;
  /** The passkey the approver signed with; null without one. */
  readonly passkey: string | null;
  /** Whether that passkey was taken away since. What runs goes on running. */
  readonly isPasskeyRemoved: boolean;
}

const INVALID: CheckedApproval = { state: 'invalid', passkey: null, isPasskeyRemoved: false };

/** Everything about the approval, looked up and checked now. */
export async function checkApproval(
  deps: Deps & Pick<RegistryDeps, 'people'>,
  tx: Tx,
  tenant: TenantId,
  version: VersionRow,
): Promise<CheckedApproval> {
  if (version.state === 'draft' && version.signature === null) return { ...INVALID, state: 'unsigned' };
  const approval = installationSigned(deps, tenant, version);
  if (approval === null) return INVALID;
  const known = approval.endorsed.signature === null ? { passkey: null, isRemoved: false } : await proven(deps, tx, approval);
  if (known === null) return INVALID;
  const isStanding = version.state === 'published' || (!known.isRemoved && (await mayStand(deps, tx, approval)));
  return { state: isStanding ? 'valid' : 'lapsed', passkey: known.passkey, isPasskeyRemoved: known.isRemoved };
}

/** As with calls: what has not taken effect ends with its approver's right to approve it. Sample data is approved by starting the demo. */
async function mayStand(deps: Pick<RegistryDeps, 'people'>, tx: Tx, { tenant, name, by }: Approval): Promise<boolean> {
  return (await deps.people(tx, tenant, { workflow: name })).includes(by) || (await findWorkflow(tx, tenant, name))?.isSample === true;
}

/** Approvals whose passkey's signature was found good, by all that was signed: a changed row is another one and is checked. */
const found = new Set<string>();
const MAX_FOUND = 1_000;

/** Whether what was approved may go on running: as above, but for a passkey that was taken away since. Asked before every step. */
export async function isApproved(deps: Deps, tx: Tx, tenant: TenantId, version: VersionRow): Promise<boolean> {
  const approval = installationSigned(deps, tenant, version);
  if (approval === null) return false;
  if (approval.endorsed.signature === null) return true;
  const statement = approvalStatement(deps, approval);
  if (found.has(statement)) return true;
  if ((await proven(deps, tx, approval)) === null) return false;
  if (found.size >= MAX_FOUND) found.clear();
  found.add(statement);
  return true;
}

/** The approval as the row tells it, if this installation signed exactly that. */
function installationSigned(deps: Pick<Deps, 'digest' | 'signer'>, tenant: TenantId, version: VersionRow): Approval | null {
  const { name, hash, approvedBy: by, approvedAtMs: atMs, isSolo, signature, endorsed } = version;
  if (by === null || atMs === null || isSolo === null || signature === null || endorsed === null) return null;
  const approval = { tenant, name, hash, by, atMs, isSolo, endorsed };
  if (deps.signer.verify(approvalStatement(deps, approval), signature)) return approval;
  return endorsed.signature === null && deps.signer.verify(earlierStatement(approval), signature) ? approval : null;
}

async function proven(deps: Pick<Deps, 'signatures'>, tx: Tx, approval: Approval) {
  const { tenant, by, endorsed } = approval;
  if (endorsed.signature === null) return null;
  const signed = { tenant, person: by as PersonId, endorsable: endorsableOf(approval), signature: endorsed.signature };
  const known = await proveEndorsed(deps.signatures, tx, signed);
  return known?.passkey === endorsed.passkey ? known : null;
}

export const notSigned = (workflow: string, hash: string): Refusal =>
  refuse('WORKFLOWS_SIGNATURE_INVALID', 'The approval of this version is not signed by this installation and its approver.', {
    workflow,
    hash,
  });

export const lapsed = (workflow: string, hash: string): Refusal =>
  refuse('WORKFLOWS_APPROVAL_LAPSED', 'Whoever approved this may not approve it any more, or their passkey was removed; approve it anew.', {
    workflow,
    hash,
  });

/** Whoever has a passkey signs with it, and only a browser can ask it. */
export const signatureNeeded = (workflow: string, hash: string): Refusal =>
  refuse('WORKFLOWS_SIGNATURE_REQUIRED', 'Approve it in the console, where your passkey can sign it.', {
    workflow,
    hash,
    open: `/workflows/${workflow}?hash=${hash}`,
  });
