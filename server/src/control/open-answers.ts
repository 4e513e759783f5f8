// Ends an answer that takes long, an export for instance, when the session of whoever asked ends while it is under way.
// It decides nothing about access: it asks again whenever access changed, and breaks off, so that a cut file does not look whole.

import type { Readable } from 'node:stream';
import type { PersonPrincipal } from '#core';
import type { SurroundingsPorts } from './ports/surroundings.ts';

type Watching = Pick<SurroundingsPorts['surroundings'], 'onChange' | 'stillValid'>;

/** The same stream, which breaks off once the person may not go on. */
export function endWithSession(watching: Watching, person: PersonPrincipal, body: Readable): Readable {
  const look = (): void => {
    if (!watching.stillValid(person)) body.destroy(new Error('the session ended'));
  };
  const stop = watching.onChange(look);
  body.once('close', stop);
  look();
  return body;
}

export function isStream(value: unknown): value is Readable {
  return typeof value === 'object' && value !== null && typeof (value as { pipe?: unknown }).pipe === 'function' && 'destroy' in value;
}
