// Events of assessments and of automated decisions: what needs one, who recorded and approved it, what was declared. Never what was written.

import { type EventCatalogue, fact } from '#core';

const { count, flag, hash, name, reference, time, word } = fact;
const ASSESSMENT = 'asm_01a205c7-6c11-7d2e-8a4b-91d0f3a6b2c4';
const HASH = '9f2c1ab04d7e6f3389aa5c1be2470d119f2c1ab04d7e6f3389aa5c1be2470d11';

export const assessmentEvents: EventCatalogue = [
  {
    type: 'governance.assessment.needed',
    meaning:
      'A flow of personal data, a workflow or an operation needs an assessment that is not there: it is new, it changed, or its review is due.',
    facts: { kind: word, name, version: hash, trigger: word, why: word },
    example: { kind: 'flow', name: 'help-desk', version: HASH, trigger: 'special_category', why: 'new' },
  },
  {
    type: 'governance.assessment.recorded',
    meaning: 'A person recorded an assessment of a version; what they wrote is sealed.',
    facts: { assessment: reference, kind: word, name, version: hash, revision: count, residualRisk: word, reviewAt: time },
    example: {
      ...{ assessment: ASSESSMENT, kind: 'workflow', name: 'support-reply', version: HASH, revision: 1 },
      ...{ residualRisk: 'low', reviewAt: '2027-03-01T09:00:00Z' },
    },
    privileged: true,
  },
  {
    type: 'governance.assessment.approved',
    meaning: 'Another person than who recorded it approved an assessment; `alone` says that there was nobody else.',
    facts: { assessment: reference, kind: word, name, version: hash, revision: count, alone: flag },
    example: { assessment: ASSESSMENT, kind: 'workflow', name: 'support-reply', version: HASH, revision: 1, alone: false },
    privileged: true,
  },
  {
    type: 'governance.assessment.blocking_changed',
    meaning: 'A person said whether a workflow that needs an assessment is published without a current one.',
    facts: { blocking: flag },
    example: { blocking: true },
    privileged: true,
  },
  {
    type: 'governance.decision.declared',
    meaning:
      'A person declared that a workflow or an operation decides about people by itself, or that what it decides is not significant.',
    facts: { kind: word, name, significant: flag, mode: word },
    example: { kind: 'workflow', name: 'credit-check', significant: true, mode: 'wait' },
    privileged: true,
  },
  {
    type: 'governance.decision.withdrawn',
    meaning: 'A person took back what was declared about an automated decision.',
    facts: { kind: word, name },
    example: { kind: 'workflow', name: 'credit-check' },
    privileged: true,
  },
];
