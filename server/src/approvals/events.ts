// Events of stored calls.

import type { EventCatalogue } from '#core';

export const approvalsEvents: EventCatalogue = [
  { type: 'approvals.call.requested', meaning: 'A call was stored because a person must decide.' },
  { type: 'approvals.call.repeated', meaning: 'The same call was asked for again while it waited; there is still one approval for it.' },
  { type: 'approvals.call.endorsed', meaning: 'One of two people said yes to a stored call; it waits for the other one.' },
  {
    type: 'approvals.call.approved',
    meaning: 'Exactly one stored call was approved, by as many people as it takes; `solo` when there is only one person.',
  },
  {
    type: 'approvals.call.delayed',
    meaning: 'Somebody who is alone approved what takes two people: it runs at the time named, and can be cancelled until then.',
  },
  { type: 'approvals.call.capped', meaning: 'Somebody who is alone tried to approve more than the daily cap; nothing was approved.' },
  { type: 'approvals.call.cancelled', meaning: 'An approved call was called off before its time; it never runs.' },
  { type: 'approvals.call.removed', meaning: 'A stored call of sample data was removed with the demo; its earlier events stay.' },
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
