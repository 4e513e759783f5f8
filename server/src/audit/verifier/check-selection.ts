// Chosen events: each is proven to be in the tenant's tree by a path of its own. Whether others were left out, a selection can not show.

import { EVENTS, openEvents, type Progress } from './events.ts';
import type { History } from './history.ts';
import { nextLine } from './lines.ts';
import type { Manifest, Sums } from './pack.ts';
import { includes, type Tree } from './tree.ts';
import { count, fieldsOf, malformed, pathOf, Unverified } from './unverified.ts';

const PROOFS = 'proofs.ndjson';
/** Promised of every proof. */
const MAX_PROOF_CHARS = 4_096;

export async function checkSelection(sums: Sums, manifest: Manifest, history: History, progress: Progress): Promise<void> {
  const whole = history.heads.at(-1) as Tree;
  const proofs = sums.lines(PROOFS);
  const events = await openEvents(sums, manifest, progress);
  let before = -1;
  for (let read = 0; read < manifest.events; read += 1) {
    const text = await nextLine(proofs);
    if (text === null) throw new Unverified('PACK_TRUNCATED', 'The pack ends before its last proof.', { file: PROOFS });
    if (text.length > MAX_PROOF_CHARS) throw malformed('A proof is longer than a proof can be.', PROOFS);
    const fields = fieldsOf(text, ['seq', 'path']);
    const seq = count(fields.seq);
    if (seq <= before) throw new Unverified('LEAF_OUT_OF_PLACE', 'The chosen events are out of order.', { seq, file: PROOFS });
    let actual = events.take(seq);
    while (actual === null) {
      await events.more(seq);
      actual = events.take(seq);
    }
    if (!includes(actual, seq, whole, pathOf(fields.path))) {
      throw new Unverified('LEAF_CHANGED', 'An event or its proof differs from what was sealed.', { seq, file: EVENTS });
    }
    if (events.isOpened) await events.open();
    [before, progress.proven] = [seq, seq + 1];
  }
  await events.finish();
  if ((await nextLine(proofs)) !== null) throw malformed('There is a proof without an event.', PROOFS);
}
