// Who of another tenant a request acts for: every event that this person causes says where they come from, whichever room writes it.
// INVARIANT: `home` is added here and nowhere else; an event whose maker put it there itself does not pass the catalogue.

import { AsyncLocalStorage } from 'node:async_hooks';
import type { NewEvent } from '#core';

export interface Visitor {
  readonly person: string;
  /** The tenant the person belongs to. */
  readonly home: string;
}

const visiting = new AsyncLocalStorage<Visitor>();

/** Runs work for somebody of another tenant; null for somebody of this one. */
export function actingFor<T>(visitor: Visitor | null, work: () => T): T {
  return visitor === null ? visiting.exit(work) : visiting.run(visitor, work);
}

/** The same for what is read piece by piece, long after the request's own code returned; also when its reader goes away. */
export async function* actingThrough<T>(visitor: Visitor | null, pieces: AsyncIterable<T>): AsyncGenerator<T> {
  const reader = pieces[Symbol.asyncIterator]();
  let isDone = false;
  try {
    for (;;) {
      const next = await actingFor(visitor, () => reader.next());
      isDone = next.done === true;
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    if (!isDone) await actingFor(visitor, () => reader.return?.());
  }
}

/** The event as it is written. What the work causes under another name, a workload's or the system's, is theirs and stays as it is. */
export function withHome<Event extends NewEvent>(event: Event): Event {
  const visitor = visiting.getStore();
  if (visitor === undefined || !isTheirs(event.actor, visitor.person)) return event;
  return { ...event, public: { ...event.public, home: visitor.home } };
}

const isTheirs = (actor: string, person: string): boolean => actor === person || actor === `person:${person}`;
