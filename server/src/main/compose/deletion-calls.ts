// How an erased person is deleted elsewhere: the call as the manifest declares it, asked for by a workload of the tenant's own that nobody
// holds a key of, and what became of it as approvals and effects say.
// INVARIANT: the workload reaches the integrations that delete, and its key is shown to nobody.

import { findApproval } from '#approvals';
import { planErasure } from '#connectors';
import { type KeyId, newId, type OperationSpec, refuse, type TenantId } from '#core';
import { askErasure } from '#enforcement';
import { type DeletionDeps, findDeleter, type NamedPerson, putDeleter } from '#governance';
import type { Logger } from '../logger.ts';
import { systemWorld } from '../world.ts';
import type { OpenDatabase } from './database.ts';
import { codeOf, type Rooms } from './rooms.ts';

type CallRooms = Pick<Rooms, 'catalogue' | 'guard' | 'identity' | 'effects'>;

const KEY_LIFETIME_MS = 365 * 24 * 60 * 60_000;
/** A call may wait this long for a person. */
const KEY_LEFT_MS = 60 * 24 * 60 * 60_000;
const ACTOR = 'system:privacy';

export function deletionCalls(rooms: CallRooms, { database }: Pick<OpenDatabase, 'database'>, logger: Logger): DeletionDeps['calls'] {
  const { catalogue, identity } = rooms;
  const manifestOf = (tenant: TenantId, integration: string) => catalogue.integration(tenant, integration)?.manifest ?? null;

  /** A key that lives long enough, of a workload that reaches the integration. */
  async function keyFor(tenant: TenantId, integration: string): Promise<KeyId> {
    const nowMs = systemWorld.clock.now();
    const known = await database.inTenant(tenant, (tx) => findDeleter(tx, tenant));
    const workload = (await identity.listWorkloads(tenant)).find(({ id }) => id === known?.workload);
    const integrations = [...new Set([...(workload?.integrations ?? []), integration])];
    const name = `privacy-deletions-${newId('wkl', systemWorld.clock, systemWorld.random).slice(-6)}`;
    const id = workload?.id ?? (await identity.createWorkload({ tenant, name, workflow: null, integrations, actor: ACTOR }));
    if (workload !== undefined && !workload.integrations.includes(integration))
      await identity.changeWorkload({ tenant, workload: id, integrations, isApprovedAnew: true, actor: ACTOR });
    const isGood = (await identity.listKeys(tenant)).some(
      (key) => key.id === known?.key && key.workload === id && key.revokedAt === null && key.expiresAt.getTime() > nowMs + KEY_LEFT_MS,
    );
    if (known !== null && isGood) return known.key;
    const { id: key } = await identity.createKey({ tenant, workload: id, expiresAtMs: nowMs + KEY_LIFETIME_MS, actor: ACTOR });
    await database.inTenant(tenant, (tx) => putDeleter(tx, tenant, { workload: id, key }));
    return key;
  }

  return {
    plan(tenant, integration, person) {
      const manifest = manifestOf(tenant, integration);
      if (manifest === null) return { operation: null, person: null };
      const plan = planErasure(manifest, person);
      if (plan.kind === 'none') return { operation: manifest.erases?.operation ?? named(manifest.operations), person: null };
      // Only what the call names is kept.
      const kinds = new Set(Object.values(manifest.erases?.by ?? {}));
      const kept = (kind: keyof NamedPerson): readonly string[] => (kinds.has(kind) ? person[kind] : []);
      return { operation: plan.operation, person: { customer: kept('customer'), email: kept('email'), phone: kept('phone') } };
    },
    async ask(tenant, { task, integration, person, attempt }) {
      const manifest = manifestOf(tenant, integration);
      const plan = manifest === null ? null : planErasure(manifest, person);
      if (plan?.kind !== 'call') return refuse('GOVERNANCE_DELETION_GONE', 'The integration declares no such deletion any more.', {});
      const key = await keyFor(tenant, integration);
      return askErasure(rooms.guard, { key, task, integration, ...plan.request, idempotencyKey: `${task}-${attempt}` });
    },
    async became(tx, tenant, approval) {
      const row = await findApproval(tx, tenant, approval);
      if (row === null) return null;
      const effect = await rooms.effects.findByApproval(tx, tenant, approval);
      const { state, code, decidedBy } = row;
      return { state, code, decidedBy, effect: effect?.effectKey ?? null };
    },
    onFault: (fault) => logger.error({ event: 'deletion.fault', code: codeOf(fault) }),
  };
}

/** The operation of a manifest that takes a customer away, by its name: for people, where nothing is declared. */
function named(operations: readonly Pick<OperationSpec, 'name'>[]): string | null {
  return operations.find(({ name }) => /^customers?[._-](?:\w+[._-])?(?:delete|erase|forget|redact)$/.test(name))?.name ?? null;
}
