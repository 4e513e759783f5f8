// The payload beside an event, checked against the commitment its leaf holds. It is still sealed by whoever wrote it.
// INVARIANT: a payload that is not the one the leaf commits to is never given out.

import { isObject, parseOwnJson, SallyportError, type TenantId, type Tx } from '#core';
import { commitTo } from './leaf.ts';
import { readLeaves } from './store/read-ledger.ts';

export interface EventPayload {
  readonly type: string;
  /** Whether the event was written with a payload. */
  readonly wasSealed: boolean;
  /** `null` when it has none, and when it was erased. */
  readonly payload: Uint8Array | null;
}

/** `null` when no sealed event has that sequence number. */
export async function readPayload(tx: Tx, tenant: TenantId, seq: number): Promise<EventPayload | null> {
  const [row] = await readLeaves(tx, tenant, { from: seq, to: seq + 1, withPayloads: true });
  if (row === undefined) return null;
  const leaf = parseOwnJson(row.leaf);
  if (!isObject(leaf) || typeof leaf.type !== 'string') throw new Error('a leaf is an object with a type');
  const { type, commit = null } = leaf;
  if (commit === null || row.opening === null) return { type, wasSealed: commit !== null, payload: null };
  if (commitTo(row.opening.salt, row.opening.payload) !== commit) {
    throw new SallyportError('AUDIT_PAYLOAD_CHANGED', 'What is kept beside this event is not what its leaf commits to; verify the ledger.');
  }
  return { type, wasSealed: true, payload: row.opening.payload };
}
