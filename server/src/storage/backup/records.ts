// What this database knows of its backups: when each was made, checked and drilled. What lies in the folder is the truth about the rest.

import { sql } from 'kysely';
import type { Tx } from '#core';
import type { Database } from '../database.ts';
import { query } from '../transaction.ts';

export interface BackupRecord {
  readonly id: string;
  readonly state: 'running' | 'complete' | 'failed' | 'deleted';
  readonly startedAtMs: number;
  readonly bytes: number;
  readonly events: number;
  readonly code: string | null;
  readonly verifiedAtMs: number | null;
  readonly drill: { readonly atMs: number; readonly ok: boolean; readonly code: string | null } | null;
}

interface Row {
  id: string;
  state: BackupRecord['state'];
  started_at: Date;
  bytes: bigint;
  events: bigint;
  code: string | null;
  verified_at: Date | null;
  drilled_at: Date | null;
  drill_ok: boolean | null;
  drill_code: string | null;
}

type Db = Pick<Database, 'asSystem'>;
const run = <T>(db: Db, work: (tx: Tx) => Promise<T>): Promise<T> => db.asSystem('installer', work);

/** Newest first. */
export function listRecords(db: Db): Promise<readonly BackupRecord[]> {
  return run(db, async (tx) => {
    const { rows } = await sql<Row>`select * from storage_backups where state <> 'deleted' order by started_at desc limit 1000`.execute(
      query(tx),
    );
    return rows.map((row) => ({
      id: row.id,
      state: row.state,
      startedAtMs: row.started_at.getTime(),
      bytes: Number(row.bytes),
      events: Number(row.events),
      code: row.code,
      verifiedAtMs: row.verified_at?.getTime() ?? null,
      drill: row.drilled_at === null ? null : { atMs: row.drilled_at.getTime(), ok: row.drill_ok === true, code: row.drill_code },
    }));
  });
}

/** The newest drill of any backup, also of one that was deleted since. */
export function lastDrill(db: Db): Promise<BackupRecord['drill']> {
  return run(db, async (tx) => {
    const { rows } = await sql<{ at: Date; ok: boolean; code: string | null }>`select drilled_at as at, drill_ok as ok, drill_code as code
      from storage_backups where drilled_at is not null order by drilled_at desc limit 1`.execute(query(tx));
    const row = rows[0];
    return row === undefined ? null : { atMs: row.at.getTime(), ok: row.ok, code: row.code };
  });
}

export async function recordStart(db: Db, id: string, atMs: number): Promise<void> {
  await run(db, (tx) =>
    sql`insert into storage_backups (id, state, started_at) values (${id}, 'running', ${new Date(atMs)})`.execute(query(tx)),
  );
}

export interface BackupEnd {
  readonly atMs: number;
  readonly code: string | null;
  readonly bytes: number;
  readonly events: number;
}

/** `code` null: it is complete. */
export async function recordEnd(db: Db, id: string, { atMs, code, bytes, events }: BackupEnd): Promise<void> {
  await run(db, (tx) =>
    sql`update storage_backups set state = ${code === null ? 'complete' : 'failed'}, finished_at = ${new Date(atMs)}, code = ${code},
      bytes = ${bytes}, events = ${events} where id = ${id}`.execute(query(tx)),
  );
}

/** Those that were running when their process died; only for whoever holds the lock of backups. */
export function recordInterrupted(db: Db, atMs: number): Promise<readonly string[]> {
  return run(db, async (tx) => {
    const { rows } = await sql<{ id: string }>`update storage_backups set state = 'failed', finished_at = ${new Date(atMs)},
      code = 'STORAGE_BACKUP_INTERRUPTED' where state = 'running' returning id`.execute(query(tx));
    return rows.map(({ id }) => id);
  });
}

/** A backup that lies in the folder and that this database never heard of, such as the one it was restored from. */
async function ensure(tx: Tx, id: string, atMs: number): Promise<void> {
  await sql`insert into storage_backups (id, state, started_at) values (${id}, 'complete', ${new Date(atMs)}) on conflict do nothing`.execute(
    query(tx),
  );
}

export async function recordVerified(db: Db, id: string, atMs: number): Promise<void> {
  await run(db, async (tx) => {
    await ensure(tx, id, atMs);
    await sql`update storage_backups set verified_at = ${new Date(atMs)} where id = ${id}`.execute(query(tx));
  });
}

export async function recordDrill(db: Db, id: string, drill: { atMs: number; ok: boolean; code: string | null }): Promise<void> {
  await run(db, async (tx) => {
    await ensure(tx, id, drill.atMs);
    await sql`update storage_backups set drilled_at = ${new Date(drill.atMs)}, drill_ok = ${drill.ok}, drill_code = ${drill.code}
      where id = ${id}`.execute(query(tx));
  });
}

export async function recordDeleted(db: Db, id: string): Promise<void> {
  await run(db, (tx) => sql`update storage_backups set state = 'deleted' where id = ${id}`.execute(query(tx)));
}
