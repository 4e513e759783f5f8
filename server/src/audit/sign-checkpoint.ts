// Signs the global tree as it stands committed. INVARIANT: a signature is made only over a state read back after its commit that
// continues everything this process signed before, and everything this machine remembers having signed. So one size never gets two roots.

import { type Clock, SallyportError, type Tx } from '#core';
import type { Database } from '#storage';
import type { CheckpointAnchor, RememberedCheckpoint } from './anchor.ts';
import { createFrontier, type Frontier } from './merkle.ts';
import { formatCheckpoint, type NoteSigner } from './note.ts';
import { rangeHash } from './proofs.ts';
import { globalLeafHashes, globalNodes } from './store/tree-nodes.ts';
import { insertCheckpoint, readGlobalTree } from './store/trees.ts';

/** Leaves followed in one query. */
const FOLLOW_PAGE = 10_000;

export interface CheckpointSignerDeps {
  readonly db: Pick<Database, 'asSystem'>;
  readonly signer: NoteSigner;
  readonly anchor: CheckpointAnchor;
  readonly clock: Clock;
}

function rolledBack(): SallyportError {
  return new SallyportError('AUDIT_LEDGER_ROLLED_BACK', 'The ledger does not continue the last checkpoint signed on this machine.');
}

/** Throws unless the tree in the database continues the checkpoint that was signed last on this machine. */
async function checkAnchor(tx: Tx, tree: Frontier, last: RememberedCheckpoint | null): Promise<void> {
  if (last === null) return;
  if (last.size > tree.size) throw rolledBack();
  const root = await rangeHash({ start: 0, end: last.size }, globalNodes(tx));
  if (!root.equals(last.root)) throw rolledBack();
}

/** Appends the leaves that came since, and compares what we computed with what the database claims. */
async function follow(tx: Tx, followed: Frontier, tree: Frontier): Promise<Frontier> {
  if (tree.size < followed.size) throw rolledBack();
  const next = createFrontier(followed.size, followed.encode());
  while (next.size < tree.size) {
    const leaves = await globalLeafHashes(tx, next.size, Math.min(tree.size, next.size + FOLLOW_PAGE));
    if (leaves.length === 0) throw rolledBack();
    for (const leaf of leaves) next.append(leaf);
  }
  if (!next.root().equals(tree.root())) {
    throw new SallyportError('AUDIT_LEDGER_INCONSISTENT', 'The stored global tree disagrees with its own leaves; nothing is signed.');
  }
  return createFrontier(next.size, next.encode());
}

export function createCheckpointSigner(deps: CheckpointSignerDeps): { sign(): Promise<boolean> } {
  let followed: Frontier | null = null;

  async function readNext(tx: Tx, anchored: RememberedCheckpoint | null): Promise<Frontier | null> {
    const tree = await readGlobalTree(tx);
    if (tree === null || (followed !== null && tree.frontier.size === followed.size && tree.signedSize === followed.size)) return null;
    if (tree.origin !== deps.signer.name) {
      throw new SallyportError('AUDIT_KEY_FOREIGN', 'The audit signing key does not belong to this ledger.');
    }
    if (followed === null) await checkAnchor(tx, tree.frontier, anchored);
    const next: Frontier = followed === null ? tree.frontier : await follow(tx, followed, tree.frontier);
    if (next.size > 0 && tree.signedSize < next.size) return next;
    followed = next;
    return null;
  }

  return {
    /** True when a new checkpoint was signed and stored. */
    async sign() {
      // Loaded before the tree is read: it may be saved meanwhile by another process, but never ahead of what was committed.
      const anchored = followed === null ? await deps.anchor.load() : null;
      const tree = await deps.db.asSystem('sequencer', (tx) => readNext(tx, anchored));
      if (tree === null) return false;
      const note = deps.signer.sign(formatCheckpoint({ origin: deps.signer.name, size: tree.size, root: tree.root() }));
      await deps.anchor.save(note);
      await deps.db.asSystem('sequencer', (tx) => insertCheckpoint(tx, { size: tree.size, note, signedAtMs: deps.clock.now() }));
      followed = tree;
      return true;
    },
  };
}
