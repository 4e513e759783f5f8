// Events of stored calls.

import type { EventCatalogue } from '#core';

export const approvalsEvents: EventCatalogue = [
  { type: 'approvals.call.requested', meaning: 'A call was stored because a person must decide.' },
  { type: 'approvals.call.repeated', meaning: 'The same call was asked for again while it waited; there is still one approval for it.' },
  { type: 'approvals.call.approved', meaning: 'A person approved exactly one stored call.' },
  { type: 'approvals.call.denied', meaning: 'A person denied a stored call.' },
  { type: 'approvals.call.expired', meaning: 'Nobody decided, or ran the call, in time; it will never run.' },
  { type: 'approvals.call.claimed', meaning: 'One executor took the approved call to run it.' },
  { type: 'approvals.call.released', meaning: 'The executor died before anything was sent; another one may run the call.' },
  {
    type: 'approvals.call.stranded',
    meaning: 'The executor died: after the call may have been sent its outcome is unknown, after too many attempts it was given up.',
  },
  { type: 'approvals.call.finished', meaning: 'The approved call ran, failed, or ended with an unknown outcome.' },
];
