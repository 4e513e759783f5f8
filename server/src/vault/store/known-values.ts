// Rows of the personal values a run has met, always sealed.

import type { RunId, TenantId, Tx } from '#core';
import { query, sql } from '#storage';

interface Tables {
  vault_known_values: { tenant: string; run: string; digest: string; amount: number; sealed: Buffer; remembered_at: Date };
}

export async function countKnownValues(tx: Tx, tenant: TenantId, run: RunId): Promise<number> {
  const row = await query<Tables>(tx)
    .selectFrom('vault_known_values')
    .select(sql<number>`coalesce(sum(amount), 0)::integer`.as('amount'))
    .where('tenant', '=', tenant)
    .where('run', '=', run)
    .executeTakeFirstOrThrow();
  return row.amount;
}

export async function hasKnownValues(tx: Tx, tenant: TenantId, run: RunId, digest: string): Promise<boolean> {
  const rows = query<Tables>(tx).selectFrom('vault_known_values').select('digest').where('tenant', '=', tenant);
  return (await rows.where('run', '=', run).where('digest', '=', digest).executeTakeFirst()) !== undefined;
}

export interface KnownValuesRow {
  readonly digest: string;
  readonly amount: number;
  readonly sealed: Buffer;
  readonly rememberedAt: Date;
}

export async function addKnownValues(tx: Tx, tenant: TenantId, run: RunId, row: KnownValuesRow): Promise<void> {
  const { digest, amount, sealed, rememberedAt } = row;
  await query<Tables>(tx)
    .insertInto('vault_known_values')
    .values({ tenant, run, digest, amount, sealed, remembered_at: rememberedAt })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

export async function listKnownValues(tx: Tx, tenant: TenantId, run: RunId): Promise<readonly Buffer[]> {
  const rows = query<Tables>(tx).selectFrom('vault_known_values').select('sealed').where('tenant', '=', tenant);
  return (await rows.where('run', '=', run).orderBy('remembered_at').orderBy('digest').execute()).map((row) => row.sealed);
}

export async function deleteKnownValues(tx: Tx, tenant: TenantId, run: RunId): Promise<void> {
  await query<Tables>(tx).deleteFrom('vault_known_values').where('tenant', '=', tenant).where('run', '=', run).execute();
}

/** Runs whose values changed since: a reference, and a mark that changes with them. */
export async function changedKnownValues(
  tx: Tx,
  tenant: TenantId,
  sinceMs: number,
): Promise<readonly { readonly ref: string; readonly mark: string; readonly lastAtMs: number }[]> {
  const { rows } = await sql<{ ref: string; mark: string; last: Date }>`
    select run as ref, concat_ws(':', count(*), max(remembered_at)) as mark, max(remembered_at) as last from vault_known_values
    where tenant = ${tenant} group by run having max(remembered_at) >= ${new Date(sinceMs)}`.execute(query(tx));
  return rows.map(({ last, ...row }) => ({ ...row, lastAtMs: last.getTime() }));
}
