// The keys that sign the ledger.

import type { PersonPrincipal, Refusal } from '#core';

export interface LedgerKeyView {
  readonly sequence: number;
  readonly verifierKey: string;
  /** A note by which the key before it and this one say that it follows; null for the first. */
  readonly statement: string | null;
  readonly addedAt: string;
  readonly signing: boolean;
  /** When it stops, or stopped; null for the newest. */
  readonly endsAt: string | null;
}

export interface LedgerKeysView {
  readonly origin: string;
  readonly keys: readonly LedgerKeyView[];
}

export interface LedgerKeyPorts {
  show(): Promise<LedgerKeysView>;
  rotate(person: PersonPrincipal): Promise<LedgerKeysView | Refusal>;
  finish(person: PersonPrincipal): Promise<LedgerKeysView | Refusal>;
}
