// Rows of opt-outs. A person stands in them as a keyed reference: whoever holds the identifier can ask, and nobody can read it back.

import type { OptOutUse, TenantId, Tx } from '#core';
import { query, sql } from '#storage';

/** How many are new. */
export async function addOptOuts(
  tx: Tx,
  tenant: TenantId,
  {
    people,
    uses,
    source,
    at,
  }: { readonly people: readonly string[]; readonly uses: readonly OptOutUse[]; readonly source: string; readonly at: Date },
): Promise<number> {
  const { rows } = await sql`insert into governance_opt_outs (tenant, person, use, source, since)
    select ${tenant}, person, use, ${source}, ${at} from unnest(${[...people]}::text[]) as given (person), unnest(${[...uses]}::text[]) as of (use)
    on conflict do nothing returning 1`.execute(query(tx));
  return rows.length;
}

export async function dropOptOuts(tx: Tx, tenant: TenantId, people: readonly string[], uses: readonly OptOutUse[]): Promise<number> {
  const { rows } = await sql`delete from governance_opt_outs where tenant = ${tenant} and person = any(${[...people]}::text[])
    and use = any(${[...uses]}::text[]) returning 1`.execute(query(tx));
  return rows.length;
}

/** Which of these people opted out of one of the uses. */
export async function findOptOuts(
  tx: Tx,
  tenant: TenantId,
  people: readonly string[],
  uses: readonly OptOutUse[],
): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ person: string }>`select distinct person from governance_opt_outs where tenant = ${tenant}
    and person = any(${[...people]}::text[]) and use = any(${[...uses]}::text[])`.execute(query(tx));
  return new Set(rows.map(({ person }) => person));
}

export async function countOptOuts(
  tx: Tx,
  tenant: TenantId,
): Promise<readonly { use: OptOutUse; source: string; count: number; lastAt: Date }[]> {
  const { rows } = await sql<{ use: OptOutUse; source: string; count: number; last_at: Date }>`select use, source, count(*)::int as count,
    max(since) as last_at from governance_opt_outs where tenant = ${tenant} group by use, source order by use, source`.execute(query(tx));
  return rows.map(({ last_at, ...row }) => ({ ...row, lastAt: last_at }));
}

/** False when this delivery was taken before. Forgets those whose signature is out of time. */
export async function noteDelivery(
  tx: Tx,
  tenant: TenantId,
  { integration, delivery, at, forgetBefore }: { integration: string; delivery: string; at: Date; forgetBefore: Date },
): Promise<boolean> {
  const on = query(tx);
  await sql`delete from governance_opt_out_deliveries where tenant = ${tenant} and at < ${forgetBefore}`.execute(on);
  const { rows } = await sql`insert into governance_opt_out_deliveries (tenant, integration, delivery, at)
    values (${tenant}, ${integration}, ${delivery}, ${at}) on conflict do nothing returning 1`.execute(on);
  return rows.length === 1;
}

/** Since when each of these people is out of which use. */
export async function optedOutSince(
  tx: Tx,
  tenant: TenantId,
  people: readonly string[],
  uses: readonly OptOutUse[],
): Promise<readonly { person: string; use: OptOutUse; since: Date }[]> {
  const { rows } = await sql<{ person: string; use: OptOutUse; since: Date }>`select person, use, since from governance_opt_outs
    where tenant = ${tenant} and person = any(${[...people]}::text[]) and use = any(${[...uses]}::text[]) order by person, use`.execute(
    query(tx),
  );
  return rows;
}
