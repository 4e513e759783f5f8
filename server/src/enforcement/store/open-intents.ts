// Intents of a dead process that no outcome followed, wherever they are: still in the inbox, or sealed in the ledger. Read by the resolver.

import type { TenantId, Tx, UnixMs } from '#core';
import { query, sql } from '#storage';

export interface OpenIntent {
  readonly tenant: TenantId;
  readonly call: string;
  readonly integration: string | null;
  readonly operation: string | null;
}

const INTENDED = 'enforcement.call.intended';
const OUTCOMES = ['completed', 'refused', 'faulted', 'aborted', 'unresolved'].map((ending) => `enforcement.call.${ending}`);

/** Oldest first, at most `limit`; those written before `sinceMs` are not looked for, as no call takes that long. */
export async function findOpenIntents(
  tx: Tx,
  wanted: { readonly instance: string; readonly sinceMs: UnixMs; readonly limit: number },
): Promise<readonly OpenIntent[]> {
  const since = new Date(wanted.sinceMs);
  const { rows } = await sql<{ tenant: string; subject: string; integration: string | null; operation: string | null }>`
    with intents as (
      select tenant, subject, occurred_at, public::jsonb as facts from event_inbox
        where type = ${INTENDED} and occurred_at >= ${since}
      union all
      select tenant, subject, occurred_at, leaf::jsonb -> 'public' from audit_log
        where type = ${INTENDED} and occurred_at >= ${since}
    )
    select i.tenant, i.subject, i.facts ->> 'integration' as integration, i.facts ->> 'operation' as operation
    from intents i
    where i.facts ->> 'instance' = ${wanted.instance}
      and not exists (select from event_inbox o where o.tenant = i.tenant and o.subject = i.subject and o.type = any(${OUTCOMES}::text[]))
      and not exists (select from audit_log o where o.tenant = i.tenant and o.subject = i.subject and o.type = any(${OUTCOMES}::text[]))
    order by i.occurred_at limit ${wanted.limit}`.execute(query(tx));
  return rows.map((row) => ({
    tenant: row.tenant as TenantId,
    call: row.subject,
    integration: row.integration,
    operation: row.operation,
  }));
}
