// The states of a stored call.

export const APPROVAL_STATES = ['pending', 'approved', 'executing', 'done', 'failed', 'unknown', 'denied', 'expired'] as const;
export type ApprovalState = (typeof APPROVAL_STATES)[number];
export type FinishedState = 'done' | 'failed' | 'unknown';
