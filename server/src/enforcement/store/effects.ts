// Effects happen once: one row per effect key, claimed in the commit transaction and settled exactly once.
// A row whose process died keeps its state until recovery decides it.

import type { CallId, JsonValue, ReservationId, TenantId, Tx } from '#core';
import { query, sql } from '#storage';

export type EffectState = 'sent' | 'done' | 'failed' | 'unknown';

export interface EffectRow {
  readonly tenant: TenantId;
  readonly effectKey: string;
  readonly call: CallId;
  readonly digest: string;
  readonly state: EffectState;
  readonly integration: string;
  readonly operation: string;
  readonly approval: string | null;
  readonly reservation: ReservationId | null;
  readonly instance: string;
  /** Sealed `{status, body}` once the effect is done. */
  readonly result: Uint8Array | null;
  readonly createdAtMs: number;
  /** Who said what became of it when nobody knew; `null` when its own answer did. */
  readonly toldBy: 'person' | 'upstream' | null;
}

interface Row {
  tenant: string;
  effect_key: string;
  call: string;
  digest: string;
  state: string;
  integration: string;
  operation: string;
  approval: string | null;
  reservation: string | null;
  instance: string;
  result: Buffer | null;
  created_at: Date;
  told_by: string | null;
}

interface Tables {
  effects: Row;
}

export interface NewEffect {
  readonly tenant: TenantId;
  readonly effectKey: string;
  readonly call: CallId;
  readonly digest: string;
  readonly integration: string;
  readonly operation: string;
  readonly approval: string | null;
  readonly reservation: ReservationId | null;
  readonly instance: string;
  readonly createdAtMs: number;
}

export interface EffectStore {
  /** Claims the key; `null` when this call now owns it, else the row that already holds it. */
  claim(tx: Tx, effect: NewEffect): Promise<EffectRow | null>;
  setReservation(tx: Tx, tenant: TenantId, effectKey: string, reservation: ReservationId): Promise<void>;
  /** Hands a row that ended without an answer to another call; false when it was taken or decided meanwhile. */
  takeOver(
    tx: Tx,
    taken: { from: EffectRow; call: CallId; approval: string | null; reservation: ReservationId | null; instance: string },
  ): Promise<boolean>;
  /** Settles a row that is still `sent` by this call; false when somebody settled or took it before. */
  settle(
    tx: Tx,
    settled: { tenant: TenantId; effectKey: string; call: CallId; state: Exclude<EffectState, 'sent'>; result: Uint8Array | null },
  ): Promise<boolean>;
  /** Gives the key back: the request of this call never left this machine. */
  release(tx: Tx, released: { tenant: TenantId; effectKey: string; call: CallId }): Promise<void>;
  /** A word about a row whose outcome is unknown, a person's or the upstream's; the row, or `null` when it is not unknown. */
  resolve(
    tx: Tx,
    told: { tenant: TenantId; effectKey: string; call?: CallId; outcome: 'done' | 'failed'; by: 'person' | 'upstream' },
  ): Promise<EffectRow | null>;
  find(tx: Tx, tenant: TenantId, effectKey: string): Promise<EffectRow | null>;
  findByApproval(tx: Tx, tenant: TenantId, approval: string): Promise<EffectRow | null>;
  listUnresolved(tx: Tx, tenant: TenantId): Promise<readonly EffectRow[]>;
  /** Forgets the effects at sample integrations that are removed; their events stay. */
  forget(tx: Tx, tenant: TenantId, integrations: readonly string[]): Promise<void>;
  /** Rows of unknown outcome that were sent after that time, newest first. For the resolver role, over all tenants. */
  unknownSince(tx: Tx, sinceMs: number, limit: number): Promise<readonly EffectRow[]>;
  /** Rows still `sent` whose process is not among the living. For the resolver role, over all tenants. */
  strandedIn(tx: Tx, living: readonly string[]): Promise<readonly EffectRow[]>;
  /** Approved effects a process began after that time. For the resolver role, over all tenants. */
  approvedBy(tx: Tx, instance: string, sinceMs: number): Promise<readonly EffectRow[]>;
}

/** Decided in one round of recovery; the next round takes the rest. */
const MAX_STRANDED = 500;

export function createEffectStore(): EffectStore {
  return {
    async forget(tx, tenant, integrations) {
      await sql`delete from effects where tenant = ${tenant} and integration = any(${[...integrations]}::text[])`.execute(
        query<Tables>(tx),
      );
    },
    async claim(tx, effect) {
      const inserted = await sql<{ effect_key: string }>`
        insert into effects (tenant, effect_key, call, digest, state, integration, operation, approval, reservation, instance, created_at)
        values (${effect.tenant}, ${effect.effectKey}, ${effect.call}, ${effect.digest}, 'sent', ${effect.integration}, ${effect.operation},
          ${effect.approval}, ${effect.reservation}, ${effect.instance}, ${new Date(effect.createdAtMs)})
        on conflict (tenant, effect_key) do nothing returning effect_key`.execute(query<Tables>(tx));
      if (inserted.rows.length === 1) return null;
      return find(tx, effect.tenant, effect.effectKey);
    },
    async setReservation(tx, tenant, effectKey, reservation) {
      await query<Tables>(tx)
        .updateTable('effects')
        .set({ reservation })
        .where('tenant', '=', tenant)
        .where('effect_key', '=', effectKey)
        .execute();
    },
    async takeOver(tx, { from, call, approval, reservation, instance }) {
      const result = await query<Tables>(tx)
        .updateTable('effects')
        .set({ state: 'sent', call, approval, reservation, instance, told_by: null })
        .where('tenant', '=', from.tenant)
        .where('effect_key', '=', from.effectKey)
        .where('call', '=', from.call)
        .where('state', '=', from.state)
        .where((row) => row.or([row('state', 'in', ['unknown', 'failed']), row('told_by', '=', 'upstream')]))
        .where('result', 'is', null)
        .executeTakeFirst();
      return result.numUpdatedRows === 1n;
    },
    async settle(tx, settled) {
      const result = await query<Tables>(tx)
        .updateTable('effects')
        .set({ state: settled.state, result: settled.result === null ? null : Buffer.from(settled.result) })
        .where('tenant', '=', settled.tenant)
        .where('effect_key', '=', settled.effectKey)
        .where('call', '=', settled.call)
        .where('state', '=', 'sent')
        .executeTakeFirst();
      return result.numUpdatedRows === 1n;
    },
    async release(tx, { tenant, effectKey, call }) {
      await query<Tables>(tx)
        .deleteFrom('effects')
        .where('tenant', '=', tenant)
        .where('effect_key', '=', effectKey)
        .where('call', '=', call)
        .where('state', '=', 'sent')
        .execute();
    },
    async resolve(tx, { tenant, effectKey, call, outcome, by }) {
      const row = await query<Tables>(tx)
        .updateTable('effects')
        .set({ state: outcome, told_by: by })
        .where('tenant', '=', tenant)
        .where('effect_key', '=', effectKey)
        .where('state', '=', 'unknown')
        .$if(call !== undefined, (builder) => builder.where('call', '=', call as CallId))
        .returningAll()
        .executeTakeFirst();
      return row === undefined ? null : toEffect(row);
    },
    find,
    async findByApproval(tx, tenant, approval) {
      const row = await query<Tables>(tx)
        .selectFrom('effects')
        .selectAll()
        .where('tenant', '=', tenant)
        .where('approval', '=', approval)
        .executeTakeFirst();
      return row === undefined ? null : toEffect(row);
    },
    async listUnresolved(tx, tenant) {
      const rows = await query<Tables>(tx)
        .selectFrom('effects')
        .selectAll()
        .where('tenant', '=', tenant)
        .where('state', '=', 'unknown')
        .orderBy('created_at')
        .execute();
      return rows.map(toEffect);
    },
    async unknownSince(tx, sinceMs, limit) {
      const rows = await query<Tables>(tx)
        .selectFrom('effects')
        .selectAll()
        .where('state', '=', 'unknown')
        .where('created_at', '>=', new Date(sinceMs))
        .orderBy('created_at', 'desc')
        .limit(limit)
        .execute();
      return rows.map(toEffect);
    },
    async strandedIn(tx, living) {
      const rows = await query<Tables>(tx)
        .selectFrom('effects')
        .selectAll()
        .where('state', '=', 'sent')
        .$if(living.length > 0, (builder) => builder.where('instance', 'not in', [...living]))
        .limit(MAX_STRANDED)
        .execute();
      return rows.map(toEffect);
    },
    async approvedBy(tx, instance, sinceMs) {
      const rows = await query<Tables>(tx)
        .selectFrom('effects')
        .selectAll()
        .where('instance', '=', instance)
        .where('approval', 'is not', null)
        .where('created_at', '>=', new Date(sinceMs))
        .execute();
      return rows.map(toEffect);
    },
  };
}

async function find(tx: Tx, tenant: TenantId, effectKey: string): Promise<EffectRow | null> {
  const row = await query<Tables>(tx)
    .selectFrom('effects')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('effect_key', '=', effectKey)
    .executeTakeFirst();
  return row === undefined ? null : toEffect(row);
}

function toEffect(row: Row): EffectRow {
  return {
    tenant: row.tenant as TenantId,
    effectKey: row.effect_key,
    call: row.call as CallId,
    digest: row.digest,
    state: row.state as EffectState,
    integration: row.integration,
    operation: row.operation,
    approval: row.approval,
    reservation: row.reservation as ReservationId | null,
    instance: row.instance,
    result: row.result,
    createdAtMs: row.created_at.getTime(),
    toldBy: row.told_by as EffectRow['toldBy'],
  };
}

export interface SealedOutcome {
  readonly status: number;
  readonly body: JsonValue;
}
