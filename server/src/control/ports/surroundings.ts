// Where a request comes from and what that says, as the control plane asks it before and after it decides.

import type { PersonPrincipal, Refusal } from '#core';

export interface SurroundingsPorts {
  readonly surroundings: {
    /** The socket's address, or behind a trusted proxy the one it names. */
    addressOf(socket: string | undefined, forwarded: string | undefined): string | null;
    /** The person with the risk of the session as it is now; a refusal while that can not be told. Reads and writes only when something changed. */
    arrive(person: PersonPrincipal): Promise<PersonPrincipal | Refusal>;
    /** Counts and records a denial; never waits. */
    denied(person: PersonPrincipal, what: { readonly action: string; readonly code: string }): void;
    /** Calls back when access changed; for answers that take long. Returns how to stop. */
    onChange(listener: () => void): () => void;
    /** Whether the session still may go on. */
    stillValid(person: PersonPrincipal): boolean;
  };
}
