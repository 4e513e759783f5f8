// Rows of the processes that run workflows, and of the one that watches the others. Times are the database's, so that clocks of machines
// need not agree. INVARIANT: a process declared dead stays dead under that name; only the leader of the moment declares.

import type { RunId, TenantId, Tx } from '#core';
import { query, sql } from '#storage';

const run = async <Row>(tx: Tx, statement: ReturnType<typeof sql<Row>>): Promise<readonly Row[]> =>
  (await statement.execute(query<unknown>(tx))).rows;
const ago = (ms: number) => sql`now() - make_interval(secs => ${ms / 1000})`;

export async function joinExecutors(tx: Tx, executor: string, mark: string): Promise<void> {
  await run(tx, sql`insert into workflow_executors (executor, seen_at, mark) values (${executor}, now(), ${mark})`);
}

/** Who says that it lives, with the mark that would show it. */
export async function markedExecutors(tx: Tx): Promise<readonly { readonly executor: string; readonly mark: string | null }[]> {
  return run(tx, sql<{ executor: string; mark: string | null }>`select executor, mark from workflow_executors where dead_at is null`);
}

/** Not of this installation: they hold no run, and do not watch. */
export async function expelExecutors(tx: Tx, executors: readonly string[]): Promise<void> {
  if (executors.length === 0) return;
  await run(tx, sql`update workflow_executors set dead_at = now() where executor in (${sql.join([...executors])}) and dead_at is null`);
  await run(tx, sql`delete from workflow_leader where executor in (${sql.join([...executors])})`);
}

/** Who watches by its own word, though no living process has that name, or for longer than any of ours does: the lead is free. */
export async function dropStrangeLead(tx: Tx, living: readonly string[], longestMs: number): Promise<void> {
  await run(
    tx,
    sql`delete from workflow_leader where until > now() + make_interval(secs => ${longestMs / 1000})
    or (executor <> all(${[...living]}::text[]) and until > now()
      and executor not in (select executor from workflow_executors where dead_at is not null))`,
  );
}

/** False when it was declared dead meanwhile. */
export async function beatExecutor(tx: Tx, executor: string): Promise<boolean> {
  const rows = await run(
    tx,
    sql`update workflow_executors set seen_at = now() where executor = ${executor} and dead_at is null returning executor`,
  );
  return rows.length === 1;
}

/** Says of itself that it is gone: whoever watches need not wait. */
export async function leaveExecutors(tx: Tx, executor: string): Promise<void> {
  await run(tx, sql`update workflow_executors set dead_at = now() where executor = ${executor} and dead_at is null`);
  await run(tx, sql`delete from workflow_leader where executor = ${executor}`);
}

/**
 * The term under which this process watches until `leaseMs` from now, or `null` when another one does. The row stays locked to the end of
 * the transaction: what is declared in it is declared by the leader.
 */
export async function takeLead(tx: Tx, executor: string, leaseMs: number): Promise<number | null> {
  const rows = await run(
    tx,
    sql<{ term: string }>`
      insert into workflow_leader (executor, term, until)
        select ${executor}, 1, now() + make_interval(secs => ${leaseMs / 1000})
        where exists (select from workflow_executors where executor = ${executor} and dead_at is null)
      on conflict (only_one) do update set executor = excluded.executor, until = excluded.until,
        term = workflow_leader.term + case when workflow_leader.executor = excluded.executor then 0 else 1 end
      where workflow_leader.executor = excluded.executor or workflow_leader.until < now()
      returning term`,
  );
  return rows[0] === undefined ? null : Number(rows[0].term);
}

/** Declares dead who did not beat for `deadAfterMs`; never the one that asks. Gives every dead one whose runs were not handed on yet. */
export async function declareDead(tx: Tx, self: string, deadAfterMs: number): Promise<readonly string[]> {
  await run(
    tx,
    sql`update workflow_executors set dead_at = now() where dead_at is null and executor <> ${self} and seen_at < ${ago(deadAfterMs)}`,
  );
  const rows = await run(
    tx,
    sql<{ executor: string }>`select executor from workflow_executors where dead_at is not null and recovered_at is null order by dead_at`,
  );
  return rows.map(({ executor }) => executor);
}

/** Their runs were handed on. Rows of long ago go. */
export async function markRecovered(tx: Tx, executors: readonly string[], keepMs: number): Promise<void> {
  await run(tx, sql`update workflow_executors set recovered_at = now() where executor in (${sql.join([...executors])})`);
  await run(tx, sql`delete from workflow_executors where recovered_at < ${ago(keepMs)}`);
}

/** Open runs that no living process has, older than `olderThanMs`: their process died before or while the engine heard of them. */
export async function strayRuns(
  tx: Tx,
  olderThanMs: number,
  limit: number,
): Promise<readonly { readonly tenant: TenantId; readonly run: RunId }[]> {
  const rows = await run(
    tx,
    sql<{ tenant: string; id: string }>`
      select tenant, id from workflow_runs r where state = 'running' and started_at < ${ago(olderThanMs)}
        and not exists (select from workflow_executors e where e.executor = r.executor and e.recovered_at is null)
      order by started_at limit ${limit}`,
  );
  return rows.map(({ tenant, id }) => ({ tenant: tenant as TenantId, run: id as RunId }));
}

export async function livingExecutors(tx: Tx): Promise<ReadonlySet<string>> {
  const rows = await run(tx, sql<{ executor: string }>`select executor from workflow_executors where dead_at is null`);
  return new Set(rows.map(({ executor }) => executor));
}
