// Which tenants switched guesses in their calls off. Read whole at start and after a change, by the feed of the rules beside which it counts.

import type { TenantId, Tx } from '#core';
import { type Database, notify, query, sql } from '#storage';
import { DATA_RULES_CHANNEL } from './data-rules.ts';

export async function loadUnguessed(database: Pick<Database, 'asSystem'>): Promise<ReadonlySet<string>> {
  const { rows } = await database.asSystem('authenticator', (tx) =>
    sql<{ tenant: string }>`select tenant from data_guesses where not guesses`.execute(query(tx)),
  );
  return new Set(rows.map(({ tenant }) => tenant));
}

/** Whether calls are guessed at, as it stands in this transaction. Those who change it wait for each other. */
export async function readGuesses(tx: Tx, tenant: TenantId): Promise<boolean> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${tenant}, 215))`.execute(query(tx));
  const { rows } = await sql<{ guesses: boolean }>`select guesses from data_guesses where tenant = ${tenant}`.execute(query(tx));
  return rows[0]?.guesses ?? true;
}

export async function putGuesses(tx: Tx, tenant: TenantId, guesses: boolean): Promise<void> {
  await sql`insert into data_guesses (tenant, guesses) values (${tenant}, ${guesses})
    on conflict (tenant) do update set guesses = excluded.guesses`.execute(query(tx));
  await notify(tx, DATA_RULES_CHANNEL, '');
}
