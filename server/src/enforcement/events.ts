// Events the guard writes about each call. Public parts are references, codes and counts.

import { type EventCatalogue, type FactShapes, fact } from '#core';

const { amount, code, count, evidence, flag, hash, name, reference, word, listOf, nullable, optional, recordOf } = fact;

const RUN = 'run_01a205c8-19eb-73bf-a02e-d0be795e3bb0';
const WORKLOAD = 'wkl_01a205c7-6d01-7c1e-9f0a-52b7d1c0e3aa';
const INSTANCE = 'proc_01a205c7-6b00-7aaa-8bbb-0123456789ab';

/** The identities the decision rests on: the credential, the signed version of a workflow of ours, and the manifest of the integration. */
const IDENTITIES: FactShapes = {
  credential: optional(nullable(reference)),
  version: optional(nullable(hash)),
  manifest: optional(nullable(hash)),
};
/** Whose call it is, and which process had it. */
const PLACE: FactShapes = {
  ...IDENTITIES,
  integration: name,
  upstreamStatus: nullable(count),
  tier: word,
  run: nullable(reference),
  workload: reference,
  instance: reference,
  operation: optional(name),
  effect: optional(word),
  /** Of an effect: done, failed, unknown or never_left; and the money it was about. */
  became: optional(word),
  amount: optional(amount),
  /** From the caller's request to the end of the reply. */
  durationMs: count,
};
/** What the answer of a model held. */
const REPORT: FactShapes = {
  outputSignals: optional(listOf(word)),
  foreignPlaceholders: optional(count),
  /** Placeholders that were put back for the caller, by type. */
  restored: optional(recordOf(count)),
  inputTokens: optional(nullable(count)),
  outputTokens: optional(nullable(count)),
  /** Absent where the integration has no price for the model, or the upstream told no usage. */
  cost: optional(amount),
};
const REFUSED: FactShapes = { stage: word, code, evidence, operation: optional(name), effect: optional(word) };
const WHO = {
  credential: 'key_01a205c7-6e02-7b1d-8c4e-31a7c9d0b5f2',
  version: '9f2c1ab04d7e6f3389aa5c1be2470d119f2c1ab04d7e6f3389aa5c1be2470d11',
  manifest: '0528ff992d8ee200fc131454c944e3ba720cecc5b1883ddca3c88bc58145aa01',
};
const EXAMPLE = {
  ...WHO,
  integration: 'demo-shop',
  upstreamStatus: 200,
  tier: 'native',
  run: RUN,
  workload: WORKLOAD,
  instance: INSTANCE,
  durationMs: 412,
};

export const enforcementEvents: EventCatalogue = [
  {
    type: 'enforcement.call.intended',
    meaning: 'A call passed every check and is about to leave; written before it is sent or released.',
    facts: {
      integration: name,
      operation: name,
      effect: word,
      amount: nullable(amount),
      model: nullable(name),
      tier: word,
      run: nullable(reference),
      workload: reference,
      ...IDENTITIES,
      integrity: word,
      /** The most sensitive kind of data its labels say may stand there, and where that was read. */
      sensitivity: optional(word),
      regions: optional(listOf(name)),
      policies: listOf(name),
      digest: nullable(hash),
      /** Uses people may opt out of that it is made for. */
      uses: optional(listOf(word)),
      signals: listOf(word),
      tokenised: recordOf(count),
      /** Kinds of personal data that left with it, in clear or as placeholders; absent in events of older versions. */
      carried: optional(listOf(word)),
      /** What rules on trial would have done, by class and handling. */
      onTrial: optional(recordOf(count)),
      approval: nullable(reference),
      repeats: nullable(reference),
      instance: reference,
    },
    example: {
      integration: 'demo-shop',
      operation: 'refunds.create',
      effect: 'money',
      amount: '12.00 USD',
      model: null,
      tier: 'native',
      run: RUN,
      workload: WORKLOAD,
      ...WHO,
      integrity: 'staff',
      sensitivity: 'personal',
      regions: ['EEA'],
      policies: ['permit-own-money'],
      digest: '0528ff992d8ee200fc131454c944e3ba720cecc5b1883ddca3c88bc58145aa01',
      signals: [],
      tokenised: { EMAIL: 1 },
      carried: ['email_address'],
      approval: null,
      repeats: null,
      instance: INSTANCE,
    },
  },
  {
    type: 'enforcement.call.completed',
    meaning: 'A call ended and its reply was released to the caller.',
    facts: {
      ...PLACE,
      ...REPORT,
      status: optional(count),
      // A list of models crosses no border: it has no upstream, run or workload to name.
      integration: optional(name),
      upstreamStatus: optional(nullable(count)),
      tier: optional(word),
      run: optional(nullable(reference)),
      workload: optional(reference),
      operation: optional(name),
      count: optional(count),
      durationMs: optional(count),
    },
    example: { ...EXAMPLE, status: 200 },
  },
  {
    type: 'enforcement.call.refused',
    meaning: 'A stage refused the call; the code and the deciding policies are named.',
    facts: { ...PLACE, ...REPORT, ...REFUSED },
    example: {
      ...EXAMPLE,
      upstreamStatus: null,
      stage: 'authorize',
      code: 'POLICY_NO_RULE',
      evidence: { operation: 'refunds.create', tier: 'native', customerProven: false },
      operation: 'refunds.create',
      effect: 'money',
    },
  },
  {
    type: 'enforcement.names.unread',
    meaning:
      'The operator’s model of names did not read a call in time: late, dead, or more text than it reads. Told at most once a minute. `refused` says whether the call was refused or went on with our own guesses alone.',
    facts: { call: reference, workload: reference, integration: name, refused: flag },
    example: { call: 'call_01a205c8-19ec-7c11-9d2e-6b5f0a1c2d3e', workload: WORKLOAD, integration: 'model', refused: false },
  },
  {
    type: 'enforcement.customer.flagged',
    meaning:
      'Calls for one customer were refused again and again, or carried what looks like an injection in several runs. Whose they are is told by the run, to whoever may see what it was about.',
    facts: { call: reference, workload: reference, integration: name, denied: count, injected: count },
    example: { call: 'call_01a205c8-19ec-7c11-9d2e-6b5f0a1c2d3e', workload: WORKLOAD, integration: 'demo-shop', denied: 10, injected: 0 },
  },
  {
    type: 'enforcement.customer.read',
    meaning:
      'A person read details of a customer for a case that was open at that moment: which classes of data, how many fields. Who the customer is is told by the same reference in each such event, and by nothing else in it.',
    facts: { integration: name, purpose: name, classes: listOf(word), rows: count, fields: count },
    example: { integration: 'demo-shop', purpose: 'ticket:T-1001', classes: ['address'], rows: 1, fields: 1 },
  },
  {
    type: 'enforcement.call.faulted',
    meaning: 'The upstream or this system failed while the call was under way.',
    facts: { ...PLACE, ...REPORT, code },
    example: { ...EXAMPLE, upstreamStatus: null, code: 'EGRESS_UPSTREAM_CLOSED' },
  },
  {
    type: 'enforcement.call.aborted',
    meaning: 'The caller went away before the reply was complete.',
    facts: { ...PLACE, ...REPORT },
    example: EXAMPLE,
  },
  {
    type: 'enforcement.call.unresolved',
    meaning: 'A call was sent and its outcome is unknown; it waits for a person.',
    facts: {
      ...PLACE,
      ...REPORT,
      // Written by the process that made the call, however it ended there, or by the one that found it left behind.
      upstreamStatus: optional(nullable(count)),
      tier: optional(word),
      run: optional(nullable(reference)),
      workload: optional(reference),
      instance: nullable(reference),
      durationMs: optional(count),
      status: optional(count),
      code: optional(code),
      stage: optional(word),
      evidence: optional(evidence),
      operation: optional(name),
      effect: optional(word),
      approval: optional(nullable(reference)),
    },
    example: { integration: 'demo-shop', operation: 'refunds.create', approval: null, instance: INSTANCE },
  },
  {
    type: 'enforcement.effect.resolved',
    meaning: 'A person, or the upstream when it was asked, said what became of an effect whose outcome was unknown.',
    facts: { outcome: word, integration: name, operation: name, by: word },
    example: { outcome: 'done', integration: 'demo-shop', operation: 'refunds.create', by: 'person' },
    privileged: true,
  },
  {
    type: 'enforcement.data_rule.changed',
    meaning: 'Somebody changed who may see a class of data, or what happens with unsure guesses at it.',
    facts: {
      class: name,
      destination: name,
      mode: word,
      before: word,
      after: word,
      trial: optional(word),
      asIs: optional(flag),
      loosened: optional(listOf(name)),
    },
    example: {
      class: 'email_address',
      destination: 'model',
      mode: 'enforce',
      before: 'tokenise',
      after: 'clear',
      loosened: ['email_address'],
    },
    privileged: true,
  },
  {
    type: 'enforcement.data_guesses.changed',
    meaning: 'Somebody switched guesses in calls to models on or off: whether names and addresses that nobody named are looked for.',
    facts: { change: word, loosened: optional(listOf(name)) },
    example: { change: 'off', loosened: ['guesses'] },
    privileged: true,
  },
  {
    type: 'enforcement.data_pattern.changed',
    meaning: 'Somebody added, changed or removed a pattern of the tenant’s own for finding a class of data.',
    facts: { name, class: name, before: optional(name), change: word },
    example: { name: 'member-number', class: 'customer_number', change: 'added' },
    privileged: true,
  },
  {
    type: 'enforcement.integration.changed',
    meaning: 'An integration was added, changed or removed.',
    facts: { name, change: word, loosened: optional(listOf(name)) },
    example: { name: 'demo-shop', change: 'changed', loosened: ['perCall'] },
    privileged: true,
  },
];
