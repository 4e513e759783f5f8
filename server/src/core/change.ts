// What a person changed: what was before and after, for the event that records it. Pure.
// INVARIANT: neither side holds a secret, or what belongs to another person than the one who acts; both are sealed under that person's key.

import type { JsonValue } from './json.ts';
import type { PersonPrincipal } from './principal.ts';
import type { Tx } from './tx.ts';

/** As the API shows it: references, names and settings. `null` where there was nothing before, or is nothing after. */
export interface Change {
  readonly before: JsonValue;
  readonly after: JsonValue;
}

/** Seals a change for its event, in the transaction of that event. Who made it is known to whoever handed this in. */
export type SealChange = (tx: Tx, change: Change) => Promise<Uint8Array>;
export type SealChangeOf = (tx: Tx, person: PersonPrincipal, change: Change) => Promise<Uint8Array>;
