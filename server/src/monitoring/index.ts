export { type Alert, type AlertPage, type Alerts, createAlerts } from './alerts.ts';
export { type AlertDetails, createDeliver, type Deliver } from './deliver.ts';
export { monitoringCodes } from './errors.ts';
export { monitoringEvents } from './events.ts';
export { migrations } from './migrations/index.ts';
export { RULE_NAMES, RULES, type RuleName, SEVERITIES, type Severity } from './rules.ts';
export { sealedColumns } from './sealed-columns.ts';
export { createWatch, type Watch } from './watch.ts';
