// Connections that carry one system role from their start, for single statements that are transactions of their own.
// INVARIANT: the role is set before a connection serves its first statement, nothing else ever runs there, and what is prepared can
// hold one statement only; so the walls are those of `asSystem` without BEGIN, SET ROLE and COMMIT.

import pg from 'pg';
import type { SallyportError } from '#core';
import { storageFault } from './errors.ts';
import type { SystemRole } from './roles.ts';
import type { PreparedStatement } from './transaction.ts';
import { isUncertain, translateError } from './translate-error.ts';

export interface RoleConnections {
  /** Resolves after the commit. STORAGE_COMMIT_UNKNOWN when nobody can tell whether there was one. */
  run(role: SystemRole, statement: PreparedStatement): Promise<void>;
  /** Waits for running statements, then closes every connection. */
  close(): Promise<void>;
}

export interface RoleConnectionsOptions {
  readonly settings: pg.ClientConfig;
  /** The role of the database in which this login does such a job. */
  readonly roleOf: (role: SystemRole) => string;
  /** Refuses a connection whose login could pass the walls. */
  readonly check: (client: pg.ClientBase) => Promise<void>;
  /** The fault for a connection that could not be had. */
  readonly explain?: (error: unknown) => SallyportError;
  readonly onFault: (fault: SallyportError) => void;
}

/** One commit waits for the disk while the next is written; more would only make commits smaller. */
const CONNECTIONS_PER_ROLE = 2;

export function createRoleConnections(options: RoleConnectionsOptions): RoleConnections {
  const pools = new Map<SystemRole, pg.Pool>();

  function open(role: SystemRole): pg.Pool {
    const pool = new pg.Pool({
      ...options.settings,
      max: CONNECTIONS_PER_ROLE,
      idleTimeoutMillis: 60_000,
      onConnect: async (client: pg.ClientBase) => {
        client.on('error', () => undefined); // reported by the statement that was running, or below when idle
        await options.check(client);
        await client.query(`set role ${options.roleOf(role)}`);
      },
    } as pg.PoolConfig);
    pool.on('error', (error) => options.onFault(translateError(error)));
    pools.set(role, pool);
    return pool;
  }

  async function connect(role: SystemRole): Promise<pg.PoolClient> {
    try {
      return await (pools.get(role) ?? open(role)).connect();
    } catch (error) {
      throw (options.explain ?? translateError)(error);
    }
  }

  return {
    async run(role, statement) {
      const client = await connect(role);
      try {
        await client.query(statement);
      } catch (error) {
        const fault = translateError(error);
        // The server answered: it committed nothing, and the connection is good. Otherwise both are in doubt.
        client.release(isUncertain(fault));
        throw isUncertain(fault) ? storageFault('STORAGE_COMMIT_UNKNOWN', undefined, fault) : fault;
      }
      client.release();
    },
    async close() {
      await Promise.all([...pools.values()].map((pool) => pool.end()));
    },
  };
}
