import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { checkLock, lockOf, type MigrationLock } from '../server/src/storage/index.ts';
import { findMigrations, LOCK_FILE } from './find-migrations.ts';

const migrations = await findMigrations();
const lock = JSON.parse(await readFile(LOCK_FILE, 'utf8')) as MigrationLock;

describe('the lock of the migrations', () => {
  test('found migrations to look at', () => {
    expect(migrations.map(({ id }) => id)).toContain('0001-storage-roles');
  });

  test('every migration of every room is as it was locked; if not, add a new one, or run testkit/lock-migrations.ts for a new one', () => {
    expect(lockOf(migrations)).toEqual(lock);
  });

  test('an edited migration is refused before any database is touched', () => {
    const edited = migrations.map((migration, index) => (index === 0 ? { ...migration, sql: `${migration.sql} ` } : migration));
    expect(() => checkLock(edited, lock)).toThrow(expect.objectContaining({ code: 'STORAGE_MIGRATION_EDITED' }));
  });

  test('a migration that is not in the lock is refused', () => {
    expect(() => checkLock([{ id: '0999-storage-new', sql: 'select 1' }], lock)).toThrow(
      expect.objectContaining({ code: 'STORAGE_MIGRATION_EDITED' }),
    );
  });
});
