// Rows of deliveries: which were accepted, and what they started. And which published versions listen to one.
// INVARIANT: of many transactions that bring the same delivery one writes it; the others wait for it and read what it wrote.

import type { RunId, TenantId, Tx } from '#core';
import { query, sql } from '#storage';
import type { Listens } from '../definition.ts';

export interface DeliveryKey {
  readonly tenant: TenantId;
  readonly integration: string;
  /** The sender's own id of it. */
  readonly delivery: string;
}

interface Tables {
  workflow_deliveries: { tenant: string; integration: string; delivery: string; body: string; runs: readonly string[]; received_at: Date };
  workflow_versions: {
    tenant: string;
    name: string;
    state: string;
    listens_integration: string | null;
    listens_event: string | null;
  };
  workflows: { tenant: string; name: string; paused: boolean };
}

/** False when it was brought before; a transaction that is bringing it right now is waited for. */
export async function insertDelivery(tx: Tx, key: DeliveryKey, { body, atMs }: { body: string; atMs: number }): Promise<boolean> {
  const inserted = await sql`
    insert into workflow_deliveries (tenant, integration, delivery, body, runs, received_at)
    values (${key.tenant}, ${key.integration}, ${key.delivery}, ${body}, '{}', ${new Date(atMs)})
    on conflict do nothing returning delivery`.execute(query<Tables>(tx));
  return inserted.rows.length === 1;
}

export async function setDeliveryRuns(tx: Tx, key: DeliveryKey, runs: readonly RunId[]): Promise<void> {
  await query<Tables>(tx)
    .updateTable('workflow_deliveries')
    .set({ runs: [...runs] })
    .where('tenant', '=', key.tenant)
    .where('integration', '=', key.integration)
    .where('delivery', '=', key.delivery)
    .execute();
}

export async function findDelivery(tx: Tx, key: DeliveryKey): Promise<{ readonly body: string; readonly runs: readonly RunId[] } | null> {
  const row = await query<Tables>(tx)
    .selectFrom('workflow_deliveries')
    .select(['body', 'runs'])
    .where('tenant', '=', key.tenant)
    .where('integration', '=', key.integration)
    .where('delivery', '=', key.delivery)
    .executeTakeFirst();
  return row === undefined ? null : { body: row.body, runs: row.runs as readonly RunId[] };
}

export async function dropDelivery(tx: Tx, key: DeliveryKey): Promise<void> {
  await query<Tables>(tx)
    .deleteFrom('workflow_deliveries')
    .where('tenant', '=', key.tenant)
    .where('integration', '=', key.integration)
    .where('delivery', '=', key.delivery)
    .execute();
}

/** Of all tenants; for the resolver role. */
export async function pruneDeliveries(tx: Tx, beforeMs: number, except: readonly TenantId[]): Promise<void> {
  const old = query<Tables>(tx).deleteFrom('workflow_deliveries').where('received_at', '<', new Date(beforeMs));
  await (except.length === 0 ? old : old.where('tenant', 'not in', [...except])).execute();
}

/** Workflows whose published version says it listens; a paused one does not listen. */
export async function listListening(
  tx: Tx,
  tenant: TenantId,
  { integration, event }: Partial<Listens>,
): Promise<readonly { readonly name: string; readonly listens: Listens; readonly isPaused: boolean }[]> {
  const rows = await query<Tables>(tx)
    .selectFrom('workflow_versions as version')
    .innerJoin('workflows as workflow', (join) =>
      join.onRef('workflow.tenant', '=', 'version.tenant').onRef('workflow.name', '=', 'version.name'),
    )
    .select(['version.name', 'version.listens_integration', 'version.listens_event', 'workflow.paused'])
    .where('version.tenant', '=', tenant)
    .where('version.state', '=', 'published')
    .where('version.listens_integration', 'is not', null)
    .$if(integration !== undefined, (builder) => builder.where('version.listens_integration', '=', integration as string))
    .$if(event !== undefined, (builder) => builder.where('version.listens_event', '=', event as string))
    .orderBy('version.name')
    .execute();
  return rows.map((row) => ({
    name: row.name,
    listens: { integration: row.listens_integration ?? '', event: row.listens_event ?? '' },
    isPaused: row.paused,
  }));
}
