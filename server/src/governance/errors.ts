// Codes of governance: requests of people about their data, holds on it, and how long it is kept.

import { type CodeTable, type Evidence, type Refusal, refuse } from '#core';

export const governanceCodes = {
  GOVERNANCE_SUBJECT_INVALID: {
    kind: 'usage',
    status: 400,
    sentence: 'A person is named as customer:ID, email:ADDRESS or phone:NUMBER.',
  },
  GOVERNANCE_REQUEST_UNKNOWN: { kind: 'usage', status: 404, sentence: 'There is no such privacy request.' },
  GOVERNANCE_REQUEST_STATE: {
    kind: 'usage',
    status: 409,
    sentence: 'The privacy request is in a state in which this can not be done.',
  },
  GOVERNANCE_SUBJECT_HELD: {
    kind: 'refusal',
    status: 409,
    sentence: 'A legal hold covers this person; nothing about them is erased until somebody releases it.',
  },
} as const satisfies CodeTable;

export type GovernanceCode = keyof typeof governanceCodes;

export function refusal(code: GovernanceCode, evidence: Evidence = {}): Refusal {
  return refuse(code, governanceCodes[code].sentence, evidence);
}
