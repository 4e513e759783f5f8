// Backups by the clock: when one is due, what is kept, what a killed process left, and two processes at once.

import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
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
import { createBackup, openToBackup, recordDrill, recordStart, scratchPrefix, withBackupLock } from '#storage';
import { createKeyFile, openBackupKeys } from '#vault';
import { allMigrations, prepareTables } from '../compose/database.ts';
import { systemRandom } from '../world.ts';
import { type Backups, createBackups } from './backups.ts';

const HOUR_MS = 3_600_000;
let folder: TemporaryFolder;
let database: TestDatabase;
let clock: FixedClock;
let backups: Backups;
const onProgress = (): void => undefined;
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
    const left = `${scratchPrefix(new URL(database.adminUrl).pathname.slice(1))}01234567`;
    await database.admin(`create database ${left}`);
    // Of another installation on the same server, which may be at work.
    await database.admin('create database sallyport_drill_0123456789abcdef');
    await backups.begin('create', { id: null, actor: 'per_1' });
    await backups.settled();
    expect(backups.last()).toMatchObject({ ok: true, interrupted: [dead] });
    expect((await names()).some((name) => name.includes('partial'))).toBe(false);
    expect(await database.admin("select datname as name from pg_database where datname like 'sallyport_drill_%'")).toEqual([
      { name: 'sallyport_drill_0123456789abcdef' },
    ]);
    await database.admin('drop database sallyport_drill_0123456789abcdef');
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

  it('neither counts nor touches the backups of another installation, nor forgers, in the same folder', async () => {
    const at = join(folder.path, 'backups');
    const otherFile = { path: join(folder.path, 'others', 'kek'), dataDir: join(folder.path, 'data') };
    await createKeyFile(otherFile, systemRandom);
    clock.advance(1);
    const theirs = newId('bak', clock, systemRandom);
    await createBackup({
      adminUrl: database.adminUrl,
      place: { folder: at, keysFolder: at, id: theirs },
      keys: await openBackupKeys(otherFile, systemRandom),
      createdAt: new Date(clock.now() + HOUR_MS).toISOString(),
      keyTables: [],
      facts: async () => ({}),
      onProgress,
    });
    const working = newId('bak', clock, systemRandom);
    await mkdir(join(at, `${working}.partial`));
    await writeFile(join(at, `${working}.partial`, 'owner'), 'another key');
    await writeFile(join(at, `${working}.keys.partial`), '');
    const [own] = await backups.list();
    const forged = newId('bak', { now: () => clock.now() + 1_000 }, systemRandom);
    await cp(join(at, String(own?.id)), join(at, forged), { recursive: true });
    await writeFile(join(at, `${forged}.keys`), '');
    const precious = join(folder.path, 'precious');
    await mkdir(precious);
    const escaping = newId('bak', { now: () => 1_000 }, systemRandom);
    await mkdir(join(at, escaping));
    const text = await readFile(join(at, String(own?.id), 'manifest'), 'utf8');
    await writeFile(join(at, escaping, 'manifest'), text.replace(String(own?.id), '../precious'));

    const undated = newId('bak', { now: () => 2_000 }, systemRandom);
    await mkdir(join(at, undated));
    const dateless = text.replace(String(own?.id), undated).replace(/"createdAt":"[^"]*"/, '"createdAt":"long ago"');
    await writeFile(join(at, undated, 'manifest'), dateless);
    const listed = new Map((await backups.list()).map(({ id, code }) => [id, code]));
    expect([listed.has(theirs), listed.has('../precious')]).toEqual([false, false]);
    expect([forged, escaping, undated].map((id) => listed.get(id))).toEqual(Array(3).fill('STORAGE_BACKUP_DAMAGED'));
    clock.advance(24 * HOUR_MS);
    await backups.look();
    const newest = told.findLast(({ type }) => type === 'storage.backup.created');
    expect(newest?.facts).toMatchObject({ ok: true });
    expect(await readdir(folder.path)).toContain('precious');
    const there = await names();
    for (const name of [theirs, `${theirs}.keys`, `${working}.partial`, `${working}.keys.partial`]) expect(there).toContain(name);
    const ours = (await backups.list()).filter(({ state }) => state === 'complete');
    expect(ours).toHaveLength(1);
    expect(ours[0]?.id).not.toBe(own?.id);
    for (const name of [theirs, forged, escaping, undated, `${working}.partial`]) await rm(join(at, name), { recursive: true });
  });

  it('keeps the last backup that was proved while the newer ones fail, and one that was dated in the future keeps none from being made', async () => {
    const create = async (): Promise<string> => {
      clock.advance(HOUR_MS);
      const id = await backups.begin('create', { id: null, actor: 'per_1' });
      await backups.settled();
      return String(id);
    };
    const good = await create();
    await recordDrill(database.db, good, { atMs: clock.now(), ok: true, code: null });
    const bad = await create();
    expect((await backups.list()).map(({ id }) => id)).not.toContain(good);

    await recordDrill(database.db, bad, { atMs: clock.now(), ok: true, code: null });
    const worse = await (async () => {
      const id = newId('bak', { now: () => clock.now() + 400 * 24 * HOUR_MS }, systemRandom);
      await createBackup({
        adminUrl: database.adminUrl,
        place: { folder: join(folder.path, 'backups'), keysFolder: join(folder.path, 'backups'), id },
        keys: await openBackupKeys({ path: join(folder.path, 'secrets', 'kek'), dataDir: join(folder.path, 'data') }, systemRandom),
        createdAt: new Date(clock.now() + 400 * 24 * HOUR_MS).toISOString(),
        keyTables: [],
        facts: async () => ({}),
        onProgress,
      });
      return id;
    })();
    await recordDrill(database.db, worse, { atMs: clock.now(), ok: false, code: 'STORAGE_DRILL_DIFFERS' });
    const before = told.length;
    clock.advance(25 * HOUR_MS);
    await backups.look();
    expect(told.slice(before).find(({ type }) => type === 'storage.backup.created')?.facts).toMatchObject({ ok: true });
    const left = (await backups.list()).filter(({ state }) => state === 'complete').map(({ id }) => id);
    expect(left).toContain(bad);
    expect(left).toHaveLength(3);
  });
});
