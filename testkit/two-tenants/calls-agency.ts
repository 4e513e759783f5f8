// Calls of workspaces and delegations. What follows all tenants, or finds what an agency holds among them, is a system role's.

import { acts, asks, type Calls, overAll, pure } from './call.ts';
import { AGENCY, AT_MS, ids } from './seed.ts';

const at = new Date(AT_MS + 1_000);
const later = new Date(AT_MS + 3_600_000);
const scope = { workspace: 'support' };
const delegation = (tenant: string) => ({
  tenant,
  id: ids.delegation,
  agency: AGENCY,
  subject: ids.staff,
  role: 'operator',
  scope,
  changes: 2,
});

export const callsOfAgency: Calls = {
  'identity/store/directory': {
    readDirectory: asks(({ db, tenant }) => [db, at, tenant]),
    announceDirectory: acts(({ tx, tenant }) => [tx, tenant, ids.delegation]),
    parseDirectoryChange: pure,
  },
  'identity/store/workspaces': {
    addWorkspace: asks(({ tx, tenant }) => [tx, tenant, 'support', at]),
    dropWorkspace: asks(({ tx, tenant }) => [tx, tenant, 'support']),
    listWorkspaces: asks(({ tx, tenant }) => [tx, tenant]),
    moveMembers: asks(({ tx, tenant }) => [tx, tenant, [{ kind: 'workflow', member: 'reply' }], null]),
    listMembers: asks(({ tx, tenant }) => [tx, tenant]),
    holdDepartment: asks(({ tx, tenant }) => [tx, tenant, 'support']),
    putDepartment: acts(({ tx, tenant }) => [tx, tenant, { name: 'support', rules: { models: [] }, limits: [] }]),
  },
  'identity/store/delegations': {
    insertDelegation: acts(({ tx, tenant }) => [
      tx,
      {
        ...delegation(tenant),
        id: ids.delegation.replace(/1$/, '9'),
        reason: 'More',
        offered_by: ids.person,
        offered_at: at,
        expires_at: later,
      },
    ]),
    holdDelegation: asks(({ tx, tenant }) => [tx, tenant, ids.delegation]),
    listDelegations: asks(({ tx, tenant }) => [tx, tenant, 10]),
    countOpenDelegations: asks(({ tx, tenant }) => [tx, tenant, at]),
    acceptDelegation: acts(({ tx, tenant }) => [tx, delegation(tenant), ids.staff, at]),
    narrowDelegation: acts(({ tx, tenant }) => [tx, delegation(tenant), { role: 'support', scope, expiresAt: later }]),
    endDelegation: acts(({ tx, tenant }) => [tx, delegation(tenant), { by: ids.person, side: 'client', at }]),
    noteUse: acts(({ tx, tenant }) => [tx, tenant, [ids.delegation], { by: ids.staff, at }]),
    firstUse: asks(({ tx, tenant }) => [tx, tenant, { person: ids.staff, client: AGENCY, kind: 'look', slot: new Date(AT_MS) }]),
    heldBy: overAll,
    openFor: overAll,
    untold: overAll,
    markTold: acts(({ tx, tenant }) => [tx, delegation(tenant)]),
    orphaned: overAll,
    forgetUses: overAll,
    agenciesOf: asks(({ tx, tenant }) => [tx, tenant]),
    namedByGrants: asks(({ tx, tenant }) => [tx, tenant, 'support', at]),
  },
  'identity/store/subjects': {
    hasSubject: asks(({ tx, tenant }) => [tx, tenant, ids.person]),
    namePeople: asks(({ tx, tenant }) => [tx, tenant]),
    nameSubjects: asks(({ tx, tenant }) => [tx, tenant, [ids.person]]),
  },
  'identity/store/made-under': {
    liveUntil: asks(({ tx, tenant }) => [tx, tenant, ids.delegation, at]),
    endKeysUnder: asks(({ tx, tenant }) => [tx, tenant, { id: ids.delegation }, at]),
    endClientsUnder: asks(({ tx, tenant }) => [tx, tenant, { id: ids.delegation }, at]),
    shortenKeysUnder: acts(({ tx, tenant }) => [tx, tenant, ids.delegation, at]),
    madeByStaff: overAll,
  },
  'identity/store/tenants': { ownerState: asks(({ tx, tenant }) => [tx, tenant, [ids.person]]) },
};
