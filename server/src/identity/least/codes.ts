// Codes of proposals and reviews, a part of identity's table.

import type { CodeTable } from '#core';

export const leastCodes = {
  IDENTITY_PROPOSAL_UNKNOWN: { kind: 'usage', status: 404, sentence: 'There is no such proposal; list them.' },
  IDENTITY_PROPOSAL_STALE: {
    kind: 'refusal',
    status: 409,
    sentence: 'It was used or changed since it was proposed, or was decided before; nothing was taken away. List the proposals again.',
  },
  IDENTITY_CHANGED_SINCE: {
    kind: 'refusal',
    status: 409,
    sentence: 'The access was changed since the proposal was applied, so it can not be put back exactly as it was; grant it by hand.',
  },
  IDENTITY_OWN_ACCESS: { kind: 'refusal', status: 403, sentence: 'This is your own access; somebody else has to decide about it.' },
  IDENTITY_LAST_ACCESS: { kind: 'refusal', status: 409, sentence: 'That is the last owner’s access; somebody always owns the tenant.' },
  IDENTITY_LEAST_INPUT_INVALID: {
    kind: 'usage',
    status: 400,
    sentence: 'A name, reason, date, reviewer or setting is not of the accepted form.',
  },
  IDENTITY_REVIEW_UNKNOWN: { kind: 'usage', status: 404, sentence: 'There is no such review, or it has no such item; list the reviews.' },
  IDENTITY_REVIEW_NOT_REVIEWER: { kind: 'refusal', status: 403, sentence: 'Only the reviewers of this review decide its items.' },
  IDENTITY_REVIEW_CLOSED: { kind: 'refusal', status: 409, sentence: 'The review is complete; open a new one.' },
  IDENTITY_REVIEW_DECIDED: { kind: 'refusal', status: 409, sentence: 'This item is decided already.' },
  IDENTITY_REVIEW_WIDENS: {
    kind: 'refusal',
    status: 403,
    sentence: 'A review only makes access smaller: choose a role that holds less than the one there is now.',
  },
  IDENTITY_REVIEW_EMPTY: { kind: 'usage', status: 409, sentence: 'Nobody has any access of that kind, so there is nothing to review.' },
} as const satisfies CodeTable;
