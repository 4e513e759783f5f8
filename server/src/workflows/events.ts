// Events of workflows and their runs. Public parts are names, hashes, references and codes.

import { type EventCatalogue, type FactShapes, fact } from '#core';

const { code, count, flag, hash, id, name, reference, scalar, time, word, listOf, nullable, optional, recordOf } = fact;

const HASH = '2a2d2f1663cca1d6637b6927c7e1721d838ca7742cc17282f78d39c2e28eaa01';
const PASSKEY = '9d1f0c7b4be2f7c35b8f0c3a9ab7f6a0c94d1a5b7e3f2c6d8190a2b4c6d8e0f2';
const RUN = 'run_01a205c8-19eb-73bf-a02e-d0be795e3bb0';

/** Which delivery, by the names its sender gave it. */
const DELIVERY: FactShapes = { integration: name, delivery: id, event: name };
const DELIVERY_EXAMPLE = { integration: 'demo-shop', delivery: 'msg_2Kq8xWv', event: 'ticket.created' };

export const workflowsEvents: EventCatalogue = [
  {
    type: 'workflows.version.imported',
    meaning: 'A version of a workflow was imported as a draft; its hash is named.',
    facts: { hash },
    example: { hash: HASH },
    privileged: true,
  },
  {
    type: 'workflows.version.approved',
    meaning:
      'A person approved exactly this hash; `solo` when the same person imported it, `signed` when their passkey signed it, and which one.',
    facts: { hash, solo: flag, signed: optional(flag), passkey: optional(nullable(hash)) },
    example: { hash: HASH, solo: false, signed: true, passkey: PASSKEY },
    privileged: true,
  },
  {
    type: 'workflows.version.published',
    meaning: 'An approved version became the one that runs.',
    facts: { hash, workload: reference },
    example: { hash: HASH, workload: 'wkl_01a205c7-6d01-7c1e-9f0a-52b7d1c0e3aa' },
    privileged: true,
  },
  {
    type: 'workflows.version.retired',
    meaning: 'A version stopped being the one that runs.',
    facts: { hash },
    example: { hash: HASH },
    privileged: true,
  },
  {
    type: 'workflows.workflow.paused',
    meaning: 'A person paused the workflow: its runs end at their next step.',
    facts: {},
    example: {},
    privileged: true,
  },
  {
    type: 'workflows.workflow.resumed',
    meaning: 'A person let the workflow run again.',
    facts: {},
    example: {},
    privileged: true,
  },
  {
    type: 'workflows.delivery.accepted',
    meaning: 'A signed delivery of an integration was accepted; the runs it started and the paused workflows it did not start are named.',
    facts: { ...DELIVERY, runs: listOf(reference), paused: listOf(name) },
    example: { ...DELIVERY_EXAMPLE, runs: [RUN], paused: [] },
  },
  {
    type: 'workflows.delivery.repeated',
    meaning: 'A delivery that was accepted before came again; nothing was started.',
    facts: { ...DELIVERY, runs: listOf(reference) },
    example: { ...DELIVERY_EXAMPLE, runs: [RUN] },
  },
  {
    type: 'workflows.delivery.refused',
    meaning: 'A delivery was refused, with the code; `unrecorded` counts those before it that were too many to record one by one.',
    // Before its signature was found good, what a delivery says of itself is not recorded.
    facts: { integration: name, delivery: optional(id), event: optional(name), code, unrecorded: optional(count) },
    example: { integration: 'demo-shop', code: 'IDENTITY_HOOK_SIGNATURE_INVALID', unrecorded: 0 },
  },
  {
    type: 'workflows.workflow.removed',
    meaning: 'A workflow of sample data was removed with its versions and runs; how many runs is named, and their events stay.',
    facts: { sample: flag, runs: count },
    example: { sample: true, runs: 12 },
    privileged: true,
  },
  {
    type: 'workflows.run.started',
    meaning: 'A run began; its workflow and hash are named, and whether a person or a signed delivery began it.',
    facts: { workflow: name, hash, trigger: word, integration: optional(name), event: optional(name), delivery: optional(id) },
    example: { workflow: 'support-reply', hash: HASH, trigger: 'webhook', ...DELIVERY_EXAMPLE },
  },
  {
    type: 'workflows.run.refused',
    meaning: 'A run was refused at its start or at a step, with the code.',
    facts: {
      hash,
      state: word,
      step: nullable(word),
      code: nullable(code),
      // At its start; a run that stops at a step has named them.
      workflow: optional(name),
      trigger: optional(word),
      integration: optional(name),
      event: optional(name),
      delivery: optional(id),
    },
    example: { hash: HASH, state: 'refused', step: 'reply', code: 'WORKFLOWS_PAUSED' },
  },
  {
    type: 'workflows.run.finished',
    meaning: 'A run came to its end, or stopped at a step with a code.',
    facts: { hash, state: word, step: nullable(word), code: nullable(code) },
    example: { hash: HASH, state: 'done', step: null, code: null },
  },
  {
    type: 'workflows.run.content_read',
    meaning:
      'A person read what the steps of a run asked and were given, redacted; the case it was for, and whether the run is bound to it, are named.',
    facts: { workflow: name, phases: count, purpose: optional(nullable(name)), purposeKnown: optional(flag) },
    example: { workflow: 'support-reply', phases: 9, purpose: 'ticket:4711', purposeKnown: true },
  },
  {
    type: 'workflows.runs.erased',
    meaning: 'What runs knew that finished before the named time was erased; how many is named. Their steps, codes and events stay.',
    facts: { runs: count, finishedBefore: time },
    example: { runs: 12, finishedBefore: '2026-10-01T00:00:00.000Z' },
  },
  {
    type: 'workflows.decision.made',
    meaning:
      'A person decided about a customer what a machine had proposed: which kind of decision, whether they changed it, and how the customer contests it.',
    facts: {
      ...{ workflow: name, version: hash, step: word, decision: word, effect: word },
      ...{ changed: flag, by: nullable(reference), approval: reference, contest: word },
    },
    example: {
      ...{ workflow: 'refunds', version: HASH, step: 'verdict', decision: 'refuse_refund', effect: 'legal', changed: true },
      ...{ by: 'per_01a205c7-6c11-7d2e-8a4b-91d0f3a6b2c4', approval: 'apr_01a205c7-6c11-7d2e-8a4b-91d0f3a6b2c4', contest: 'reply' },
    },
  },
  {
    type: 'workflows.run.emitted',
    meaning: 'A step of a run stated facts: numbers, and true or false.',
    facts: { step: word, event: word, facts: recordOf(scalar) },
    example: { step: 'outcome', event: 'ticket_answered', facts: { answered: true } },
  },
];
