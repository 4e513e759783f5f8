// What monitoring writes into the ledger: that an alert was raised, and who took note of it. Never what the alert says beyond references.

import { type EventCatalogue, fact } from '#core';

const { count, flag, name, reference, word } = fact;

export const monitoringEvents: EventCatalogue = [
  {
    type: 'monitoring.alert.raised',
    meaning: 'An alert was raised about an event of this log; the rule and the number of the event are named.',
    facts: { rule: word, severity: word, seq: count, event: name },
    example: { rule: 'self_grant', severity: 'critical', seq: 412, event: 'identity.grant.created' },
  },
  {
    type: 'monitoring.alert.acknowledged',
    meaning: 'A person took note of an alert. The alert stays, with who it was; `alone` says that nobody else could.',
    facts: { rule: word, alert: reference, alone: flag },
    example: { rule: 'self_grant', alert: 'alr_01a205c7-6c11-7d2e-8a4b-91d0f3a6b2c4', alone: false },
    privileged: true,
  },
];
