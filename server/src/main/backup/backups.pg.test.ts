// Backups by the clock: when one is due, what is kept, what a killed process left, and two processes at once.

import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type FixedClock,
  fixedClock,
  nodeDigest,
  type TemporaryFolder,
  type TestDatabase,
  temporaryFolder,
  testDatabase,
} from '@sallyport/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type JsonObject, newId } from '#core';
import { openToBackup, recordStart, withBackupLock } from '#storage';
import { createKeyFile, openBackupKeys } from '#vault';
import { allMigrations, prepareTables } from '../compose/database.ts';
import { systemRandom } from '../world.ts';
import { type Backups, createBackups } from './backups.ts';

const HOUR_MS = 3_600_000;
let folder: TemporaryFolder;
let database: TestDatabase;
let clock: FixedClock;
let backups: Backups;
const told: { type: string; actor: string; facts: JsonObject }[] = [];
const names = async (): Promise<readonly string[]> => (await readdir(join(folder.path, 'backups'))).toSorted();

beforeAll(async () => {
  folder = await temporaryFolder('backups');
  database = await testDatabase(allMigrations);
  await prepareTables(database.adminUrl);
  await openToBackup(database.adminUrl);
  clock = fixedClock();
  const keyFile = { path: join(folder.path, 'secrets', 'kek'), dataDir: join(folder.path, 'data') };
  await createKeyFile(keyFile, systemRandom);
  const at = join(folder.path, 'backups');
  backups = createBackups({
    database: database.db,
    adminUrl: database.adminUrl,
    url: database.url,
    keys: await openBackupKeys(keyFile, systemRandom),
    plan: { folders: { folder: at, keysFolder: at }, everyHours: 24, keep: 1, drillEveryHours: 168 },
    clock,
    random: systemRandom,
    digest: nodeDigest,
    logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
    tell: async (type, { actor, facts }) => {
      told.push({ type, actor, facts });
    },
  });
});

afterAll(async () => {
  await backups?.stop();
  await database?.close();
  await folder?.remove();
});

describe('the clock', () => {
  it('makes a backup, tries it, then waits; makes the next one a day later and keeps as many as are set', async () => {
    for (let round = 0; round < 3; round += 1) await backups.look();
    expect(told.map(({ type, actor, facts }) => [type, actor, facts.ok])).toEqual([
      ['storage.backup.created', 'system:backups', true],
      ['storage.backup.drilled', 'system:backups', true],
    ]);
    const [first] = await backups.list();
    expect(first).toMatchObject({ state: 'complete', hasKeys: true, drill: { ok: true, code: null } });

    clock.advance(23 * HOUR_MS);
    await backups.look();
    expect(told).toHaveLength(2);
    clock.advance(HOUR_MS);
    await backups.look();
    const kept = await backups.list();
    expect(kept).toHaveLength(1);
    expect(kept[0]?.id).not.toBe(first?.id);
    expect(told.slice(2).map(({ type }) => type)).toEqual(['storage.backup.created', 'storage.backup.deleted']);
    expect(await names()).toEqual([kept[0]?.id, `${kept[0]?.id}.keys`]);
  });

  it('makes way for another process that is at work, and removes what a killed one left before its own', async () => {
    await withBackupLock(database.adminUrl, async () => {
      expect(await backups.begin('create', { id: null, actor: 'per_1' })).toMatch(/^bak_/);
      await backups.settled();
    });
    expect(backups.last()).toMatchObject({ ok: false, code: 'STORAGE_BACKUP_BUSY' });

    const dead = newId('bak', clock, systemRandom);
    await recordStart(database.db, dead, clock.now());
    await mkdir(join(folder.path, 'backups', `${dead}.partial`));
    await database.admin('create database sallyport_drill_0123456789abcdef');
    await backups.begin('create', { id: null, actor: 'per_1' });
    await backups.settled();
    expect(backups.last()).toMatchObject({ ok: true, interrupted: [dead] });
    expect((await names()).some((name) => name.includes('partial'))).toBe(false);
    expect(await database.admin("select 1 from pg_database where datname like 'sallyport_drill_%'")).toEqual([]);
    expect((await backups.list()).find(({ id }) => id === dead)).toMatchObject({ state: 'failed', code: 'STORAGE_BACKUP_INTERRUPTED' });
  });

  it('tells a failure with its code, and does not try again at once', async () => {
    await database.admin('create policy some_only on effects as restrictive for select to sallyport_backup using (false)');
    clock.advance(48 * HOUR_MS);
    const before = told.length;
    await backups.look();
    expect(told.slice(before).map(({ type, facts }) => [type, facts.ok, facts.code])).toEqual([
      ['storage.backup.created', false, 'STORAGE_BACKUP_ROWS_HIDDEN'],
    ]);
    await backups.look();
    expect(told).toHaveLength(before + 1);
    await database.admin('drop policy some_only on effects');
    clock.advance(HOUR_MS);
    await backups.look();
    expect(told.at(before + 1)).toMatchObject({ type: 'storage.backup.created', facts: { ok: true } });
    expect(await backups.begin('verify', { id: newId('bak', clock, systemRandom), actor: 'per_1' })).toMatchObject({
      code: 'STORAGE_BACKUP_UNKNOWN',
    });
  });
});
