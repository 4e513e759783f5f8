// What identity knows over tenants: their names, workspaces, delegations and who visits; opened once, and closed with the rooms.

import type { PersonId, TenantId, Tx } from '#core';
import {
  createDelegations,
  createTenants,
  createVisits,
  createWorkspaces,
  type Delegations,
  type Directory,
  type Identity,
  openDirectory,
  type Tenants,
  type Visits,
  type Workspaces,
} from '#identity';
import type { Database } from '#storage';
import { systemWorld } from '../world.ts';

export interface Agency {
  readonly directory: Directory;
  readonly tenants: Tenants;
  readonly workspaces: Workspaces;
  readonly delegations: Delegations;
  readonly visits: Visits;
  /** The tenant's own people who may do this, and staff of agencies who may, each once. */
  readonly peopleWho: (tx: Tx, tenant: TenantId, action: 'approvals.decide' | 'workflows.approve') => Promise<readonly PersonId[]>;
}

export interface AgencyDeps {
  readonly db: Database;
  readonly identity: Identity;
  readonly onFault: (fault: unknown) => void;
}

export async function openAgency({ db, identity, onFault }: AgencyDeps): Promise<Agency> {
  const directory = await openDirectory({ db, clock: systemWorld.clock, onFault });
  const deps = { db, ...systemWorld, directory };
  const visits = createVisits(deps);
  return {
    directory,
    tenants: createTenants({ ...deps, identity }),
    workspaces: createWorkspaces(deps),
    delegations: createDelegations(deps),
    visits,
    peopleWho: async (tx, tenant, action) => [
      ...new Set([...(await identity.peopleWho(tx, tenant, action)), ...visits.staffWho(tenant, action)]),
    ],
  };
}
