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
  GOVERNANCE_BACKUPS_TOO_SHORT: {
    kind: 'refusal',
    status: 409,
    sentence:
      'Backups are kept a week at least: a shorter rule would leave nothing to restore from. What was erased opens from no backup once its key epoch has ended.',
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
  GOVERNANCE_DATASET_FULL: {
    kind: 'usage',
    status: 413,
    sentence: 'The file has more rows or bytes than may be kept; remove datasets, or raise datasetRows or datasetBytes.',
  },
  GOVERNANCE_DATASET_LABEL: { kind: 'usage', status: 400, sentence: 'A label names a column that is not there, or no kind of data.' },
  GOVERNANCE_DATASET_COLUMN: { kind: 'usage', status: 400, sentence: 'The dataset has no column of that name.' },
  GOVERNANCE_DATASET_BUSY: {
    kind: 'usage',
    status: 409,
    sentence: 'Somebody else imported the dataset meanwhile, or somebody was erased while the file was read; look at it and import again.',
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
  GOVERNANCE_CANARY_UNKNOWN: { kind: 'usage', status: 404, sentence: 'There is no such canary, or it was retired.' },
  GOVERNANCE_UNPROTECTED_VALUE: {
    kind: 'refusal',
    status: 403,
    sentence: 'A value that had to be replaced first would have left in clear; nothing was sent.',
  },
  GOVERNANCE_SHOP_OTHER: {
    kind: 'refusal',
    status: 403,
    sentence: 'The delivery is of another shop than the one this integration is.',
  },
  GOVERNANCE_BREACH_UNKNOWN: { kind: 'usage', status: 404, sentence: 'There is no such breach.' },
  GOVERNANCE_BREACH_CLOSED: { kind: 'usage', status: 409, sentence: 'The breach is closed; what was recorded of it stays as it is.' },
  GOVERNANCE_BREACH_AHEAD: {
    kind: 'usage',
    status: 400,
    sentence: 'The clock of a breach is set back, never forward: name a moment before the one that stands, and not in the future.',
  },
  GOVERNANCE_BREACH_REASON: { kind: 'usage', status: 400, sentence: 'Say why somebody was aware of it before now.' },
  GOVERNANCE_BREACH_ALERT: { kind: 'usage', status: 404, sentence: 'There is no such alert to open a breach for.' },
  GOVERNANCE_BREACH_ALERT_TAKEN: { kind: 'usage', status: 409, sentence: 'A breach was opened for this alert before.' },
  GOVERNANCE_BREACH_WINDOW: { kind: 'usage', status: 400, sentence: 'A time to look at begins before it ends.' },
  GOVERNANCE_BREACH_NOT_SCOPED: {
    kind: 'usage',
    status: 409,
    sentence: 'Whom the breach is about was not computed yet; name the time to look at first.',
  },
  GOVERNANCE_BREACH_RISK: {
    kind: 'usage',
    status: 400,
    sentence: 'Assessing the risk says how high it is: unlikely, risk or high; no other step does.',
  },
  GOVERNANCE_BREACH_TIME: {
    kind: 'usage',
    status: 400,
    sentence: 'Nobody was told before somebody was aware of it, or in the future.',
  },
  GOVERNANCE_BREACH_RISK_FIRST: {
    kind: 'usage',
    status: 409,
    sentence: 'Assess the risk first: whether somebody needs to be told depends on it.',
  },
  GOVERNANCE_BREACH_AUTHORITY_NEEDED: {
    kind: 'refusal',
    status: 409,
    sentence: 'The authority has to be told unless a risk for people is unlikely (Art. 33(1)); assess the risk anew, or notify.',
  },
  GOVERNANCE_BREACH_DELAY_REASON: {
    kind: 'usage',
    status: 400,
    sentence: 'The authority was told later than the law allows; say why (Art. 33(1)).',
  },
  GOVERNANCE_BREACH_OPEN_POINTS: {
    kind: 'refusal',
    status: 409,
    sentence: 'Something is missing before the breach can be closed; the points are named.',
  },
  GOVERNANCE_BREACH_OWN: {
    kind: 'refusal',
    status: 403,
    sentence: 'Whoever opened a breach does not close it; somebody else must.',
  },
  GOVERNANCE_ASSESSMENT_UNKNOWN: { kind: 'usage', status: 404, sentence: 'There is no such assessment.' },
  GOVERNANCE_ASSESSMENT_SUBJECT: {
    kind: 'usage',
    status: 404,
    sentence: 'There is nothing of that name to assess: name flow:DESTINATION, workflow:NAME or operation:INTEGRATION.OPERATION.',
  },
  GOVERNANCE_ASSESSMENT_STATE: {
    kind: 'usage',
    status: 409,
    sentence: 'The assessment is approved already, or a later one replaced it.',
  },
  GOVERNANCE_ASSESSMENT_CHANGED: {
    kind: 'refusal',
    status: 409,
    sentence: 'What was assessed has changed since; record the assessment of what is there now.',
  },
  GOVERNANCE_ASSESSMENT_REVIEW: {
    kind: 'usage',
    status: 400,
    sentence: 'The date of the next review lies in the future, and at most three years ahead.',
  },
  GOVERNANCE_ASSESSMENT_OWN: {
    kind: 'refusal',
    status: 403,
    sentence: 'Whoever recorded an assessment does not approve it; somebody else must.',
  },
  GOVERNANCE_ASSESSMENT_CONSULT: {
    kind: 'refusal',
    status: 409,
    sentence: 'The risk that remains is high: the authority is consulted first (Art. 36 GDPR); record what it said.',
  },
  GOVERNANCE_ASSESSMENT_MISSING: {
    kind: 'refusal',
    status: 409,
    sentence: 'The workflow does something that needs an assessment, and none of this version is approved and current.',
  },
  GOVERNANCE_DECISION_UNKNOWN: { kind: 'usage', status: 404, sentence: 'No automated decision of that name is declared.' },
  GOVERNANCE_DECISION_INVALID: {
    kind: 'usage',
    status: 400,
    sentence: 'An automated decision names a workflow, or an integration and one of its operations, that exists.',
  },
  GOVERNANCE_TOO_MANY: { kind: 'usage', status: 409, sentence: 'There are as many of these as there may be; remove one first.' },
} as const satisfies CodeTable;

export type GovernanceCode = keyof typeof governanceCodes;

export function refusal(code: GovernanceCode, evidence: Evidence = {}): Refusal {
  return refuse(code, governanceCodes[code].sentence, evidence);
}
