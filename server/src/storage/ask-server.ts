// Asks the server about itself: settings, roles, clock. Reads catalogues only, never a row of a tenant.

import { CompiledQuery } from 'kysely';
import pg from 'pg';
import type { Tx } from '#core';
import { connectionSettings, DEFAULT_LIMITS } from './connection-settings.ts';
import { query } from './transaction.ts';
import { translateError } from './translate-error.ts';

export type Ask = <Row>(text: string, values?: readonly unknown[]) => Promise<readonly Row[]>;

export function askOf(tx: Tx): Ask {
  return async <Row>(text: string, values: readonly unknown[] = []) =>
    (await query(tx).executeQuery<Row>(CompiledQuery.raw(text, [...values]))).rows;
}

/** On a connection of its own, also as a login that the pool would refuse for its powers: somebody has to say which. */
export async function withServer<T>(url: string, work: (ask: Ask) => Promise<T>): Promise<T> {
  const client = new pg.Client(connectionSettings(url, DEFAULT_LIMITS, 'sallyport-doctor'));
  client.on('error', () => undefined); // reported by the statement that was running
  try {
    await client.connect();
    return await work(async <Row>(text: string, values: readonly unknown[] = []) => (await client.query(text, [...values])).rows as Row[]);
  } catch (error) {
    throw translateError(error);
  } finally {
    await client.end();
  }
}
