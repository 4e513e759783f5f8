// Checks the proof of one event: from its own bytes over the tenant's tree to the signed checkpoint. Shares nothing with what made it.

import { openCheckpoint, parseVerifierKey } from './note.ts';
import { includes } from './tree.ts';
import { base64, count, type Fields, inFile, pathOf, sha256, Unverified } from './unverified.ts';

export interface ProofVerdict {
  readonly ok: boolean;
  /** `VERIFIED`, or what is wrong. */
  readonly code: string;
  readonly message: string;
}

const leafHash = (text: string): Buffer => sha256(Buffer.from(`\0${text}`));
const object = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {});

function check(event: Fields, trustedKey: string): void {
  const [proof, leaf] = [object(event.proof), String(event.leaf)];
  const entry = object(JSON.parse(leaf) as unknown);
  if (entry.seq !== event.seq) throw new Unverified('PROOF_INVALID', 'The event does not have the number it is shown under.');
  const key = parseVerifierKey(trustedKey);
  const signed = openCheckpoint(proof.note, { origin: key.name, keys: [key], trusted: 0 });
  const head = object(proof.head);
  const tree = { size: count(head.size), root: base64(head.root, 32) };
  if (!includes(leafHash(leaf), count(event.seq), tree, pathOf(proof.path))) {
    throw new Unverified('PROOF_INVALID', 'The event is not in the tenant’s tree.');
  }
  const origin = String(proof.note).split('\n')[0];
  const text = `${origin}/${String(entry.tenant)}\n${tree.size}\n${tree.root.toString('base64')}\n`;
  if (!includes(leafHash(text), count(head.index), signed, pathOf(head.path))) {
    throw new Unverified('HEAD_NOT_INCLUDED', 'The tenant’s tree is not under the signed checkpoint.');
  }
}

/** `event` is the answer of `GET /api/events/:seq`; the key must sign the checkpoint itself. */
export function verifyProof(event: unknown, trustedKey: string): ProofVerdict {
  try {
    check(object(event), trustedKey);
    return { ok: true, code: 'VERIFIED', message: 'The event is under the signed checkpoint.' };
  } catch (caught) {
    const failure = inFile(caught instanceof SyntaxError ? new Unverified('PROOF_INVALID', 'The event can not be read.') : caught, '');
    if (!(failure instanceof Unverified)) throw failure;
    return { ok: false, code: failure.code, message: failure.message };
  }
}
