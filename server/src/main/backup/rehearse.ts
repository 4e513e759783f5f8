// A drill: a backup restored into a scratch database on the same server, and compared with what it was made of.
// INVARIANT: rows are compared by the restore, the ledger by roots computed from its leaves; whatever differs is a fault, never a warning.

import { differences, recomputeLedger } from '#audit';
import { type Clock, isObject, newId, type Random, SallyportError } from '#core';
import {
  type BackupKeys,
  type BackupPlace,
  type BackupProgress,
  createDatabase,
  type MigrationLock,
  openBackup,
  restoreBackup,
  withScratch,
} from '#storage';
import lock from '../../../migrations.lock.json' with { type: 'json' };
import { allCodes } from '../codes.ts';
import { allMigrations, prepareTables } from '../compose/database.ts';
import { allEvents } from '../compose/event-catalogue.ts';
import { RELEASE } from '../release.ts';

export interface RehearsalDeps {
  readonly adminUrl: string;
  /** Address of the server's role on the same server; the database in it is changed. */
  readonly url: string;
  readonly keys: BackupKeys;
  readonly clock: Clock;
  readonly random: Random;
}

export interface Rehearsal {
  readonly tables: number;
  readonly rows: number;
  readonly events: number;
  /** Of the global tree, in hex. */
  readonly root: string;
}

const POOL_SIZE = 2;

async function recompute(deps: RehearsalDeps, adminUrl: string) {
  const url = new URL(deps.url);
  url.pathname = new URL(adminUrl).pathname;
  const restored = createDatabase({ url: url.href, poolSize: POOL_SIZE, events: allEvents, onFault: () => undefined });
  try {
    return await recomputeLedger(restored);
  } finally {
    await restored.close();
  }
}

export async function rehearse(
  deps: RehearsalDeps,
  place: BackupPlace,
  onProgress: (progress: BackupProgress) => void,
): Promise<Rehearsal> {
  const { clock, random } = deps;
  const backup = await openBackup(place, deps.keys);
  const { tables, facts } = backup.manifest;
  return withScratch(deps.adminUrl, random, async (adminUrl) => {
    await restoreBackup({
      adminUrl,
      backup,
      migrations: allMigrations,
      lock: lock as MigrationLock,
      release: RELEASE,
      prepareEngine: prepareTables,
      id: newId('rst', clock, random),
      startedAtMs: clock.now(),
      onProgress,
    });
    const found = await recompute(deps, adminUrl);
    const [different] = differences(isObject(facts.ledger ?? null) ? (facts.ledger as typeof facts) : {}, found);
    if (different !== undefined) {
      throw new SallyportError('STORAGE_DRILL_DIFFERS', `${allCodes.STORAGE_DRILL_DIFFERS?.sentence} (${different})`);
    }
    return {
      tables: tables.length,
      rows: tables.reduce((sum, table) => sum + table.rows, 0),
      events: Object.values(found.tenants).reduce((sum, { size }) => sum + size, 0),
      root: found.root,
    };
  });
}
