// How every connection to Postgres is opened: bounded statements, our own type parsing, nothing taken from the environment.

import pg from 'pg';

export interface ConnectionLimits {
  /** The server ends a statement after this; protects the pool from one slow query. */
  readonly statementTimeoutMs: number;
  /** The server ends a wait for a lock after this. */
  readonly lockTimeoutMs: number;
  /** The server ends a transaction that sits idle, so that a lost caller can not hold locks. */
  readonly idleInTransactionMs: number;
  readonly connectTimeoutMs: number;
}

export const DEFAULT_LIMITS: ConnectionLimits = Object.freeze({
  statementTimeoutMs: 10_000,
  lockTimeoutMs: 5_000,
  idleInTransactionMs: 10_000,
  connectTimeoutMs: 5_000,
});

/** A server that stopped answering is given up this long after its own statement timeout should have fired. */
const HANG_GRACE_MS = 5_000;
const INT8_OID = 20;

const types = {
  getTypeParser(oid: number, format?: 'text' | 'binary') {
    // bigint columns hold money and sequences: never a float, never a string that sorts wrongly.
    if (oid === INT8_OID && format !== 'binary') return (text: string) => BigInt(text);
    return pg.types.getTypeParser(oid, format);
  },
} as pg.CustomTypesConfig;

export function connectionSettings(url: string, limits: ConnectionLimits, applicationName: string): pg.ClientConfig {
  return {
    connectionString: url,
    application_name: applicationName,
    statement_timeout: limits.statementTimeoutMs,
    lock_timeout: limits.lockTimeoutMs,
    idle_in_transaction_session_timeout: limits.idleInTransactionMs,
    query_timeout: limits.statementTimeoutMs + HANG_GRACE_MS,
    connectionTimeoutMillis: limits.connectTimeoutMs,
    keepAlive: true,
    types,
  };
}
