// Restores a backup into an empty database: the backup's own migrations, its rows, and then the migrations that came since.
// INVARIANT: a database that holds anything is refused untouched; until the last step the database says that it is being loaded.

import { hash } from 'node:crypto';
import type pg from 'pg';
import { storageFault } from '../errors.ts';
import { migrate } from '../migrate.ts';
import { type Migration, type MigrationLock, migrationHash } from '../migration-list.ts';
import { oldestReplica, REPLICA_TIMING } from '../replicas.ts';
import type { BackupProgress } from './create-backup.ts';
import { closeLoad, compareRows, type LoadNotes, loadBackup, tablesWithRows } from './load-backup.ts';
import type { Manifest } from './manifest.ts';
import type { OpenBackup } from './read-backup.ts';
import { withSession } from './session.ts';

export interface RestoreOptions {
  readonly adminUrl: string;
  readonly backup: OpenBackup;
  /** All that this version knows. */
  readonly migrations: readonly Migration[];
  readonly lock: MigrationLock;
  readonly release: number;
  /** Makes the tables of the workflow engine. */
  readonly prepareEngine: (adminUrl: string) => Promise<void>;
  /** Name of this restore, unless an earlier one of the same backup is taken up. */
  readonly id: string;
  readonly startedAtMs: number;
  readonly onProgress: (progress: BackupProgress) => void;
}

export interface Restored {
  readonly id: string;
  readonly isResumed: boolean;
}

/** The backup's migrations in our words: each must be known and be what it was. */
export function migrationsOf(manifest: Manifest, known: readonly Migration[]): readonly Migration[] {
  const byId = new Map(known.map((migration) => [migration.id, migration]));
  return manifest.migrations.map(({ id, sha256 }) => {
    const migration = byId.get(id);
    if (migration === undefined) throw storageFault('STORAGE_BACKUP_OTHER_VERSION', `it holds migration ${id}`);
    if (migrationHash(migration) !== sha256) throw storageFault('STORAGE_BACKUP_OTHER_VERSION', `its migration ${id} is another one`);
    return migration;
  });
}

const fingerprint = (manifest: Manifest): string => hash('sha256', JSON.stringify(manifest), 'hex');

interface Begun {
  readonly id: string;
  readonly manifest: string | null;
  readonly state: string;
}

async function newest(client: pg.Client): Promise<Begun | null> {
  const there = await client.query<{ there: boolean }>("select to_regclass('public.storage_restore') is not null as there");
  if (there.rows[0]?.there !== true) return null;
  const { rows } = await client.query<Begun>(
    "select id, manifest, state from storage_restore order by state = 'confirmed', started_at desc limit 1",
  );
  return rows[0] ?? null;
}

/** Throws when a load into this database was begun and not finished: nothing else may use it. */
export function refuseHalfRestored(adminUrl: string): Promise<void> {
  return withSession(adminUrl, 'sallyport-restore', async (client) => {
    if ((await newest(client))?.state === 'loading') throw storageFault('STORAGE_RESTORE_UNFINISHED');
  });
}

/** Id of the same restore that was interrupted; null for a database that is empty. */
async function inspectTarget(client: pg.Client, manifest: Manifest): Promise<string | null> {
  const begun = await newest(client);
  if (begun?.state === 'loading') {
    if (begun.manifest !== fingerprint(manifest)) throw storageFault('STORAGE_RESTORE_UNFINISHED', 'of another backup');
    return begun.id;
  }
  const filled = await tablesWithRows(client);
  if (filled.length > 0) throw storageFault('STORAGE_RESTORE_NOT_EMPTY', `${filled[0]} has rows`);
  return null;
}

/** A server that runs has decided at its start that it may serve. */
async function refuseServed(client: pg.Client): Promise<void> {
  const alive = await oldestReplica(client, '', REPLICA_TIMING.aliveMs);
  if (alive !== null) throw storageFault('STORAGE_RESTORE_SERVED', `${alive.count} of release ${alive.release}`);
}

/** Nobody serves, before the restore is on record and after: whoever starts in between sees it. */
async function record(client: pg.Client, id: string, insert: () => Promise<unknown>): Promise<void> {
  await refuseServed(client);
  await insert();
  try {
    await refuseServed(client);
  } catch (fault) {
    await client.query('delete from storage_restore where id = $1', [id]);
    throw fault;
  }
}

function notesOf(restore: string): LoadNotes {
  return {
    async has(client, step) {
      const { rows } = await client.query('select 1 from storage_restore_step where restore = $1 and step = $2', [restore, step]);
      return rows.length > 0;
    },
    async add(client, step) {
      await client.query("insert into storage_restore_step (restore, step, done) values ($1, $2, '{}')", [restore, step]);
    },
  };
}

const COMPARED = 'rows compared';

async function fill(client: pg.Client, options: RestoreOptions, id: string): Promise<void> {
  const { backup, onProgress } = options;
  const notes = notesOf(id);
  await loadBackup(client, backup, { notes, onProgress });
  const different = await compareRows(client, backup, onProgress);
  if (different.length > 0) throw storageFault('STORAGE_RESTORE_DIFFERS', different.join(', '));
  await closeLoad(client, backup);
  await notes.add(client, COMPARED);
}

/** The rows are in and this version's migrations are applied; the database still says that it is being loaded. */
export async function restoreBackup(options: RestoreOptions): Promise<Restored> {
  const { adminUrl, backup, migrations, lock, release } = options;
  const own = migrationsOf(backup.manifest, migrations);
  const earlier = await withSession(adminUrl, 'sallyport-restore', (client) => inspectTarget(client, backup.manifest));
  const id = earlier ?? options.id;
  const isFilled = earlier !== null && (await withSession(adminUrl, 'sallyport-restore', (client) => notesOf(id).has(client, COMPARED)));
  if (!isFilled) {
    if (earlier === null) {
      await migrate({ adminUrl, migrations: own, lock, release });
      await options.prepareEngine(adminUrl);
    }
    await withSession(adminUrl, 'sallyport-restore', async (client) => {
      if (earlier === null) await begin(client, options);
      await fill(client, options, id);
    });
  }
  await migrate({ adminUrl, migrations, lock, release });
  await options.prepareEngine(adminUrl);
  return { id, isResumed: earlier !== null };
}

async function begin(client: pg.Client, { id, backup, startedAtMs }: RestoreOptions): Promise<void> {
  const { manifest } = backup;
  const row = [id, manifest.id, fingerprint(manifest), new Date(startedAtMs)];
  await record(client, id, () =>
    client.query("insert into storage_restore (id, backup, manifest, state, started_at) values ($1, $2, $3, 'loading', $4)", row),
  );
  // What a migration itself put in comes again with the rows of the backup.
  for (const name of await tablesWithRows(client)) await client.query(`delete from ${name}`);
}

/** For a database that was put back by other means, such as point-in-time recovery: from here on it counts as restored. */
export function beginAdoption(adminUrl: string, { id, startedAtMs }: { id: string; startedAtMs: number }): Promise<Restored> {
  return withSession(adminUrl, 'sallyport-restore', async (client) => {
    const begun = await newest(client);
    if (begun?.state === 'pending') throw storageFault('STORAGE_RESTORE_WAITS');
    if (begun?.state === 'loading' && begun.manifest !== null) throw storageFault('STORAGE_RESTORE_UNFINISHED');
    if (begun?.state === 'loading') return { id: begun.id, isResumed: true };
    await record(client, id, () =>
      client.query("insert into storage_restore (id, state, started_at) values ($1, 'loading', $2)", [id, new Date(startedAtMs)]),
    );
    return { id, isResumed: false };
  });
}
