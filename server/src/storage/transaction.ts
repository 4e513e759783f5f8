// What an open transaction is: the opaque `Tx` on the outside, one pooled connection on the inside.
// INVARIANT: a `Tx` that has ended runs nothing more, whatever query builder still holds it; its connection serves another tenant by then.

import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
} from 'kysely';
import type { ClientBase, QueryResult as PgResult, QueryConfig } from 'pg';
import type { Tx } from '#core';
import { type CheckEvent, checkAgainst } from './check-event.ts';
import { storageFault } from './errors.ts';
import { translateError } from './translate-error.ts';

interface OpenTransaction {
  readonly client: ClientBase;
  readonly check: CheckEvent;
  isOpen: boolean;
  builder: Kysely<unknown> | null;
  /** In the order in which it was asked for. */
  readonly last: (() => Promise<void>)[];
}

const NO_EVENTS = checkAgainst([]);
const transactions = new WeakMap<Tx, OpenTransaction>();

/** Without a check it writes no event. */
export function openTransaction(client: ClientBase, check: CheckEvent = NO_EVENTS): Tx {
  const tx = Object.freeze({}) as Tx;
  transactions.set(tx, { client, check, isOpen: true, builder: null, last: [] });
  return tx;
}

export function closeTransaction(tx: Tx): void {
  find(tx).isOpen = false;
}

/** Runs this after everything else of the transaction, just before it commits; its failure rolls all of it back. */
export function beforeCommit(tx: Tx, work: () => Promise<void>): void {
  const open = find(tx);
  if (!open.isOpen) throw storageFault('STORAGE_TRANSACTION_CLOSED');
  open.last.push(work);
}

/** By the database alone, when the work of a transaction has ended well. */
export async function finishTransaction(tx: Tx): Promise<void> {
  for (const work of find(tx).last) await work();
}

export function isOpen(tx: Tx): boolean {
  return transactions.get(tx)?.isOpen ?? false;
}

/** What this transaction's database lets into its event log. */
export function checkOf(tx: Tx): CheckEvent {
  return find(tx).check;
}

function find(tx: Tx): OpenTransaction {
  const open = transactions.get(tx);
  if (open === undefined) throw storageFault('STORAGE_TRANSACTION_CLOSED', 'not a transaction of this database');
  return open;
}

/** A statement the server parses once per connection. It can not hold a second one behind a semicolon. */
export interface PreparedStatement {
  readonly name: string;
  readonly text: string;
  readonly values: unknown[];
}

/** Runs one statement. Statements with a `name` are prepared once per connection. */
export async function runStatement(tx: Tx, statement: QueryConfig): Promise<PgResult> {
  const open = find(tx);
  if (!open.isOpen) throw storageFault('STORAGE_TRANSACTION_CLOSED');
  try {
    return await open.client.query(statement);
  } catch (error) {
    throw translateError(error);
  }
}

const COUNTED = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE']);

function connectionOf(tx: Tx): DatabaseConnection {
  return {
    async executeQuery<Row>(compiled: CompiledQuery): Promise<QueryResult<Row>> {
      const result = await runStatement(tx, { text: compiled.sql, values: [...compiled.parameters] });
      const rows = result.rows as Row[];
      return COUNTED.has(result.command) ? { rows, numAffectedRows: BigInt(result.rowCount ?? 0) } : { rows };
    },
    // biome-ignore lint/correctness/useYield: streaming is refused, a transaction is one short conversation
    async *streamQuery() {
      throw storageFault('STORAGE_QUERY_FAILED', 'streaming is not offered inside a transaction');
    },
  };
}

const refuseNested = async (): Promise<never> => {
  throw storageFault('STORAGE_NESTED_TRANSACTION');
};

function driverOf(tx: Tx): Driver {
  const connection = connectionOf(tx);
  return {
    init: async () => undefined,
    acquireConnection: async () => connection,
    beginTransaction: refuseNested,
    commitTransaction: refuseNested,
    rollbackTransaction: refuseNested,
    releaseConnection: async () => undefined,
    destroy: async () => undefined,
  };
}

function dialectOf(tx: Tx): Dialect {
  return {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => driverOf(tx),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  };
}

/** The query builder of an open transaction, typed with the tables the caller's store knows. */
export function query<Tables>(tx: Tx): Kysely<Tables> {
  const open = find(tx);
  open.builder ??= new Kysely<unknown>({ dialect: dialectOf(tx) });
  return open.builder as Kysely<Tables>;
}

const CHANNEL = /^[a-z][a-z0-9_]{0,62}$/;
/** Postgres refuses payloads of 8000 bytes and more. */
const MAX_PAYLOAD_BYTES = 7999;

export function checkChannel(channel: string): string {
  if (!CHANNEL.test(channel)) throw storageFault('STORAGE_QUERY_FAILED', 'a channel name is lower case letters, digits and underscores');
  return channel;
}

/** Tells every listener after this transaction commits. Payloads are references; every tenant's listeners see them. */
export async function notify(tx: Tx, channel: string, payload: string): Promise<void> {
  checkChannel(channel);
  if (Buffer.byteLength(payload) > MAX_PAYLOAD_BYTES) throw storageFault('STORAGE_QUERY_FAILED', 'a notification is at most 7999 bytes');
  await runStatement(tx, { name: 'notify', text: 'select pg_notify($1, $2)', values: [channel, payload] });
}
