export type { AdmissionConfig, AdmissionCost } from './admission.ts';
export { createLimits, type Limits, type LimitsDeps } from './create-limits.ts';
export { limitsCodes } from './errors.ts';
export { migrations } from './migrations/index.ts';
export type { BudgetHold, BudgetRequest, ModelBudget } from './model-budget.ts';
export type { ReservationKey, ReservationRequest } from './reserve.ts';
export { listSpent, type Spent } from './store/budgets.ts';
export { WINDOWS, type Window, windowStart } from './windows.ts';
