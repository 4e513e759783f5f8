// The servers that work on a database, each with its release. A migration asks here who would be hurt by it.
// INVARIANT: a server stands here from before its first statement until it ends; one that the database has left behind is told so.

import { sql } from 'kysely';
import type pg from 'pg';
import type { SallyportError } from '#core';
import type { Database } from './database.ts';
import { storageFault } from './errors.ts';
import { query } from './transaction.ts';

export interface ReplicaIdentity {
  /** A name no other process has. */
  readonly replica: string;
  readonly release: number;
}

export interface ReplicaBeat {
  /** Takes the name away, so that a migration need not wait for it. */
  close(): Promise<void>;
}

export interface ReplicaTiming {
  readonly everyMs: number;
  /** A server that did not say that it lives for this long is gone. */
  readonly aliveMs: number;
}

export const REPLICA_TIMING: ReplicaTiming = Object.freeze({ everyMs: 3_000, aliveMs: 15_000 });

const HAS_TABLE = "select to_regclass('public.storage_replicas') is not null as has";

/** Under the migration lock: whoever migrates next sees this server. Before the table exists there is nobody to tell. */
export async function registerReplica(client: pg.Client, { replica, release }: ReplicaIdentity): Promise<void> {
  const { rows } = await client.query<{ has: boolean }>(HAS_TABLE);
  if (rows[0]?.has !== true) return;
  await client.query(
    `insert into storage_replicas (replica, release) values ($1, $2)
     on conflict (replica) do update set release = excluded.release, seen_at = clock_timestamp()`,
    [replica, release],
  );
}

/** The lowest release of a living server other than `self`, with how many there are of it; null when none lives. */
export async function oldestReplica(
  client: pg.Client,
  self: string,
  aliveMs: number,
): Promise<{ readonly release: number; readonly count: number } | null> {
  const { rows } = await client.query<{ has: boolean }>(HAS_TABLE);
  if (rows[0]?.has !== true) return null;
  const alive = await client.query<{ release: number; count: number }>(
    `select release, count(*)::int as count from storage_replicas
     where replica <> $1 and seen_at > clock_timestamp() - $2 * interval '1 millisecond' group by release order by release limit 1`,
    [self, aliveMs],
  );
  return alive.rows[0] ?? null;
}

async function beat(db: Database, { replica, release }: ReplicaIdentity): Promise<string | null> {
  return db.asSystem('installer', async (tx) => {
    const on = query(tx);
    await sql`insert into storage_replicas (replica, release) values (${replica}, ${release})
      on conflict (replica) do update set seen_at = clock_timestamp()`.execute(on);
    await sql`delete from storage_replicas where seen_at < clock_timestamp() - interval '1 day'`.execute(on);
    const { rows } = await sql<{ id: string }>`select id from storage_migrations
      where release > ${release + 1} or (release > ${release} and phase = 'contract') order by id limit 1`.execute(on);
    return rows[0]?.id ?? null;
  });
}

/**
 * Says every few seconds that this server lives. `onRetired` is called once when the database has moved on without it (it was
 * paused, or cut off): it must stop then. `onFault` hears of beats that could not be said.
 */
export function keepReplica(options: {
  readonly db: Database;
  readonly identity: ReplicaIdentity;
  readonly onRetired: (fault: SallyportError) => void;
  readonly onFault: (fault: unknown) => void;
  readonly timing?: ReplicaTiming;
}): ReplicaBeat {
  const { db, identity } = options;
  const { everyMs } = options.timing ?? REPLICA_TIMING;
  let running: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | null = null;
  const stop = (): void => {
    if (timer !== null) clearInterval(timer);
    timer = null;
  };
  const round = async (): Promise<void> => {
    try {
      const newer = await beat(db, identity);
      if (newer === null || timer === null) return;
      stop();
      options.onRetired(storageFault('STORAGE_MIGRATION_UNKNOWN', `${newer}; this server is of release ${identity.release} and stops`));
    } catch (error) {
      options.onFault(error);
    }
  };
  timer = setInterval(() => {
    running = running.then(round);
  }, everyMs);
  timer.unref();
  running = round();
  return {
    async close() {
      stop();
      await running;
      await db
        .asSystem('installer', (tx) => sql`delete from storage_replicas where replica = ${identity.replica}`.execute(query(tx)))
        .catch(options.onFault);
    },
  };
}
