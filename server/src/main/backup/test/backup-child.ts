// A process that makes, checks or restores a backup until it is told to stand still, so that its parent can kill it there.
// Arguments: what to do as JSON.

import { type BackupPlace, type BackupProgress, createBackup, type MigrationLock, openBackup, restoreBackup, verifyBackup } from '#storage';
import { type KeyFileLocation, openBackupKeys } from '#vault';
import lock from '../../../../migrations.lock.json' with { type: 'json' };
import { allMigrations, prepareTables } from '../../compose/database.ts';
import { RELEASE } from '../../release.ts';
import { systemRandom } from '../../world.ts';

export interface ChildOrder {
  readonly action: 'create' | 'restore' | 'verify';
  readonly adminUrl: string;
  readonly place: BackupPlace;
  readonly keyFile: KeyFileLocation;
  readonly id: string;
  /** Stands still once this phase has come so far. */
  readonly phase: BackupProgress['phase'];
  readonly after: number;
}

const order = JSON.parse(process.argv[2] ?? '{}') as ChildOrder;
const keys = await openBackupKeys(order.keyFile, systemRandom);
const { place, adminUrl, id } = order;

const onProgress = ({ phase, tables }: BackupProgress): void => {
  if (phase !== order.phase || tables[0] < order.after) return;
  process.stdout.write('there\n');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
};

switch (order.action) {
  case 'create':
    await createBackup({
      adminUrl,
      place,
      keys,
      createdAt: '2026-11-23T00:00:00.000Z',
      keyTables: [],
      facts: async () => ({}),
      onProgress,
    });
    break;
  case 'verify':
    await verifyBackup({ place, keys, onProgress });
    break;
  case 'restore':
    await restoreBackup({
      adminUrl,
      backup: await openBackup(place, keys),
      migrations: allMigrations,
      lock: lock as MigrationLock,
      release: RELEASE,
      prepareEngine: prepareTables,
      id,
      startedAtMs: 1_764_000_000_000,
      onProgress,
    });
    break;
  default:
    order.action satisfies never;
}
