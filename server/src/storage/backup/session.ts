// One plain connection for work that takes long: no time limit on a statement, and texts of values that are the same everywhere.

import pg from 'pg';
import { connectionSettings, DEFAULT_LIMITS } from '../connection-settings.ts';
import { translateError } from '../translate-error.ts';

/** A backup that stopped reading must not hold its snapshot, and so every dead row of the database, for ever. */
const IDLE_IN_TRANSACTION_MS = 10 * 60_000;

/** What COPY writes depends on these; with them the same row is the same bytes on every server. */
const FIXED_FORMS = [
  "set datestyle to 'ISO, YMD'",
  "set intervalstyle to 'postgres'",
  "set timezone to 'UTC'",
  "set bytea_output to 'hex'",
  'set extra_float_digits to 1',
  "set client_encoding to 'UTF8'",
].join('; ');

export async function withSession<T>(url: string, name: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const limits = { ...DEFAULT_LIMITS, statementTimeoutMs: 0, idleInTransactionMs: IDLE_IN_TRANSACTION_MS };
  const client = new pg.Client({ ...connectionSettings(url, limits, name), query_timeout: 0 });
  client.on('error', () => undefined); // reported by the statement that was running
  try {
    await client.connect();
    await client.query(FIXED_FORMS);
    return await work(client);
  } catch (error) {
    throw translateError(error);
  } finally {
    await client.end().catch(() => undefined); // a connection that is gone already
  }
}

export async function inTransaction<T>(client: pg.Client, begin: string, work: () => Promise<T>): Promise<T> {
  await client.query(begin);
  try {
    const result = await work();
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch(() => undefined); // the failure that led here is the one reported
    throw error;
  }
}
