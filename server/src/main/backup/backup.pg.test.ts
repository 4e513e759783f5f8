// A backup of every table there is: it comes back exactly, in an empty database only; what was touched is found; a kill is survived.

import { spawn } from 'node:child_process';
import { copyFile, cp, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TemporaryFolder, type TestDatabase, temporaryFolder, testDatabase } from '@sallyport/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '#core';
import {
  type BackupPlace,
  beginAdoption,
  createBackup,
  listBackupFolder,
  type Manifest,
  type MigrationLock,
  openBackup,
  openToBackup,
  readRestore,
  refuseHalfRestored,
  removePartials,
  restoreBackup,
  verifyBackup,
  withScratch,
} from '#storage';
import { createKeyFile, openBackupKeys } from '#vault';
import lock from '../../../migrations.lock.json' with { type: 'json' };
import { allMigrations, prepareTables } from '../compose/database.ts';
import { RELEASE } from '../release.ts';
import { systemClock, systemRandom } from '../world.ts';
import type { ChildOrder } from './test/backup-child.ts';
import { fillTables } from './test/fill-tables.ts';

let folder: TemporaryFolder;
let source: TestDatabase;
let place: BackupPlace;
let manifest: Manifest;

const keyFile = (name = 'secrets') => ({ path: join(folder.path, name, 'kek'), dataDir: join(folder.path, 'data') });
const keys = (name = 'secrets') => openBackupKeys(keyFile(name), systemRandom);
const newPlace = (under = 'backups'): BackupPlace => ({
  folder: join(folder.path, under),
  keysFolder: join(folder.path, under, 'keys'),
  id: newId('bak', systemClock, systemRandom),
});
const onProgress = (): void => undefined;

async function backUp(at: BackupPlace, onSnapshot?: () => Promise<void>): Promise<Manifest> {
  return createBackup({
    adminUrl: source.adminUrl,
    place: at,
    keys: await keys(),
    createdAt: '2026-11-23T00:00:00.000Z',
    keyTables: ['public.vault_tenant_keys', 'public.vault_subject_keys'],
    facts: async () => ({}),
    onProgress,
    ...(onSnapshot === undefined ? {} : { onSnapshot }),
  });
}

const restoreInto = async (adminUrl: string, from: BackupPlace, migrations = allMigrations) =>
  restoreBackup({
    adminUrl,
    backup: await openBackup(from, await keys()),
    migrations,
    lock: lock as MigrationLock,
    release: RELEASE,
    prepareEngine: prepareTables,
    id: newId('rst', systemClock, systemRandom),
    startedAtMs: 1_764_000_000_000,
    onProgress,
  });

const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'done',
    (fault: { code?: string }) => fault.code ?? fault,
  );

/** A copy of the backup that may be spoilt. */
async function copy(): Promise<BackupPlace> {
  const under = `copy-${Buffer.from(systemRandom.bytes(4)).toString('hex')}`;
  await cp(place.folder, join(folder.path, under), { recursive: true });
  return { folder: join(folder.path, under), keysFolder: join(folder.path, under, 'keys'), id: place.id };
}

const chunkOf = (at: BackupPlace, n: number): string => join(at.folder, at.id, `${String(n).padStart(8, '0')}.chunk`);
const verified = async (at: BackupPlace, by = 'secrets') => codeOf(verifyBackup({ place: at, keys: await keys(by), onProgress }));

/** Runs in a process of its own that is killed once it has come so far. */
async function killed(order: Omit<ChildOrder, 'keyFile'>): Promise<void> {
  const script = join(import.meta.dirname, 'test/backup-child.ts');
  const child = spawn(process.execPath, [script, JSON.stringify({ ...order, keyFile: keyFile() })], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const there = Promise.withResolvers<boolean>();
  child.stdout.on('data', () => there.resolve(true));
  child.on('close', () => there.resolve(false));
  expect(await there.promise).toBe(true);
  const closed = new Promise((resolve) => child.on('close', resolve));
  child.kill('SIGKILL');
  await closed;
}

beforeAll(async () => {
  folder = await temporaryFolder('backup');
  await createKeyFile(keyFile(), systemRandom);
  await createKeyFile(keyFile('other'), systemRandom);
  source = await testDatabase(allMigrations);
  await prepareTables(source.adminUrl);
  await openToBackup(source.adminUrl);
  await fillTables(source, 3);
  place = newPlace();
  manifest = await backUp(place);
});

afterAll(async () => {
  await source?.close();
  await folder?.remove();
});

describe('a backup', () => {
  it('[D3] holds rows of every table, wrapped keys in a file of their own, and nothing readable', async () => {
    expect(manifest.tables.filter(({ rows }) => rows === 0)).toEqual([]);
    expect(manifest.tables.length).toBeGreaterThan(40);
    const apart = manifest.tables.filter(({ part }) => part === 'keys').map(({ name }) => name);
    expect(apart.toSorted()).toEqual(['public.vault_subject_keys', 'public.vault_tenant_keys']);
    for (const { n } of manifest.chunks.filter(({ table }) => !apart.includes(table)))
      expect((await readFile(chunkOf(place, n))).includes('{braces}')).toBe(false);
    expect(await verified(place)).toBe('done');
  });

  it('comes back row for row in an empty database, takes no part of another, and leaves rows that came later out', async () => {
    const during = newPlace('during');
    const before = manifest.tables.find(({ name }) => name === 'public.instances')?.rows ?? 0;
    const taken = await backUp(during, async () => {
      await source.admin("insert into instances (instance, seen_at) values ('after the snapshot', now())");
    });
    expect(taken.tables.find(({ name }) => name === 'public.instances')?.rows).toBe(before);
    await withScratch(source.adminUrl, systemRandom, async (scratch) => {
      // Rows and digests of every table are compared by the restore itself, against those of the snapshot.
      expect((await restoreInto(scratch, place)).isResumed).toBe(false);
      expect(await codeOf(restoreInto(scratch, during))).toBe('STORAGE_RESTORE_UNFINISHED');
    });
    expect(await codeOf(restoreInto(source.adminUrl, place))).toBe('STORAGE_RESTORE_NOT_EMPTY');
  });

  it('is refused by a version that does not know its migrations', async () => {
    await withScratch(source.adminUrl, systemRandom, async (scratch) => {
      const older = allMigrations.filter(({ id }) => !id.startsWith('0002'));
      expect(await codeOf(restoreInto(scratch, place, older))).toBe('STORAGE_BACKUP_OTHER_VERSION');
    });
  });

  it('is not made while row security hides rows from it', async () => {
    await source.admin('create policy only_some on effects as restrictive for select to sallyport_backup using (false)');
    try {
      expect(await codeOf(backUp(newPlace('hidden')))).toBe('STORAGE_BACKUP_ROWS_HIDDEN');
    } finally {
      await source.admin('drop policy only_some on effects');
    }
    expect(await listBackupFolder({ folder: join(folder.path, 'hidden'), keysFolder: join(folder.path, 'hidden', 'keys') })).toEqual([]);
  });

  it('is not made while a migration still fills rows, which a restore would take for filled', async () => {
    const [last] = await source.admin<{ id: string }>('select id from storage_migrations order by id desc limit 1');
    await source.admin(`update storage_migrations set is_complete = false where id = '${last?.id}'`);
    try {
      expect(await codeOf(backUp(newPlace('migrating')))).toBe('STORAGE_BACKUP_MIGRATING');
    } finally {
      await source.admin('update storage_migrations set is_complete = true');
    }
  });
});

describe('a check finds', () => {
  it('a byte that was changed, a chunk that is missing, and two that were swapped', async () => {
    const changed = await copy();
    const file = await open(chunkOf(changed, 3), 'r+');
    await file.write(Buffer.of(0xff), 0, 1, 40);
    await file.close();
    expect(await verified(changed)).toBe('STORAGE_BACKUP_DAMAGED');

    const missing = await copy();
    await rm(chunkOf(missing, 2));
    expect(await verified(missing)).toBe('STORAGE_BACKUP_PART_MISSING');

    const swapped = await copy();
    await rename(chunkOf(swapped, 1), `${chunkOf(swapped, 1)}.x`);
    await copyFile(chunkOf(swapped, 2), chunkOf(swapped, 1));
    await rename(`${chunkOf(swapped, 1)}.x`, chunkOf(swapped, 2));
    expect(await verified(swapped)).toBe('STORAGE_BACKUP_DAMAGED');
  });

  it('a chunk of another backup of the same key, and a manifest that was rewritten to fit', async () => {
    const mixed = await copy();
    const other = newPlace('other-backup');
    const theirs = await backUp(other);
    await copyFile(chunkOf(other, 1), chunkOf(mixed, 1));
    expect(await verified(mixed)).toBe('STORAGE_BACKUP_DAMAGED');
    const path = join(mixed.folder, mixed.id, 'manifest');
    const [text = '', vouched = ''] = (await readFile(path, 'utf8')).split('\n');
    const rewritten = { ...(JSON.parse(text) as Manifest), chunks: theirs.chunks };
    await writeFile(path, `${JSON.stringify(rewritten)}\n${vouched}\n`);
    expect(await verified(mixed)).toBe('STORAGE_BACKUP_DAMAGED');
    // Whole in itself, but for a table nobody would miss.
    const last = manifest.tables.at(-1)?.name;
    const shortened = { ...manifest, tables: manifest.tables.slice(0, -1), chunks: manifest.chunks.filter(({ table }) => table !== last) };
    const shorter = await copy();
    await writeFile(join(shorter.folder, shorter.id, 'manifest'), `${JSON.stringify(shortened)}\n${vouched}\n`);
    expect(await verified(shorter)).toBe('STORAGE_BACKUP_DAMAGED');
  });

  it('the wrong key file, a backup under another name, and a file of keys that was taken away', async () => {
    expect(await verified(place, 'other')).toBe('STORAGE_BACKUP_WRONG_KEY');
    const renamed = await copy();
    const id = newId('bak', systemClock, systemRandom);
    await rename(join(renamed.folder, renamed.id), join(renamed.folder, id));
    expect(await verified({ ...renamed, id })).toBe('STORAGE_BACKUP_DAMAGED');
    const keyless = await copy();
    await rm(join(keyless.keysFolder, `${keyless.id}.keys`));
    expect(await verified(keyless)).toBe('STORAGE_BACKUP_PART_MISSING');
    expect((await listBackupFolder(keyless))[0]?.hasKeys).toBe(false);
  });
});

describe('a database that was put back by other means', () => {
  it('waits for its people also when the clock stood later at an earlier restore', async () => {
    await source.admin("insert into storage_restore (id, state, started_at) values ('rst_early', 'confirmed', '2099-01-01')");
    try {
      await beginAdoption(source.adminUrl, { id: 'rst_late', startedAtMs: 1_764_000_000_000 });
      expect(await readRestore(source.db)).toMatchObject({ id: 'rst_late', state: 'loading' });
      expect(await codeOf(refuseHalfRestored(source.adminUrl))).toBe('STORAGE_RESTORE_UNFINISHED');
    } finally {
      await source.admin('delete from storage_restore');
    }
  });
});

describe('a process that is killed', () => {
  it('while it makes a backup leaves nothing that passes for one', async () => {
    const partial = newPlace('partial');
    await killed({ action: 'create', adminUrl: source.adminUrl, place: partial, id: '', phase: 'reading', after: 5 });
    expect(await listBackupFolder(partial)).toEqual([]);
    expect(await removePartials(partial, (await keys('other')).keyId)).toEqual([]);
    expect(await removePartials(partial, (await keys()).keyId)).toEqual([partial.id]);
    expect(await readdir(partial.folder)).toEqual(['keys']);
    expect(await readdir(partial.keysFolder)).toEqual([]);
  });

  it('while it restores goes on where it stood, without doubling a row, and lets nobody serve meanwhile', async () => {
    await withScratch(source.adminUrl, systemRandom, async (scratch) => {
      const id = newId('rst', systemClock, systemRandom);
      await killed({ action: 'restore', adminUrl: scratch, place, id, phase: 'loading', after: 7 });
      expect(await codeOf(refuseHalfRestored(scratch))).toBe('STORAGE_RESTORE_UNFINISHED');
      await killed({ action: 'restore', adminUrl: scratch, place, id: 'unused', phase: 'comparing', after: 2 });
      expect(await restoreInto(scratch, place)).toEqual({ id, isResumed: true });
    });
  });

  it('while it checks goes on at the chunk it stood at, and believes only its own notes', async () => {
    const checked = await copy();
    const order = { action: 'verify', adminUrl: '', place: checked, id: '', phase: 'verifying' } as const;
    await killed({ ...order, after: 20 });
    const note = join(checked.folder, checked.id, 'verify.progress');
    const kept = await readFile(note, 'utf8');
    const resumed = await verifyBackup({ place: checked, keys: await keys(), onProgress });
    expect([resumed.resumedAt, resumed.rows]).toEqual([16, manifest.tables.reduce((sum, { rows }) => sum + rows, 0)]);
    await writeFile(note, kept.replace('"done":16', '"done":40'));
    expect((await verifyBackup({ place: checked, keys: await keys(), onProgress })).resumedAt).toBe(0);
  });

  it('while it checks does not vouch for chunks that were spoilt or lost since', async () => {
    const checked = await copy();
    await killed({ action: 'verify', adminUrl: '', place: checked, id: '', phase: 'verifying', after: 20 });
    const file = await open(chunkOf(checked, 3), 'r+');
    await file.write(Buffer.of(0xff), 0, 1, 40);
    await file.close();
    expect(await verified(checked)).toBe('STORAGE_BACKUP_DAMAGED');
    await rm(chunkOf(checked, 3));
    expect(await verified(checked)).toBe('STORAGE_BACKUP_PART_MISSING');
  });
});
