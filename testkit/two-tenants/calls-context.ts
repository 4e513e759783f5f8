// Calls of what access depends on: conditions and risk.

import { acts, asks, type Calls, overAll } from './call.ts';
import { AT_MS, ids } from './seed.ts';

export const callsOfContext: Calls = {
  'identity/store/conditions': {
    readConditions: overAll,
    holdSettings: asks(({ tx, tenant }) => [tx, tenant]),
    putSettings: acts(({ tx, tenant }) => [tx, tenant, { settings: { cases: 'everybody' }, atMs: AT_MS, by: ids.person }]),
    insertFreeze: acts(({ tx, tenant }) => [
      tx,
      tenant,
      { id: ids.freeze.replace(/1$/, '9'), fromMs: AT_MS, toMs: AT_MS + 9, stops: ['policy'], reason: 'x', by: ids.person, atMs: AT_MS },
    ]),
    countFreezes: asks(({ tx, tenant }) => [tx, tenant, AT_MS]),
    liftFreeze: asks(({ tx, tenant }) => [tx, tenant, { id: ids.freeze, by: ids.person, atMs: AT_MS }]),
    putAcknowledgement: acts(({ tx, tenant }) => [
      tx,
      tenant,
      { person: ids.person, course: 'fire-drill', atMs: AT_MS, expiresAtMs: AT_MS + 9, by: ids.other },
    ]),
  },
  'identity/store/posture': {
    noteManaged: acts(({ tx, tenant }) => [tx, tenant, ids.session, true]),
  },
  'identity/store/risk': {
    readUsual: asks(({ tx, tenant }) => [tx, tenant, ids.person]),
    keepMarks: acts(({ tx, tenant }) => [tx, tenant, { person: ids.person, marks: [{ kind: 'network', mark: 'm2' }], atMs: AT_MS }]),
    keepPlace: acts(({ tx, tenant }) => [tx, tenant, ids.person, { country: 'FR', latitude: null, longitude: null, atMs: AT_MS }]),
    readRisks: overAll,
    holdRisk: asks(({ tx, tenant }) => [tx, tenant, ids.session]),
    putRisk: acts(({ tx, tenant }) => [
      tx,
      { tenant, session: ids.session, person: ids.person, level: 'high', signals: ['denied_burst'], raisedAtMs: AT_MS, cleared: null },
    ]),
    addCount: acts(({ tx, tenant }) => [tx, tenant, { person: ids.person, kind: 'denied', atMs: AT_MS, by: 2 }]),
    readCounts: asks(({ tx, tenant }) => [tx, tenant, { person: ids.person, kind: 'denied', sinceMs: AT_MS - 300_000 }]),
    sweepRisk: overAll,
  },
};
