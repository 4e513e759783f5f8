// Events of conditions and risk, part of identity's catalogue: parts that changed, signals and levels; never an address or a place.

import { type EventCatalogue, fact } from '#core';

const { listOf, name, reference, time, word } = fact;

const PERSON = 'per_01a205c7-6c11-7d2e-8a4b-91d0f3a6b2c4';
const WINDOW = { from: '2026-11-26T00:00:00.000Z', to: '2026-12-01T00:00:00.000Z' };

export const contextEvents: EventCatalogue = [
  {
    type: 'identity.conditions.changed',
    meaning:
      'What access depends on was changed: hours, networks, countries, devices, training. Parts that ask for less than before are named.',
    facts: { changed: listOf(word), loosened: listOf(word) },
    example: { changed: ['hours', 'networks'], loosened: ['hours'] },
    privileged: true,
  },
  {
    type: 'identity.freeze.declared',
    meaning: 'A change freeze was declared; what it stops and when are named.',
    facts: { stops: listOf(word), from: time, to: time },
    example: { stops: ['publishing', 'policy'], ...WINDOW },
    privileged: true,
  },
  {
    type: 'identity.freeze.lifted',
    meaning: 'A change freeze was ended before its time.',
    facts: { loosened: listOf(word) },
    example: { loosened: ['publishing', 'policy'] },
    privileged: true,
  },
  {
    type: 'identity.course.acknowledged',
    meaning: 'It was recorded that a person did a training or acknowledged a policy, and until when that counts.',
    facts: { course: name, expiresAt: time },
    example: { course: 'data-protection', expiresAt: '2027-11-26T00:00:00.000Z' },
    privileged: true,
  },
  {
    type: 'identity.risk.raised',
    meaning: 'A session differs from how its person usually works, or asked for much that it may not; the signals are named.',
    facts: { person: reference, level: word, signals: listOf(word) },
    example: { person: PERSON, level: 'high', signals: ['denied_burst'] },
  },
  {
    type: 'identity.risk.cleared',
    meaning: 'The risk of a session was lowered: by a fresh passkey, or by a person.',
    facts: { person: reference, level: word, how: word },
    example: { person: PERSON, level: 'none', how: 'passkey' },
    privileged: true,
  },
];
