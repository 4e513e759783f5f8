// The one way to the database: a bounded pool whose every transaction has a tenant or a named system role.
// INVARIANT: nothing hands out a connection; outside `inTenant` and `asSystem` no statement of a room can run.

import { AsyncLocalStorage } from 'node:async_hooks';
import pg from 'pg';
import { type EventCatalogue, parseId, type SallyportError, type TenantId, type Tx } from '#core';
import { type CheckEvent, checkAgainst } from './check-event.ts';
import { type ConnectionLimits, connectionSettings, DEFAULT_LIMITS } from './connection-settings.ts';
import { storageFault } from './errors.ts';
import { createListener } from './listen.ts';
import { LOGIN_RIGHTS, type Login, systemRoleOf } from './logins.ts';
import { createRoleConnections } from './role-connections.ts';
import { postgresRole, type SystemRole } from './roles.ts';
import { type RoomRole, roomRole } from './room-rights.ts';
import { closeTransaction, finishTransaction, isOpen, openTransaction, type PreparedStatement } from './transaction.ts';
import { isServerError, isUncertain, translateError } from './translate-error.ts';

export interface DatabaseOptions {
  /** Connection of the role sallyport_app, or of the login of a part. */
  readonly url: string;
  /** Whose login that is. Absent: the role sallyport_app. */
  readonly login?: Login | null;
  readonly poolSize: number;
  /** Told about connections that broke while nobody was using them. */
  readonly onFault: (fault: SallyportError) => void;
  /** Callers that may wait for a connection before more are refused with STORAGE_BUSY. */
  readonly maxWaiting?: number;
  /** How long one caller waits for a connection. */
  readonly queueTimeoutMs?: number;
  readonly limits?: Partial<ConnectionLimits>;
  /** The events that may be written. Absent: none. */
  readonly events?: EventCatalogue;
  /** Why nothing new may begin, from who runs the server: also told in place of a server that can not be reached. */
  readonly obstacle?: () => SallyportError | null;
  /** Types of events that begin something. They alone are refused while there is an obstacle: what has begun must be told. */
  readonly beginnings?: readonly string[];
}

/** The database as a room gets it: nothing of it is as the server's own role, except what is named as a job over all tenants. */
export type RoomDatabase = Pick<Database, 'checkEvent' | 'inTenant' | 'asSystem' | 'runAlone' | 'listen'>;

export interface Database {
  /** Whether an event may be written here: gives it back, or throws. */
  readonly checkEvent: CheckEvent;
  /** One transaction that sees the rows of one tenant only. Commits when `work` resolves, rolls back when it throws. */
  inTenant<T>(tenant: TenantId, work: (tx: Tx) => Promise<T>): Promise<T>;
  /** The same walls for a part that needs less: its transactions of a tenant run under its own, narrower role. */
  forRoom(role: RoomRole): RoomDatabase;
  /** One transaction as a named system role, which sees what migrations granted to it. */
  asSystem<T>(role: SystemRole, work: (tx: Tx) => Promise<T>): Promise<T>;
  /** Whether it does the jobs of this role as they are; the login of a part may have a narrower one in its place. */
  holds(role: SystemRole): boolean;
  /** One statement that is a transaction of its own, as a system role: the same walls as `asSystem`, one trip to the server. */
  runAlone(role: SystemRole, statement: PreparedStatement): Promise<void>;
  /** Hears notifications until the returned function is called. `onLost` is called once when the feed broke: nothing heard is then complete. */
  listen(channel: string, onPayload: (payload: string) => void, onLost: () => void): Promise<() => Promise<void>>;
  ping(): Promise<void>;
  /** Waits for running transactions, then closes every connection. */
  close(): Promise<void>;
}

/** Enough for a burst, small enough that the last in line is served within the queue timeout. */
const DEFAULT_MAX_WAITING = 256;
const DEFAULT_QUEUE_TIMEOUT_MS = 5_000;
/** How long a shutdown waits for running transactions before it cuts them. */
const CLOSE_TIMEOUT_MS = 10_000;

const current = new AsyncLocalStorage<Tx>();

/** Runs background work started from inside a transaction as if it had been started outside of it. */
export function outsideTransaction<T>(work: () => T): T {
  return current.exit(work);
}

const BYPASS_CHECK = 'select rolsuper or rolbypassrls as bypass from pg_roles where rolname = session_user';

async function refusePowerfulRole(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query(BYPASS_CHECK);
  if (rows[0]?.bypass !== false) throw storageFault('STORAGE_ROLE_TOO_POWERFUL');
}

const tenantSetup = (tenant: TenantId): pg.QueryConfig => ({
  name: 'set_tenant',
  text: "select set_config('sallyport.tenant', $1, true)",
  values: [tenant],
});

/** Both hold to the end of the transaction; the role can only be given back by ending it, or by who may set it. */
const roomSetup = (tenant: TenantId, role: RoomRole): pg.QueryConfig => ({
  name: `set_tenant_${role}`,
  text: `select set_config('sallyport.tenant', $1, true), set_config('role', '${roomRole(role)}', true)`,
  values: [tenant],
});

const roleSetup = (role: string): pg.QueryConfig => ({ text: `set local role ${role}` });

async function rollback(client: pg.PoolClient): Promise<void> {
  try {
    await client.query('rollback');
    client.release();
  } catch {
    // The failure that led here is the one reported; this connection is in doubt and never returns to the pool.
    client.release(true);
  }
}

async function commit(client: pg.PoolClient): Promise<void> {
  let command: string;
  try {
    ({ command } = await client.query('commit'));
  } catch (error) {
    client.release(true);
    const fault = translateError(error);
    throw isUncertain(fault) ? storageFault('STORAGE_COMMIT_UNKNOWN', undefined, fault) : fault;
  }
  client.release();
  // Postgres answers COMMIT of a failed transaction with a quiet ROLLBACK.
  if (command !== 'COMMIT') throw storageFault('STORAGE_TRANSACTION_ABORTED');
}

export function createDatabase(options: DatabaseOptions): Database {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const maxWaiting = options.maxWaiting ?? DEFAULT_MAX_WAITING;
  const settings = connectionSettings(options.url, limits, 'sallyport');
  const obstacle = options.obstacle ?? (() => null);
  const explain = (error: unknown): SallyportError => obstacle() ?? translateError(error);
  const pool = new pg.Pool({
    ...settings,
    pipeline: true,
    max: options.poolSize,
    idleTimeoutMillis: 60_000,
    connectionTimeoutMillis: options.queueTimeoutMs ?? DEFAULT_QUEUE_TIMEOUT_MS,
    onConnect: async (client: pg.ClientBase) => {
      client.on('error', () => undefined); // reported by the statement that was running, or below when idle
      await refusePowerfulRole(client);
    },
  } as pg.PoolConfig);
  pool.on('error', (error) => options.onFault(translateError(error)));
  const login = options.login ?? null;
  const usual = login === null ? null : LOGIN_RIGHTS[login].inTenant;
  const roleOf = (role: SystemRole): string => systemRoleOf(login, role);
  const alone = createRoleConnections({ settings, roleOf, check: refusePowerfulRole, explain, onFault: options.onFault });
  const listener = createListener({ settings, onFault: options.onFault });
  const known = checkAgainst(options.events ?? []);
  const beginnings = new Set(options.beginnings);
  const checkEvent: CheckEvent = (event) => {
    const fault = beginnings.has(event.type) ? obstacle() : null;
    if (fault !== null) throw fault;
    return known(event);
  };

  let isClosed = false;

  async function acquire(): Promise<pg.PoolClient> {
    if (isClosed) throw storageFault('STORAGE_CLOSED');
    if (pool.waitingCount >= maxWaiting) throw storageFault('STORAGE_BUSY', `${maxWaiting} waiting`);
    const wasFull = pool.totalCount >= options.poolSize && pool.idleCount === 0;
    try {
      return await pool.connect();
    } catch (error) {
      if (wasFull && error instanceof Error && error.message.startsWith('timeout exceeded'))
        throw storageFault('STORAGE_BUSY', 'no free connection');
      throw explain(error);
    }
  }

  async function transact<T>(setup: pg.QueryConfig, work: (tx: Tx) => Promise<T>): Promise<T> {
    const outer = current.getStore();
    if (outer !== undefined && isOpen(outer)) throw storageFault('STORAGE_NESTED_TRANSACTION');
    const client = await acquire();
    const tx = openTransaction(client, checkEvent);
    let result: T;
    try {
      // Sent without waiting for the answers: the statements of `work` stand behind them in the same connection.
      // Should one of the two fail, no tenant and no role is set and the walls refuse what follows.
      const begun = Promise.all([client.query('begin'), client.query(setup)]);
      begun.catch(() => undefined); // awaited below, after the work that stands behind it has settled
      result = await current.run(tx, work, tx);
      await current.run(tx, finishTransaction, tx);
      // Work that asked nothing of the database hears of a broken connection only here.
      await begun.catch((error: unknown) => Promise.reject(translateError(error)));
    } catch (error) {
      closeTransaction(tx);
      await rollback(client);
      throw isServerError(error) ? translateError(error) : error;
    }
    closeTransaction(tx);
    await commit(client);
    return result;
  }

  const inTenantAs =
    (role: RoomRole | null): Database['inTenant'] =>
    async (tenant, work) => {
      if (parseId('ten', tenant) === null) throw storageFault('STORAGE_TENANT_MISSING');
      return transact(role === null ? tenantSetup(tenant) : roomSetup(tenant, role), work);
    };

  const database: Database = {
    checkEvent,
    inTenant: inTenantAs(usual),
    forRoom: (role) => ({ ...database, inTenant: inTenantAs(role) }),
    asSystem: (role, work) => transact(roleSetup(roleOf(role)), work),
    holds: (role) => roleOf(role) === postgresRole(role),
    runAlone: (role, statement) => (isClosed ? Promise.reject(storageFault('STORAGE_CLOSED')) : alone.run(role, statement)),
    listen: (channel, onPayload, onLost) => listener.listen(channel, onPayload, onLost),
    async ping() {
      const client = await acquire();
      try {
        await client.query('select 1');
        client.release();
      } catch (error) {
        client.release(true);
        throw translateError(error);
      }
    },
    async close() {
      if (isClosed) return;
      isClosed = true;
      await listener.close();
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<'late'>((resolve) => {
        timer = setTimeout(resolve, CLOSE_TIMEOUT_MS, 'late');
      });
      const outcome = await Promise.race([Promise.all([pool.end(), alone.close()]), late]);
      clearTimeout(timer);
      if (outcome === 'late') throw storageFault('STORAGE_TIMEOUT', 'transactions were still running at shutdown');
    },
  };
  return database;
}
