// What identity knows over tenants: their names, workspaces, delegations and who visits; opened once, and closed with the rooms.

import { type ActedOn, type PersonId, SallyportError, type TenantId, type Tx } from '#core';
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
  close(): Promise<void>;
  /** Somebody alone holds everything, and no staff of an agency could decide beside them. Not while that can not be told. */
  isSolo(tenant: TenantId): boolean;
  /** The tenant's own people who may do this, and staff of agencies who may, each once. */
  readonly peopleWho: (
    tx: Tx,
    tenant: TenantId,
    action: 'approvals.decide' | 'workflows.approve',
    on?: ActedOn,
  ) => Promise<readonly PersonId[]>;
}

export interface AgencyDeps {
  readonly db: Database;
  readonly identity: Identity;
  readonly onFault: (fault: unknown) => void;
}

const SYSTEM = 'system:delegations';
/** What a second person stands for. */
const DECISIONS = ['approvals.decide', 'workflows.approve'] as const;

export async function openAgency({ db, identity, onFault }: AgencyDeps): Promise<Agency> {
  let delegations: Delegations | null = null;
  const leaving = new Set<Promise<unknown>>();
  const directory = await openDirectory({
    db,
    clock: systemWorld.clock,
    onFault,
    // They are out already; here it comes on record, in every tenant they could act in. What fails is found by the sweep.
    onLeft: (agency, subject) => {
      const ended = (delegations?.endAllOf({ agency, subject, actor: SYSTEM }) ?? Promise.resolve(0)).catch(onFault);
      leaving.add(ended);
      void ended.finally(() => leaving.delete(ended));
    },
  });
  const deps = { db, ...systemWorld, directory };
  const visits = createVisits(deps);
  delegations = createDelegations(deps);
  return {
    directory,
    tenants: createTenants({ ...deps, identity }),
    workspaces: createWorkspaces(deps),
    delegations,
    visits,
    close: async () => {
      await directory.close();
      await Promise.all(leaving);
    },
    isSolo: (tenant) =>
      identity.isSolo(tenant) && !directory.isLost() && DECISIONS.every((action) => visits.staffWho(tenant, action).length === 0),
    peopleWho: async (tx, tenant, action, on) => {
      // Asked before something runs: who can not be told is waited for, and not taken to be gone.
      if (on !== undefined && directory.isLost()) throw new SallyportError('IDENTITY_FEED_LOST', 'Who visits can not be told now.');
      const place = on === undefined ? undefined : { ...on, workspaces: directory.workspacesOf(tenant, on) };
      return [...new Set([...(await identity.peopleWho(tx, tenant, action, place)), ...visits.staffWho(tenant, action, place)])];
    },
  };
}
