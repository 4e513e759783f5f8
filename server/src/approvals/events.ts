// Events of stored calls.

import type { EventCatalogue } from '#core';

export const approvalsEvents: EventCatalogue = [
  { type: 'approvals.call.requested', meaning: 'A call was stored because a person must decide.' },
  { type: 'approvals.call.approved', meaning: 'A person approved exactly one stored call.' },
  { type: 'approvals.call.denied', meaning: 'A person denied a stored call.' },
  { type: 'approvals.call.expired', meaning: 'Nobody decided in time; the call will never run.' },
  { type: 'approvals.call.finished', meaning: 'The approved call ran, failed, or ended with an unknown outcome.' },
];
