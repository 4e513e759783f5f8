// One transaction as the administrator of the database, for trials of what an administrator could do.
// INVARIANT: it never commits, whatever `work` does; nothing else in the server works as the administrator with a `Tx` in hand.

import pg from 'pg';
import type { EventCatalogue, TenantId, Tx } from '#core';
import { checkAgainst } from './check-event.ts';
import { connectionSettings, DEFAULT_LIMITS } from './connection-settings.ts';
import { closeTransaction, openTransaction } from './transaction.ts';
import { translateError } from './translate-error.ts';

/** A program is run over what the transaction sees: it may take so long. */
const IDLE_MS = 5 * 60_000;

export interface TrialOptions {
  readonly adminUrl: string;
  readonly tenant: TenantId;
  readonly events: EventCatalogue;
}

export async function tryAsAdministrator<T>({ adminUrl, tenant, events }: TrialOptions, work: (tx: Tx) => Promise<T>): Promise<T> {
  const limits = { ...DEFAULT_LIMITS, idleInTransactionMs: IDLE_MS };
  const client = new pg.Client(connectionSettings(adminUrl, limits, 'sallyport-trial'));
  // A connection that breaks takes its transaction with it.
  client.on('error', () => {});
  await client.connect().catch((error: unknown) => {
    throw translateError(error);
  });
  try {
    await client.query('begin');
    await client.query("select set_config('sallyport.tenant', $1, true)", [tenant]);
    const tx = openTransaction(client, checkAgainst(events));
    try {
      return await work(tx);
    } finally {
      closeTransaction(tx);
      await client.query('rollback').catch(() => {});
    }
  } finally {
    await client.end();
  }
}
