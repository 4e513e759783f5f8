// What a restored database must forget and void before anybody works with it, tenant by tenant: sessions and links, approvals, open runs,
// and whatever was erased since the backup. INVARIANT: a tenant and the note of what was done to it are one transaction.

import { voidOpenApprovals } from '#approvals';
import { deleteLinksOf, deletePayloadsOf } from '#audit';
import { type Clock, type JsonObject, type NewEvent, newId, type Random, type TenantId, type Tx } from '#core';
import { countOpenEffects } from '#enforcement';
import { endAgain, endAllAccess, endDelegations, listTenants } from '#identity';
import { addStep, appendEvents, type Database, listSteps } from '#storage';
import { deleteKeysById, type Erasure, prefixesOfKey } from '#vault';
import { parkOpenRuns } from '#workflows';
import type { Gone } from './departures.ts';

export interface SettleDeps {
  readonly database: Pick<Database, 'inTenant' | 'asSystem'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly restore: { readonly id: string; readonly backup: string | null; readonly startedAtMs: number };
  /** From the journal beside the keys. */
  readonly erasures: readonly Erasure[];
  /** Keys that open nothing any more and that no journal names. */
  readonly lostKeys: readonly Erasure[];
  /** The same, of people and of what they came in with: whoever was let in no longer stays out. */
  readonly departures: readonly Gone[];
  /** Sealings the restored ledger has lost; null when no later checkpoint is known. */
  readonly lostSealings: number | null;
  /** Events each tenant's log holds. */
  readonly sealedEvents: Readonly<Record<string, number>>;
}

/** What was done to one tenant, in numbers. */
export type Settled = Readonly<
  Record<'sessions' | 'links' | 'approvals' | 'unknownApprovals' | 'runs' | 'erasures' | 'payloads' | 'unknownEffects' | 'events', number>
> & {
  /** Keys of people that open nothing, though no journal says that they were erased. */
  readonly lostKeys: number;
} & Departed;

/** What had ended since the backup and ended again; `departedKept`: what stays, because nobody would own the tenant without it. */
type Departed = Readonly<
  Record<'departedPeople' | 'departedKeys' | 'departedPasskeys' | 'departedGrants' | 'departedClients' | 'departedKept', number>
>;

const ACTOR = 'system:restore';
const STEP = 'tenant ';
/** Event rows written at a time. */
const BATCH = 500;

async function eraseAgain(tx: Tx, tenant: TenantId, erasures: readonly Erasure[]): Promise<{ erasures: number; payloads: number }> {
  const keys = [...new Set(erasures.filter((erasure) => erasure.tenant === tenant).map(({ key }) => key))];
  let payloads = 0;
  for (const key of keys) {
    payloads += await deletePayloadsOf(tx, tenant, prefixesOfKey(key));
    // Opened by nobody, it would still be found by whoever knows the name.
    await deleteLinksOf(tx, tenant, prefixesOfKey(key));
  }
  return { erasures: keys.length === 0 ? 0 : await deleteKeysById(tx, tenant, keys), payloads };
}

async function settle(tx: Tx, tenant: TenantId, deps: SettleDeps): Promise<Settled> {
  const { clock, random, restore } = deps;
  const atMs = clock.now();
  const event = (type: string, subject: string, facts: JsonObject, occurredAtMs = atMs): NewEvent => ({
    id: newId('evt', clock, random),
    tenant,
    type,
    occurredAtMs,
    actor: ACTOR,
    subject,
    public: facts,
    sealed: null,
  });
  const erased = await eraseAgain(tx, tenant, deps.erasures);
  const access = await endAllAccess(tx, tenant, atMs);
  const delegations = await endDelegations(tx, tenant, { by: ACTOR, atMs });
  const gone = deps.departures.filter((one) => one.tenant === tenant);
  const again = await endAgain(tx, tenant, gone, { by: ACTOR, atMs });
  const departed = {
    ...{ departedPeople: again.people.length, departedKeys: again.keys.length, departedPasskeys: again.passkeys },
    ...{ departedGrants: again.grants, departedClients: again.clients, departedKept: again.kept.length },
  };
  const voided = await voidOpenApprovals(tx, tenant, { atMs, code: 'APPROVALS_RESTORED' });
  const parked = await parkOpenRuns(tx, tenant, { atMs, code: 'WORKFLOWS_RUN_RESTORED' });
  const settled: Settled = {
    ...erased,
    lostKeys: deps.lostKeys.filter((one) => one.tenant === tenant).length,
    ...access,
    ...departed,
    approvals: voided.expired.length,
    unknownApprovals: voided.unknown.length,
    runs: parked.length,
    unknownEffects: await countOpenEffects(tx, tenant),
    events: deps.sealedEvents[tenant] ?? 0,
  };
  const { sessions, links, runs, erasures, unknownEffects, events } = settled;
  const { backup } = restore;
  const told = [
    event('storage.restore.started', restore.id, { backup }, restore.startedAtMs),
    ...delegations.map(({ id, agency, holder, role, expiresAt }) =>
      event('identity.delegation.ended', id, { agency, holder, role, expiresAt: expiresAt.toISOString(), side: 'client' }),
    ),
    ...delegations.flatMap(({ keys, clients }) => [
      ...keys.map((id) => event('identity.key.revoked', id, {})),
      ...clients.map((id) => event('identity.client.removed', id, {})),
    ]),
    ...again.people.map((id) => event('identity.person.removed', id, { ended: {} })),
    ...again.keys.map((id) => event('identity.key.revoked', id, {})),
    ...voided.expired.map((id) => event('approvals.call.expired', id, {})),
    ...voided.unknown.map((id) => event('approvals.call.stranded', id, { outcome: 'unknown' })),
    ...parked.map(({ id, step, hash }) =>
      event('workflows.run.finished', id, { state: 'stopped', step, code: 'WORKFLOWS_RUN_RESTORED', hash }),
    ),
    event('storage.restore.finished', restore.id, {
      backup,
      events,
      sessions,
      links,
      approvals: voided.expired.length + voided.unknown.length,
      runs,
      erasures,
      unknownEffects,
      lostSealings: deps.lostSealings,
      departed,
    }),
  ];
  for (let at = 0; at < told.length; at += BATCH) await appendEvents(tx, told.slice(at, at + BATCH));
  await addStep(tx, restore.id, `${STEP}${tenant}`, settled);
  return settled;
}

/** By tenant. Taken up after a kill: a tenant that was settled is not settled twice. */
export async function settleTenants(deps: SettleDeps): Promise<Readonly<Record<string, JsonObject>>> {
  const { database, restore } = deps;
  const done = new Map(await database.asSystem('installer', (tx) => listSteps(tx, restore.id, STEP)));
  for (const tenant of await listTenants(database)) {
    if (!done.has(tenant)) done.set(tenant, await database.inTenant(tenant, (tx) => settle(tx, tenant, deps)));
  }
  return Object.fromEntries(done);
}
