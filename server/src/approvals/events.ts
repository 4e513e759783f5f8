// Events of stored calls.

import { type EventCatalogue, type FactShapes, fact } from '#core';

const { code, count, flag, hash, listOf, name, reference, time, word, nullable, optional } = fact;

const CALL = 'call_01a205c7-6ddc-7ba6-b4cd-20ec7d51a45d';
const DIGEST = '4321afa613f10e7c873df08d2e74fc3e151bfb5724a6e6b158f0a29bc0ab11d2';
const PASSKEY = '9d1f0c7b4be2f7c35b8f0c3a9ab7f6a0c94d1a5b7e3f2c6d8190a2b4c6d8e0f2';

/** What is decided about, and how many people it takes. */
const DECIDED: FactShapes = { call: reference, digest: hash, mode: word, required: count, solo: flag };
const ASKED: FactShapes = { call: reference, digest: hash, integration: name, operation: name };
const EXAMPLE = { call: CALL, digest: DIGEST, mode: 'four_eyes', required: 2, solo: false };
const ASKED_EXAMPLE = { call: CALL, digest: DIGEST, integration: 'demo-shop', operation: 'refunds.create' };

export const approvalsEvents: EventCatalogue = [
  {
    type: 'approvals.call.requested',
    meaning: 'A call was stored because a person must decide.',
    facts: { ...ASKED, mode: word, required: count, askerCounts: flag },
    example: { ...ASKED_EXAMPLE, mode: 'four_eyes', required: 2, askerCounts: true },
  },
  {
    type: 'approvals.call.repeated',
    meaning: 'The same call was asked for again while it waited; there is still one approval for it.',
    facts: ASKED,
    example: ASKED_EXAMPLE,
  },
  {
    type: 'approvals.words.read',
    meaning:
      'A person read the exact words of a call that waits, with the personal values that lists replace; which classes and how many is named, and the call as what they were read for.',
    facts: { approval: reference, classes: listOf(word), rows: count },
    example: { approval: 'apr_01a205c7-6ddc-7ba6-b4cd-20ec7d51a45e', classes: ['email'], rows: 1 },
  },
  {
    type: 'approvals.call.endorsed',
    meaning: 'One of two people said yes to a stored call; it waits for the other one.',
    facts: { ...DECIDED, yes: count, signed: optional(flag), passkey: optional(nullable(hash)), sendsAsIs: optional(flag) },
    example: { ...EXAMPLE, yes: 1, signed: true, passkey: PASSKEY },
    privileged: true,
  },
  {
    type: 'approvals.call.approved',
    meaning: 'Exactly one stored call was approved, by as many people as it takes; `solo` when there is only one person.',
    facts: { ...DECIDED, yes: count, signed: optional(flag), passkey: optional(nullable(hash)), sendsAsIs: optional(flag) },
    example: { ...EXAMPLE, yes: 2, signed: true, passkey: PASSKEY },
    privileged: true,
  },
  {
    type: 'approvals.call.delayed',
    meaning: 'Somebody who is alone approved what takes two people: it runs at the time named, and can be cancelled until then.',
    facts: { runsAt: time },
    example: { runsAt: '2026-11-02T00:10:00.000Z' },
  },
  {
    type: 'approvals.call.capped',
    meaning: 'Somebody who is alone tried to approve more than the daily cap; nothing was approved.',
    facts: { ...DECIDED, currency: nullable(code) },
    example: { ...EXAMPLE, mode: 'solo', required: 1, solo: true, currency: 'USD' },
  },
  {
    type: 'approvals.call.cancelled',
    meaning: 'An approved call was called off before its time; it never runs.',
    facts: { ...DECIDED, reason: flag },
    example: { ...EXAMPLE, mode: 'solo', required: 1, solo: true, reason: true },
    privileged: true,
  },
  {
    type: 'approvals.call.removed',
    meaning: 'A stored call of sample data was removed with the demo; its earlier events stay.',
    facts: {},
    example: {},
  },
  {
    type: 'approvals.call.denied',
    meaning: 'A person denied a stored call.',
    facts: { ...DECIDED, reason: flag },
    example: { ...EXAMPLE, reason: true },
    privileged: true,
  },
  {
    type: 'approvals.call.expired',
    meaning: 'Nobody decided, or ran the call, in time; it will never run.',
    facts: {},
    example: {},
  },
  {
    type: 'approvals.call.unproven',
    meaning: 'A call that its record calls approved did not run: who approved exactly it could not be proven, or may not approve any more.',
    facts: { digest: hash, required: count, code: optional(code) },
    example: { digest: DIGEST, required: 1, code: 'APPROVALS_NOT_PROVEN' },
    privileged: true,
  },
  {
    type: 'approvals.call.claimed',
    meaning: 'One executor took the approved call to run it.',
    facts: { call: reference, digest: hash },
    example: { call: CALL, digest: DIGEST },
  },
  {
    type: 'approvals.call.released',
    meaning: 'The executor died before anything was sent; another one may run the call.',
    facts: { outcome: word },
    example: { outcome: 'approved' },
  },
  {
    type: 'approvals.call.stranded',
    meaning: 'The executor died: after the call may have been sent its outcome is unknown, after too many attempts it was given up.',
    facts: { outcome: word },
    example: { outcome: 'unknown' },
  },
  {
    type: 'approvals.call.finished',
    meaning: 'The approved call ran, failed, or ended with an unknown outcome.',
    facts: { outcome: word, code: nullable(code) },
    example: { outcome: 'failed', code: 'ENFORCEMENT_UPSTREAM_FAULT' },
  },
];
