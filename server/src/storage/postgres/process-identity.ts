// Tells whether a process id still means the process we think: ids are reused, above all in containers.

import { execFile } from 'node:child_process';
import { readdir, readFile, readlink, realpath, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { promisify } from 'node:util';
import { type Host, isRunning } from './host.ts';

const run = promisify(execFile);
const GONE: ReadonlySet<string> = new Set(['ENOENT', 'ESRCH', 'EACCES', 'EPERM']);

async function unlessGone<T>(read: Promise<T>): Promise<T | null> {
  try {
    return await read;
  } catch (error) {
    if (GONE.has((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
}

/** A mark that a later process with the same id does not share; `unknown` where the system does not tell. */
export async function startMark(host: Host, pid: number): Promise<string | null> {
  if (!isRunning(host, pid)) return null;
  if (host.platform !== 'linux') return 'unknown';
  const stat = await unlessGone(readFile(`/proc/${pid}/stat`, 'utf8'));
  // The second field is the program's name in parentheses and may hold spaces; the start time is field 22.
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
}

async function commandLine(pid: number): Promise<string> {
  try {
    return (await run('ps', ['-ww', '-o', 'command=', '-p', String(pid)])).stdout;
  } catch {
    // ps exits with 1 when there is no such process.
    return '';
  }
}

/** The image name is all that Windows tells without privileges. */
async function tasks(pid: number): Promise<string> {
  return (await run('tasklist', ['/FI', `PID eq ${pid}`, '/FO', 'CSV', '/NH'])).stdout;
}

const isNamedPostgres = async (pid: number): Promise<boolean> => {
  const command = await unlessGone(readFile(`/proc/${pid}/cmdline`, 'utf8'));
  return basename(command?.split('\0')[0] ?? '').startsWith('postgres');
};

/** Where a process works. In a container not even root may look into another account's process; a program of that account may. Linux only. */
async function workingFolder(pid: number): Promise<string | null> {
  const path = `/proc/${pid}/cwd`;
  try {
    return await readlink(path);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (!GONE.has(code)) throw error;
    if ((code !== 'EACCES' && code !== 'EPERM') || !(await isNamedPostgres(pid))) return null;
    const owner = await unlessGone(stat(`/proc/${pid}`));
    if (owner === null || owner.uid === 0) return null;
    const asked = run('readlink', [path], { uid: owner.uid, gid: owner.gid });
    return asked.then(
      ({ stdout }) => stdout.replace(/\n$/, ''),
      () => null,
    );
  }
}

/** Waits for nothing: the processes that work in this data folder right now, a killed postmaster's leftovers among them. Linux only. */
export async function processesIn(dataDir: string): Promise<readonly number[]> {
  const folder = await realpath(dataDir);
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found: number[] = [];
  for (const pid of pids) if ((await workingFolder(pid)) === folder) found.push(pid);
  return found;
}

/** True when `pid` is a live postmaster on exactly this data folder. A zombie is not. */
export async function isPostmasterOf(host: Host, pid: number, dataDir: string): Promise<boolean> {
  if (!isRunning(host, pid)) return false;
  const folder = await unlessGone(realpath(dataDir));
  if (folder === null) return false;
  if (host.platform === 'linux') return (await isNamedPostgres(pid)) && (await workingFolder(pid)) === folder;
  if (host.platform === 'win32') return (await tasks(pid)).includes('postgres.exe');
  const command = await commandLine(pid);
  return command.includes('postgres') && (command.includes(folder) || command.includes(dataDir));
}
