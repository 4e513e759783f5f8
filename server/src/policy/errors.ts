// Every code this room decides or fails with, but for ENDORSEMENT_REQUIRED, which the room that stores the call owns. The codes of forbidding policies stand in the policies and are held against this table by a test.

import type { CodeTable } from '#core';

export const policyCodes: CodeTable = {
  POLICY_CROSS_TENANT: { kind: 'refusal', status: 403, sentence: 'The caller belongs to another tenant; use a key of this tenant.' },
  POLICY_INTEGRATION_NOT_GRANTED: {
    kind: 'refusal',
    status: 403,
    sentence: 'This key is not allowed to use this integration; use one that is, or grant it.',
  },
  POLICY_UNREVIEWED_OPERATION: {
    kind: 'refusal',
    status: 403,
    sentence: 'This operation has rules that no machine understood; a person must review it before it opens.',
  },
  POLICY_FOREIGN_OBJECT: {
    kind: 'refusal',
    status: 403,
    sentence: 'The call names an object that belongs to another customer; only objects of the customer of this run can be used.',
  },
  POLICY_UNKNOWN_OBJECT: {
    kind: 'refusal',
    status: 403,
    sentence: 'The call names an object that can not be shown to belong to the customer of this run; check the identifier and the binding.',
  },
  POLICY_TARGET_RULE_BROKEN: {
    kind: 'refusal',
    status: 403,
    sentence: 'The target of the call is not one that the rules of this operation allow; use one that is.',
  },
  POLICY_OVER_REMAINDER: {
    kind: 'refusal',
    status: 403,
    sentence: 'The amount is more than what may still be paid out for this object; ask for less.',
  },
  POLICY_OUTSIDE_WORKSPACE: {
    kind: 'refusal',
    status: 403,
    sentence:
      'The rules of a workspace this call belongs to do not allow it, and no approval does; the evidence names the workspace and the rule.',
  },
  POLICY_AMOUNT_OUT_OF_RANGE: {
    kind: 'refusal',
    status: 403,
    sentence: 'The amount is negative or too large to be decided on; ask for less.',
  },
  POLICY_MODEL_NOT_ALLOWED: {
    kind: 'refusal',
    status: 403,
    sentence: 'This model is not allowed for this integration; use an allowed one.',
  },
  POLICY_NO_RULE: { kind: 'refusal', status: 403, sentence: 'No policy allows this call, not even with an approval.' },
  POLICY_EVALUATION_ERROR: {
    kind: 'refusal',
    status: 403,
    sentence: 'The policies could not be evaluated for this call, so it is refused; report it to whoever maintains them.',
  },
  POLICY_SCHEMA_INVALID: { kind: 'fault', status: 500, sentence: 'The policy schema can not be used; correct it and start again.' },
  POLICY_INVALID: { kind: 'fault', status: 500, sentence: 'A policy can not be used; correct it and start again.' },
};
