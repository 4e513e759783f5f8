// Turns a batch of inbox events into sealed entries: sequence numbers, salted commitments, leaves, and every tree one step on. Pure but
// for the randomness handed in; decides the order of the ledger and nothing else.

import type { Random } from '#core';
import { breathe, PIECE } from './breathe.ts';
import { commitTo, encodeLeaf, SALT_BYTES } from './leaf.ts';
import { createFrontier, type Frontier, hashLeaf } from './merkle.ts';
import { formatCheckpoint, tenantOrigin } from './signing/note.ts';
import type { GrownTree, SealedEvent } from './store/append-log.ts';
import type { InboxEvent } from './store/take-inbox.ts';

export interface SealInput {
  readonly events: readonly InboxEvent[];
  /** Trees of the tenants that have one already. Advanced in place. */
  readonly trees: ReadonlyMap<string, Frontier>;
  readonly global: Frontier;
  readonly origin: string;
  readonly pseudonymOf: (event: InboxEvent) => string;
  readonly random: Random;
}

function sealEvent(event: InboxEvent, seq: number, input: SealInput): SealedEvent {
  const opening = event.sealed === null ? null : { salt: Buffer.from(input.random.bytes(SALT_BYTES)), payload: event.sealed };
  const { tenant, id, type, occurredAtMs, subject } = event;
  const commit = opening === null ? null : commitTo(opening.salt, opening.payload);
  const leaf = encodeLeaf({
    seq,
    id,
    tenant,
    type,
    occurredAtMs,
    pseudonym: input.pseudonymOf(event),
    subject,
    public: event.public,
    commit,
  });
  return { tenant, seq, id, type, occurredAtMs, subject, leaf, leafHash: hashLeaf(leaf), opening };
}

/** Each tree that grew becomes one new leaf of the global tree: its checkpoint. */
function growGlobal(trees: ReadonlyMap<string, Frontier>, input: SealInput): GrownTree[] {
  return [...trees].map(([tenant, frontier]) => {
    const root = frontier.root();
    const text = formatCheckpoint({ origin: tenantOrigin(input.origin, tenant), size: frontier.size, root });
    const grown = { tenant, frontier, root, globalIndex: input.global.size, globalLeafHash: hashLeaf(text) };
    input.global.append(grown.globalLeafHash);
    return grown;
  });
}

export async function sealBatch(
  input: SealInput,
): Promise<{ readonly events: readonly SealedEvent[]; readonly trees: readonly GrownTree[] }> {
  const touched = new Map<string, Frontier>();
  const events: SealedEvent[] = [];
  for (const event of input.events) {
    const tree = touched.get(event.tenant) ?? input.trees.get(event.tenant) ?? createFrontier();
    touched.set(event.tenant, tree);
    const sealed = sealEvent(event, tree.size, input);
    tree.append(sealed.leafHash);
    events.push(sealed);
    if (events.length % PIECE === 0) await breathe();
  }
  return { events, trees: growGlobal(touched, input) };
}
