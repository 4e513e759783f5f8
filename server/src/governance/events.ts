// What governance writes into the ledger: requests of people, holds, and what was deleted by rule. Persons appear by pseudonym alone.

import { type EventCatalogue, fact } from '#core';
import { datasetEvents } from './datasets/events.ts';
import { flowEvents } from './flows/events.ts';

const { reference, time, word } = fact;

export const governanceEvents: EventCatalogue = [
  {
    type: 'governance.request.received',
    meaning: 'A person, or a shop in their name, asked for a copy of their data or for its erasure.',
    facts: { request: reference, kind: word, source: word, dueAt: time },
    example: { request: 'dsr_01a205c7-6c11-7d2e-8a4b-91d0f3a6b2c4', kind: 'export', source: 'person', dueAt: '2026-03-01T09:00:00Z' },
  },
  ...flowEvents,
  ...datasetEvents,
];
