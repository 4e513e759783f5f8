// How long runs took until they answered, from their start in the log.

import type { TenantId, Tx } from '#core';
import { query, sql } from '#storage';

/** Median time between the start of each run and its answer, the newest of each; null when no start is in the log. */
export async function medianSince(
  tx: Tx,
  tenant: TenantId,
  answered: readonly { readonly subject: string; readonly atMs: number }[],
): Promise<number | null> {
  const { rows } = await sql<{ median: number | null }>`
    with answered as (
      select subject, max(at) as at from unnest(${answered.map((one) => one.subject)}::text[],
        ${answered.map((one) => new Date(one.atMs).toISOString())}::timestamptz[]) as told(subject, at) group by subject
    )
    select (extract(epoch from percentile_cont(0.5) within group (order by answered.at - begun.occurred_at)) * 1000)::float8 as median
    from answered join audit_log begun on begun.tenant = ${tenant} and begun.subject = answered.subject
      and begun.type = 'workflows.run.started'`.execute(query(tx));
  const median = rows[0]?.median ?? null;
  return median === null ? null : Math.round(median);
}
