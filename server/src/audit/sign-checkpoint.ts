// Signs the global tree as it stands committed. INVARIANT: a signature is made only over a state read back after its commit that
// continues everything this process signed before, and everything this machine remembers having signed. So one size never gets two roots.

import { type Clock, SallyportError, type Tx } from '#core';
import type { Database } from '#storage';
import type { CheckpointAnchor, RememberedCheckpoint } from './anchor.ts';
import { checkEpochs } from './epoch.ts';
import { epochOf } from './ledger-texts.ts';
import { createFrontier, type Frontier } from './merkle.ts';
import { rangeHash } from './proofs.ts';
import type { LedgerSigner } from './signing/ledger-signer.ts';
import { formatCheckpoint } from './signing/note.ts';
import { readEpochs, readKeyChain } from './store/keys.ts';
import { globalLeafHashes, globalNodes } from './store/tree-nodes.ts';
import { insertCheckpoint, readEpochOrigin, readGlobalTree, type SignedTree } from './store/trees.ts';

/** Leaves followed in one query. */
const FOLLOW_PAGE = 10_000;

export interface CheckpointSignerDeps {
  readonly db: Pick<Database, 'asSystem'>;
  readonly signer: LedgerSigner;
  readonly anchor: CheckpointAnchor;
  readonly clock: Clock;
}

export interface CheckpointSigner {
  /** True when a new checkpoint was signed and stored. */
  sign(): Promise<boolean>;
}

interface Followed {
  readonly epoch: number;
  readonly frontier: Frontier;
}

export function rolledBack(): SallyportError {
  return new SallyportError('AUDIT_LEDGER_ROLLED_BACK', 'The ledger does not continue the last checkpoint signed on this machine.');
}

/** Reads the chain of keys and has the signer follow it: a rotation in another process is heard of before the next signature. */
export async function followKeys(tx: Tx, { signer, clock }: Pick<CheckpointSignerDeps, 'signer' | 'clock'>): Promise<void> {
  const [global, chain] = await Promise.all([readEpochOrigin(tx), readKeyChain(tx)]);
  if (global === null) return;
  const origin = global.epoch === 1 ? global.origin : global.origin.slice(0, -`.${global.epoch}`.length);
  if (epochOf(origin, global.origin) !== global.epoch) {
    throw new SallyportError('AUDIT_LEDGER_INCONSISTENT', 'The stored global tree does not bear the name of its epoch; nothing is signed.');
  }
  // A ledger of an earlier version has no row for its first key until a process that holds the key has started once.
  if (chain.length > 0) signer.follow(origin, chain, clock.now());
  else if (signer.origin !== origin) throw new SallyportError('AUDIT_KEY_FOREIGN', 'The audit signing key does not belong to this ledger.');
}

/** Throws unless the tree in the database continues the checkpoint that was signed last on this machine. */
async function checkAnchor(tx: Tx, tree: SignedTree, last: RememberedCheckpoint): Promise<void> {
  if (last.epoch !== tree.epoch) return; // checkEpochs has seen that the new epoch commits to it
  if (last.size > tree.frontier.size) throw rolledBack();
  const root = await rangeHash({ start: 0, end: last.size }, globalNodes(tx, tree.epoch));
  if (!root.equals(last.root)) throw rolledBack();
}

/** Appends the leaves that came since, and compares what we computed with what the database claims. */
async function follow(tx: Tx, followed: Frontier, tree: SignedTree): Promise<Frontier> {
  const { epoch, frontier } = tree;
  if (frontier.size < followed.size) throw rolledBack();
  const next = createFrontier(followed.size, followed.encode());
  while (next.size < frontier.size) {
    const to = Math.min(frontier.size, next.size + FOLLOW_PAGE);
    const leaves = await globalLeafHashes(tx, epoch, { from: next.size, to });
    if (leaves.length === 0) throw rolledBack();
    for (const leaf of leaves) next.append(leaf);
  }
  if (!next.root().equals(frontier.root())) {
    throw new SallyportError('AUDIT_LEDGER_INCONSISTENT', 'The stored global tree disagrees with its own leaves; nothing is signed.');
  }
  return createFrontier(next.size, next.encode());
}

export function createCheckpointSigner(deps: CheckpointSignerDeps): CheckpointSigner {
  let followed: Followed | null = null;

  /** What was followed last, or is remembered: the point the tree must continue. */
  const lastKnown = (anchored: RememberedCheckpoint | null): RememberedCheckpoint | null =>
    followed === null ? anchored : { epoch: followed.epoch, size: followed.frontier.size, root: followed.frontier.root() };

  async function readNext(tx: Tx, anchored: RememberedCheckpoint | null): Promise<Followed | null> {
    const [tree] = await Promise.all([readGlobalTree(tx), followKeys(tx, deps)]);
    if (tree === null) return null;
    const { epoch, frontier, signedSize } = tree;
    const isSame = followed?.epoch === epoch && followed.frontier.size === frontier.size;
    if (isSame && signedSize === frontier.size) return null;
    const last = lastKnown(anchored);
    if (followed?.epoch !== epoch) await checkEpochs(tx, { tree, last, epochs: await readEpochs(tx), signer: deps.signer });
    let next = frontier;
    if (followed === null) {
      if (last !== null) await checkAnchor(tx, tree, last);
    } else {
      next = await follow(tx, followed.epoch === epoch ? followed.frontier : createFrontier(), tree);
    }
    const following = { epoch, frontier: next };
    if (next.size > 0 && signedSize < next.size) return following;
    followed = following;
    return null;
  }

  return {
    async sign() {
      if (followed === null) await deps.db.asSystem('sequencer', (tx) => followKeys(tx, deps));
      // Loaded before the tree is read: it may be saved meanwhile by another process, but never ahead of what was committed.
      const anchored = followed === null ? await deps.anchor.load() : null;
      const next = await deps.db.asSystem('sequencer', (tx) => readNext(tx, anchored));
      if (next === null) return false;
      const { epoch, frontier } = next;
      const log = deps.signer.inEpoch(epoch);
      const note = log.sign(formatCheckpoint({ origin: log.name, size: frontier.size, root: frontier.root() }));
      await deps.anchor.save(note);
      const signedAtMs = deps.clock.now();
      await deps.db.asSystem('sequencer', (tx) => insertCheckpoint(tx, { epoch, size: frontier.size, note, signedAtMs }));
      followed = next;
      return true;
    },
  };
}
