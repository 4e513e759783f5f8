// Calls of people’s rights and retention, and of what other rooms tell it of their rows.

import { acts, asks, type Calls } from './call.ts';
import { AT_MS, ids } from './seed.ts';

const nowMs = AT_MS + 60_000;
const at = new Date(nowMs);
const item = { place: 'runs', ref: 'r9', mark: 'm', purpose: 'reply', classes: ['email_address'], at, endedAt: at };
const HELD_ROWS = ['customers 4 mark'];
const stone = Buffer.alloc(45, 1);

export const callsOfRights: Calls = {
  'governance/store/subjects': {
    itemMarks: asks(({ tx, tenant }) => [tx, tenant, 'runs']),
    putItem: acts(({ tx, tenant }) => [tx, tenant, item, [{ kind: 'email', blind: 'b9', owner: '', isRecord: false }]]),
    dropItems: acts(({ tx, tenant }) => [tx, tenant, 'runs', ['r1']]),
    findSubjects: asks(({ tx, tenant }) => [tx, tenant, 'email', ['b1']]),
    identifiersOf: asks(({ tx, tenant }) => [tx, tenant, 'o1']),
    readItems: asks(({ tx, tenant }) => [tx, tenant, 'runs', ['r1']]),
    endedItems: asks(({ tx, tenant }) => [tx, tenant, { place: 'runs', beforeMs: nowMs, limit: 9 }]),
    sharedItems: acts(({ tx, tenant }) => [tx, tenant, ['r1'], { owner: '', names: [] }]),
    countItems: asks(({ tx, tenant }) => [tx, tenant, ['runs']]),
    sameNames: acts(({ tx, tenant }) => [tx, tenant, ['b1']]),
    subjectsOfItems: asks(({ tx, tenant }) => [tx, tenant, 'runs', ['r1']]),
  },
  'governance/store/requests': {
    insertRequest: acts(({ tx, tenant }) => [
      tx,
      tenant,
      {
        ...{ id: ids.request.replace(/1$/, '9'), kind: 'export', source: 'person', sealedSubject: stone, subject: 's9' },
        ...{ receivedAt: at, receivedBy: ids.person, dueAt: at },
      },
    ]),
    findRequest: asks(({ tx, tenant }) => [tx, tenant, ids.request]),
    listRequests: asks(({ tx, tenant }) => [tx, tenant, { subjects: null, limit: 9 }]),
    moveRequest: acts(({ tx, tenant }) => [tx, tenant, ids.request, { state: 'refused', by: ids.person, at, reason: 'unfounded' }]),
    noteErased: acts(({ tx, tenant }) => [tx, tenant, ids.request, '{}']),
    halfErased: asks(({ tx, tenant }) => [tx, tenant]),
    anonymiseRequests: asks(({ tx, tenant }) => [tx, tenant, ['s1']]),
    insertTask: acts(({ tx, tenant }) => [
      tx,
      tenant,
      {
        id: ids.task.replace(/1$/, '9'),
        request: ids.request,
        vendor: 'other',
        classes: [],
        operation: null,
        dueAt: at,
        sealedPerson: null,
      },
    ]),
    listTasks: asks(({ tx, tenant }) => [tx, tenant, null]),
    closeTask: asks(({ tx, tenant }) => [tx, tenant, { id: ids.task, by: ids.person, at, note: '' }]),
    shareHolds: acts(({ tx, tenant }) => [tx, tenant]),
    takeHolds: acts(({ tx, tenant }) => [tx, tenant]),
    insertHold: acts(({ tx, tenant }) => [
      tx,
      tenant,
      {
        ...{ id: ids.hold.replace(/1$/, '9'), subject: 's9', forms: [], place: null, purpose: null, sealedReason: stone },
        ...{ placedAt: at, placedBy: ids.person, until: null },
      },
    ]),
    listHolds: asks(({ tx, tenant }) => [tx, tenant, null]),
    releaseHold: asks(({ tx, tenant }) => [tx, tenant, { id: ids.hold, by: ids.person, at }]),
  },
  'governance/store/deletions': {
    openCalls: asks(({ tx, tenant }) => [tx, tenant, { after: null, now: new Date(Date.UTC(2030, 0, 1)), limit: 9 }]),
    findCall: asks(({ tx, tenant }) => [tx, tenant, ids.task]),
    changeCall: acts(({ tx, tenant }) => [
      tx,
      tenant,
      { id: ids.task, outcome: null, approval: null, attempts: 0 },
      { outcome: 'blocked', code: 'X', approval: null, attempts: 0, nextAt: at },
    ]),
    endCall: asks(({ tx, tenant }) => [tx, tenant, ids.task, { by: ids.person, at }]),
    findDeleter: asks(({ tx, tenant }) => [tx, tenant]),
    putDeleter: acts(({ tx, tenant }) => [tx, tenant, { workload: 'wkl_9', key: 'key_9' }]),
    findShop: asks(({ tx, tenant }) => [tx, tenant, 'shop']),
    putShop: acts(({ tx, tenant }) => [tx, tenant, { integration: 'shop', domain: 'other.example.com' }]),
  },
  'governance/store/retention': {
    listRules: asks(({ tx, tenant }) => [tx, tenant]),
    putRule: acts(({ tx, tenant }) => [
      tx,
      tenant,
      { dataClass: 'phone_number', place: null, purpose: null, minutes: 9, setBy: ids.person, at },
    ]),
    insertSweep: acts(({ tx, tenant }) => [
      tx,
      tenant,
      {
        ...{ id: ids.sweep.replace(/1$/, '9'), startedAt: at, finishedAt: at, version: 'v', receipt: {}, json: '{}' },
        event: ids.event,
      },
    ]),
    listSweeps: asks(({ tx, tenant }) => [tx, tenant, 9]),
    listCanaries: asks(({ tx, tenant }) => [tx, tenant]),
    plantCanary: acts(({ tx, tenant }) => [tx, tenant, { id: 'c9', plantedAt: at }]),
    dropCanaries: acts(({ tx, tenant }) => [tx, tenant, ['c1']]),
    tellStale: asks(({ tx, tenant }) => [tx, tenant, { beforeMs: nowMs, atMs: nowMs }]),
  },
  'governance/store/held-rows': {
    changedRows: asks(({ tx, tenant }) => [tx, tenant]),
    readHeldRows: asks(({ tx, tenant }) => [tx, tenant, HELD_ROWS]),
    keptMarks: asks(({ tx, tenant }) => [tx, tenant, ['mark']]),
    refsOfDataset: asks(({ tx, tenant }) => [tx, tenant, 'customers']),
    dropHeldRows: asks(({ tx, tenant }) => [tx, tenant, HELD_ROWS]),
  },
  'workflows/store/held': {
    changedRuns: asks(({ tx, tenant }) => [tx, tenant, 0]),
    eraseHeldRuns: asks(({ tx, tenant }) => [tx, tenant, [ids.finishedRun], nowMs]),
    changedDeliveries: asks(({ tx, tenant }) => [tx, tenant, 0]),
    readDeliveries: asks(({ tx, tenant }) => [tx, tenant, ['shop/dl-1']]),
    dropDeliveries: asks(({ tx, tenant }) => [tx, tenant, ['shop/dl-1']]),
  },
  'approvals/store/held': {
    changedApprovals: asks(({ tx, tenant }) => [tx, tenant, 0]),
    tombstoneApprovals: asks(({ tx, tenant }) => [tx, tenant, [ids.approval], stone]),
  },
  'enforcement/store/held': {
    changedEffects: asks(({ tx, tenant }) => [tx, tenant, 0]),
    tombstoneEffects: acts(({ tx, tenant }) => [tx, tenant, ['e1'], stone]),
    verdictsOf: asks(({ tx, tenant }) => [tx, tenant, 'c0ffee']),
    dropVerdicts: acts(({ tx, tenant }) => [tx, tenant, 'c0ffee']),
  },
};
