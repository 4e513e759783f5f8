// What every tenant declared about where personal data may go, in memory, pushed by the database.
// INVARIANT: no answer reads the database; while changes can not be heard, nothing is known and the guard refuses.

import { type Clock, createInOrder, type TenantId } from '#core';
import { type Database, follow } from '#storage';
import type { DeclaredDecision } from '../store/decisions.ts';
import { FLOWS_CHANNEL, type RuleRows, readRules } from '../store/flows.ts';
import type { Destination, Profile } from './types.ts';

export interface FlowRules {
  /** Changes can not be heard: what is known may be old. */
  isLost(): boolean;
  profile(tenant: TenantId): Profile | undefined;
  destination(tenant: TenantId, name: string): Destination | undefined;
  destinations(tenant: TenantId): readonly Destination[];
  /** What was declared to decide about people by itself. */
  decisions(tenant: TenantId): readonly DeclaredDecision[];
  /** Reads this tenant's part now; for whoever has just changed it. */
  refresh(tenant: TenantId): Promise<void>;
  close(): Promise<void>;
}

const FEED_GRACE_MS = 5_000;

interface Part {
  readonly profile: Profile | undefined;
  readonly destinations: ReadonlyMap<string, Destination>;
  readonly decisions: readonly DeclaredDecision[];
}

function partsOf({ profiles, destinations, decisions }: RuleRows): Map<TenantId, Part> {
  const byTenant = Map.groupBy(destinations, ({ tenant }) => tenant);
  const decided = Map.groupBy(decisions, ({ tenant }) => tenant);
  const tenants = new Set([...profiles.map(({ tenant }) => tenant), ...byTenant.keys(), ...decided.keys()]);
  return new Map(
    [...tenants].map((tenant) => [
      tenant,
      {
        profile: profiles.find((profile) => profile.tenant === tenant),
        destinations: new Map((byTenant.get(tenant) ?? []).map(({ destination }) => [destination.name, destination])),
        decisions: (decided.get(tenant) ?? []).map(({ decision }) => decision),
      },
    ]),
  );
}

export async function openFlowRules(deps: {
  readonly db: Pick<Database, 'asSystem' | 'listen'>;
  readonly clock: Clock;
  readonly onFault: (fault: unknown) => void;
}): Promise<FlowRules> {
  const { db, clock, onFault } = deps;
  let parts = new Map<TenantId, Part>();
  let isClosed = false;
  const { run, idle } = createInOrder();
  const inOrder = (work: () => Promise<void>): Promise<void> => run(() => (isClosed ? undefined : work()));
  const reload = (): Promise<void> =>
    inOrder(async () => {
      parts = partsOf(await readRules(db, null));
    });
  const refresh = (tenant: TenantId): Promise<void> =>
    inOrder(async () => {
      const read = partsOf(await readRules(db, tenant)).get(tenant);
      if (read === undefined) parts.delete(tenant);
      else parts.set(tenant, read);
    });
  const feed = await follow({ db, clock, channel: FLOWS_CHANNEL, hear: (payload) => refresh(payload as TenantId), reload, onFault });

  return {
    isLost: () => isClosed || (feed.lostAtMs !== null && clock.now() - feed.lostAtMs > FEED_GRACE_MS),
    profile: (tenant) => parts.get(tenant)?.profile,
    destination: (tenant, name) => parts.get(tenant)?.destinations.get(name),
    destinations: (tenant) => [...(parts.get(tenant)?.destinations.values() ?? [])].sort((a, b) => (a.name < b.name ? -1 : 1)),
    decisions: (tenant) => parts.get(tenant)?.decisions ?? [],
    refresh,
    close: async () => {
      isClosed = true;
      await feed.close();
      await idle();
    },
  };
}
