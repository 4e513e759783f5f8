// Codes of deciding and executing stored calls.

import type { CodeTable } from '#core';

export const approvalsCodes: CodeTable = {
  APPROVALS_UNKNOWN: { kind: 'refusal', status: 404, sentence: 'There is no such approval for you; check the id.' },
  APPROVALS_NOT_PENDING: { kind: 'refusal', status: 409, sentence: 'This call was decided or has expired before; look at its state.' },
  APPROVALS_WORDS_CLOSED: {
    kind: 'refusal',
    status: 409,
    sentence: 'The exact words are shown while the call waits for a decision; this one was decided or has expired.',
  },
  APPROVALS_DIGEST_MISMATCH: {
    kind: 'refusal',
    status: 409,
    sentence: 'What you approve is not what is stored; look at the call again and decide on what it shows now.',
  },
  APPROVALS_NOT_A_PERSON: { kind: 'refusal', status: 403, sentence: 'Only a signed-in person can decide; API keys never endorse.' },
  APPROVALS_SAME_PERSON: {
    kind: 'refusal',
    status: 403,
    sentence: 'You said yes to this already; it takes a second, different person.',
  },
  APPROVALS_ASKER: {
    kind: 'refusal',
    status: 403,
    sentence: 'You started what asks for this, and there are others who can decide; one of them must.',
  },
  APPROVALS_SOLO_CAP: {
    kind: 'refusal',
    status: 403,
    sentence:
      'With one person in this installation, no more than the daily cap may be approved above the limit for two; add a person or wait.',
  },
  APPROVALS_NOT_CANCELLABLE: {
    kind: 'refusal',
    status: 409,
    sentence: 'Only a call that was approved and still waits for its time can be cancelled; look at its state.',
  },
  APPROVALS_NOT_CLAIMABLE: { kind: 'refusal', status: 409, sentence: 'This call is not approved, or another process already runs it.' },
  APPROVALS_EXECUTOR_LOST: {
    kind: 'fault',
    status: 500,
    sentence:
      'The process that ran this approved call died; when its outcome is unknown look at the shop, otherwise ask for the call again.',
  },
  APPROVALS_RESTORED: {
    kind: 'refusal',
    status: 409,
    sentence: 'The database was put back to an older state, which voids every open approval; ask for the call again.',
  },
  APPROVALS_SIGNATURE_REQUIRED: {
    kind: 'refusal',
    status: 403,
    sentence: 'You have a passkey, so your approval is signed with it: approve in the console, where your browser can ask for it.',
  },
  APPROVALS_NOT_PROVEN: {
    kind: 'refusal',
    status: 403,
    sentence:
      'Nobody is proven to have approved exactly this call: its record was changed, or the passkey that signed was removed; ask for the call again.',
  },
  APPROVALS_APPROVER_GONE: {
    kind: 'refusal',
    status: 403,
    sentence:
      'Whoever approved this call left, or may not approve it any more, before it ran; ask for the call again, so that somebody who may decides.',
  },
  APPROVALS_ALREADY_USED: { kind: 'refusal', status: 403, sentence: 'This endorsement was used before or is for another call; ask again.' },
};
