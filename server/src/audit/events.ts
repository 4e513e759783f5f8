// The events this room itself writes: whoever takes the ledger out, or takes something out of it, is on it.

import type { EventCatalogue } from '#core';

export const auditEvents: EventCatalogue = [
  { type: 'audit.pack.exported', meaning: 'The sealed events of a tenant were exported, up to the stated size.' },
  { type: 'audit.ledger.verified', meaning: 'A person had the whole ledger checked by the offline verifier; the verdict is named.' },
  { type: 'audit.payload.erased', meaning: 'The payload and salt of an event were erased; its leaf and every proof stay valid.' },
  { type: 'audit.actor.forgotten', meaning: 'The link between an actor and its pseudonym was erased.' },
];
