// The events this room itself writes: whoever takes the ledger out, or takes something out of it, is on it.

import { type EventCatalogue, fact } from '#core';

const { code, count, flag, word } = fact;

export const auditEvents: EventCatalogue = [
  {
    type: 'audit.pack.exported',
    meaning: 'The sealed events of a tenant were exported, up to the stated size.',
    facts: { events: count, unsealed: count, globalSize: count, withPayloads: flag, shows: fact.optional(word) },
    example: { events: 26, unsealed: 0, globalSize: 3, withPayloads: false, shows: 'whole' },
  },
  {
    type: 'audit.ledger.verified',
    meaning:
      'The whole ledger was checked by the offline verifier, for a person or on schedule; the verdict, and the first bad number if there is one, are named.',
    facts: { ok: flag, code, firstBad: fact.optional(fact.nullable(count)), events: count, globalSize: fact.nullable(count) },
    example: { ok: true, code: 'VERIFIED', firstBad: null, events: 26, globalSize: 3 },
  },
  {
    type: 'audit.health.changed',
    meaning: 'Sealing, anchoring or verification of the ledger became late, failed, or is in order again; the reason is a code.',
    facts: { what: fact.word, was: fact.word, state: fact.word, code: fact.nullable(code) },
    example: { what: 'anchoring', was: 'ok', state: 'late', code: 'AUDIT_ANCHOR_LATE' },
  },
  {
    type: 'audit.event.opened',
    meaning: 'An owner read the sealed details of a change: what was before and after, from where, and why.',
    /** The alert it was opened for, if it was for one. */
    facts: { seq: count, alert: fact.optional(fact.reference) },
    example: { seq: 41 },
    privileged: true,
  },
  {
    type: 'audit.clock.jumped',
    meaning: 'The clock of a server jumped while it ran, or was behind the newest entry at its start: entries may be dated out of order.',
    facts: { seen: fact.word, byMs: fact.number, newest: fact.nullable(fact.time) },
    example: { seen: 'start', byMs: -3_600_000, newest: '2026-11-02T09:00:00.000Z' },
  },
  {
    type: 'audit.log.read',
    meaning:
      'A person searched the log; which filters were set is named, and not what they held. The same question within ten minutes is one event.',
    facts: { filter: fact.listOf(fact.word), digest: fact.hash },
    example: { filter: ['type', 'q'], digest: '9f2c1ab04d7e6f3389aa5c1be2470d11' },
  },
  {
    type: 'audit.log.exported',
    meaning:
      'A person took a list of events out of the log; the format and how many left are named, and whether it was all that was asked for.',
    facts: { format: fact.word, filter: fact.listOf(fact.word), digest: fact.hash, events: count, complete: flag },
    example: { format: 'csv', filter: ['type', 'from'], digest: '9f2c1ab04d7e6f3389aa5c1be2470d11', events: 412, complete: true },
  },
  {
    type: 'audit.event.read',
    meaning: 'A person looked at one event and its proof; the same event within ten minutes is one look.',
    facts: { seq: count },
    example: { seq: 41 },
  },
  {
    type: 'audit.key.rotated',
    meaning: 'Another key follows the one that signs the ledger (begun), or the older of the two was stopped (finished).',
    facts: { sequence: count, phase: word },
    example: { sequence: 2, phase: 'begun' },
    privileged: true,
  },
  {
    type: 'audit.payload.erased',
    meaning: 'The payload and salt of an event were erased; its leaf and every proof stay valid.',
    facts: { seq: count },
    example: { seq: 41 },
    privileged: true,
  },
  {
    type: 'audit.payloads.erased',
    meaning: 'The payloads and salts of all events that were sealed for one subject were erased; every leaf and proof stays valid.',
    facts: { count },
    example: { count: 12 },
    privileged: true,
  },
  {
    type: 'audit.actor.forgotten',
    meaning: 'The link between an actor and its pseudonym was erased.',
    facts: {},
    example: {},
    privileged: true,
  },
];
