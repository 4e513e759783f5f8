// A new epoch of the global tree, begun when a database was restored: it commits to what came before, then to every tenant's tree as it is.
// INVARIANT: an epoch begins with a record signed by this ledger's keys that names the last checkpoint known outside; a database alone,
// put back and renumbered, is not one. Tenants' logs and their sequence numbers go on.

import { type Clock, SallyportError, type Tx } from '#core';
import type { RememberedCheckpoint } from './anchor.ts';
import { epochOrigin, epochText, parseEpochText } from './ledger-texts.ts';
import { createFrontier, type Frontier, hashLeaf } from './merkle.ts';
import { rangeHash } from './proofs.ts';
import type { LedgerSigner } from './signing/ledger-signer.ts';
import { formatCheckpoint, parseCheckpoint, tenantOrigin } from './signing/note.ts';
import { type GrownTree, insertHeads, insertSaidLeaf, saveGlobal } from './store/append-log.ts';
import { type EpochRow, foundLedger, insertEpoch } from './store/keys.ts';
import { globalLeafHashes, globalNodes } from './store/tree-nodes.ts';
import { type GlobalTree, loadAllTrees, lockGlobalTree } from './store/trees.ts';

export interface EpochInput {
  /** The newest signed checkpoint known outside the database: of a witness, an anchor, or this machine's memory. Null when there is none. */
  readonly lastWitnessed: string | null;
  /** The newest signed checkpoint of the state that was restored; null when nothing had been signed in it. */
  readonly restoredAt: string | null;
}

export interface EpochDeps {
  readonly signer: LedgerSigner;
  readonly clock: Clock;
}

export interface StartedEpoch {
  readonly epoch: number;
  readonly origin: string;
  /** Leaves of the new tree: the record, and one for each tenant. */
  readonly size: number;
}

function noteUnusable(): SallyportError {
  return new SallyportError('AUDIT_EPOCH_NOTE_UNUSABLE', 'A checkpoint given for the new epoch is not one that this ledger signed.');
}

function readNote(signer: LedgerSigner, note: string): RememberedCheckpoint {
  const opened = signer.open(note);
  const checkpoint = opened === null ? null : parseCheckpoint(opened.text);
  if (opened === null || checkpoint === null || checkpoint.origin !== opened.origin) throw noteUnusable();
  return { epoch: opened.epoch, size: checkpoint.size, root: checkpoint.root };
}

/** What was restored must be what the note says: the tree as it is begins with it. */
async function checkRestored(tx: Tx, tree: GlobalTree, restored: RememberedCheckpoint): Promise<void> {
  const isAhead = restored.epoch > tree.epoch || (restored.epoch === tree.epoch && restored.size > tree.frontier.size);
  if (isAhead) throw noteUnusable();
  const root = await rangeHash({ start: 0, end: restored.size }, globalNodes(tx, restored.epoch));
  if (!root.equals(restored.root)) throw noteUnusable();
}

function commitTrees(trees: ReadonlyMap<string, Frontier>, origin: string, global: Frontier): readonly GrownTree[] {
  return [...trees].map(([tenant, frontier]) => {
    const root = frontier.root();
    const globalIndex = global.size;
    const globalLeafHash = hashLeaf(formatCheckpoint({ origin: tenantOrigin(origin, tenant), size: frontier.size, root }));
    global.append(globalLeafHash);
    return { tenant, frontier, root, globalIndex, globalLeafHash };
  });
}

/** A ledger that is known outside, restored to before it began: without its name here it would begin once more, as a second log of that name. */
async function found(tx: Tx, { signer, clock }: EpochDeps): Promise<GlobalTree | null> {
  const founding = signer.founding();
  if (founding !== null) await foundLedger(tx, { ...founding, atMs: clock.now() });
  return lockGlobalTree(tx);
}

/**
 * Begins the next epoch in a transaction of the system role `sequencer`. Its number is above every number that the database or the notes
 * name, so that restoring one backup twice never makes two logs of one name.
 */
export async function startEpoch(tx: Tx, input: EpochInput, { signer, clock }: EpochDeps): Promise<StartedEpoch> {
  const tree = (await lockGlobalTree(tx)) ?? (input.lastWitnessed === null ? null : await found(tx, { signer, clock }));
  if (tree === null) throw new SallyportError('AUDIT_NOTHING_SEALED', 'There is no ledger here that a new epoch could continue.');
  const witnessed = input.lastWitnessed === null ? null : readNote(signer, input.lastWitnessed);
  const restored = input.restoredAt === null ? null : readNote(signer, input.restoredAt);
  if (restored !== null) await checkRestored(tx, tree, restored);
  const epoch = Math.max(tree.epoch, witnessed?.epoch ?? 0) + 1;
  const origin = epochOrigin(signer.origin, epoch);
  const said = epochText(origin, input);
  const frontier = createFrontier();
  frontier.append(hashLeaf(said));
  const trees = commitTrees(await loadAllTrees(tx), origin, frontier);
  await insertSaidLeaf(tx, { epoch, index: 0, hash: hashLeaf(said), said });
  if (trees.length > 0) await insertHeads(tx, epoch, trees);
  await insertEpoch(tx, { epoch, origin, record: signer.inEpoch(epoch).sign(said), atMs: clock.now() });
  await saveGlobal(tx, { epoch, origin, frontier });
  return { epoch, origin, size: frontier.size };
}

export interface EpochCheck {
  readonly tree: GlobalTree;
  /** What this process or this machine remembers having signed. */
  readonly last: RememberedCheckpoint | null;
  readonly epochs: readonly EpochRow[];
  readonly signer: LedgerSigner;
}

function unaccounted(): SallyportError {
  return new SallyportError(
    'AUDIT_EPOCH_UNACCOUNTED',
    'The ledger begins a new epoch that does not commit to what was signed before; nothing is signed until the restore is done again.',
  );
}

/** True when the record commits to a state that `last` is part of. */
function accountsFor(record: EpochRow, last: RememberedCheckpoint, signer: LedgerSigner): boolean {
  const opened = signer.open(record.record);
  const said = opened === null ? null : parseEpochText(opened.text);
  return [said?.lastWitnessed, said?.restoredAt].some((note) => {
    if (note === null || note === undefined) return false;
    const { epoch, size, root } = readNote(signer, note);
    if (epoch !== last.epoch) return epoch > last.epoch;
    return size > last.size || (size === last.size && root.equals(last.root));
  });
}

/** Throws unless the epoch of the tree was begun by a record of this ledger and leaves out nothing that is remembered. */
export async function checkEpochs(tx: Tx, { tree, last, epochs, signer }: EpochCheck): Promise<void> {
  if (last !== null && last.epoch > tree.epoch) {
    throw new SallyportError('AUDIT_LEDGER_ROLLED_BACK', 'The ledger does not continue the last checkpoint signed on this machine.');
  }
  if (tree.epoch === 1) return;
  const record = epochs.find((row) => row.epoch === tree.epoch);
  const opened = record === undefined ? null : signer.open(record.record);
  const said = opened === null ? null : parseEpochText(opened.text);
  const isOwn = opened?.epoch === tree.epoch && said?.origin === tree.origin;
  const [first] = await globalLeafHashes(tx, tree.epoch, { from: 0, to: 1 });
  if (opened === null || !isOwn || first === undefined || !first.equals(hashLeaf(opened.text))) throw unaccounted();
  if (last === null || last.epoch === tree.epoch) return;
  const since = epochs.filter((row) => row.epoch > last.epoch && row.epoch <= tree.epoch);
  if (!since.some((row) => accountsFor(row, last, signer))) throw unaccounted();
}
