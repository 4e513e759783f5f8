// The parts of a pack that show where it stands: the tenant's heads under the signed checkpoint, the epochs before it, and proofs that it
// continues what left earlier. Lines of JSON, as FORMAT.md section 4 has them.

import type { TenantId, Tx } from '#core';
import { parseEpochText } from '../ledger-texts.ts';
import { consistencyRanges, inclusionRanges, rangeHash, readProof } from '../proofs.ts';
import type { LedgerSigner } from '../signing/ledger-signer.ts';
import { parseCheckpoint, parseNote } from '../signing/note.ts';
import { readEpochs } from '../store/keys.ts';
import { type HeadRow, readHandouts, type SignedCheckpoint } from '../store/read-ledger.ts';
import { readHandedHeads } from '../store/read-pack.ts';
import { globalNodes, tenantNodes } from '../store/tree-nodes.ts';

/** Earlier exports that a new one proves to continue. */
const MAX_HANDOUTS = 1_024;

/** An epoch that the current one goes on from, and the size at which it does. */
export interface Ancestor {
  readonly epoch: number;
  readonly size: number;
  /** How it began; null for the first. */
  readonly record: string | null;
}

export function base64(hashes: readonly Buffer[]): string[] {
  return hashes.map((hash) => hash.toString('base64'));
}

export async function headLines(tx: Tx, heads: readonly HeadRow[], checkpoint: SignedCheckpoint): Promise<string[]> {
  const read = globalNodes(tx, checkpoint.epoch);
  const lines: string[] = [];
  for (const { size, root, globalIndex } of heads) {
    const path = base64(await readProof(inclusionRanges(globalIndex, checkpoint.size), read));
    lines.push(JSON.stringify({ size, root: root.toString('base64'), index: globalIndex, path }));
  }
  return lines;
}

/** The checkpoint that an epoch's record says it was restored at. */
function restoredFrom(record: string | null, signer: LedgerSigner): Pick<Ancestor, 'epoch' | 'size'> | null {
  const said = record === null ? null : parseEpochText(parseNote(record)?.text ?? '');
  const opened = said?.restoredAt == null ? null : signer.open(said.restoredAt);
  const checkpoint = opened === null ? null : parseCheckpoint(opened.text);
  return opened === null || checkpoint === null ? null : { epoch: opened.epoch, size: checkpoint.size };
}

/** The checkpoint's own epoch first, then each that the one before went on from. */
export async function readAncestry(tx: Tx, checkpoint: SignedCheckpoint, signer: LedgerSigner): Promise<readonly Ancestor[]> {
  const records = new Map((await readEpochs(tx)).map((row) => [row.epoch, row.record]));
  const ancestry: Ancestor[] = [];
  for (let next: Pick<Ancestor, 'epoch' | 'size'> | null = checkpoint; next !== null; ) {
    const { epoch, size }: Pick<Ancestor, 'epoch' | 'size'> = next;
    const record: string | null = records.get(epoch) ?? null;
    ancestry.push({ epoch, size, record });
    next = restoredFrom(record, signer);
    if (next !== null && next.epoch >= epoch) next = null;
  }
  return ancestry;
}

export async function epochLines(tx: Tx, ancestry: readonly Ancestor[]): Promise<string[]> {
  const lines: string[] = [];
  for (const { epoch, size, record } of ancestry) {
    if (record === null) continue;
    const path = base64(await readProof(inclusionRanges(0, size), globalNodes(tx, epoch)));
    lines.push(JSON.stringify({ epoch, record, path }));
  }
  return lines;
}

export interface Continued {
  readonly tenant: TenantId;
  readonly ancestry: readonly Ancestor[];
  /** Sizes of checkpoints, of whichever epoch, beyond those that left in earlier exports. */
  readonly asked: readonly number[];
  /** Size of the tenant's tree when a reader can not compute its earlier roots from the pack; null when it can. */
  readonly ownSize: number | null;
}

async function linesOf(
  sizes: readonly number[],
  to: number,
  epoch: number | null,
  read: ReturnType<typeof tenantNodes>,
): Promise<string[]> {
  const lines: string[] = [];
  for (const from of [...new Set(sizes)].filter((size) => size > 0 && size <= to).sort((a, b) => a - b)) {
    const root = (await rangeHash({ start: 0, end: from }, read)).toString('base64');
    const path = base64(await readProof(consistencyRanges(from, to), read));
    lines.push(JSON.stringify({ epoch, from, root, path }));
  }
  return lines;
}

export async function consistencyLines(tx: Tx, { tenant, ancestry, asked, ownSize }: Continued): Promise<string[]> {
  const lines: string[] = [];
  for (const { epoch, size } of ancestry) {
    const sizes = [...(await readHandouts(tx, tenant, epoch, MAX_HANDOUTS)), ...asked];
    lines.push(...(await linesOf(sizes, size, epoch, globalNodes(tx, epoch))));
  }
  if (ownSize !== null) {
    const checkpoints = ancestry.flatMap(({ epoch }) => asked.map((size) => ({ epoch, size })));
    const heads = await readHandedHeads(tx, tenant, { asked: checkpoints, limit: MAX_HANDOUTS });
    lines.push(
      ...(await linesOf(
        heads.map((head) => head.size),
        ownSize,
        null,
        tenantNodes(tx, tenant),
      )),
    );
  }
  return lines;
}
