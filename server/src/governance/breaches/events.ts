// Events of breaches: every step, in references, words and counts. What was written about it is sealed, and stands nowhere here.

import { type EventCatalogue, fact } from '#core';

const { count, flag, listOf, name, nullable, reference, time, word } = fact;
const BREACH = 'bre_01a205c7-6c11-7d2e-8a4b-91d0f3a6b2c4';

export const breachEvents: EventCatalogue = [
  {
    type: 'governance.breach.opened',
    meaning: 'A person opened a breach of personal data: since when somebody is aware of it, and until when the authority must know.',
    facts: { breach: reference, awareAt: time, dueAt: time, setBack: flag, rule: nullable(word), alert: nullable(reference) },
    example: { breach: BREACH, awareAt: '2026-03-01T09:00:00Z', dueAt: '2026-03-04T09:00:00Z', setBack: false, rule: null, alert: null },
    privileged: true,
  },
  {
    type: 'governance.breach.set_back',
    meaning: 'A person said that somebody had been aware of a breach earlier; the clock began then. It is never set forward.',
    facts: { breach: reference, before: time, awareAt: time, dueAt: time },
    example: { breach: BREACH, before: '2026-03-01T09:00:00Z', awareAt: '2026-02-28T17:00:00Z', dueAt: '2026-03-03T17:00:00Z' },
    privileged: true,
  },
  {
    type: 'governance.breach.scoped',
    meaning:
      'It was computed from the log whose data a breach is about: how many people, calls and openings, of which kinds of data, by how many actors.',
    facts: {
      breach: reference,
      from: time,
      to: time,
      people: count,
      unknown: count,
      calls: count,
      openings: count,
      classes: listOf(word),
      actors: count,
      complete: flag,
    },
    example: {
      breach: BREACH,
      from: '2026-02-28T00:00:00Z',
      to: '2026-03-01T09:00:00Z',
      people: 12,
      unknown: 0,
      calls: 31,
      openings: 2,
      classes: ['email_address'],
      actors: 1,
      complete: true,
    },
    privileged: true,
  },
  {
    type: 'governance.breach.noted',
    meaning: 'A person recorded a step about a breach: a note, what contained it, or how high the risk for the people is.',
    facts: { breach: reference, step: word, risk: nullable(word) },
    example: { breach: BREACH, step: 'risk', risk: 'high' },
    privileged: true,
  },
  {
    type: 'governance.breach.notified',
    meaning:
      'A person recorded that the authority, or the people themselves, were told of a breach; or, with the reason, that they need not be.',
    facts: { breach: reference, whom: word, needed: flag, at: time, late: flag },
    example: { breach: BREACH, whom: 'authority', needed: true, at: '2026-03-02T10:00:00Z', late: false },
    privileged: true,
  },
  {
    type: 'governance.breach.due',
    meaning: 'Time passes on a breach of which the authority does not know yet: 24, 48 or 66 hours are over, or the deadline is.',
    facts: { breach: reference, mark: name, dueAt: time },
    example: { breach: BREACH, mark: '48h', dueAt: '2026-03-04T09:00:00Z' },
  },
  {
    type: 'governance.breach.people_read',
    meaning: 'A person looked at who is affected by a breach, by name.',
    facts: { breach: reference, people: count },
    example: { breach: BREACH, people: 12 },
    privileged: true,
  },
  {
    type: 'governance.breach.closed',
    meaning: 'A breach was closed. `alone` says that nobody but who opened it could.',
    facts: { breach: reference, alone: flag, late: flag },
    example: { breach: BREACH, alone: false, late: false },
    privileged: true,
  },
];
