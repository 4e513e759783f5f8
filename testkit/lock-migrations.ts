// Adds the migrations that are not locked yet to server/migrations.lock.json. `--relock` accepts edited ones too:
// right only for a migration that no released version has ever applied.

import { readFile, writeFile } from 'node:fs/promises';
import { lockOf, type MigrationLock } from '../server/src/storage/index.ts';
import { findMigrations, LOCK_FILE } from './find-migrations.ts';

const isRelock = process.argv.includes('--relock');
const locked = JSON.parse(await readFile(LOCK_FILE, 'utf8').catch(() => '{}')) as MigrationLock;
const found = lockOf(await findMigrations());
const edited = Object.keys(found).filter((id) => locked[id] !== undefined && locked[id] !== found[id]);
const gone = Object.keys(locked).filter((id) => found[id] === undefined);

if (!isRelock && (edited.length > 0 || gone.length > 0)) {
  console.error(
    `edited: ${edited.join(', ') || 'none'}; gone: ${gone.join(', ') || 'none'}. Restore them and add a new migration instead.`,
  );
  process.exitCode = 1;
} else {
  await writeFile(LOCK_FILE, `${JSON.stringify(found, null, 2)}\n`);
  console.log(`${Object.keys(found).length} migrations locked`);
}
