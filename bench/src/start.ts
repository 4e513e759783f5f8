// From nothing to a served console, and again: what `npm start` does, timed as a whole program, and the memory of all its processes at rest.

import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { familyOf } from './cpu.ts';
import type { BenchOptions } from './gateway.ts';
import { describeMachine, nodeVersion } from './machine.ts';
import { freePort, start } from './pinned.ts';
import { atMost, type BenchReport, figure, median, ratio } from './report.ts';
import { postmasterOf } from './sallyport.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const POSTMASTER_DEPTH = 3;
/** Timers have run and start-up garbage is collected by then. */
const REST_MS = 5_000;

export async function benchStart({ rounds, progress }: BenchOptions): Promise<BenchReport> {
  const samples = { build: [] as number[], first: [] as number[], again: [] as number[], bare: [] as number[], memory: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    progress(`round ${round + 1} of ${rounds}`);
    samples.bare.push(await timed(() => promisify(execFile)(process.execPath, ['-e', '0'])));
    samples.build.push(await timed(() => promisify(execFile)(process.execPath, [join(ROOT, 'console/build.js'), '--force'])));
    const folder = mkdtempSync(join(tmpdir(), 'sallyport-start-'));
    // Postgres may run as another user, who must be able to reach its folder.
    chmodSync(folder, 0o711);
    try {
      samples.first.push((await startOnce(folder, false)).ms);
      const again = await startOnce(folder, true);
      samples.again.push(again.ms);
      if (again.memory !== null) samples.memory.push(again.memory);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  const build = median(samples.build);
  const first = median(samples.first);
  const again = median(samples.again);
  const memory = median(samples.memory);
  const whole = first === null || build === null ? null : first + build;
  return {
    name: 'start',
    machine: describeMachine(),
    versions: { node: nodeVersion() },
    rounds,
    results: [
      figure('first start to a served console, with its build', seconds(whole), 's', atMost(30)),
      figure('  of it: building the console', seconds(build), 's'),
      figure('later start to a served console', seconds(again), 's', atMost(8)),
      figure('later start over an empty Node program', ratio(again, median(samples.bare)), 'x'),
      figure('memory at rest, all processes', memory, 'MB', atMost(400)),
    ],
    notes: [
      'memory is the proportional set size (Pss) of the server, its launcher and every Postgres process',
      ...(memory === null ? ['memory was not measured: no /proc/<pid>/smaps_rollup here'] : []),
    ],
  };
}

const seconds = (ms: number | null): number | null => (ms === null ? null : ms / 1000);

async function timed(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await work();
  return performance.now() - from;
}

async function startOnce(folder: string, measuresMemory: boolean): Promise<{ ms: number; memory: number | null }> {
  const controlPort = await freePort();
  const console = `http://127.0.0.1:${controlPort}/`;
  const from = performance.now();
  const running = await start({
    core: 'any',
    command: process.execPath,
    args: [join(ROOT, 'bin/sallyport.js'), 'up'],
    cwd: ROOT,
    env: {
      SALLYPORT_DATA_DIR: join(folder, 'data'),
      SALLYPORT_SECRETS_DIR: join(folder, 'secrets'),
      SALLYPORT_GATEWAY_PORT: String(await freePort()),
      SALLYPORT_CONTROL_PORT: String(controlPort),
      SALLYPORT_LOG_LEVEL: 'error',
    },
    readyUrl: console,
  });
  try {
    if (!(await servesPage(console))) throw new Error('the console is not served');
    const ms = performance.now() - from;
    if (!measuresMemory) return { ms, memory: null };
    await pause(REST_MS);
    const postmaster = postmasterOf(folder, POSTMASTER_DEPTH);
    const pids = new Set([...familyOf(running.pid), ...(postmaster === null ? [] : familyOf(postmaster))]);
    return { ms, memory: pssMb([...pids]) };
  } finally {
    await running.stop();
  }
}

function servesPage(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    get(url, { agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200 && String(response.headers['content-type']).startsWith('text/html'));
    }).on('error', () => resolve(false));
  });
}

/** Memory of these processes, shared pages counted once; null where the system can not tell. */
function pssMb(pids: readonly number[]): number | null {
  try {
    const kib = pids.reduce(
      (sum, pid) => sum + Number(/^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1]),
      0,
    );
    return (kib * 1024) / 1_000_000;
  } catch {
    return null;
  }
}
