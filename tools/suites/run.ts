// Runs one suite as a child process and reads its outcome. Output is kept until the suite has ended, so that lanes do not mix.
// A suite that takes too long is killed with everything it started. Where the table allows it, files in which something failed are run
// once more, in new processes with nothing of the first attempt, and what passed only then is named.

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { failedFiles, type Outcome, outcomeOf, withSecondAttempt } from './outcome.ts';
import { PROGRESS_FILE, stillOpen } from './progress.ts';
import { REPORT_FILE } from './report.ts';
import type { Suite } from './table.ts';

export interface SuiteRun extends Outcome {
  readonly suite: Suite;
  readonly seconds: number;
  readonly output: string;
}

const DRAIN_MS = 2000;
const running = new Set<ChildProcess>();

/** Ends every suite that still runs, each with its own process group. */
export function killAll(): void {
  for (const child of running) killGroup(child);
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    child.kill('SIGKILL');
  }
}

function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

function commandLine(suite: Suite, resultFile: string): readonly string[] {
  if (suite.counts !== 'tests') return suite.command;
  const progress = join(import.meta.dirname, 'progress.ts');
  return [...suite.command, '--reporter=default', '--reporter=json', `--reporter=${progress}`, `--outputFile.json=${resultFile}`];
}

const progressOf = (resultFile: string): string => `${resultFile}.progress`;

interface Exit {
  readonly exitCode: number;
  readonly output: string;
  readonly isLate: boolean;
}

function runCommand(root: string, suite: Suite, resultFile: string): Promise<Exit> {
  const [program = '', ...args] = commandLine(suite, resultFile);
  const env = {
    ...process.env,
    [REPORT_FILE]: resultFile,
    [PROGRESS_FILE]: progressOf(resultFile),
    NO_COLOR: '1',
    FORCE_COLOR: undefined,
    PATH: `${join(root, 'node_modules/.bin')}${delimiter}${process.env.PATH ?? ''}`,
  };
  return new Promise((resolve) => {
    const child = spawn(program === 'node' ? process.execPath : program, args, {
      cwd: root,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    running.add(child);
    let output = '';
    let isLate = false;
    const keep = (chunk: string): void => {
      output += chunk;
    };
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    const limit = setTimeout(() => {
      isLate = true;
      killGroup(child);
    }, suite.maxSeconds * 1000);
    const end = (exitCode: number): void => {
      clearTimeout(limit);
      running.delete(child);
      resolve({ exitCode, output, isLate });
    };
    child.on('error', (fault) => {
      output += `${fault.message}\n`;
      end(127);
    });
    // A server that outlives the suite may hold its output open: what it has not said soon after the exit is not waited for.
    child.on('exit', (code) => {
      const patience = setTimeout(() => {
        child.stdout.destroy();
        child.stderr.destroy();
      }, DRAIN_MS);
      child.on('close', () => {
        clearTimeout(patience);
        end(code ?? 1);
      });
    });
  });
}

/** More than this many files that fail are no stall of the machine. */
const MOST_TRIED_AGAIN = 4;

interface Attempt extends Exit {
  readonly result: string | null;
  readonly again: readonly string[];
}

/** Runs the suite, and once more what failed in it if that may be tried again. */
async function attempt(root: string, suite: Suite, resultFile: string): Promise<Attempt> {
  const startedAt = performance.now();
  const first = await runCommand(root, suite, resultFile);
  const result = readIfThere(resultFile);
  const files = suite.mayTryAgain === true ? (failedFiles(result) ?? []) : [];
  const isTriedAgain = !first.isLate && files.length > 0 && files.length <= MOST_TRIED_AGAIN;
  if (!isTriedAgain || result === null) return { ...first, result, again: [] };
  const left = suite.maxSeconds - (performance.now() - startedAt) / 1000;
  const rerun = { ...suite, command: [...suite.command, ...files], maxSeconds: Math.max(1, Math.floor(left)) };
  const second = await runCommand(root, rerun, `${resultFile}.again`);
  const output = `${first.output}\n--- once more: ${files.join(' ')}\n${second.output}`;
  const later = readIfThere(`${resultFile}.again`);
  if (later === null) return { ...second, output, result, again: [] };
  return { ...second, output, ...withSecondAttempt(result, later) };
}

export async function runSuite(root: string, suite: Suite, options: { readonly isCi: boolean }): Promise<SuiteRun> {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-suite-'));
  const resultFile = join(folder, 'result.json');
  const startedAt = performance.now();
  try {
    const { exitCode, output, isLate, result, again } = await attempt(root, suite, resultFile);
    const seconds = (performance.now() - startedAt) / 1000;
    const outcome = outcomeOf(suite.counts, { exitCode, result, isCi: options.isCi });
    // Of the attempt that was stopped: only the last one can have been.
    const open = stillOpen(readIfThere(progressOf(`${resultFile}.again`)) ?? readIfThere(progressOf(resultFile)) ?? '');
    const late = isLate ? [`took longer than ${suite.maxSeconds} s and was stopped`, ...open.map((name) => `had not ended: ${name}`)] : [];
    const notes = again.map((name) => `passed at the second attempt only: ${name}`);
    return { ...outcome, failed: outcome.failed + (isLate ? 1 : 0), lines: [...late, ...outcome.lines, ...notes], suite, seconds, output };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
