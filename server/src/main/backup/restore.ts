// A restore from beginning to end: an empty database filled, settled, and left waiting for people. Nothing listens meanwhile.
// INVARIANT: whoever is killed in between finds the database refusing to serve, and the same command goes on.

import { readLedgerState, type StatedLedger } from '#audit';
import { type JsonObject, newId } from '#core';
import { listTenants, peopleBefore } from '#identity';
import {
  type BackupPlace,
  type BackupProgress,
  beginAdoption,
  createDatabase,
  type Database,
  type MigrationLock,
  markPending,
  migrate,
  openBackup,
  openToBackup,
  type PostgresServer,
  readRestore,
  restoreBackup,
} from '#storage';
import { type KeyFileLocation, openBackupKeys, putBackKeys, readErasureJournal } from '#vault';
import lock from '../../../migrations.lock.json' with { type: 'json' };
import { allMigrations, prepareTables } from '../compose/database.ts';
import { allEvents } from '../compose/event-catalogue.ts';
import type { Folders } from '../folders.ts';
import { RELEASE } from '../release.ts';
import { systemClock, systemRandom } from '../world.ts';
import { readDepartures } from './departures.ts';
import { lossBetween } from './reconcile.ts';
import { settleTenants } from './settle-tenants.ts';

export interface RestoreSources {
  readonly folders: Folders;
  /** With where the backups' keys are, and a copy of the key box with them. */
  readonly keyFile: KeyFileLocation;
  /** Journals of erasures: this machine's, and those of others that served the same database. */
  readonly journals: readonly string[];
  /** The newest signed checkpoint known outside the database; null when there is none. */
  readonly witnessed: string | null;
  readonly onProgress: (progress: BackupProgress) => void;
}

export interface RestoreOutcome {
  readonly id: string;
  readonly backup: string | null;
  readonly isResumed: boolean;
  readonly needed: 1 | 2;
  readonly report: JsonObject;
}

const POOL_SIZE = 4;

/** Fills the empty database of `server` from the backup. */
export async function restoreFrom(server: PostgresServer, place: BackupPlace, sources: RestoreSources): Promise<RestoreOutcome> {
  const keys = await openBackupKeys(sources.keyFile, systemRandom);
  const backup = await openBackup(place, keys);
  const restored = await restoreBackup({
    adminUrl: server.adminUrl,
    backup,
    migrations: allMigrations,
    lock: lock as MigrationLock,
    release: RELEASE,
    prepareEngine: prepareTables,
    id: newId('rst', systemClock, systemRandom),
    startedAtMs: systemClock.now(),
    onProgress: sources.onProgress,
  });
  return settleRestored(server, sources, restored.isResumed);
}

/** For a database that was put back by other means: from here on it is treated as any restored one. */
export async function adopt(server: PostgresServer, sources: RestoreSources): Promise<RestoreOutcome> {
  await migrate({ adminUrl: server.adminUrl, migrations: allMigrations, lock: lock as MigrationLock, release: RELEASE });
  await prepareTables(server.adminUrl);
  const begun = { id: newId('rst', systemClock, systemRandom), startedAtMs: systemClock.now() };
  const { isResumed } = await beginAdoption(server.adminUrl, begun);
  return settleRestored(server, sources, isResumed);
}

/** People of the first tenant who were there: two of them must say yes, unless there is only one. */
async function countDeciders(database: Database): Promise<1 | 2> {
  const [first] = await listTenants(database);
  if (first === undefined) return 1;
  const people = await database.inTenant(first, (tx) => peopleBefore(tx, first, systemClock.now()));
  return people.length > 1 ? 2 : 1;
}

async function settleRestored(server: PostgresServer, sources: RestoreSources, isResumed: boolean): Promise<RestoreOutcome> {
  await openToBackup(server.adminUrl);
  const database = createDatabase({ url: server.url, poolSize: POOL_SIZE, events: allEvents, onFault: () => undefined });
  try {
    const state = await readRestore(database);
    if (state === null) throw new Error('a restore that was begun has no record');
    const ledger: StatedLedger = await database.asSystem('sequencer', readLedgerState);
    const journals = await Promise.all(sources.journals.map(readErasureJournal));
    const departures = await readDepartures(sources.folders.departuresFile);
    // Before anything is opened: what the backup holds is wrapped as it was then.
    const keys = await putBackKeys({ db: database, keyFile: sources.keyFile, clock: systemClock, random: systemRandom });
    const told = journals.flatMap((journal) => journal.erasures);
    const erasures = [...told, ...keys.erased];
    const names = new Set(told.map(({ key }) => key));
    const lostKeys = keys.erased.filter(({ key }) => !names.has(key));
    const loss = lossBetween(ledger.note, sources.witnessed);
    const tenants = await settleTenants({
      database,
      clock: systemClock,
      random: systemRandom,
      restore: { id: state.id, backup: state.backup, startedAtMs: state.startedAtMs },
      erasures,
      lostKeys,
      departures: departures.gone,
      lostSealings: loss.sealings,
      sealedEvents: Object.fromEntries(Object.entries(ledger.tenants).map(([tenant, { size }]) => [tenant, size])),
    });
    const needed = await countDeciders(database);
    const report: JsonObject = {
      ledger: loss.report,
      erasures: { known: erasures.length, unreadable: journals.reduce((sum, { unreadable }) => sum + unreadable, 0) },
      keys: { wrappedAnew: keys.survivors, gone: keys.erased.length },
      departures: { known: departures.gone.length, unreadable: departures.unreadable },
      tenants,
    };
    const found = { needed, atMs: systemClock.now(), witnessed: sources.witnessed, restored: ledger.note, report };
    await database.asSystem('installer', (tx) => markPending(tx, state.id, found));
    return { id: state.id, backup: state.backup, isResumed, needed, report };
  } finally {
    await database.close();
  }
}
