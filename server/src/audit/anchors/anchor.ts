// What an anchor is: somebody outside the database who is shown each signed checkpoint, so that a ledger can not be rewritten unseen.

/** A signed checkpoint on its way out. */
export interface SignedCheckpoint {
  readonly epoch: number;
  readonly size: number;
  readonly note: string;
  readonly signedAtMs: number;
}

export type AnchorKind = 'folder' | 'webhook' | 'witness';

export interface Cosignature {
  /** The signature line, without its newline. */
  readonly line: string;
  readonly atMs: number;
}

export type AnchorOutcome =
  | { readonly kind: 'seen'; readonly cosignature: Cosignature | null }
  /** Tried again later, with the newest checkpoint of then. */
  | { readonly kind: 'fault'; readonly code: string };

/** Reads what a push needs beyond the checkpoint itself. */
export interface AnchorSource {
  /** The consistency proof from an earlier size of the checkpoint's epoch. */
  prove(from: number): Promise<readonly Buffer[]>;
}

export interface Anchor {
  readonly name: string;
  readonly kind: AnchorKind;
  /** Whether the ledger's health depends on it. Of witnesses the quorum decides, not each by itself. */
  readonly isRequired: boolean;
  push(checkpoint: SignedCheckpoint, source: AnchorSource): Promise<AnchorOutcome>;
}

export interface AnchorRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export interface AnchorReply {
  readonly status: number;
  readonly contentType: string;
  readonly body: Uint8Array;
}

/** Sends a POST through the one outbound door. Throws a coded fault when there was no reply. */
export type AnchorPost = (request: AnchorRequest) => Promise<AnchorReply>;

/** The code under which a thrown fault is shown. */
export function faultCode(fault: unknown): string {
  const code = (fault as { code?: unknown } | null)?.code;
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{2,79}$/.test(code) ? code : 'AUDIT_ANCHOR_UNAVAILABLE';
}
