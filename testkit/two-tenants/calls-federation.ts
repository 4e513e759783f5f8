// Calls of company logins, provisioning, profiles and the end of somebody's access.

import { acts, asks, type Calls, overAll } from './call.ts';
import { AT_MS, ids } from './seed.ts';

const at = new Date(AT_MS);
const later = new Date(AT_MS + 3_600_000);
const bytes = Buffer.alloc(32, 9);
const account = { provider: ids.provider, subject: Buffer.alloc(32, 0x13) };
const group = { id: ids.group, name: 'Renamed', externalId: null };

export const callsOfFederation: Calls = {
  'identity/store/federation': {
    putProvider: acts(({ tx, tenant }) => [
      tx,
      {
        tenant,
        id: ids.provider,
        name: 'corp',
        label: 'Corporation',
        issuer: 'https://login.example.com',
        client_id: 'c',
        auth_method: 'client_secret_basic',
        secret: bytes,
        public_jwk: null,
        mode: 'invited',
        settings: { scopes: [], groupsClaim: null, groups: {}, externalIdClaim: null, secondFactorAcr: [] },
        enabled: false,
        created_at: at,
        changed_at: later,
      },
    ]),
    listProviders: asks(({ tx, tenant }) => [tx, tenant]),
    findProvider: overAll,
    dropProvider: asks(({ tx, tenant }) => [tx, tenant, ids.provider]),
    noteTest: acts(({ tx, tenant }) => [tx, tenant, ids.provider, { at, code: null }]),
    addState: acts(({ tx, tenant }) => [
      tx,
      {
        tenant,
        state: Buffer.from('fresh state'),
        browser: bytes,
        provider: ids.provider,
        purpose: 'sign_in',
        session: null,
        return_to: '/',
        origin: 'http://localhost',
        bound_key: null,
        expires_at: later,
      },
      at,
    ]),
    countStates: asks(({ tx, tenant }) => [tx, tenant, at]),
    findState: overAll,
    useState: asks(({ tx, tenant }) => [tx, tenant, Buffer.from(`${tenant}-state`), at]),
    findAccount: asks(({ tx, tenant }) => [tx, tenant, account]),
    addAccount: acts(({ tx, tenant }) => [tx, tenant, { provider: ids.provider, subject: bytes, person: ids.other, at }]),
    noteSignIn: acts(({ tx, tenant }) => [tx, tenant, account, later]),
    countAccounts: asks(({ tx, tenant }) => [tx, tenant]),
    accountOf: asks(({ tx, tenant }) => [tx, tenant, ids.provider, ids.other]),
    handOver: acts(({ tx, tenant }) => [tx, tenant, account, { person: ids.person, at }]),
  },
  'identity/store/federated-sessions': {
    noteSecondFactor: acts(({ tx, tenant }) => [tx, tenant, ids.session, at]),
    personOfSession: asks(({ tx, tenant }) => [tx, tenant, ids.session, at]),
  },
  'identity/store/profiles': {
    putProfile: acts(({ tx, tenant }) => [tx, tenant, { person: ids.person, sealed: bytes }, at]),
    readProfiles: asks(({ tx, tenant }) => [tx, tenant, [ids.other]]),
    forgetPersonalRows: asks(({ tx, tenant }) => [tx, tenant, ids.other]),
  },
  'identity/store/scim': {
    insertScimUser: acts(({ tx, tenant }) => [
      tx,
      tenant,
      { person: ids.person, user_name: bytes, external_id: null, active: true, created_at: at },
    ]),
    listScimUsers: asks(({ tx, tenant }) => [tx, tenant, { person: ids.other }]),
    lockScimUser: asks(({ tx, tenant }) => [tx, tenant, ids.other]),
    changeScimUser: acts(({ tx, tenant }) => [
      tx,
      tenant,
      { person: ids.other, user_name: bytes, external_id: null, active: false, removed_here: false },
      later,
    ]),
    markRemovedHere: acts(({ tx, tenant }) => [tx, tenant, ids.other, later]),
    dropScimUser: asks(({ tx, tenant }) => [tx, tenant, ids.other]),
    bringBack: asks(({ tx, tenant }) => [tx, tenant, ids.gone]),
    addScimToken: acts(({ tx, tenant }) => [
      tx,
      { tenant, lookup: 'fresh', hash: bytes, pepper: 'p', created_at: at, made_by: null },
      later,
    ]),
    countScimTokensOf: asks(({ tx, tenant }) => [tx, tenant, ids.person, at]),
    findScimToken: overAll,
    listScimTokens: asks(({ tx, tenant }) => [tx, tenant]),
    dropScimTokens: asks(({ tx, tenant }) => [tx, tenant]),
    noteSync: acts(({ tx, tenant }) => [tx, tenant, { lookup: `${tenant}-scim`, at: later, isChange: true, failure: null }]),
    readSync: asks(({ tx, tenant }) => [tx, tenant]),
  },
  'identity/store/managed-groups': {
    listManagedGroups: asks(({ tx, tenant }) => [tx, tenant, { id: ids.group }]),
    lockManagedGroup: asks(({ tx, tenant }) => [tx, tenant, ids.scimGroup]),
    insertManagedGroup: acts(({ tx, tenant }) => [
      tx,
      tenant,
      { id: ids.group.replace(/1$/, '9'), name: 'New', source: 'scim', externalId: null, createdAt: at },
    ]),
    changeManagedGroup: acts(({ tx, tenant }) => [tx, tenant, group]),
    endManagedGroup: asks(({ tx, tenant }) => [tx, tenant, ids.group, at]),
    groupMembers: asks(({ tx, tenant }) => [tx, tenant, [ids.group]]),
    setMembers: asks(({ tx, tenant }) => [tx, tenant, ids.group, [], at]),
    addMember: acts(({ tx, tenant }) => [tx, tenant, { group: ids.group, person: ids.person, at }]),
    removeMember: asks(({ tx, tenant }) => [tx, tenant, ids.group, ids.other]),
    groupsAmong: asks(({ tx, tenant }) => [tx, tenant, ids.other, [ids.group]]),
  },
  'identity/store/deprovision': {
    holdTenant: acts(({ tx, tenant }) => [tx, tenant]),
    endAccessOf: asks(({ tx, tenant }) => [tx, tenant, ids.person, at]),
  },
};
