// What governance writes into the ledger: requests of people, holds, and what was deleted by rule. Persons appear by pseudonym alone.

import { type EventCatalogue, fact } from '#core';
import { assessmentEvents } from './assessments/events.ts';
import { breachEvents } from './breaches/events.ts';
import { canaryEvents } from './canaries/events.ts';
import { datasetEvents } from './datasets/events.ts';
import { flowEvents } from './flows/events.ts';
import { deletionEvents } from './rights/events.ts';

const { count, flag, hash, name, reference, time, word, listOf, nullable, recordOf } = fact;

const REQUEST = 'dsr_01a205c7-6c11-7d2e-8a4b-91d0f3a6b2c4';
const HOLD = 'hld_01a205c7-6c11-7d2e-8a4b-91d0f3a6b2c4';
const DIGEST = '9f2c1ab04d7e6f3389aa5c1be2470d119f2c1ab04d7e6f3389aa5c1be2470d11';

export const governanceEvents: EventCatalogue = [
  {
    type: 'governance.request.received',
    meaning: 'A person, or a shop in their name, asked for a copy of their data or for its erasure.',
    facts: { request: reference, kind: word, source: word, dueAt: time },
    example: { request: REQUEST, kind: 'export', source: 'person', dueAt: '2026-03-01T09:00:00Z' },
  },
  {
    type: 'governance.request.verified',
    meaning: 'Somebody made sure that who asks is who they say, in the named way.',
    facts: { request: reference, how: word },
    example: { request: REQUEST, how: 'account' },
    privileged: true,
  },
  {
    type: 'governance.request.refused',
    meaning: 'A privacy request was refused; the kind of reason is named.',
    facts: { request: reference, reason: word },
    example: { request: REQUEST, reason: 'not_verified' },
    privileged: true,
  },
  {
    type: 'governance.person.exported',
    meaning: 'Everything held about a person was put together for them: how many things of which places, and the digest of the copy.',
    facts: { request: reference, items: recordOf(count), withheld: count, digest: hash },
    example: { request: REQUEST, items: { runs: 2, approvals: 1 }, withheld: 0, digest: DIGEST },
    privileged: true,
  },
  {
    type: 'governance.person.erased',
    meaning:
      'Everything held about a person was erased: how many things of which places, how many keys were destroyed, and the digest of the receipt that says more.',
    facts: { request: reference, items: recordOf(count), keys: count, payloads: count, tasks: count, remaining: count, digest: hash },
    example: { request: REQUEST, items: { runs: 2 }, keys: 3, payloads: 0, tasks: 1, remaining: 0, digest: DIGEST },
    privileged: true,
  },
  {
    type: 'governance.task.closed',
    meaning: 'Somebody said that a vendor who had received data of an erased person has deleted it too.',
    facts: { request: reference, vendor: name },
    example: { request: REQUEST, vendor: 'demo-shop' },
    privileged: true,
  },
  ...deletionEvents,
  {
    type: 'governance.hold.placed',
    meaning: 'A legal hold was placed: what it covers is neither erased nor deleted by rule. Its reason is sealed.',
    facts: { hold: reference, on: word },
    example: { hold: HOLD, on: 'person' },
    privileged: true,
  },
  {
    type: 'governance.hold.released',
    meaning: 'A legal hold was released; `alone` says that nobody but who placed it could.',
    facts: { hold: reference, alone: flag },
    example: { hold: HOLD, alone: false },
    privileged: true,
  },
  {
    type: 'governance.retention.changed',
    meaning: 'A rule about how long data is kept was set or taken back; the version of the rules is named.',
    facts: { version: hash, dataClass: nullable(word), place: nullable(word), purpose: nullable(name), minutes: nullable(count) },
    example: { version: DIGEST, dataClass: 'email_address', place: 'runs', purpose: null, minutes: 43200 },
    privileged: true,
  },
  {
    type: 'governance.retention.ran',
    meaning:
      'What is kept no longer was deleted: how many things of which places, how many keys were destroyed, how many are held, the oldest and newest moment, and under which version of the rules.',
    facts: {
      run: reference,
      version: hash,
      items: recordOf(count),
      keys: count,
      held: count,
      from: nullable(time),
      to: nullable(time),
      canary: word,
      failed: listOf(word),
      digest: hash,
    },
    example: {
      run: 'rtn_01a205c7-6c11-7d2e-8a4b-91d0f3a6b2c4',
      version: DIGEST,
      items: { runs: 14, known_values: 9 },
      keys: 23,
      held: 0,
      from: '2026-01-01T00:00:00Z',
      to: '2026-01-02T00:00:00Z',
      canary: 'deleted',
      failed: [],
      digest: DIGEST,
    },
  },
  {
    type: 'governance.retention.stale',
    meaning: 'What had to be deleted by now is still there: the round that deletes does not run, or does not get through.',
    facts: { since: time },
    example: { since: '2026-01-01T00:00:00Z' },
  },
  ...flowEvents,
  ...datasetEvents,
  ...breachEvents,
  ...assessmentEvents,
  ...canaryEvents,
];
