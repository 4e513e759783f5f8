// What deletions of erased persons elsewhere write into the log. Nobody is named: the task and the request say which.

import { type EventCatalogue, fact } from '#core';

const { code, name, nullable, reference, word } = fact;

const TASK = { request: reference, vendor: name, operation: nullable(name) };
const EXAMPLE = { request: 'dsr_01a205c7-6c11-7d2e-8a4b-91d0f3a6b2c4', vendor: 'demo-shop', operation: 'customers.delete' };
const APPROVAL = 'apr_01a205c7-6c11-7d2e-8a4b-91d0f3a6b2c4';

export const deletionEvents: EventCatalogue = [
  {
    type: 'governance.shop.bound',
    meaning: 'Somebody said which shop an integration is: privacy webhooks that name another one are refused.',
    facts: { integration: name },
    example: { integration: 'demo-shop' },
    privileged: true,
  },
  {
    type: 'governance.deletion.asked',
    meaning: 'Deleting an erased person at a vendor was put before somebody as the exact call that would be made.',
    facts: { ...TASK, approval: reference },
    example: { ...EXAMPLE, approval: APPROVAL },
  },
  {
    type: 'governance.deletion.executed',
    meaning: 'A vendor was asked to delete an erased person, by the call somebody approved, and said that it is done.',
    facts: { ...TASK, approval: reference },
    example: { ...EXAMPLE, approval: APPROVAL },
  },
  {
    type: 'governance.deletion.stopped',
    meaning:
      'Deleting an erased person at a vendor came to nothing so far: it could not be asked for, somebody said no, the vendor did not do it, or nobody knows.',
    facts: { ...TASK, outcome: word, code: nullable(code) },
    example: { ...EXAMPLE, outcome: 'unknown', code: 'ENFORCEMENT_UPSTREAM_FAULT' },
  },
  {
    type: 'governance.deletion.again',
    meaning: 'Somebody had a deletion at a vendor asked for once more.',
    facts: TASK,
    example: EXAMPLE,
    privileged: true,
  },
];
