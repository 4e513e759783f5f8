// Every code this room can raise.

import type { CodeTable } from '#core';

export const limitsCodes: CodeTable = {
  LIMITS_RATE_EXCEEDED: {
    kind: 'refusal',
    status: 429,
    sentence: 'This key made too many requests; wait as long as the reply says and go on.',
  },
  LIMITS_HOOK_RATE_EXCEEDED: {
    kind: 'refusal',
    status: 429,
    sentence: 'This integration delivers faster than it may; its sender tries again, as long after as the reply says.',
  },
  LIMITS_TOKENS_EXCEEDED: {
    kind: 'refusal',
    status: 429,
    sentence: 'This key used too many model tokens in a minute; wait as long as the reply says and go on.',
  },
  LIMITS_REQUEST_TOO_LARGE: {
    kind: 'refusal',
    status: 403,
    sentence: 'This single request is larger than the token limit of its key allows in a whole minute; send less or raise the limit.',
  },
  LIMITS_AMOUNT_EXCEEDED: {
    kind: 'refusal',
    status: 403,
    sentence: 'The amount would go over a limit for this time window; a person can approve it, or it can wait for the next window.',
  },
  LIMITS_COUNT_EXCEEDED: {
    kind: 'refusal',
    status: 403,
    sentence: 'There were too many effects of this kind in this time window; a person can approve it, or it can wait for the next window.',
  },
  LIMITS_DEPARTMENT_EXCEEDED: {
    kind: 'refusal',
    status: 403,
    sentence: 'The call would go over the budget of a workspace it belongs to; wait for its next window, or have the budget raised.',
  },
  LIMITS_DEPARTMENT_CURRENCY: {
    kind: 'refusal',
    status: 403,
    sentence: 'A workspace of the call has a budget in other currencies, and nothing is converted; give it a limit in this one.',
  },
  LIMITS_CURRENCY_MISMATCH: {
    kind: 'refusal',
    status: 403,
    sentence: 'The amount is in another currency than its limit, and nothing is converted here; set a limit in this currency.',
  },
  LIMITS_AMOUNT_INVALID: {
    kind: 'refusal',
    status: 403,
    sentence: 'An amount to be counted against a limit is never negative.',
  },
  LIMITS_BUDGET_EXCEEDED: {
    kind: 'refusal',
    status: 403,
    sentence: 'The call could go over the model budget of this day; raise the budget or wait for the next day.',
  },
  LIMITS_BUDGET_UNAVAILABLE: {
    kind: 'refusal',
    status: 403,
    sentence:
      'What was spent of the model budget could not be recorded for some seconds, so no further call is made; look at the database.',
  },
  LIMITS_ALREADY_SETTLED: {
    kind: 'fault',
    status: 500,
    sentence: 'A reservation was settled before with the other outcome; the first outcome stands.',
  },
  LIMITS_RESERVATION_UNKNOWN: {
    kind: 'fault',
    status: 500,
    sentence: 'There is no such reservation in this tenant.',
  },
};
