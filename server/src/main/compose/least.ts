// Proposals and access reviews over the rooms that know what can be reached: integrations by their manifests, workflows by their segments.

import { isRefusal, type TenantId } from '#core';
import type { Catalogue } from '#enforcement';
import {
  createProposals,
  createReviews,
  expireUnused,
  type Identity,
  type Offer,
  type Proposals,
  type Reviews,
  tenantsToSweep,
  type Usage,
} from '#identity';
import type { Database } from '#storage';
import type { Segments } from '#workflows';
import { systemWorld } from '../world.ts';

export interface Least {
  readonly proposals: Proposals;
  readonly reviews: Reviews;
  /** What is due by itself: reviews that became overdue, grants that end unused, proposals whose time of grace is over. */
  sweep(): Promise<number>;
}

export interface LeastDeps {
  readonly database: Database;
  readonly catalogue: Pick<Catalogue, 'integration'>;
  readonly identity: Pick<Identity, 'refresh'>;
  readonly segments: Pick<Segments, 'of'>;
  readonly usage: Usage;
  readonly workspacesOf: (tenant: TenantId, workload: string) => readonly string[];
}

export function createLeast({ database: db, catalogue, identity, segments, usage, workspacesOf }: LeastDeps): Least {
  const offered = (tenant: TenantId, integration: string): Offer => {
    const known = catalogue.integration(tenant, integration);
    return { operations: known?.manifest?.operations.map(({ name }) => name) ?? [], models: [...(known?.models ?? [])] };
  };
  const proposals = createProposals({
    db,
    ...systemWorld,
    usage,
    refresh: identity.refresh,
    offers: {
      of: async (tenant, workloads) => {
        const offers = new Map<string, ReadonlyMap<string, Offer>>();
        const approved = new Set<string>();
        for (const { id, workflow, integrations } of workloads) {
          const segment = workflow === null ? null : await segments.of(tenant, workflow, null);
          // Not readable or not published now: nothing of it is compared, so nothing of it is proposed.
          if (isRefusal(segment)) continue;
          if (segment !== null) approved.add(id);
          const within = (name: string, { operations, models }: Offer): Offer =>
            segment === null
              ? { operations, models }
              : {
                  operations: operations.filter((operation) => segment.operations.has(`${name}/${operation}`)),
                  models: models.filter((model) => segment.models.has(model)),
                };
          offers.set(id, new Map(integrations.map((name) => [name, within(name, offered(tenant, name))])));
        }
        return { offers, approved };
      },
    },
  });
  const deps = { db, ...systemWorld, refresh: identity.refresh };
  const reviews = createReviews({ ...deps, proposals, workspacesOf });
  return {
    proposals,
    reviews,
    sweep: async () => {
      let done = 0;
      for (const tenant of await tenantsToSweep(db)) {
        await usage.flush();
        done += (await reviews.tellOverdue(tenant)) + (await expireUnused(deps, tenant)) + (await proposals.applyDue(tenant));
      }
      return done;
    },
  };
}
