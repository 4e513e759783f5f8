// Checks cosignature/v1 lines (c2sp.org/tlog-cosignature): a witness's word that at a moment this was the largest tree it had seen.

import { verify } from 'node:crypto';
import { COSIGNATURE_V1, type SignedNote, type VerifierKey } from './signed-note.ts';

const TIME_BYTES = 8;
const SIGNATURE_BYTES = 64;
const MAX_TIME = 2n ** 63n - 1n;

/** When the witness cosigned, in seconds since 1970; null when it did not, or when a line under its name does not verify. */
export function openCosignature(note: SignedNote, witness: VerifierKey): number | null {
  if (witness.type !== COSIGNATURE_V1) return null;
  let newest: number | null = null;
  for (const line of note.signatures) {
    if (line.name !== witness.name || !line.id.equals(witness.id)) continue;
    if (line.signature.length !== TIME_BYTES + SIGNATURE_BYTES) return null;
    const time = line.signature.readBigUInt64BE(0);
    const message = Buffer.from(`cosignature/v1\ntime ${time}\n${note.text}`);
    if (time === 0n || time > MAX_TIME || !verify(null, message, witness.key, line.signature.subarray(TIME_BYTES))) return null;
    newest = Math.max(newest ?? 0, Number(time));
  }
  return newest;
}
