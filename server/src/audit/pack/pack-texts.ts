// The two files of a pack that are the same in every pack: what it is, in words, and a copy of the verifier for convenience.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const VERIFIER = join(import.meta.dirname, '../verifier', 'generated', 'sallyport-verify.mjs');

let verifier: Promise<Buffer> | null = null;

/** The verifier in one file, as it is released. */
export function verifierFile(): Promise<Buffer> {
  verifier ??= readFile(VERIFIER);
  return verifier;
}

export const README = `An export of a Sallyport audit log.

events.ndjson      the events, one to a line, exactly as they were sealed
openings.ndjson    payloads that were sealed as a commitment only (in some exports)
manifest.json      what is in this export: whose log, how many events, and what it shows to be complete
checkpoint.note    the signed checkpoint of the log, with the signatures of witnesses
heads.ndjson       proofs that this tenant's tree is under that checkpoint
consistency.ndjson proofs that the log continues what was exported earlier
epochs.ndjson      how the log went on after a restore (only then)
tile/              the hashes of the tenant's tree (c2sp.org/tlog-tiles)
proofs.ndjson      for chosen events, the way of each up to the root
SHA256SUMS         digests of all these files; after unpacking: sha256sum -c SHA256SUMS
signature.note     the log's signature over SHA256SUMS and over the zip file before it

To check it, with Node 20 or newer and no network:

    node sallyport-verify.mjs PACK.zip --key KEY

Check the zip as you got it; unpacked and packed again it is another file. Take the verifier from a release of Sallyport and the key
("sallyport audit status") from its owner, each by another way than this file: a forged export would bring a forged verifier and key
along. The copy in here is for convenience and is not to be trusted.

Keep the receipt that --save writes. With --against RECEIPT the next export must continue this one: that is how a cut-off end, a second
history or a database put back to an older state is found.

What it can not show: an event that was never recorded, and a change made by the owner of the server and its key before the event was
first sealed. The format is described in FORMAT.md of the Sallyport sources, so that anybody can write a verifier.
`;
