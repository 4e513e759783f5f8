// What the view over many tenants shows is what each tenant's own lists would show: narrowed access and the tenant's conditions hold in it.

import { expect, it } from 'vitest';
import type { ApprovalView } from '#control';
import { BUILT_IN_ROLES, type Grant, type GrantId, type PersonPrincipal, type Scope, type TenantId } from '#core';
import { createAuthorizer, noCircumstances } from './authorize-ports.ts';
import { fleetPorts } from './fleet-ports.ts';
import { loadAccess } from './policy.ts';

const grant = (scope: Scope, via: Grant['via']): Grant => ({
  ...{ id: 'grt_1' as GrantId, role: 'approver', scope, via, condition: null, expiresAtMs: null },
  actions: new Set(BUILT_IN_ROLES.approver.actions),
});

const HOME = 'ten_agency';
const CLIENT = 'ten_client';
const waiting = ['refunds', 'payroll'].map((workflow) => ({ id: `apr_${workflow}`, workflow, integration: 'shop' }) as ApprovalView);

function fleetOf(scope: Scope, asked: Partial<ReturnType<typeof noCircumstances>> = {}) {
  const person = {
    ...{ kind: 'person', person: 'per_1', tenant: HOME, home: HOME, session: 'ses_1', device: null, via: null, risk: 'none' },
    ...{ proof: { method: 'passkey', passkeyAtMs: null, openedAtMs: 0 }, grants: [grant(scope, 'direct')] },
  } as unknown as PersonPrincipal;
  const there = { ...person, tenant: CLIENT as TenantId, grants: [grant(scope, 'delegation:dlg_1')] };
  const directory = { tenant: (id: string) => ({ tenant: id, name: id.slice(4) }), workspacesOf: () => [] };
  const visits = { clientsOf: () => [{ tenant: CLIENT, name: 'client' }], enter: () => there, note: async () => undefined };
  const rooms = {
    agency: { directory, visits, isSolo: () => false },
    identity: { isAskedForPasskey: () => true, listKeys: async () => [] },
    guard: { database: { inTenant: async () => ({ runs: null, waiting: null, unresolved: null }) } },
  } as never;
  const circumstances: typeof noCircumstances = (who, action, takesAway) => ({
    ...noCircumstances(who, action, takesAway),
    ...(who.tenant === CLIENT ? asked : {}),
  });
  const authorizer = createAuthorizer({ rooms, access: loadAccess(), circumstances });
  const approvals = { list: async () => waiting } as never;
  const health = { report: async () => ({ state: 'verified' }) } as never;
  return { fleet: fleetPorts(rooms, { approvals, health, authorizer }), person };
}

const idsOf = async (...given: Parameters<typeof fleetOf>) => {
  const { fleet, person } = fleetOf(...given);
  const { tenants } = await fleet.inbox(person, { after: null, limit: 20 });
  return tenants.map(({ id, fault, waiting: shown }) => ({ id, fault, shown: shown.map((one) => one.id) }));
};

it('access narrowed to one workflow shows the calls of that one, at home and at a client', async () => {
  expect(await idsOf({})).toEqual([HOME, CLIENT].map((id) => ({ id, fault: null, shown: ['apr_refunds', 'apr_payroll'] })));
  expect(await idsOf({ workflow: 'refunds' })).toEqual([HOME, CLIENT].map((id) => ({ id, fault: null, shown: ['apr_refunds'] })));
});

it('a client whose conditions let nobody look from here is told so, and shows nothing', async () => {
  const [own, client] = await idsOf({}, { askedByNetwork: 'refuse', network: 'outside' });
  expect(own).toEqual({ id: HOME, fault: null, shown: ['apr_refunds', 'apr_payroll'] });
  expect(client).toMatchObject({ id: CLIENT, shown: [] });
  expect(client?.fault).not.toBeNull();
});

it('the board counts nothing of a client whose conditions let nobody look from here', async () => {
  const { fleet, person } = fleetOf({}, { askedByNetwork: 'refuse', network: 'outside' });
  const { tenants } = await fleet.health(person, { after: null, limit: 20 });
  expect(tenants.map(({ ledger }) => ledger)).toEqual(['verified', null]);
});
