import { execFileSync } from 'node:child_process';
import { chmod, cp, lstat, mkdir, mkdtemp, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { completeLinks, findBinaries, packageName } from './binaries.ts';
import { type Account, asAccount, OWN_ACCOUNT } from './host.ts';

const isRoot = process.getuid?.() === 0;
const installed = dirname(dirname(createRequire(import.meta.url).resolve(packageName(process))));
const nobody: Account = { uid: 65_534, gid: 65_534 };
let home: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'sallyport binaries '));
  await chmod(home, 0o711);
});
afterEach(() => rm(home, { recursive: true, force: true }));

/** A package as npm leaves it when install scripts are off: without its links. */
async function packageWithoutLinks(folder: string): Promise<string> {
  const root = join(folder, 'package');
  await cp(installed, root, { recursive: true, verbatimSymlinks: true });
  for (const { target } of await links(root)) await rm(join(root, target), { force: true });
  return root;
}

const links = async (root: string) =>
  JSON.parse(await readFile(join(root, 'native', 'pg-symlinks.json'), 'utf8')) as { source: string; target: string }[];
const find = (root: string, account: Account) =>
  findBinaries({ host: process, account, cacheDir: join(home, 'cache'), resolve: () => join(root, 'dist', 'index.js') });

test('the links an install script would have made are made, relative, and again without harm', async () => {
  const root = await packageWithoutLinks(home);
  expect(await completeLinks(root)).toBe(true);
  expect(await completeLinks(root)).toBe(true);
  const all = await links(root);
  expect(all.length).toBeGreaterThan(0);
  for (const { target } of all) {
    const path = join(root, target);
    expect((await lstat(path)).isSymbolicLink()).toBe(true);
    expect((await readlink(path)).startsWith('/')).toBe(false);
  }
});

test('a list of links that points outside of the package is refused', async () => {
  const root = join(home, 'package');
  await mkdir(join(root, 'native'), { recursive: true });
  await writeFile(join(root, 'native', 'pg-symlinks.json'), JSON.stringify([{ source: 'native/lib/a', target: 'native/../../escaped' }]));
  await expect(completeLinks(root)).rejects.toMatchObject({ code: 'STORAGE_BINARIES_MISSING' });
  await expect(lstat(join(home, 'escaped'))).rejects.toMatchObject({ code: 'ENOENT' });
});

test('programs in place are used in place', async () => {
  const root = await packageWithoutLinks(home);
  const found = await find(root, OWN_ACCOUNT);
  expect(found.postgres.startsWith(root)).toBe(true);
  expect(found.major).toBe(18);
  expect(execFileSync(found.postgres, ['--version'], { encoding: 'utf8' })).toContain('PostgreSQL) 18.');
});

test('programs the database account can not reach are copied to where it can, once', async () => {
  if (!isRoot) return console.log('only root runs the database under another account');
  const closed = join(home, 'private');
  await mkdir(closed, { mode: 0o700 });
  const root = await packageWithoutLinks(closed);
  const found = await find(root, nobody);
  expect(found.postgres.startsWith(join(home, 'cache'))).toBe(true);
  const run = (program: string) => execFileSync(program, ['--version'], { ...asAccount(nobody), cwd: '/', encoding: 'utf8' });
  expect(run(found.postgres)).toContain('PostgreSQL) 18.');
  expect(run(found.initdb)).toContain('PostgreSQL) 18.');
  const before = await lstat(found.postgres);
  expect(before.uid).toBe(0);
  expect((await find(root, nobody)).postgres).toBe(found.postgres);
  expect((await lstat(found.postgres)).ino).toBe(before.ino);
});

test('programs with closed permissions are copied with open ones', async () => {
  if (!isRoot) return console.log('only root runs the database under another account');
  const root = await packageWithoutLinks(home);
  await chmod(join(root, 'native', 'bin', 'postgres'), 0o700);
  expect((await find(root, nobody)).postgres.startsWith(join(home, 'cache'))).toBe(true);
});

test('a cache folder the account can not reach either is named', async () => {
  if (!isRoot) return console.log('only root runs the database under another account');
  const closed = join(home, 'cache');
  await mkdir(closed, { mode: 0o700 });
  const root = await packageWithoutLinks(closed);
  await expect(find(root, nobody)).rejects.toMatchObject({
    code: 'STORAGE_PATH_NOT_TRAVERSABLE',
    message: expect.stringContaining(closed),
  });
});
