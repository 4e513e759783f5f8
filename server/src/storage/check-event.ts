// What lets an event into the log: the catalogue a database was opened with.
// INVARIANT: nothing else makes a `CheckedEvent`, and the one insert takes nothing but those.

import { compileCatalogue, type EventCatalogue, type NewEvent } from '#core';
import { withHome } from './acting.ts';
import { storageFault } from './errors.ts';

declare const checked: unique symbol;
/** An event the catalogue knows, with facts that fit its type. */
export type CheckedEvent = NewEvent & { readonly [checked]: true };
/** Gives the event back, or throws before anything is sent to the database. */
export type CheckEvent = (event: NewEvent) => CheckedEvent;

const TYPE = /^[a-z]+(?:\.[a-z_]{1,40}){2}$/;

export function checkAgainst(catalogue: EventCatalogue): CheckEvent {
  const faultOf = compileCatalogue(catalogue);
  const known = new Set(catalogue.map(({ type }) => type));
  return (event) => {
    const fault = faultOf(event);
    // What another tenant's person causes says so, for every type alike; no type declares it, so nobody can say it of himself.
    if (fault === null) return withHome(event) as CheckedEvent;
    // A type that is not ours may be any text, and no text of others goes into a message.
    if (!known.has(event.type)) throw storageFault('STORAGE_EVENT_UNKNOWN', TYPE.test(event.type) ? event.type : undefined);
    throw storageFault('STORAGE_EVENT_MALFORMED', `${event.type}: ${fault.kind === 'malformed' ? fault.member : 'type'}`);
  };
}
