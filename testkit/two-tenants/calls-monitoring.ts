// Calls of monitoring, and of the insider pack.

import { acts, asks, type Calls, overAll } from './call.ts';
import { AT_MS, ids } from './seed.ts';

const alert = {
  id: ids.alert.replace(/1$/, '9'),
  rule: 'export',
  severity: 'warning',
  seq: 4,
  type: 'audit.pack.exported',
  actor: 'act_00',
  subject: ids.run,
  facts: {},
  occurredAtMs: AT_MS,
  raisedAtMs: AT_MS,
};
const anything = { rule: null, severity: null, isOpen: null, actors: null, before: null, limit: 9 };

export const callsOfMonitoring: Calls = {
  // As the administrator of the database, in a transaction that is thrown away.
  'redteam/store/tamper-log': { tamperWith: overAll },
  'monitoring/store/alerts': {
    insertAlert: acts(({ tx, tenant }) => [tx, tenant, alert]),
    gatherAlert: asks(({ tx, tenant }) => [
      tx,
      tenant,
      { rule: 'export', actor: 'act_00', sinceMs: AT_MS - 1, seq: 5, atMs: AT_MS + 1, same: null },
    ]),
    listAlerts: asks(({ tx, tenant }) => [tx, tenant, anything]),
    countOpen: asks(({ tx, tenant }) => [tx, tenant]),
    listOpenOf: asks(({ tx, tenant }) => [tx, tenant, ['export', 'risk_high'], 10]),
    holdAlert: asks(({ tx, tenant }) => [tx, tenant, ids.alert]),
    findAlert: asks(({ tx, tenant }) => [tx, tenant, ids.alert]),
    acknowledgeAlert: acts(({ tx, tenant }) => [tx, tenant, { id: ids.alert, by: ids.person, alone: false, note: null, atMs: AT_MS }]),
    listUndelivered: overAll,
    noteDelivery: acts(({ tx, tenant }) => [tx, tenant, { id: ids.alert, atMs: AT_MS, fault: null, nextTryAtMs: null }]),
  },
  'monitoring/store/cursor': {
    listBehind: overAll,
    holdCursor: asks(({ tx, tenant }) => [tx, tenant, AT_MS]),
    moveCursor: acts(({ tx, tenant }) => [tx, tenant, 4]),
    hasActedBefore: asks(({ tx, tenant }) => [tx, tenant, { actor: 'act_00', type: 'audit.pack.exported', seq: 4 }]),
    countDenial: asks(({ tx, tenant }) => [tx, tenant, { actor: 'act_00', atMs: AT_MS, sinceMs: AT_MS - 300_000 }]),
    forgetDenials: acts(({ tx, tenant }) => [tx, tenant, AT_MS + 120_000]),
  },
};
