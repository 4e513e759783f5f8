// Calls of the keys of stored data.

import { sealedColumns } from '../../server/src/vault/index.ts';
import { acts, asks, type Calls, overAll, pure } from './call.ts';
import { AT_MS, ids } from './seed.ts';

const at = new Date(AT_MS);
const bytes = Buffer.alloc(32, 9);
const known = {
  column: sealedColumns.find(({ table }) => table === 'vault_known_values'),
  row: { run: ids.run, digest: 'v1' },
  sealed: Buffer.alloc(32, 0x0a),
};

export const callsOfKeys: Calls = {
  'vault/store/keys': {
    findTenantKey: asks(({ tx, tenant }) => [tx, tenant]),
    addTenantKey: acts(({ tx, tenant }) => [tx, tenant, { version: 2, kek: 'k', wrapped: bytes, createdAt: at }]),
    findSubjectKey: asks(({ tx, tenant }) => [tx, tenant, 'sk1']),
    findNewestKeys: asks(({ tx, tenant }) => [tx, tenant, ['customer:1']]),
    listKeyIds: asks(({ tx, tenant }) => [tx, tenant, 'customer:1']),
    findSubjectKeys: asks(({ tx, tenant }) => [tx, tenant, ['sk1']]),
    addSubjectKeys: acts(({ tx, tenant }) => [
      tx,
      tenant,
      [{ id: 'sk3', subject: 'customer:3', generation: 2, tenantKey: 1, wrapKey: 1, epoch: 0, wrapped: bytes, createdAt: at }],
    ]),
    deleteSubjectKeys: asks(({ tx, tenant }) => [tx, tenant, ['customer:1']]),
    deleteKeysById: asks(({ tx, tenant }) => [tx, tenant, ['sk1']]),
    findKeysOfEachFile: overAll,
  },
  'vault/store/keys-of-tenant': {
    countKeysOf: asks(({ tx, tenant }) => [tx, tenant]),
  },
  'vault/store/epochs': {
    joinEpoch: pure,
    currentEpoch: pure,
    shutOutWriters: overAll,
    takeTurn: overAll,
    listEpochs: overAll,
    addEpoch: overAll,
    markEpoch: overAll,
    forgetEpochs: overAll,
    newestVersion: asks(({ tx, tenant }) => [tx, tenant]),
    addErasures: acts(({ tx, tenant }) => [tx, tenant, { keys: ['sk9'], epoch: 1, erasedAt: at }]),
    countPending: overAll,
    isWrappedBefore: overAll,
  },
  'vault/store/all-keys': {
    pageOfTenantKeys: overAll,
    pageOfSubjectKeys: overAll,
    rewrapSubjectKeys: overAll,
    rewrapTenantKeys: overAll,
    countSubjectKeys: overAll,
    countTenantKeys: overAll,
    addTenantVersion: overAll,
    dropTenantVersions: overAll,
    putBackTenantKeys: overAll,
    putBackSubjectKeys: overAll,
    listUnopenable: overAll,
  },
  'vault/store/generations': {
    waitForSealers: pure,
    takeTurnFor: pure,
    newestGeneration: asks(({ tx, tenant }) => [tx, tenant]),
    listGenerations: overAll,
    tenantsWithKeys: overAll,
    beginGeneration: acts(({ tx, tenant }) => [tx, tenant, { by: 'per_1', at }]),
    countSealed: acts(({ tx, tenant }) => [tx, tenant, { generation: 2, sealed: 1 }]),
    finishGeneration: acts(({ tx, tenant }) => [tx, tenant, { generation: 2, erased: 9, at }]),
    countDestroyed: acts(({ tx, tenant }) => [tx, tenant, { generation: 2, destroyed: 1, at }]),
    holdKeys: asks(({ tx, tenant }) => [tx, tenant, ['sk1']]),
    addFault: acts(({ tx, tenant }) => [tx, tenant, { place: 'effects.result', ref: 'eff_2', generation: 2, code: 'X', keys: [] }]),
    dropOlderFaults: acts(({ tx, tenant }) => [tx, tenant, 3]),
    keysOfFaults: asks(({ tx, tenant }) => [tx, tenant]),
    countOlderKeys: overAll,
    deleteOlderKeys: asks(({ tx, tenant }) => [tx, tenant, { generation: 9, except: [] }]),
    listFaults: overAll,
  },
  'vault/store/sealed-columns': {
    pageOfSealed: asks(({ tx, tenant }) => [tx, tenant, { column: known.column, after: null, before: 2, limit: 9 }]),
    holdSealed: asks(({ tx, tenant }) => [tx, tenant, known]),
    replaceSealed: asks(({ tx, tenant }) => [tx, tenant, { ...known, before: known.sealed, after: bytes }]),
    hasFirstForm: asks(({ tx, tenant }) => [tx, tenant, known.column]),
  },
};
