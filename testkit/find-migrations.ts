// Finds the migrations of every room on disk, so that none can be left out of the lock by forgetting to list it.

import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Migration } from '../server/src/storage/index.ts';

const ROOMS = resolve(import.meta.dirname, '..', 'server', 'src');
export const LOCK_FILE = resolve(import.meta.dirname, '..', 'server', 'migrations.lock.json');
const MIGRATION_FILE = /^\d{4}-[a-z0-9-]+\.ts$/;

export async function findMigrations(rooms: string = ROOMS): Promise<readonly Migration[]> {
  const files = (await readdir(rooms, { recursive: true, withFileTypes: true })).filter(
    (entry) => entry.isFile() && entry.parentPath.endsWith('migrations') && MIGRATION_FILE.test(entry.name),
  );
  const found: Migration[] = [];
  for (const file of files) {
    const { migration } = (await import(pathToFileURL(join(file.parentPath, file.name)).href)) as { migration?: Migration };
    if (migration === undefined || `${migration.id}.ts` !== file.name) {
      throw new Error(`${file.name} must export a migration whose id is its file name`);
    }
    found.push(migration);
  }
  return found;
}
