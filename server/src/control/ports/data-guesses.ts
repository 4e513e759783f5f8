// Whether calls to models are guessed at, as the control plane shows and changes it.

import type { PersonPrincipal, Refusal, TenantId } from '#core';

export interface GuessesView {
  readonly isOn: boolean;
  /** The operator's model of names, when one adds to the guesses. */
  readonly model: { readonly types: readonly string[]; readonly isRequired: boolean } | null;
}

export interface DataGuessesPorts {
  readonly dataGuesses: {
    show(tenant: TenantId): GuessesView;
    set(person: PersonPrincipal, isOn: boolean): Promise<GuessesView | Refusal>;
  };
}
