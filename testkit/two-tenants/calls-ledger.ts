// Calls of audit. What the sequencer and the anchors do is over all tenants, under roles of their own.

import { acts, asks, type Calls, overAll, pure } from './call.ts';
import { AT_MS, ids } from './seed.ts';

const sinceMs = AT_MS - 1;
const checkpoint = { epoch: 1, size: 1, note: '' };
const subjects = {
  subjectPrefix: 'call_',
  typePrefix: 'enforcement.',
  before: null,
  limit: 10,
  sinceMs: null,
  types: null,
  code: null,
  facts: {},
  tokenised: null,
};

export const callsOfLedger: Calls = {
  'audit/store/read-calls': {
    listSubjects: asks(({ tx, tenant }) => [tx, tenant, subjects]),
    newestHead: overAll,
  },
  'audit/store/read-day': { medianSince: asks(({ tx, tenant }) => [tx, tenant, [{ subject: ids.run, atMs: AT_MS + 5_000 }]]) },
  'audit/store/read-ledger': {
    latestCheckpoint: overAll,
    readHeads: asks(({ tx, tenant }) => [tx, tenant, checkpoint, 10]),
    headCovering: asks(({ tx, tenant }) => [tx, tenant, 1, 2]),
    countUnsealed: asks(({ tx, tenant }) => [tx, tenant, 0]),
    readHandouts: asks(({ tx, tenant }) => [tx, tenant, 1, 10]),
    insertHandout: acts(({ tx, tenant }) => [tx, { tenant, epoch: 1, globalSize: 7, atMs: AT_MS }]),
    readLeaves: asks(({ tx, tenant }) => [tx, tenant, { from: 0, to: 9, withPayloads: true }]),
    deletePayload: asks(({ tx, tenant }) => [tx, tenant, 1]),
  },
  'audit/store/read-pack': {
    readTreeHashes: asks(({ tx, tenant }) => [tx, tenant, 0, { from: 0, to: 9 }]),
    numbersInTime: asks(({ tx, tenant }) => [tx, tenant, { size: 5, fromMs: sinceMs, toMs: null }]),
    readLeafTexts: asks(({ tx, tenant }) => [tx, tenant, [1]]),
    readOpenings: asks(({ tx, tenant }) => [tx, tenant, [1]]),
    readHandedHeads: asks(({ tx, tenant }) => [tx, tenant, { asked: [{ epoch: 1, size: 1 }], limit: 10 }]),
    bestCosigned: overAll,
  },
  'audit/store/search-blocks': {
    findBlocks: asks(({ tx, tenant }) => [
      tx,
      tenant,
      { version: 1, below: 9, limit: 10, fromMs: null, toMs: null, typePrefix: null, types: null, bits: [] },
    ]),
    listBehind: overAll,
    insertBlock: overAll,
    blockAfter: overAll,
    dropBlock: overAll,
    blockStatement: pure,
    dropOldBlocks: overAll,
  },
  'audit/store/search-leaves': {
    leavesBelow: asks(({ tx, tenant }) => [tx, tenant, { from: 0, below: 9, limit: 10 }]),
    leavesAt: asks(({ tx, tenant }) => [tx, tenant, [1]]),
    leavesAbout: asks(({ tx, tenant }) => [tx, tenant, { subject: ids.call, below: 9, limit: 10 }]),
    sealedSize: asks(({ tx, tenant }) => [tx, tenant]),
  },
  'audit/store/erase-payloads': { deletePayloadsOf: asks(({ tx, tenant }) => [tx, tenant, Buffer.alloc(17, 15)]) },
  'audit/store/actor-links': {
    findLinks: overAll,
    insertLinks: overAll,
    moveLinks: overAll,
    findClear: overAll,
    someClear: overAll,
    linksOf: asks(({ tx, tenant }) => [tx, tenant, ['act_00', 'act_01']]),
    pseudonymsAt: asks(({ tx, tenant }) => [tx, tenant, { indexes: ['ix'], names: ['person:x'] }]),
    deleteLinks: asks(({ tx, tenant }) => [tx, tenant, { indexes: ['ix'], names: ['person:x'] }]),
  },
  'audit/store/anchors': {
    newestCheckpoint: overAll,
    readCheckpoint: overAll,
    declareAnchor: overAll,
    noteFault: overAll,
    insertSeen: overAll,
    lastSeen: overAll,
    anchorsCovering: overAll,
    takeLease: overAll,
    endLease: overAll,
  },
  'audit/store/append-log': { insertHeads: overAll, insertSaidLeaf: overAll, saveGlobal: overAll, appendLog: overAll },
  'audit/store/cosignatures': {
    insertCosignature: overAll,
    cosignersOf: overAll,
    lastCosigned: overAll,
    noteWithCosignatures: overAll,
    newestCosigned: overAll,
  },
  'audit/store/health': {
    countUnsigned: asks(({ tx, tenant }) => [tx, tenant]),
    readSealing: overAll,
    readAnchors: overAll,
    readVerifications: overAll,
    insertVerification: overAll,
    readStates: overAll,
    keepState: overAll,
  },
  'audit/store/keys': {
    readKeyChain: overAll,
    foundLedger: overAll,
    insertKey: overAll,
    endKey: overAll,
    readEpochs: overAll,
    insertEpoch: overAll,
  },
  'audit/store/newest-moment': { newestMoment: overAll },
  'audit/store/read-state': { newestNote: overAll, leafTexts: asks(({ tx, tenant }) => [tx, { tenant, from: 0, limit: 9 }]) },
  'audit/store/take-inbox': { hasInbox: overAll, takeInbox: overAll },
  'audit/store/tree-nodes': { createBlockReader: pure, globalNodes: pure, tenantNodes: pure, globalLeafHashes: overAll },
  'audit/store/trees': {
    createGlobalTree: overAll,
    leadGlobalTree: overAll,
    lockGlobalTree: overAll,
    readGlobalTree: overAll,
    readEpochOrigin: overAll,
    loadAllTrees: overAll,
    loadTenantTrees: overAll,
    insertCheckpoint: overAll,
  },
};
