// A disk that runs full under the embedded server: what begins is refused with a clear code, what was acknowledged is kept, and work goes
// on by itself when there is room again. On a real, small file system.

import { execFileSync } from 'node:child_process';
import { chmodSync, closeSync, mkdirSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { isRoot, newEvent, newTenant, type PostgresHome, postgresHome, seededRandom, testEvents } from '@sallyport/testkit';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createDatabase, createEventWriter, migrate, migrations } from '../index.ts';
import { createDiskGuard } from './disk-space.ts';
import { processesIn } from './process-identity.ts';

const DISK_MB = 220;
const MIN_FREE_BYTES = 40_000_000;

let home: PostgresHome;
let disk: string;

function mount(): boolean {
  if (!isRoot) return false;
  mkdirSync(disk);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MB}m,mode=711`, 'tmpfs', disk], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Leaves about this much free, by a file that somebody else might have put there. */
function fillUntil(freeBytes: number): void {
  const file = openSync(join(disk, 'holiday.mov'), 'a');
  const block = Buffer.alloc(250_000, 1);
  try {
    for (;;) {
      const { bavail, bsize } = statfsSync(disk);
      if (bavail * bsize <= freeBytes) return;
      writeSync(file, block);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  } finally {
    closeSync(file);
  }
}

async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await new Promise(setImmediate);
}

beforeEach(async () => {
  home = await postgresHome('sallyport disk ');
  disk = join(home.path, 'disk');
});
afterEach(async () => {
  await home.close();
});

describe('a full disk', () => {
  test('refuses what begins, lets what has begun be written, loses nothing, and is over by itself', async () => {
    if (!mount()) return console.log('not tried: needs the right to mount a small file system');
    try {
      const faults: string[] = [];
      const server = await home.start({
        dataDir: join(disk, 'postgres'),
        minFreeBytes: MIN_FREE_BYTES,
        watchdog: { restart: true, onFault: ({ code }) => faults.push(code) },
      });
      await migrate({ adminUrl: server.adminUrl, migrations });
      const db = createDatabase({
        url: server.url,
        poolSize: 4,
        events: testEvents,
        obstacle: server.obstacle,
        beginnings: ['storage.test.written'],
        onFault: () => undefined,
      });
      const writer = createEventWriter(db);
      const random = seededRandom(7);
      const tenant = newTenant(random);
      const acked: string[] = [];
      const write = async (type = 'storage.test.written', sealed: Uint8Array | null = null): Promise<string> => {
        const event = newEvent(random, tenant, { type, sealed });
        return writer.append(event).then(
          () => `${acked.push(event.id)} kept`,
          (fault: { code: string }) => fault.code,
        );
      };
      for (let n = 0; n < 50; n += 1) await write();

      // Little room: nothing begins, and what has begun is told.
      fillUntil(MIN_FREE_BYTES / 2);
      await until(() => server.obstacle() !== null);
      expect(await write()).toBe('STORAGE_DISK_FULL');
      expect(await write('storage.test.changed')).toContain('kept');

      // No room at all, with writers that go on regardless, until one is refused by Postgres or takes it down.
      fillUntil(0);
      const large = Buffer.alloc(200_000, 7);
      const refusals = new Set<string>();
      for (let n = 0; n < 200 && refusals.size === 0; n += 1) {
        const said = await write(
          'storage.test.changed',
          large.map((_byte, index) => (index * (n + 7)) % 251),
        );
        if (!said.endsWith('kept')) refusals.add(said);
      }
      expect([...refusals].filter((code) => !['STORAGE_DISK_FULL', 'STORAGE_COMMIT_UNKNOWN'].includes(code))).toEqual([]);
      expect(refusals.size).toBe(1);

      // Dead on a full disk it can not start: callers are told why.
      const before = server.pid as number;
      try {
        process.kill(before, 'SIGKILL');
      } catch {
        // A disk that is full in the middle of a commit has already ended it.
      }
      await until(() => faults.includes('STORAGE_POSTGRES_DIED'));
      await until(async () => (await write()) === 'STORAGE_DISK_FULL');

      rmSync(join(disk, 'holiday.mov'));
      await until(async () => (await write()).endsWith('kept'));
      expect(server.obstacle()).toBe(null);
      expect(faults).toContain('STORAGE_DISK_FULL');
      const client = new pg.Client({ connectionString: server.adminUrl });
      await client.connect();
      const { rows } = await client.query<{ event_id: string }>('select event_id from event_inbox');
      await client.end();
      const kept = new Set(rows.map(({ event_id }) => event_id));
      expect(acked.filter((id) => !kept.has(id))).toEqual([]);
      await writer.close();
      await db.close();
      await server.stop();
      expect(await processesIn(join(disk, 'postgres'))).toEqual([]);
    } finally {
      execFileSync('umount', ['-l', disk]);
    }
  });

  test('is left again only with room to spare, so that work does not stop and go at the edge', async () => {
    mkdirSync(disk);
    chmodSync(disk, 0o700);
    const { bavail, bsize } = statfsSync(disk);
    const free = bavail * bsize;
    const full = createDiskGuard(disk, free * 2);
    expect(await full.look()).toMatchObject({ code: 'STORAGE_DISK_FULL' });
    expect(full.fault).toMatchObject({ message: expect.stringContaining(disk) });
    const fine = createDiskGuard(disk, free / 10);
    expect([await fine.look(), fine.fault]).toEqual([null, null]);
    expect(await createDiskGuard(join(disk, 'nowhere'), free * 2).look()).toBe(null);
  });
});
