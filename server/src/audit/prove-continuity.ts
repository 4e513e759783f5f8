// The server's side of continuity: reads what shows that the ledger continues a checkpoint somebody kept. Whoever asked checks it.

import { type Refusal, refuse, type Tx } from '#core';
import type { Continuity } from './continuity.ts';
import { parseEpochText } from './ledger-texts.ts';
import { consistencyRanges, inclusionRanges, readProof } from './proofs.ts';
import { parseCheckpoint, parseNote } from './signing/note.ts';
import { newestCheckpoint } from './store/anchors.ts';
import { readEpochs, readKeyChain } from './store/keys.ts';
import { globalNodes } from './store/tree-nodes.ts';

const base64 = (hashes: readonly Buffer[]): readonly string[] => hashes.map((hash) => hash.toString('base64'));

/** Size at which the epoch was restored, followed back from the newest; null when the ledger does not go on from it. */
function takenOver(epochs: readonly { epoch: number; record: string }[], origin: string): number | null {
  const records = epochs.flatMap(({ record }) => parseEpochText(parseNote(record)?.text ?? '') ?? []);
  const seen = new Set<string>();
  for (let said = records.at(-1); said !== undefined && !seen.has(said.origin); ) {
    seen.add(said.origin);
    const checkpoint = parseCheckpoint(parseNote(said.restoredAt ?? '')?.text ?? '');
    if (checkpoint?.origin === origin) return checkpoint.size;
    said = records.find((one) => one.origin === checkpoint?.origin);
  }
  return null;
}

/** As any role that may read the ledger's global tables. */
export async function proveContinuity(tx: Tx, kept: { readonly epoch: number; readonly from: number }): Promise<Continuity | Refusal> {
  const [newest, chain, records] = [await newestCheckpoint(tx), await readKeyChain(tx), await readEpochs(tx)];
  if (newest === null)
    return refuse('AUDIT_NOTHING_SEALED', 'Nothing is signed yet; wait a second for the sequencer or check that it runs.');
  const keys = chain.map(({ verifierKey, statement }) => ({ verifierKey, statement }));
  const answer = { epoch: newest.epoch, note: newest.note, keys };
  if (kept.epoch === newest.epoch) {
    if (kept.from > newest.size) return beyond(newest.size);
    const proof = await readProof(consistencyRanges(kept.from, newest.size), globalNodes(tx, newest.epoch));
    return { ...answer, proof: base64(proof), epochs: [], firstLeaf: [] };
  }
  if (kept.epoch > newest.epoch) return beyond(newest.size);
  const epochs = records
    .filter((row) => row.epoch > kept.epoch && row.epoch <= newest.epoch)
    .map(({ epoch, record }) => ({ epoch, record }));
  const origin = originOf(records, keys[0]?.verifierKey ?? '', kept.epoch);
  const to = takenOver(epochs, origin);
  const proof = to === null || kept.from >= to ? [] : await readProof(consistencyRanges(kept.from, to), globalNodes(tx, kept.epoch));
  const firstLeaf = await readProof(inclusionRanges(0, newest.size), globalNodes(tx, newest.epoch));
  return { ...answer, proof: base64(proof), epochs, firstLeaf: base64(firstLeaf) };
}

function originOf(records: readonly { epoch: number; origin: string }[], firstKey: string, epoch: number): string {
  return records.find((row) => row.epoch === epoch)?.origin ?? firstKey.slice(0, firstKey.indexOf('+'));
}

function beyond(size: number): Refusal {
  return refuse('AUDIT_CHECKPOINT_BEYOND', 'That checkpoint is of a larger ledger than this one.', { size });
}
