// What the ledger is at one moment, in numbers and roots, and the same computed anew from its leaves: two copies are compared by it.
// INVARIANT: `recompute` trusts no stored hash of a tenant's log; every leaf is hashed from its text.

import type { JsonObject, Tx } from '#core';
import type { Database } from '#storage';
import { createFrontier, hashLeaf } from './merkle.ts';
import { leafTexts, newestNote } from './store/read-state.ts';
import { globalLeafHashes } from './store/tree-nodes.ts';
import { loadAllTrees, readGlobalTree } from './store/trees.ts';

export interface LedgerState {
  readonly epoch: number;
  readonly size: number;
  /** Hex, as every root here. */
  readonly root: string;
  readonly tenants: Readonly<Record<string, { readonly size: number; readonly root: string }>>;
}

export interface StatedLedger extends LedgerState {
  /** The newest signed checkpoint; null when nothing was signed. */
  readonly note: string | null;
}

const LEAVES_PER_PAGE = 2_000;
const HASHES_PER_PAGE = 10_000;
const NOTHING: LedgerState = { epoch: 1, size: 0, root: createFrontier().root().toString('hex'), tenants: {} };

/** As the trees say it, in the transaction of whoever asks. */
export async function readLedgerState(tx: Tx): Promise<StatedLedger> {
  const global = await readGlobalTree(tx);
  if (global === null) return { ...NOTHING, note: null };
  const trees = [...(await loadAllTrees(tx))].map(
    ([tenant, tree]) => [tenant, { size: tree.size, root: tree.root().toString('hex') }] as const,
  );
  return {
    epoch: global.epoch,
    size: global.frontier.size,
    root: global.frontier.root().toString('hex'),
    tenants: Object.fromEntries(trees),
    note: await newestNote(tx),
  };
}

async function recomputeTenant(db: Pick<Database, 'asSystem'>, tenant: string): Promise<{ size: number; root: string }> {
  const frontier = createFrontier();
  for (;;) {
    const page = await db.asSystem('sequencer', (tx) => leafTexts(tx, { tenant, from: frontier.size, limit: LEAVES_PER_PAGE }));
    for (const { seq, leaf } of page) {
      // A gap makes the root another one; the numbers after it are not pulled together.
      if (seq !== frontier.size) return { size: frontier.size, root: frontier.root().toString('hex') };
      frontier.append(hashLeaf(leaf));
    }
    if (page.length < LEAVES_PER_PAGE) return { size: frontier.size, root: frontier.root().toString('hex') };
  }
}

/** From the leaves of this database alone. */
export async function recomputeLedger(db: Pick<Database, 'asSystem'>): Promise<LedgerState> {
  const [global, trees] = await db.asSystem('sequencer', async (tx) => [await readGlobalTree(tx), await loadAllTrees(tx)] as const);
  if (global === null) return NOTHING;
  const frontier = createFrontier();
  for (;;) {
    const range = { from: frontier.size, to: frontier.size + HASHES_PER_PAGE };
    const hashes = await db.asSystem('sequencer', (tx) => globalLeafHashes(tx, global.epoch, range));
    for (const leaf of hashes) frontier.append(leaf);
    if (hashes.length < HASHES_PER_PAGE) break;
  }
  const tenants: Record<string, { size: number; root: string }> = {};
  for (const tenant of trees.keys()) tenants[tenant] = await recomputeTenant(db, tenant);
  return { epoch: global.epoch, size: frontier.size, root: frontier.root().toString('hex'), tenants };
}

/** Names what differs: the global tree, or a tenant. */
export function differences(stated: JsonObject, found: LedgerState): readonly string[] {
  const different: string[] = [];
  if (stated.epoch !== found.epoch || stated.size !== found.size || stated.root !== found.root) different.push('global tree');
  const tenants = (stated.tenants ?? {}) as Readonly<Record<string, { size?: unknown; root?: unknown }>>;
  for (const tenant of new Set([...Object.keys(tenants), ...Object.keys(found.tenants)])) {
    const [was, is] = [tenants[tenant], found.tenants[tenant]];
    if (was === undefined || is === undefined || was.size !== is.size || was.root !== is.root) different.push(tenant);
  }
  return different;
}
