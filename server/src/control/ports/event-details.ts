// What is sealed beside an event: the change a person made, opened for owners.

import type { JsonValue, PersonPrincipal } from '#core';

export interface EventDetailsView {
  readonly details: {
    readonly before: JsonValue;
    readonly after: JsonValue;
    readonly device: string | null;
    readonly address: string | null;
    readonly reason: string | null;
  } | null;
  /** The event had details, and they were erased. */
  readonly isErased: boolean;
  /** There are details, and only an owner may see them. */
  readonly detailsWithheld: boolean;
}

export interface EventDetailsPorts {
  /** For an owner; that they were opened is an event of its own, in the same transaction. */
  open(person: PersonPrincipal, seq: number): Promise<EventDetailsView>;
}
