// Codes of governance: requests of people about their data, holds on it, and how long it is kept.

import { type CodeTable, type Evidence, type Refusal, refuse } from '#core';

export const governanceCodes = {
  GOVERNANCE_SUBJECT_INVALID: {
    kind: 'usage',
    status: 400,
    sentence: 'A person is named as customer:ID, email:ADDRESS or phone:NUMBER.',
  },
  GOVERNANCE_SUBJECT_AMBIGUOUS: {
    kind: 'usage',
    status: 409,
    sentence: 'Records of more than one person hold this address; say which customer is meant.',
  },
  GOVERNANCE_REQUEST_UNKNOWN: { kind: 'usage', status: 404, sentence: 'There is no such privacy request.' },
  GOVERNANCE_REQUEST_STATE: {
    kind: 'usage',
    status: 409,
    sentence: 'The privacy request is in a state in which this can not be done.',
  },
  GOVERNANCE_NOTHING_HELD: { kind: 'usage', status: 404, sentence: 'Nothing is held about this person.' },
  GOVERNANCE_TASK_UNKNOWN: { kind: 'usage', status: 404, sentence: 'There is no such open task.' },
  GOVERNANCE_DELETION_GONE: {
    kind: 'usage',
    status: 409,
    sentence:
      'The integration declares no deletion that could be written of what is known of the person any more; delete them there by hand.',
  },
  GOVERNANCE_TASK_STATE: {
    kind: 'usage',
    status: 409,
    sentence: 'The deletion is asked for already, or nobody knows yet what became of it; look into the inbox.',
  },
  GOVERNANCE_HOLD_INVALID: {
    kind: 'usage',
    status: 400,
    sentence: 'A legal hold names a person, a place or a purpose, and ends in the future if it ends by itself.',
  },
  GOVERNANCE_HOLD_UNKNOWN: { kind: 'usage', status: 404, sentence: 'There is no such legal hold, or it was released.' },
  GOVERNANCE_HOLD_OWN: {
    kind: 'refusal',
    status: 403,
    sentence: 'Whoever placed a legal hold does not release it; somebody else must.',
  },
  GOVERNANCE_RULE_INVALID: {
    kind: 'usage',
    status: 400,
    sentence: 'A retention rule names a kind of data, a place or both, and keeps it for some minutes to a hundred years.',
  },
  GOVERNANCE_SUBJECT_HELD: {
    kind: 'refusal',
    status: 409,
    sentence: 'A legal hold covers this person; nothing about them is erased until somebody releases it.',
  },
  GOVERNANCE_TRANSFER_BASIS_MISSING: {
    kind: 'refusal',
    status: 403,
    sentence:
      'Personal data would leave your region for a destination without a declared country or a basis that carries the transfer; declare it in the data map.',
  },
  GOVERNANCE_RULES_UNAVAILABLE: {
    kind: 'refusal',
    status: 403,
    sentence: 'Where personal data may go can not be told now; try again, and look at the database.',
  },
  GOVERNANCE_BASIS_UNFIT: {
    kind: 'usage',
    status: 400,
    sentence:
      'That basis carries no transfer to that country: adequacy needs a decision about it, the framework is about the United States.',
  },
  GOVERNANCE_DATASET_UNKNOWN: { kind: 'usage', status: 404, sentence: 'There is no dataset of that name.' },
  GOVERNANCE_DATASET_UNREADABLE: {
    kind: 'usage',
    status: 400,
    sentence: 'The file is no table in UTF-8 that can be read in one way only: the line and what is wrong with it are named.',
  },
  GOVERNANCE_DATASET_LABEL: { kind: 'usage', status: 400, sentence: 'A label names a column that is not there, or no kind of data.' },
  GOVERNANCE_DATASET_COLUMN: { kind: 'usage', status: 400, sentence: 'The dataset has no column of that name.' },
  GOVERNANCE_DATASET_BUSY: {
    kind: 'usage',
    status: 409,
    sentence: 'Somebody else imported the dataset meanwhile; look at it and import again.',
  },
  GOVERNANCE_DATASET_NOT_GRANTED: {
    kind: 'refusal',
    status: 403,
    sentence: 'No grant of this dataset covers you, or not those columns; ask whoever manages it.',
  },
  GOVERNANCE_RAW_NOT_OPEN: {
    kind: 'refusal',
    status: 403,
    sentence: 'Rows in the clear need an open window: say why, and for how long; it ends by itself after at most 60 minutes.',
  },
  GOVERNANCE_SHOP_OTHER: {
    kind: 'refusal',
    status: 403,
    sentence: 'The delivery is of another shop than the one this integration is.',
  },
  GOVERNANCE_TOO_MANY: { kind: 'usage', status: 409, sentence: 'There are as many of these as there may be; remove one first.' },
} as const satisfies CodeTable;

export type GovernanceCode = keyof typeof governanceCodes;

export function refusal(code: GovernanceCode, evidence: Evidence = {}): Refusal {
  return refuse(code, governanceCodes[code].sentence, evidence);
}
