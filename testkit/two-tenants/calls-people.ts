// Calls of identity, vault and limits.

import { acts, asks, type Calls, overAll, pure } from './call.ts';
import { AT_MS, ids } from './seed.ts';

const at = new Date(AT_MS);
const later = new Date(AT_MS + 3_600_000);
const bytes = Buffer.alloc(32, 9);
const window = { scope: 'shop', window: 'day', startsAtMs: AT_MS };
const hashed = { lookup: 'fresh', hash: bytes, pepper: 'p' };

export const callsOfPeople: Calls = {
  'identity/store/changes': {
    announce: acts(({ tx, tenant }) => [tx, tenant, 'key', ids.key]),
    parseChange: pure,
  },
  'identity/store/hooks': {
    putHook: acts(({ tx, tenant }) => [tx, { tenant, integration: 'shop', secret: bytes, at, previousUntil: later }]),
    dropHook: asks(({ tx, tenant }) => [tx, tenant, 'shop']),
    readHooks: overAll,
  },
  'identity/store/effective-rows': {
    effectiveRows: asks(({ tx, tenant }) => [tx, { tenant, nowMs: AT_MS }]),
  },
  'identity/store/break-glass': {
    insertBreakGlass: acts(({ tx, tenant }) => [
      tx,
      tenant,
      { id: ids.breakGlass.replace(/1$/, '9'), person: ids.other, role: 'operator', reason: 'Night.', askedAt: at, expiresAt: later },
    ]),
    listBreakGlass: asks(({ tx, tenant }) => [tx, tenant]),
    holdBreakGlass: asks(({ tx, tenant }) => [tx, tenant, ids.breakGlass]),
    liveBreakGlassOf: asks(({ tx, tenant }) => [tx, tenant, ids.other, at]),
    decideBreakGlass: acts(({ tx, tenant }) => [
      tx,
      tenant,
      ids.breakGlass,
      { by: ids.person, at, state: 'open', grant: ids.grant, expiresAt: later },
    ]),
    endBreakGlass: asks(({ tx, tenant }) => [tx, tenant, ids.breakGlass, { by: ids.person, at }]),
    lapsedBreakGlass: overAll,
  },
  'identity/store/roles': {
    findRole: asks(({ tx, tenant }) => [tx, tenant, 'readers']),
    listRoles: asks(({ tx, tenant }) => [tx, tenant]),
    putRole: acts(({ tx, tenant }) => [tx, tenant, { name: 'readers', meaning: 'reads', actions: ['calls.view'], at }]),
    dropRole: asks(({ tx, tenant }) => [tx, tenant, 'readers']),
    countHolders: asks(({ tx, tenant }) => [tx, tenant, at]),
    announceHolders: asks(({ tx, tenant }) => [tx, tenant, 'custom:readers']),
  },
  'identity/store/grants': {
    announceSubject: asks(({ tx, tenant }) => [tx, tenant, ids.group]),
    membersOf: asks(({ tx, tenant }) => [tx, tenant, ids.group]),
    countGrants: asks(({ tx, tenant }) => [tx, tenant, ids.person]),
    insertGrant: acts(({ tx, tenant }) => [
      tx,
      tenant,
      {
        ...{ id: ids.grant.replace(/1$/, '9'), subject: ids.person, role: 'auditor', scope: {}, condition: null, expiresAt: null },
        ...{ reason: null, via: 'direct', grantedBy: ids.person, createdAt: at },
      },
    ]),
    closeGrant: asks(({ tx, tenant }) => [tx, tenant, ids.grant, { by: ids.person, at }]),
    findGrant: asks(({ tx, tenant }) => [tx, tenant, ids.grant]),
    listGrants: asks(({ tx, tenant }) => [tx, tenant, { from: at }]),
    closeGrantsOf: asks(({ tx, tenant }) => [tx, tenant, ids.person, { by: ids.person, at }]),
  },
  'identity/store/people': {
    addPerson: acts(({ tx, tenant }) => [tx, tenant, { id: ids.person.replace(/1$/, '9'), role: 'member', name: 'Alex', createdAt: at }]),
    listPeople: asks(({ tx, tenant }) => [tx, tenant]),
    activePeople: asks(({ tx, tenant }) => [tx, tenant]),
    holdPerson: asks(({ tx, tenant }) => [tx, tenant, ids.person]),
    removePerson: asks(({ tx, tenant }) => [tx, tenant, ids.other, at]),
    holdersOf: asks(({ tx, tenant }) => [tx, tenant, () => true, AT_MS]),
    findTenantByName: overAll,
    replaceLinks: acts(({ tx, tenant }) => [tx, tenant, { ...hashed, person: ids.person, expiresAt: later }]),
    findLink: overAll,
    useLink: asks(({ tx, tenant }) => [tx, tenant, 'l1', at]),
    addSession: acts(({ tx, tenant }) => [
      tx,
      tenant,
      {
        ...{ ...hashed, id: ids.session.replace(/1$/, '9'), person: ids.person, kind: 'cli', method: 'cli', label: 'y' },
        ...{ device: null, boundKey: null, passkeyAt: null, createdAt: at, expiresAt: later },
      },
    ]),
    endSessions: asks(({ tx, tenant }) => [tx, tenant, { person: ids.person }, at]),
  },
  'identity/store/sessions': {
    stampSession: acts(({ tx, tenant }) => [tx, tenant, ids.session, later]),
    touchSession: asks(({ tx, tenant }) => [tx, tenant, ids.session, later]),
    openSessions: asks(({ tx, tenant }) => [tx, tenant, null, at]),
  },
  'identity/store/passkeys': {
    insertPasskey: acts(({ tx, tenant }) => [
      tx,
      {
        ...{
          tenant,
          id: ids.passkey.replace(/1$/, '9'),
          person: ids.person,
          credential: `${tenant} fresh`,
          publicKey: bytes,
          rp: 'localhost',
        },
        ...{ seal: bytes, name: 'Phone', transports: [], counter: 0n, isSynced: true, createdAt: at },
      },
    ]),
    findCredential: overAll,
    listPasskeys: asks(({ tx, tenant }) => [tx, tenant, ids.person]),
    holdPasskey: asks(({ tx, tenant }) => [tx, tenant, ids.passkey]),
    usePasskey: acts(({ tx, tenant }) => [tx, tenant, ids.passkey, { counter: 2n, isSynced: true, at }]),
    renamePasskey: acts(({ tx, tenant }) => [tx, tenant, ids.passkey, 'Desk']),
    removePasskeys: asks(({ tx, tenant }) => [tx, tenant, { person: ids.person }, at]),
    replaceRecoveryCodes: acts(({ tx, tenant }) => [tx, tenant, ids.person, { hashes: [Buffer.from(`${tenant} code`)], at }]),
    countRecoveryCodes: asks(({ tx, tenant }) => [tx, tenant, ids.person]),
    findRecoveryCode: overAll,
    useRecoveryCode: asks(({ tx, tenant }) => [tx, tenant, Buffer.alloc(32, 0x0d), at]),
  },
  'identity/store/challenges': {
    addChallenge: overAll,
    takeChallenge: overAll,
    countAttempt: overAll,
    sweepSignIns: overAll,
  },
  'identity/store/departures': {
    departedSince: overAll,
    backAmong: overAll,
    endAgain: asks(({ tx, tenant }) => [tx, tenant, [{ kind: 'person', id: ids.other }], { by: 'system:restore', atMs: AT_MS }]),
  },
  'identity/store/restore': {
    listTenants: overAll,
    peopleBefore: asks(({ tx, tenant }) => [tx, tenant, AT_MS]),
    endDelegations: asks(({ tx, tenant }) => [tx, tenant, { by: 'system:restore', atMs: AT_MS }]),
    endAllAccess: asks(({ tx, tenant }) => [tx, tenant, AT_MS]),
  },
  'identity/store/snapshot-rows': {
    readAll: overAll,
    readKey: asks(({ db, tenant }) => [db, tenant, ids.key]),
    readPerson: asks(({ db, tenant }) => [db, tenant, ids.person, AT_MS]),
    readSession: asks(({ db, tenant }) => [db, tenant, ids.session]),
    readWorkload: asks(({ db, tenant }) => [db, tenant, ids.workload]),
  },
  'identity/store/statements': {
    useStatement: asks(({ tx, tenant }) => [tx, tenant, 'jti-1', later]),
    sweepExpired: overAll,
  },
  'identity/store/workloads': {
    addTenant: acts(({ tx, tenant }) => [tx, { tenant, name: 'another name', createdAt: at }]),
    addWorkload: acts(({ tx, tenant }) => [
      tx,
      tenant,
      { id: ids.workload.replace(/1$/, '9'), name: 'more', workflow: null, integrations: [], publicKey: null, createdAt: at },
    ]),
    changeWorkload: asks(({ tx, tenant }) => [tx, tenant, ids.workload, { integrations: ['other'], atMs: 0 }]),
    findSamples: asks(({ tx, tenant }) => [tx, tenant]),
    dropWorkload: acts(({ tx, tenant }) => [tx, tenant, ids.workload]),
    listWorkloads: asks(({ tx, tenant }) => [tx, tenant]),
    hasWorkload: asks(({ tx, tenant }) => [tx, tenant, ids.workload]),
    addKey: acts(({ tx, tenant }) => [
      tx,
      tenant,
      { ...hashed, id: ids.key.replace(/1$/, '9'), workload: ids.workload, createdAt: at, expiresAt: later },
    ]),
    revokeKey: asks(({ tx, tenant }) => [tx, tenant, ids.key, at]),
    listKeys: asks(({ tx, tenant }) => [tx, tenant]),
  },
  'vault/store/credentials': {
    findCredential: asks(({ tx, tenant }) => [tx, tenant, { name: 'shop-token' }]),
    listCredentials: asks(({ tx, tenant }) => [tx, tenant]),
    saveCredential: acts(({ tx, tenant }) => [
      tx,
      tenant,
      {
        id: ids.credential,
        name: 'shop-token',
        origin: 'https://b.example.com',
        methods: ['POST'],
        pathPrefix: '/',
        header: 'x',
        prefix: '',
        sealed: bytes,
        changedAt: at,
      },
    ]),
    deleteCredential: asks(({ tx, tenant }) => [tx, tenant, ids.credential]),
  },
  'vault/store/known-values': {
    countKnownValues: asks(({ tx, tenant }) => [tx, tenant, ids.run]),
    hasKnownValues: asks(({ tx, tenant }) => [tx, tenant, ids.run, 'v1']),
    addKnownValues: acts(({ tx, tenant }) => [tx, tenant, ids.run, { digest: 'v2', amount: 1, sealed: bytes, rememberedAt: at }]),
    listKnownValues: asks(({ tx, tenant }) => [tx, tenant, ids.run]),
    changedKnownValues: asks(({ tx, tenant }) => [tx, tenant, 0]),
    deleteKnownValues: acts(({ tx, tenant }) => [tx, tenant, ids.run]),
  },
  'limits/store/budgets': {
    readBudget: asks(({ tx, tenant }) => [tx, { tenant, scope: 'workload', startsAtMs: AT_MS, currency: 'EUR' }]),
    addToBudgets: overAll,
    listSpent: asks(({ tx, tenant }) => [tx, tenant, AT_MS]),
  },
  'limits/store/department-use': {
    listDepartmentUse: asks(({ tx, tenant }) => [tx, tenant, { hour: AT_MS, day: AT_MS, month: AT_MS }]),
  },
  'limits/store/reservations': {
    insertReservation: acts(({ tx, tenant }) => [
      tx,
      {
        id: ids.reservation.replace(/1$/, '9'),
        tenant,
        call: ids.call.replace(/1$/, '9'),
        amountMinor: 1n,
        windows: [window],
        heldAtMs: AT_MS,
      },
    ]),
    settleReservation: asks(({ tx }) => [tx, ids.reservation, 'spent', AT_MS]),
    reservationState: asks(({ tx }) => [tx, ids.reservation]),
    deleteReservation: acts(({ tx, tenant }) => [tx, tenant, ids.reservation]),
    pruneBefore: overAll,
  },
  'limits/store/windows': {
    takeWindow: asks(({ tx, tenant }) => [tx, tenant, { ...window, currency: 'EUR', limitMinor: 600n, limitCount: 2 }, 200n]),
    giveBackWindow: acts(({ tx, tenant }) => [tx, tenant, window, 100n]),
    readWindow: asks(({ tx, tenant }) => [tx, tenant, window]),
    forgetWindows: acts(({ tx, tenant }) => [tx, tenant, ['shop']]),
  },
};
