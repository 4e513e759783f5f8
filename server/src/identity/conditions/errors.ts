// Codes of conditions and risk, part of identity's table.

import type { CodeTable } from '#core';

export const contextCodes = {
  IDENTITY_CONDITIONS_UNREADABLE: {
    kind: 'fault',
    status: 503,
    sentence: 'The stored conditions of access are not in a form this version reads; update it, or restore them.',
  },
  IDENTITY_CONDITIONS_LOCK_OUT: {
    kind: 'usage',
    status: 409,
    sentence:
      'With these conditions you could not change them again from where you are now; include where you are, or set them from the server.',
  },
  IDENTITY_FREEZE_UNKNOWN: { kind: 'usage', status: 404, sentence: 'There is no such freeze, or it was lifted before.' },
  IDENTITY_FREEZES_FULL: { kind: 'usage', status: 409, sentence: 'There are 50 freezes that are not over; lift one first.' },
  IDENTITY_RISK_OWN: {
    kind: 'refusal',
    status: 403,
    sentence: 'The risk of your own session is lowered by your passkey, or cleared by somebody else.',
  },
  IDENTITY_RISK_UNKNOWN: { kind: 'usage', status: 404, sentence: 'Nothing was noticed about such a session.' },
} as const satisfies CodeTable;
