// What is written into the ledger when access is taken away as unused, given back, or reviewed: references, names and counts.

import { type EventCatalogue, fact } from '#core';

const { count, flag, hash, listOf, name, nullable, optional, reference, time, word } = fact;

const SUBJECT = 'wkl_01a205c7-6d01-7c1e-9f0a-52b7d1c0e3aa';
const PERSON = 'per_01a205c7-6c11-7d2e-8a4b-91d0f3a6b2c4';
const GRANT = 'grt_01a205c7-6c11-7d2e-8a4b-91d0f3a6b2c5';
const LATER = '2027-02-21T00:21:24.237Z';
const PROPOSAL = { kind: word, subject: reference, names: listOf(name) };
const A_PROPOSAL = { kind: 'integration_unused', subject: SUBJECT, names: ['shop-b'] };

export const leastEvents: EventCatalogue = [
  {
    type: 'identity.proposal.applied',
    meaning: 'Access that nobody used was taken away; what it was is named, and whether by a person or by itself after the time of grace.',
    facts: { ...PROPOSAL, automatic: flag },
    example: { ...A_PROPOSAL, automatic: false },
    privileged: true,
  },
  {
    type: 'identity.proposal.undone',
    meaning: 'Access that was taken away as unused was given back exactly as it was.',
    facts: PROPOSAL,
    example: A_PROPOSAL,
    privileged: true,
  },
  {
    type: 'identity.proposal.dismissed',
    meaning: 'A proposal to take unused access away was turned down; the reason is sealed.',
    facts: PROPOSAL,
    example: A_PROPOSAL,
    privileged: true,
  },
  {
    type: 'identity.least.changed',
    meaning: 'How long access must be unused before it is proposed to be taken away, and whether that happens by itself, was changed.',
    facts: { windowDays: count, autoApply: flag, graceDays: count },
    example: { windowDays: 30, autoApply: false, graceDays: 14 },
    privileged: true,
  },
  {
    type: 'identity.grant.expired_unused',
    meaning: 'A grant that was to end when unused was not used for that many days, and ended.',
    facts: { subject: reference, role: name, days: count, lastUsedAt: nullable(time) },
    example: { subject: PERSON, role: 'auditor', days: 30, lastUsedAt: null },
    privileged: true,
  },
  {
    type: 'identity.grant.expiry_changed',
    meaning: 'After how many days without use a grant ends was set, or that it does not end so.',
    facts: { days: nullable(count), loosened: optional(listOf(name)) },
    example: { days: 30, loosened: [] },
    privileged: true,
  },
  {
    type: 'identity.review.created',
    meaning: 'An access review was opened; its reviewers, how many items it has and when it is due are named.',
    facts: { reviewers: listOf(reference), items: count, dueAt: time },
    example: { reviewers: [PERSON], items: 12, dueAt: LATER },
    privileged: true,
  },
  {
    type: 'identity.review.decided',
    meaning: 'A reviewer decided about one access; a removal or a change held at once. The reason is sealed.',
    facts: { item: reference, subject: reference, access: name, decision: word, role: nullable(name), outcome: word },
    example: {
      item: 'itm_01a205c7-6c11-7d2e-8a4b-91d0f3a6b2c6',
      subject: PERSON,
      access: GRANT,
      decision: 'remove',
      role: null,
      outcome: 'applied',
    },
    privileged: true,
  },
  {
    type: 'identity.review.completed',
    meaning: 'Every item of an access review is decided; the digest is that of all decisions, so that none can be changed afterwards.',
    facts: { kept: count, removed: count, changed: count, digest: hash, onTime: flag },
    example: { kept: 9, removed: 2, changed: 1, digest: '4321afa613f10e7c873df08d2e74fc3e151bfb5724a6e6b158f0a29bc0ab11d2', onTime: true },
  },
  {
    type: 'identity.review.overdue',
    meaning: 'An access review was not completed in time; how many items are undecided is named.',
    facts: { undecided: count, dueAt: time },
    example: { undecided: 3, dueAt: LATER },
  },
];
