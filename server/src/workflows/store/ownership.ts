// Which process has a run and how many of its moves are written. Both stand in the run's own row and change in the transaction that writes a
// move: that row is the engine's completion record and the fence in one.
// INVARIANT: the n-th move is written once, and only by the living process that has the run.

import type { RunId, TenantId, Tx } from '#core';
import { query, sql } from '#storage';

export interface Held {
  /** Moves that are written. */
  readonly moves: number;
  readonly hasEnded: boolean;
}

interface Row {
  moves: number;
  state: string;
}

interface Place {
  readonly tenant: TenantId;
  readonly run: RunId;
}

const all = async <Row>(tx: Tx, statement: ReturnType<typeof sql<Row>>): Promise<readonly Row[]> =>
  (await statement.execute(query<unknown>(tx))).rows;

/** Takes the run for a living process; `null` when the process is not living any more, `gone` when there is no such run. */
export async function takeRun(tx: Tx, { tenant, run }: Place, executor: string): Promise<Held | 'gone' | null> {
  const rows = await all(
    tx,
    sql<Row>`
      update workflow_runs set executor = ${executor} where tenant = ${tenant} and id = ${run}
        and exists (select from workflow_executors where executor = ${executor} and dead_at is null)
      returning moves, state`,
  );
  if (rows[0] !== undefined) return toHeld(rows[0]);
  const there = await all(tx, sql`select id from workflow_runs where tenant = ${tenant} and id = ${run}`);
  return there.length === 0 ? 'gone' : null;
}

/** Counts the `nth` move, from 0, as written; false when it is written already, or the process does not have the run any more. */
export async function countMove(tx: Tx, { tenant, run }: Place, executor: string, nth: number): Promise<boolean> {
  const rows = await all(
    tx,
    sql`update workflow_runs set moves = ${nth + 1} where tenant = ${tenant} and id = ${run} and executor = ${executor} and moves = ${nth}
      returning id`,
  );
  return rows.length === 1;
}

/** How far the run is written, as long as the process has it. */
export async function readHeld(tx: Tx, { tenant, run }: Place, executor: string): Promise<Held | null> {
  const rows = await all(
    tx,
    sql<Row>`select moves, state from workflow_runs where tenant = ${tenant} and id = ${run} and executor = ${executor}`,
  );
  return toHeld(rows[0]);
}

/** Who waits for a person's decision on this call. */
export async function runsWaitingFor(tx: Tx, tenant: TenantId, approval: string): Promise<readonly RunId[]> {
  const rows = await all(
    tx,
    sql<{
      run: string;
    }>`select distinct run from workflow_steps where tenant = ${tenant} and approval = ${approval} and outcome = 'waiting'`,
  );
  return rows.map(({ run }) => run as RunId);
}

function toHeld(row: Row | undefined): Held | null {
  return row === undefined ? null : { moves: row.moves, hasEnded: row.state !== 'running' };
}
