// One event with its way up to a signed root, and who outside saw that root. Everything in it can be checked without us.

import { SallyportError, type TenantId, type Tx } from '#core';
import { hashLeaf } from './merkle.ts';
import { base64 } from './pack/pack-parts.ts';
import { inclusionRanges, readProof } from './proofs.ts';
import { parseCheckpoint, parseNote } from './signing/note.ts';
import { type AnchorSight, anchorsCovering } from './store/anchors.ts';
import { noteWithCosignatures } from './store/cosignatures.ts';
import { headCovering, latestCheckpoint, readLeaves } from './store/read-ledger.ts';
import { bestCosigned } from './store/read-pack.ts';
import { globalNodes, tenantNodes } from './store/tree-nodes.ts';

/** Hashes are base64; inclusion proofs are of RFC 9162 section 2.1.3. */
export interface EventProof {
  readonly tenant: TenantId;
  readonly seq: number;
  readonly leaf: string;
  readonly leafHash: string;
  /** Inclusion of the leaf in the tenant tree of `head.size`. */
  readonly path: readonly string[];
  /** Inclusion of the tenant's checkpoint in the global tree of `globalSize`. */
  readonly head: { readonly size: number; readonly root: string; readonly index: number; readonly path: readonly string[] };
  readonly globalSize: number;
  readonly globalRoot: string;
  readonly epoch: number;
  /** The signed checkpoint of the global tree, with the lines of witnesses. */
  readonly note: string;
  /** Anchors that saw a checkpoint which holds this event, each with the first time. */
  readonly anchors: readonly AnchorSight[];
}

function unknown(): SallyportError {
  return new SallyportError('AUDIT_EVENT_UNKNOWN', 'No sealed event has that sequence number in this tenant.');
}

export async function proveEvent(tx: Tx, tenant: TenantId, seq: number): Promise<EventProof> {
  const newest = await latestCheckpoint(tx);
  const head = newest === null ? null : await headCovering(tx, tenant, newest.epoch, seq);
  const [row] = await readLeaves(tx, tenant, { from: seq, to: seq + 1, withPayloads: false });
  if (newest === null || head === null || head.globalIndex >= newest.size || row === undefined) throw unknown();
  const { epoch } = newest;
  // One that witnesses signed says more than a newer one that none has seen yet.
  const witnessed = await bestCosigned(tx, epoch, newest.size);
  const size = witnessed !== null && witnessed > head.globalIndex ? witnessed : newest.size;
  const note = (await noteWithCosignatures(tx, epoch, size)) ?? newest.note;
  const signed = parseCheckpoint(parseNote(note)?.text ?? '');
  if (signed === null) throw new SallyportError('AUDIT_LEDGER_INCONSISTENT', 'A stored checkpoint is not a signed note.');
  const path = await readProof(inclusionRanges(seq, head.size), tenantNodes(tx, tenant));
  const globalPath = await readProof(inclusionRanges(head.globalIndex, signed.size), globalNodes(tx, epoch));
  return {
    tenant,
    seq,
    leaf: row.leaf,
    leafHash: hashLeaf(row.leaf).toString('base64'),
    path: base64(path),
    head: { size: head.size, root: head.root.toString('base64'), index: head.globalIndex, path: base64(globalPath) },
    globalSize: signed.size,
    globalRoot: signed.root.toString('base64'),
    epoch,
    note,
    anchors: await anchorsCovering(tx, { epoch, size: head.globalIndex + 1 }),
  };
}
