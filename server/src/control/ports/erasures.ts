// Erasing a data subject.

import type { PersonPrincipal, Refusal } from '#core';

export interface ErasureView {
  /** Payloads of events that were removed, with their salts. */
  readonly payloads: number;
  /** Whether the subject had acted, and the link to its pseudonym was removed. */
  readonly pseudonym: boolean;
}

export interface ErasurePorts {
  /** `null` when nothing is sealed for that subject. */
  erase(owner: PersonPrincipal, subject: string): Promise<ErasureView | Refusal | null>;
}
