// What the control plane shows of the ledger: one event with its proof, an export, and the verdict of the offline verifier.

import type { EventQuery } from './events.ts';

/** One event as it is sealed, and the signed tree that holds it. */
export interface EventProofView {
  readonly seq: number;
  /** The exact canonical JSON whose bytes are the leaf. */
  readonly leaf: string;
  readonly treeSize: number;
  readonly treeRoot: string;
  /** Who is behind its pseudonym; `null` once that was erased. */
  readonly by: string | null;
  /** The way up to the signed checkpoint; hashes are base64. */
  readonly proof: {
    readonly leafHash: string;
    readonly path: readonly string[];
    readonly head: { readonly size: number; readonly root: string; readonly index: number; readonly path: readonly string[] };
    readonly globalSize: number;
    readonly globalRoot: string;
    readonly epoch: number;
    /** Signed note, with the lines of witnesses. */
    readonly note: string;
  };
  /** Who outside the database saw a checkpoint that holds the event, and when first. */
  readonly anchors: readonly { readonly name: string; readonly kind: string; readonly at: string }[];
}

/** What of the log an export holds. */
export interface PackQuery extends EventQuery {
  /** Sizes of checkpoints that the export must prove it continues, beside those that left in earlier ones. */
  readonly since: readonly number[];
}

export interface PackView {
  readonly events: number;
  readonly size: number;
  readonly shows: 'whole' | 'range' | 'selection';
  readonly bytes: AsyncIterable<Uint8Array>;
}

export interface VerdictView {
  readonly ok: boolean;
  readonly code: string;
  readonly message: string;
  readonly firstBad: number | null;
  readonly events: number;
  readonly unsealed: number | null;
  readonly globalSize: number | null;
  readonly verifierKey: string;
  readonly verifiedAt: string;
}
