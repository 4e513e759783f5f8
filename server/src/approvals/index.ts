export { type ApprovalRow, type Approvals, type ApprovalsDeps, createApprovals, type NewApproval } from './approvals.ts';
export { approvalsCodes } from './errors.ts';
export { approvalsEvents } from './events.ts';
export { migrations } from './migrations/index.ts';
export { endorsableOf } from './proof.ts';
export type { ApprovalMode, Decision } from './requirement.ts';
export { APPROVAL_STATES, type ApprovalState, type FinishedState } from './states.ts';
export { voidOpenApprovals } from './store/restore.ts';
export { tallyWaiting, type WaitingTally } from './store/waiting.ts';
