// Makes a new database cluster with initdb, all at once: a killed attempt leaves nothing that looks like data.

import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { syncFolder } from '../durable-files.ts';
import { storageFault } from '../errors.ts';
import type { Binaries } from './binaries.ts';
import { giveTo, inFolder } from './folders.ts';
import { type Account, asAccount, PROGRAM_ENVIRONMENT } from './host.ts';

export const ADMIN_ROLE = 'sallyport_admin';

/** Password logins over the loopback address, nothing else. */
const HOST_RULES = 'host all all 127.0.0.1/32 scram-sha-256\n';
/** Only the end of what initdb says is looked at, for the reason of a failure. */
const MAX_OUTPUT_CHARS = 4_000;

export interface NewCluster {
  readonly dataDir: string;
  readonly binaries: Binaries;
  readonly account: Account;
  readonly adminPassword: string;
}

function run(program: string, args: readonly string[], account: Account): Promise<{ exitCode: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { ...asAccount(account), cwd: '/', env: PROGRAM_ENVIRONMENT, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const keep = (chunk: Buffer): void => {
      output = (output + chunk.toString('utf8')).slice(-MAX_OUTPUT_CHARS);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', reject);
    child.on('close', (exitCode) => resolve({ exitCode, output }));
  });
}

function failure(output: string, dataDir: string): Error {
  if (output.includes('No space left on device')) return storageFault('STORAGE_DISK_FULL', dataDir);
  if (output.includes('Permission denied')) return storageFault('STORAGE_FOLDER_NOT_WRITABLE', dataDir);
  const lines = output.trimEnd().split('\n');
  const reason = lines.find((line) => /FATAL|PANIC|error:/.test(line)) ?? lines.at(-1) ?? '';
  return storageFault('STORAGE_POSTGRES_DID_NOT_START', `initdb: ${reason.slice(0, 200)}`);
}

async function writeFor(account: Account, path: string, text: string): Promise<void> {
  await writeFile(path, text, { mode: 0o600 });
  await giveTo(path, account);
}

/** Attempts that were killed; an initdb that outlived its parent dies when its folder goes away. */
async function removeLeftovers(dataDir: string): Promise<void> {
  const parent = dirname(dataDir);
  const leftovers = (await readdir(parent)).filter((name) => name.startsWith(`${basename(dataDir)}.new-`));
  for (const name of leftovers) await rm(join(parent, name), { recursive: true, force: true, maxRetries: 50, retryDelay: 100 });
}

/** Builds the cluster beside its place and moves it there when it is complete. */
export async function createCluster(cluster: NewCluster): Promise<void> {
  const { dataDir, binaries, account } = cluster;
  // A name of its own: the initdb of a killed attempt may still be writing into the folder it was given.
  const fresh = await inFolder(dataDir, async () => {
    await removeLeftovers(dataDir);
    return mkdtemp(`${dataDir}.new-`);
  });
  const passwordFile = `${fresh}.password`;
  await inFolder(dataDir, async () => {
    await giveTo(fresh, account);
    await writeFor(account, passwordFile, `${cluster.adminPassword}\n`);
  });
  const args = ['-D', fresh, '-U', ADMIN_ROLE, '-A', 'scram-sha-256', `--pwfile=${passwordFile}`];
  const locale = ['-E', 'UTF8', '--no-locale', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--data-checksums'];
  try {
    const { exitCode, output } = await run(binaries.initdb, [...args, ...locale], account);
    if (exitCode !== 0) throw failure(output, dataDir);
  } finally {
    await rm(passwordFile, { force: true });
  }
  await inFolder(dataDir, async () => {
    await writeFor(account, join(fresh, 'pg_hba.conf'), HOST_RULES);
    await rmdir(dataDir).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'EBUSY')
        throw storageFault('STORAGE_FOLDER_NOT_WRITABLE', `${dataDir} is a mount point, use a folder inside it`, error);
      if (error.code !== 'ENOENT') throw error;
    });
    await rename(fresh, dataDir);
    await syncFolder(join(dataDir, '..'));
  });
}
