// One person's yes to going on from a restored database: what their passkey signs, what this installation signs over it, and whether both
// hold. INVARIANT: a yes that was written, changed or moved in the database opens nothing.

import {
  canonicalJson,
  type Digest,
  type Endorsable,
  type Endorsed,
  endorse,
  type PasskeyAssertion,
  type PersonId,
  type PersonPrincipal,
  proveEndorsed,
  type Refusal,
  refuse,
  type Signatures,
  type TenantId,
  type Tx,
} from '#core';
import type { BundleSigner } from '#identity';
import type { RestoreState, RestoreYes } from '#storage';
import { mainCodes } from '../errors.ts';

export interface ConfirmationDeps {
  /** The tenant whose people decide for the installation. */
  readonly tenant: TenantId;
  readonly digest: Digest;
  /** The installation's own key, which is not in the database. */
  readonly signer: BundleSigner;
  readonly signatures: Signatures;
}

/** What was put back and what was found then; for how many people it was to decide. */
function foundDigest({ digest }: Pick<ConfirmationDeps, 'digest'>, state: RestoreState): string {
  const { backup, restored, witnessed, restoredAtMs, needed } = state;
  return digest.sha256(canonicalJson({ backup, restored, witnessed, restoredAtMs, needed }));
}

/** What the passkey of whoever says yes signs. */
export const endorsableOf = (deps: ConfirmationDeps, state: RestoreState): Endorsable => ({
  purpose: 'restore confirmation',
  lines: [deps.tenant, deps.signer.keyId, state.id, state.backup ?? 'adopted', foundDigest(deps, state)],
});

interface Said {
  readonly person: string;
  readonly atMs: number;
  readonly runsAtMs: number | null;
  readonly endorsed: Endorsed;
}

function statementOf(deps: ConfirmationDeps, state: RestoreState, { person, atMs, runsAtMs, endorsed }: Said): string {
  const { signature, passkey } = endorsed;
  const said = { by: person, atMs, runsAtMs, passkey, signature: signature === null ? null : deps.digest.sha256(signature) };
  return `sallyport restore confirmation v1\n${canonicalJson({ tenant: deps.tenant, restore: state.id, found: foundDigest(deps, state), ...said })}`;
}

/** The yes as it is kept; a refusal of whoever has a passkey and did not sign with it. */
export async function sayYes(
  deps: ConfirmationDeps,
  tx: Tx,
  by: PersonPrincipal,
  given: {
    readonly state: RestoreState;
    readonly assertion: PasskeyAssertion | undefined;
    readonly atMs: number;
    readonly runsAtMs: number | null;
  },
): Promise<RestoreYes | Refusal> {
  const { state, assertion, atMs, runsAtMs } = given;
  const code = 'MAIN_RESTORE_SIGNATURE_REQUIRED';
  const needed = refuse(code, mainCodes[code]?.sentence ?? code, { restore: state.id, open: '/settings/backups' });
  const endorsed = await endorse(deps.signatures, tx, by, { endorsable: endorsableOf(deps, state), assertion, needed });
  if ('kind' in endorsed) return endorsed;
  const seal = deps.signer.sign(statementOf(deps, state, { person: by.person, atMs, runsAtMs, endorsed }));
  return { person: by.person, atMs, endorsed, seal };
}

/** Whether this yes was said, for this restore as it is told now, by somebody whose passkey is still there. */
export async function isProven(deps: ConfirmationDeps, tx: Tx, state: RestoreState, yes: RestoreYes): Promise<boolean> {
  const { person, atMs, endorsed, seal } = yes;
  if (endorsed === null || seal === null) return false;
  const said = { person, atMs, runsAtMs: state.needed === 1 ? state.runsAtMs : null, endorsed };
  if (!deps.signer.verify(statementOf(deps, state, said), seal)) return false;
  if (endorsed.signature === null) return true;
  const signed = { tenant: deps.tenant, person: person as PersonId, endorsable: endorsableOf(deps, state), signature: endorsed.signature };
  const known = await proveEndorsed(deps.signatures, tx, signed);
  return known !== null && !known.isRemoved && known.passkey === endorsed.passkey;
}
