// Reads the sealed ledger by what it is about: the newest event of each subject. Everything here is bounded by a page.

import type { TenantId, Tx } from '#core';
import { query, sql } from '#storage';

export interface SubjectQuery {
  /** Subjects of one kind, e.g. `call_`. */
  readonly subjectPrefix: string;
  /** Only events whose type starts so count as the newest of their subject. */
  readonly typePrefix: string;
  /** Newest first, below this sequence number; null for the newest. */
  readonly before: number | null;
  readonly limit: number;
  readonly sinceMs: number | null;
  /** Types the newest event may have; null for any. */
  readonly types: readonly string[] | null;
  /** What its public `code` must or must not be; null for any. */
  readonly code: { readonly is: string } | { readonly not: string } | null;
  /** Public facts that some event of the subject must state. */
  readonly facts: Readonly<Record<string, string>>;
  /** Whether some event of the subject counts replaced values; null for any. */
  readonly tokenised: boolean | null;
}

/** What one subject left in the ledger, oldest first. */
export interface SubjectRow {
  readonly subject: string;
  readonly seq: number;
  readonly leaves: readonly { readonly seq: number; readonly leaf: string }[];
}

export async function listSubjects(tx: Tx, tenant: TenantId, filter: SubjectQuery): Promise<readonly SubjectRow[]> {
  const { subjectPrefix, typePrefix, before, limit, sinceMs, types, code } = filter;
  const facts = JSON.stringify(filter.facts);
  const since = sinceMs === null ? null : new Date(sinceMs).toISOString();
  const is = code !== null && 'is' in code ? code.is : null;
  const not = code !== null && 'not' in code ? code.not : null;
  const { rows } = await sql<{ subject: string; seq: bigint; leaves: { seq: number; leaf: string }[] }>`
    with newest as (
      select log.subject, log.seq from audit_log log
      where log.tenant = ${tenant} and starts_with(log.subject, ${subjectPrefix}) and starts_with(log.type, ${typePrefix})
        and (${before}::bigint is null or log.seq < ${before})
        and (${since}::timestamptz is null or log.occurred_at >= ${since})
        and (${types}::text[] is null or log.type = any(${types}::text[]))
        and (${is}::text is null or log.leaf::json -> 'public' ->> 'code' = ${is})
        and (${not}::text is null or (log.leaf::json -> 'public' ->> 'code') is distinct from ${not})
        and not exists (select 1 from audit_log later where later.tenant = log.tenant and later.subject = log.subject
          and later.seq > log.seq and starts_with(later.type, ${typePrefix}))
        and not exists (select 1 from json_each_text(${facts}::json) wanted where not exists (
          select 1 from audit_log told where told.tenant = log.tenant and told.subject = log.subject
            and told.leaf::json -> 'public' ->> wanted.key = wanted.value))
        and (${filter.tokenised}::boolean is null or ${filter.tokenised} = exists (
          select 1 from audit_log told where told.tenant = log.tenant and told.subject = log.subject
            and coalesce(told.leaf::json -> 'public' ->> 'tokenised', '{}') <> '{}'))
      order by log.seq desc limit ${limit}
    )
    select newest.subject, newest.seq,
      (select json_agg(json_build_object('seq', log.seq, 'leaf', log.leaf) order by log.seq) from audit_log log
        where log.tenant = ${tenant} and log.subject = newest.subject) as leaves
    from newest order by newest.seq desc`.execute(query(tx));
  return rows.map((row) => ({ subject: row.subject, seq: Number(row.seq), leaves: row.leaves }));
}

/** Size and moment of the newest signed checkpoint of the whole ledger. */
export async function newestHead(tx: Tx): Promise<{ readonly size: number; readonly signedAtMs: number } | null> {
  const { rows } = await sql<{
    size: bigint;
    signed_at: Date;
  }>`select size, signed_at from audit_checkpoint order by epoch desc, size desc limit 1`.execute(query(tx));
  const row = rows[0];
  return row === undefined ? null : { size: Number(row.size), signedAtMs: row.signed_at.getTime() };
}
