// Events the guard writes about each call. Public parts are references, codes and counts.

import type { EventCatalogue } from '#core';

export const enforcementEvents: EventCatalogue = [
  { type: 'enforcement.call.intended', meaning: 'A call passed every check and is about to leave; written before it is sent or released.' },
  { type: 'enforcement.call.completed', meaning: 'A call ended and its reply was released to the caller.' },
  { type: 'enforcement.call.refused', meaning: 'A stage refused the call; the code and the deciding policies are named.' },
  { type: 'enforcement.call.faulted', meaning: 'The upstream or this system failed while the call was under way.' },
  { type: 'enforcement.call.aborted', meaning: 'The caller went away before the reply was complete.' },
  { type: 'enforcement.call.unresolved', meaning: 'A call was sent and its outcome is unknown; it waits for a person.' },
  { type: 'enforcement.effect.resolved', meaning: 'A person said what became of an effect whose outcome was unknown.' },
  { type: 'enforcement.integration.changed', meaning: 'An integration was added, changed or removed.' },
];
